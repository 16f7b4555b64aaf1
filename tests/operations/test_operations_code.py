from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.coding.made_up import WordEncoder, codebook
from tests.coding.test_coding_themes import WORDS, heads
from voc_pipeline.coding import themes
from voc_pipeline.coding.themes import HeadThemeCoder
from voc_pipeline.errors import ConfigError
from voc_pipeline.ids import ParticipantId, TranscriptId, passage_id
from voc_pipeline.operations import code as module
from voc_pipeline.operations import keys
from voc_pipeline.operations.code import code, coding_units, in_groups, sentiment_engine, speech_encoder, theme_coder
from voc_pipeline.records import Passage, Role, Sentiment, Stance, Transcript, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import Mention


def transcript(name: str, *spoken: tuple[Role, str]) -> Transcript:
    turns, position = [], 0
    for number, (role, text) in enumerate(spoken, start=1):
        person = ParticipantId("P-1") if role is Role.PARTICIPANT else None
        turns.append(Turn(number, role, role, text, position, person))
        position += len(text) + 1
    return Transcript(TranscriptId(name), f"{name}.txt", "0" * 64, tuple(turns))


ASKED, SAID, HEARD = Role.INTERVIEWER, Role.PARTICIPANT, Role.OBSERVER


def passages(one: Transcript) -> list[Passage]:
    return [
        Passage(passage_id(one.transcript_id, turn.number, 0, len(turn.text)), one.transcript_id, turn.number,
                0, len(turn.text), ((0, len(turn.text)),))
        for turn in one.turns if turn.role_in_call is SAID and turn.text
    ]  # fmt: skip


def test_a_unit_is_a_participants_turn_with_the_question_before_it() -> None:
    one = transcript(
        "tr_1", (SAID, "Hello."), (ASKED, "Why?"), (HEARD, "Ah."), (SAID, "So."), (SAID, ""), (SAID, "Yes.")
    )
    units = coding_units(one, passages(one))
    assert [(unit.turn, unit.question) for unit in units] == [(1, None), (4, "Why?"), (6, "Why?")]


def test_groups_hold_every_transcript_once_in_order_and_about_as_many_turns_as_asked() -> None:
    many = [transcript(f"tr_{number}", *[(SAID, "Yes.")] * (number % 5)) for number in range(20)]
    groups = list(in_groups(many, 6))
    assert [one for group in groups for one in group] == many
    assert all(sum(len(one.turns) for one in group[:-1]) < 6 for group in groups)
    assert list(in_groups([], 6)) == []


class Engine:
    name = version = "calm"

    def judge(self, _units: Sequence[object], hits: Sequence[object]) -> list[Stance]:
        return [Stance(Sentiment.NEUTRAL, 0.0, "", "") for _ in hits]


def test_each_transcript_is_saved_with_its_own_mentions_and_vectors_are_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = [transcript(f"tr_{number}", (ASKED, "Why?"), (SAID, "Price.")) for number in range(5)]
    saved: dict[str, list[Mention]] = {}
    known: list[int] = []
    monkeypatch.setattr(themes, "load_theme_heads", lambda _: heads())
    monkeypatch.setattr(module, "speech_encoder", lambda _: WordEncoder(WORDS))
    monkeypatch.setattr(module, "sentiment_engine", lambda *_: Engine())
    monkeypatch.setattr(module, "_TURNS_AT_ONCE", 4)
    monkeypatch.setattr(keys, "code_keys", lambda _: {one.transcript_id: "key" for one in chosen})
    monkeypatch.setattr(module, "_passages", lambda some: {one.transcript_id: passages(one) for one in some})
    coders: list[Any] = []

    def coder_of(_study: object, encoder: Any) -> HeadThemeCoder:
        coders.append(encoder)
        return HeadThemeCoder(encoder, codebook("price_value"))

    def save(name: str, _key: str, *, mentions: list[Mention], **_: object) -> None:
        saved[name] = mentions
        known.append(len(coders[0]._known))  # noqa: SLF001 (what it holds on to)

    monkeypatch.setattr(module, "theme_coder", coder_of)
    study: Any = SimpleNamespace(
        settings=SimpleNamespace(coding=SimpleNamespace(profile="made up")),
        store=SimpleNamespace(
            inbox=SimpleNamespace(transcripts=lambda _: chosen), codings=SimpleNamespace(save_coding=save)
        ),
    )
    assert code(study, [one.transcript_id for one in chosen]) == 5
    assert [(name, [mention.quote for mention in found]) for name, found in saved.items()] == [
        (one.transcript_id, ["Price."]) for one in chosen
    ]
    assert all(mention.transcript_id == name for name, found in saved.items() for mention in found)
    assert known == [0] * 5


def test_a_part_that_is_not_registered_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"Did you mean 'accurate'\?"):
        speech_encoder("acurate")
    study: Any = SimpleNamespace(
        settings=SimpleNamespace(coding=SimpleNamespace(theme_coder="head", sentiment_engine="head"))
    )
    for make in (theme_coder, sentiment_engine):
        with pytest.raises(ConfigError, match=r"Did you mean 'heads'\?"):
            make(study, WordEncoder(WORDS))
