"""What every registered part must keep to, ours and anybody's: the same tests run over all of them.

Readers have theirs in tests/ingest/test_ingest_contract_readers.py.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.report.conftest import whole_study
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.coding.heads import load_theme_heads
from voc_pipeline.coding.speeches import RememberingEncoder, sentences_of, speech_of
from voc_pipeline.coding.whole import WholeCodebookCoder
from voc_pipeline.embedding.cache import CachedEncoder, MemoryCache
from voc_pipeline.embedding.speech import load_untrained
from voc_pipeline.ids import ParticipantId, ThemeId, TranscriptId, passage_id
from voc_pipeline.records import CodingUnit, ExampleKind, Passage, Theme, ThemeExample, ThemeHit
from voc_pipeline.registry import Plugin, plugins
from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from pathlib import Path

    from voc_pipeline.protocols import (
        Encoder,
        Exporter,
        SentenceEncoder,
        SentimentEngine,
        SpeechEncoder,
        ThemeCoder,
        TopicModel,
    )  # fmt: skip

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("contracts")]
TURNS = (
    "After we had signed, nobody from their side called us for a year. I put my name on that purchase.",
    "We are nine people, mostly immunologists.",
    "The invoice came with three different prices on it, and finance had to ring four people.",
    "",
    "Mm-hm.",
)


def named(part: Plugin) -> str:
    return part.name


@cache
def encoder() -> Encoder:
    [part] = [part for part in plugins("encoders") if part.name == "minilm"]
    return CachedEncoder(part.load()(), MemoryCache())


@cache
def speech_encoder(name: str = "fast") -> SpeechEncoder:
    [part] = [part for part in plugins("speech_encoders") if part.name == name]
    made: SpeechEncoder = part.load()()
    return made


def unit(number: int, text: str) -> CodingUnit:
    transcript = TranscriptId("tr_contract")
    spans = ((0, len(text)),) if text else ()
    passages = tuple(
        Passage(passage_id(transcript, number, *span), transcript, number, *span, (span,), codable=len(text) > 10)
        for span in spans
    )
    return CodingUnit(transcript, number, ParticipantId("P1"), text, passages, "What happened after the sale?")


UNITS = [unit(number, text) for number, text in enumerate(TURNS, start=1)]


@pytest.mark.parametrize("part", plugins("encoders"), ids=named)
def test_an_encoder_gives_the_same_unit_vector_for_a_text_whatever_stands_beside_it(part: Plugin) -> None:
    made: Encoder = part.load()()
    assert made.encode([]).shape == (0, made.dimension)
    together = made.encode(TURNS)
    assert together.dtype == np.float32
    assert together.shape == (len(TURNS), made.dimension)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)
    assert all(np.array_equal(made.encode([text])[0], together[row]) for row, text in enumerate(TURNS))
    assert made.key


@pytest.mark.parametrize("part", plugins("speech_encoders"), ids=named)
def test_a_speech_encoder_gives_each_sentence_the_same_bits_whatever_stands_beside_it(part: Plugin) -> None:
    made = speech_encoder(part.name)
    speeches = [speech_of(one, sentences_of(one)) for one in UNITS]
    together = made.encode(speeches)
    assert made.encode([]) == []
    assert made.key.startswith(f"{part.name}@")
    for speech, vectors in zip(speeches, together, strict=True):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(speech.sentences), made.dimension)
        assert np.array_equal(made.encode([speech])[0], vectors)
        for number in range(len(speech.sentences)):
            spans, rows = made.words(speech, number)
            assert np.allclose(rows.sum(axis=0), vectors[number], atol=1e-4)
            assert [speech.text[slice(*span)].strip() for span in spans] == [
                speech.text[slice(*span)] for span in spans
            ]


@pytest.mark.parametrize("part", plugins("speech_encoders"), ids=named)
def test_what_reads_other_themes_knows_the_background_and_gives_the_same_bits_too(part: Plugin) -> None:
    broad = speech_encoder(part.name).broad
    speeches = [speech_of(one, sentences_of(one)) for one in UNITS]
    for speech, vectors in zip(speeches, broad.encode(speeches), strict=True):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(speech.sentences), broad.dimension)
        assert np.array_equal(broad.encode([speech])[0], vectors)
    background = load_theme_heads(speech_encoder(part.name)).background
    assert background.shape == (400, broad.dimension)
    assert np.isfinite(background).all()


def test_a_theme_of_ones_own_is_coded_beside_trained_ones_and_only_it_needs_the_untrained_encoder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shipped = load_codebook()
    examples = ("The car park is always full.", "I drove round for a place to park.", "Parking costs me an hour.")
    said = tuple(ThemeExample(text, code=True, kind=ExampleKind.TYPICAL) for text in examples)
    own = Theme(ThemeId("parking"), "Parking", shipped.themes[0].family, "Finding a place to park.", (), (), said)
    turn = unit(7, "There was nowhere to park, so we drove round and round the car park.")
    loaded: list[str] = []

    def load(name: str) -> SentenceEncoder:
        loaded.append(name)
        return load_untrained(name)

    monkeypatch.setattr("voc_pipeline.embedding.speech.load_untrained", load)
    WholeCodebookCoder(RememberingEncoder(speech_encoder()), shipped).code([turn, *UNITS])
    assert loaded == []
    coder = WholeCodebookCoder(RememberingEncoder(speech_encoder()), replace(shipped, themes=(*shipped.themes, own)))
    hits = coder.code([turn, *UNITS])
    assert loaded == ["minilm"]
    assert {(hit.turn, hit.coder) for hit in hits if hit.theme_id == "parking" and hit.accepted} == {(7, "unseen")}
    assert {hit.coder for hit in hits if hit.theme_id != "parking"} == {""}  # the whole coder's own


@pytest.mark.parametrize("part", plugins("theme_coders"), ids=named)
def test_a_theme_coders_hits_are_whole_spans_of_codable_passages_and_depend_on_nothing_else(part: Plugin) -> None:
    coder: ThemeCoder = part.load()(speech_encoder(), load_codebook())
    hits = coder.code(UNITS)
    themes = {theme.theme_id for theme in load_codebook().themes}
    assert {hit.turn for hit in hits} <= {1, 2, 3}
    assert len({(hit.turn, hit.theme_id) for hit in hits}) == len(hits)
    for hit in hits:
        quote = TURNS[hit.turn - 1][hit.start : hit.end]
        assert quote == quote.strip() != ""
        assert hit.theme_id in themes - set(coder.uncovered)
        assert hit.why
        assert not any(word in hit.why for word in quote.split() if len(word) > 6)
    assert [hit for one in UNITS for hit in coder.code([one])] == hits
    assert coder.code([]) == []
    assert coder.name
    assert coder.version


@pytest.mark.parametrize("part", plugins("sentiment_engines"), ids=named)
def test_a_sentiment_engine_judges_each_hit_with_the_codebooks_words(part: Plugin) -> None:
    codebook = load_codebook()
    hits = [
        ThemeHit(one.transcript_id, one.turn, theme.theme_id, 0, len(one.text), score=0.9, accepted=True,
                 prompted=False, why="made up")
        for one in UNITS[:3] for theme in codebook.themes[::9]
    ]  # fmt: skip
    engine: SentimentEngine = part.load()(speech_encoder(), codebook)
    stances = engine.judge(UNITS, hits)
    assert len(stances) == len(hits)
    assert {stance.stage for stance in stances} <= {*codebook.journey_stages, ""}
    assert {stance.type for stance in stances} <= {*codebook.statement_types, ""}
    assert engine.judge(UNITS, hits[:1]) == stances[:1]
    assert engine.judge(UNITS, []) == []


@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("part", plugins("topic_models"), ids=named)
def test_a_topic_model_works_on_few_passages_in_any_order(part: Plugin, count: int) -> None:
    model: TopicModel = part.load()()
    texts = [f"The audit trail of batch {number} was missing again." for number in range(count)]
    passages = [unit(number + 1, text).passages[0] for number, text in enumerate(texts)]
    vectors = encoder().encode(texts)
    topics = model.fit(passages, texts, vectors)
    members = [name for topic in topics for name in topic.passages]
    assert len(set(members)) == len(members) <= count
    assert all(0 <= topic.stability <= 1 and set(topic.examples) <= set(topic.passages) for topic in topics)
    assert model.fit(passages[::-1], texts[::-1], vectors[::-1]) == topics


@pytest.mark.parametrize("part", plugins("exporters"), ids=named)
def test_an_exporter_writes_one_file_with_the_same_bytes_each_time(part: Plugin, tmp_path: Path) -> None:
    view = build_view(whole_study())
    made = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        exporter: Exporter = part.load()()
        path = exporter.export(view, folder)
        assert [path] == list(folder.iterdir())
        made.append(path.read_bytes())
    assert made[0] == made[1] != b""


def test_a_part_that_an_interrupted_install_lists_twice_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    from voc_pipeline import registry

    twice = [EntryPoint("csv", "a.b:C", "voc_pipeline.exporters") for _ in "ab"]
    other = EntryPoint("csv", "somebody.else:C", "voc_pipeline.exporters")
    monkeypatch.setattr(registry, "entry_points", lambda **_: [*twice, other])
    found = registry.plugins.__wrapped__("exporters")
    assert [part.entry_point.value for part in found] == ["a.b:C", "somebody.else:C"]
