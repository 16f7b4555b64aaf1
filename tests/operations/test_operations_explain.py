from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from tests.coding.made_up import TRANSCRIPT, WordEncoder, codebook, unit
from tests.coding.test_coding_themes import WORDS, heads
from voc_pipeline import manifests
from voc_pipeline.cli.main import app
from voc_pipeline.coding import themes
from voc_pipeline.coding.themes import HeadThemeCoder
from voc_pipeline.errors import UsageError
from voc_pipeline.ids import ParticipantId, mention_id
from voc_pipeline.operations import explain as module
from voc_pipeline.operations.explain import explain
from voc_pipeline.records import Mention, Role, Sentiment, Stance, Transcript, Turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voc_pipeline.records import CodingUnit

QUESTION = "What did it cost?"
SPOKEN = unit(["It began well. ", "The price, the price! ", "Silence. "], ["We stayed."], question=QUESTION)


class Silent:
    """A coder that gives no reasons."""

    name = "silent"
    version = "9"


def mentions(spoken: CodingUnit) -> list[Mention]:
    coder = HeadThemeCoder(WordEncoder(WORDS), codebook("price_value", "post_sale_abandonment"))
    return [
        Mention(
            mention_id=mention_id(hit.transcript_id, hit.turn, hit.theme_id),
            transcript_id=hit.transcript_id,
            participant_id=ParticipantId("P-1"),
            turn=hit.turn,
            start=hit.start,
            end=hit.end,
            quote=spoken.text[hit.start : hit.end],
            theme_id=hit.theme_id,
            coder=coder.name,
            coder_version=coder.version,
            score=hit.score,
            stance=Stance(Sentiment.NEGATIVE, -0.5, "renew", "problem"),
            prompted=hit.prompted,
            accepted=hit.accepted,
            why=hit.why,
        )
        for hit in coder.code([spoken])
    ]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """Give a study of one interview whose coder, mentions and book a test can change."""
    monkeypatch.setattr(themes, "load_theme_heads", lambda _: heads())
    book = codebook("price_value", "post_sale_abandonment")
    turns = (
        Turn(1, "I", Role.INTERVIEWER, QUESTION, 0),
        Turn(2, "P", Role.PARTICIPANT, SPOKEN.text, len(QUESTION) + 1, ParticipantId("P-1")),
    )
    state = SimpleNamespace(
        found=mentions(SPOKEN),
        coder=HeadThemeCoder(WordEncoder(WORDS), book),
        transcripts=[Transcript(TRANSCRIPT, "call.txt", "0" * 64, turns)],
        book=book,
    )

    @contextmanager
    def opened(_root: Path) -> Iterator[Any]:
        yield SimpleNamespace(
            settings=SimpleNamespace(coding=SimpleNamespace(profile="made up")),
            codebook=state.book,
            store=SimpleNamespace(
                inbox=SimpleNamespace(transcripts=lambda: state.transcripts),
                codings=SimpleNamespace(mentions=lambda _: state.found, passages=lambda _: list(SPOKEN.passages)),
            ),
        )

    monkeypatch.setattr(module, "open_study", opened)
    monkeypatch.setattr(module, "speech_encoder", lambda _: None)
    monkeypatch.setattr(module, "theme_coder", lambda *_: state.coder)
    folder = tmp_path / "models" / "exemplars"
    folder.mkdir(parents=True)
    lines = [
        {"id": "p4-16", "text": "Not this one.", "codes": []},
        {"id": "p4-17", "text": "Hello. Too dear.", "codes": [{"theme": "price_value", "evidence": "Too dear."}]},
    ]
    (folder / "part4.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    monkeypatch.setattr(manifests, "models_dir", lambda: tmp_path / "models")
    return state


def price(state: SimpleNamespace) -> str:
    [found] = [one.mention_id for one in state.found if one.theme_id == "price_value"]
    return str(found)


def shown(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["explain", *arguments])
    assert done.exit_code == 0, done.exception
    return done.stdout


def test_an_explanation_holds_context_score_words_neighbours_and_statements(made: SimpleNamespace) -> None:
    found = explain(Path("study"), price(made))
    assert found.context.question == QUESTION
    assert (found.context.before, found.mention.quote, found.context.after) == (
        "It began well.", "The price, the price!", "Silence.",
    )  # fmt: skip
    assert (found.theme, found.definition, found.source_file) == ("Price_Value", "All of price_value.", "call.txt")
    assert [word for word, _ in found.words] == ["The", "price", "the", "price"]
    assert found.own is not None
    assert found.own.score == found.mention.score
    assert [other.theme for other in found.others] == ["Post_Sale_Abandonment"]
    assert found.nearest == (("p4-17", "Too dear."), ("p9-102", ""))
    assert found.same_version


def test_it_is_shown_in_plain_words(made: SimpleNamespace) -> None:
    text = shown(price(made)[:12], "study")
    for part in (
        "call.txt, turn 2, participant P-1",
        f"asked: {QUESTION}",
        "It began well. >>The price, the price!<< Silence.",
        "Price_Value: All of price_value.",
        "sentiment negative (-0.50), journey stage renew, statement type problem; prompted by the question",
        "judged on all that carries the theme in this turn, each sentence by its score, not on the quote alone",
        "score 0.73, 0.60 needed; accepted: it counts in the report",
        "of 100 turns that score so, about 73 carry the theme",
        "coded by heads 1\n",
        "price +2.50, price +2.50",
        "before any word -4.00",
        "p4-17  Too dear.",
        "p9-102  (its text is not installed)",
        "Post_Sale_Abandonment: 0.02, 0.60 needed: not coded",
    ):
        assert part in text
    assert "ANOTHER VERSION" not in text


def test_a_mention_of_another_version_says_so(made: SimpleNamespace) -> None:
    made.coder.version = "2"
    text = shown(price(made))
    assert "coded by heads 1\n  ANOTHER VERSION is installed: heads 2." in text
    assert "it scores 0.73; 'voc run' codes the study again" in text
    assert "0.60 needed; accepted" not in text


def test_a_coder_without_reasons_and_a_theme_that_left_the_codebook(made: SimpleNamespace) -> None:
    made.coder, made.book = Silent(), codebook()
    text = shown(price(made))
    assert "price_value\n" in text
    assert "ANOTHER VERSION is installed: silent 9" in text
    assert "the installed coder says no more than: 0.73 against 0.60 needed" in text


def test_json_holds_the_same(made: SimpleNamespace) -> None:
    data = json.loads(shown(price(made), "--json"))
    assert data["mention"]["quote"] == "The price, the price!"
    assert data["nearest"][0] == ["p4-17", "Too dear."]


def test_an_unknown_id_teaches(made: SimpleNamespace) -> None:
    with pytest.raises(UsageError, match=r"none of the 2 mentions .* has this id.*first column of mentions\.csv"):
        explain(Path("study"), "mn_none")
    with pytest.raises(UsageError, match=r"2 mentions have ids that start so\. Give more"):
        explain(Path("study"), "mn_")
    with pytest.raises(UsageError, match="has this id"):
        explain(Path("study"), "")
    made.found = []
    with pytest.raises(UsageError, match=r"nothing is coded in this study yet\. Run 'voc run' first"):
        explain(Path("study"), "mn_none")


def test_a_folder_in_the_place_of_the_id_teaches(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"this is a folder\. The id comes first: voc explain mn_\.\.\. DIR"):
        explain(Path("mn_1"), str(tmp_path))


def test_what_was_said_is_in_no_log_and_no_repr(made: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found = explain(Path("study"), price(made))
    assert "price," not in repr(found)
    assert "began" not in repr(found)
    assert QUESTION not in repr(found)
    assert caplog.text == ""
