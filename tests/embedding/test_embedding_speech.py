from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc_pipeline.embedding import speech as module
from voc_pipeline.embedding.speech import Marks, WindowedEncoder, load_fast, marks_of, places_of
from voc_pipeline.errors import ModelError
from voc_pipeline.manifests import encoder_manifest
from voc_pipeline.speech import Speech

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

MARKS = Marks(1, (2, 2), 3)
LONGEST = 512  # what both encoders have positions for


@dataclass(frozen=True)
class Encoding:
    ids: list[int]
    offsets: list[tuple[int, int]]


class PieceTokenizer:
    """Words in pieces of up to four characters; every other sign is a token of its own."""

    def encode_batch(self, texts: Sequence[str], /, *, add_special_tokens: bool = True) -> Sequence[Encoding]:
        assert not add_special_tokens
        found = [[match.span() for match in re.finditer(r"\w{1,4}|[^\w\s]", text)] for text in texts]
        return [
            Encoding([10 + sum(map(ord, text[start:end])) % 90 for start, end in spans], spans)
            for text, spans in zip(texts, found, strict=True)
        ]


class ContextForward:
    """States that tell the token, its place and all that it is read with; remembers the shapes and rows it met."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, int]] = []
        self.rows: list[list[int]] = []

    def __call__(self, ids: Tensor, lengths: Tensor) -> Tensor:
        import torch

        self.shapes.append((ids.shape[0], ids.shape[1]))
        self.rows += [row[:length] for row, length in zip(ids.tolist(), lengths.tolist(), strict=True) if length > 1]
        counted = torch.arange(ids.shape[1]) < lengths[:, None]
        total = (ids * counted).sum(dim=1, keepdim=True).expand_as(ids)
        place = torch.arange(ids.shape[1]).expand_as(ids)
        return torch.stack([ids, place, total], dim=2).float() / 7


def made() -> tuple[WindowedEncoder, ContextForward]:
    forward = ContextForward()
    return WindowedEncoder(forward, PieceTokenizer(), marks=MARKS, key="made up", dimension=3), forward


def spoken(*sentences: str, question: str | None = None) -> Speech:
    spans, position = [], 0
    for sentence in sentences:
        spans.append((position, position + len(sentence)))
        position += len(sentence) + 1
    return Speech(" ".join(sentences), tuple(spans), question)


speeches = st.builds(
    lambda sentences, question: spoken(*sentences, question=question),
    st.lists(st.text(alphabet="ab .!\u00e9\U0001f600", min_size=1, max_size=60), max_size=8),
    st.none() | st.text(alphabet="ab ?", max_size=40),
)


def test_a_sentence_is_the_mean_of_its_own_tokens_read_between_question_and_all_the_rest() -> None:
    encoder, forward = made()
    [vectors] = encoder.encode([spoken("Nobody called.", "Odd.", question="And then?")])
    ids = [one.ids for one in PieceTokenizer().encode_batch(["And then?", "Nobody called.", "Odd."],
                                                            add_special_tokens=False)]  # fmt: skip
    row = [1, *ids[0], 2, 2, *ids[1], *ids[2], 3]
    assert forward.rows == [row]
    first = len(ids[0]) + 3
    expected = [
        [np.mean(row[start:end]), np.mean(range(start, end)), sum(row)]
        for start, end in ((first, first + len(ids[1])), (first + len(ids[1]), len(row) - 1))
    ]
    assert vectors == pytest.approx(np.array(expected) / 7, rel=1e-6)
    assert vectors.dtype == np.float32


def test_without_a_question_nothing_parts() -> None:
    for question in (None, "", "  "):
        encoder, forward = made()
        encoder.encode([spoken("Yes.", question=question)])
        assert [row[0] == 1 and 2 not in row for row in forward.rows] == [True]


def test_of_a_long_question_the_end_is_read() -> None:
    encoder, forward = made()
    encoder.encode([spoken("Yes.", question="um " * 500 + "why?")])
    [asked] = PieceTokenizer().encode_batch(["um " * 500 + "why?"], add_special_tokens=False)
    [row] = forward.rows
    assert row[1 : 1 + module.QUESTION_TOKENS] == asked.ids[-module.QUESTION_TOKENS :]
    assert row[1 + module.QUESTION_TOKENS : 3 + module.QUESTION_TOKENS] == [2, 2]


@settings(max_examples=40)
@given(st.lists(speeches, max_size=12))
def test_a_speech_has_the_same_bits_whatever_else_is_in_the_call(given_speeches: list[Speech]) -> None:
    encoder, _ = made()
    together = encoder.encode(given_speeches)
    for speech, vectors in zip(given_speeches, together, strict=True):
        [alone] = encoder.encode([speech])
        assert vectors.shape == (len(speech.sentences), 3)
        assert np.array_equal(vectors, alone)


def test_calls_of_any_number_of_speeches_keep_their_order() -> None:
    encoder, _ = made()
    many = [spoken("a" * (1 + number % 9), "b") for number in range(600)]
    assert encoder.encode([]) == []
    for number, vectors in zip(range(0, 600, 150), encoder.encode(many)[::150], strict=True):
        assert np.array_equal(vectors, encoder.encode([many[number]])[0])


def test_what_has_no_token_has_zeros() -> None:
    encoder, _ = made()
    [silent, empty, mixed] = encoder.encode([spoken(" "), spoken(), spoken("  ", "Yes.")])
    assert silent.tolist() == [[0, 0, 0]]
    assert empty.shape == (0, 3)
    assert not mixed[0].any()
    assert mixed[1].all()


def test_a_turn_of_100_000_words_loses_no_sentence_and_is_read_in_bounded_windows() -> None:
    encoder, forward = made()
    sentence = "so then they came and said it was done again."
    long = spoken(*([sentence] * 10_000), question="What happened?")
    [vectors] = encoder.encode([long])
    assert vectors.shape == (10_000, 3)
    assert (vectors != 0).any(axis=1).all()
    assert max(rows * length for rows, length in forward.shapes) <= LONGEST + 7
    assert max(map(len, forward.rows)) <= LONGEST
    [text] = PieceTokenizer().encode_batch([long.text], add_special_tokens=False)
    assert sum(map(len, forward.rows)) < 1.35 * len(text.ids)


def test_a_window_is_of_whole_sentences_behind_the_question_and_what_came_before() -> None:
    encoder, forward = made()
    sentences = [f"{'word ' * 60}{chr(97 + number)}." for number in range(12)]
    encoder.encode([spoken(*sentences, question="Why?")])
    [asked, *texts] = [one.ids for one in PieceTokenizer().encode_batch(["Why?", *sentences], add_special_tokens=False)]
    windows = sorted(forward.rows, key=lambda row: (len(row), row))
    assert len(windows) == 3
    fits = module.WINDOW_TOKENS // len(texts[0])
    for first in range(0, 12, fits):
        own = [token for ids in texts[first : first + fits] for token in ids]
        lead = [token for ids in texts[:first] for token in ids][-module.LEAD_TOKENS :]
        assert [1, *asked, 2, 2, *lead, *own, 3] in windows


def test_a_sentence_without_an_end_is_read_as_far_as_a_window_goes() -> None:
    encoder, forward = made()
    [vectors] = encoder.encode([spoken("x" * 40_000, "Then it stopped.")])
    assert (vectors != 0).any(axis=1).all()
    assert max(map(len, forward.rows)) <= LONGEST


def test_the_words_of_a_sentence_add_up_to_its_vector() -> None:
    encoder, _ = made()
    speech = spoken("Well.", "Unbelievable, nobody called!", question="And?")
    spans, rows = encoder.words(speech, 1)
    assert [speech.text[start:end] for start, end in spans] == ["Unbelievable", ",", "nobody", "called", "!"]
    assert rows.sum(axis=0) == pytest.approx(encoder.encode([speech])[0][1], rel=1e-5)
    assert encoder.words(speech, 0)[0] == [(0, 4), (4, 5)]


def test_the_words_of_a_late_window_and_of_no_sentence() -> None:
    encoder, _ = made()
    speech = spoken(*[f"{'word ' * 60}end." for _ in range(12)], " ")
    spans, rows = encoder.words(speech, 11)
    assert len(spans) == 62
    assert rows.sum(axis=0) == pytest.approx(encoder.encode([speech])[0][11], rel=1e-5)
    assert encoder.words(speech, 12)[0] == []
    assert encoder.words(speech, 12)[1].shape == (0, 3)


def test_tokens_belong_to_the_sentence_that_they_start_in() -> None:
    assert places_of([(0, 2), (3, 5), (5, 7), (9, 12)], [(0, 4), (5, 8), (8, 9)]) == [[0, 1], [2], []]
    assert places_of([(0, 1)], []) == []


@pytest.mark.models
@pytest.mark.parametrize("name", ["minilm", "mpnet"])
def test_the_marks_of_the_shipped_encoders_are_tokens_of_theirs(name: str) -> None:
    from tokenizers import Tokenizer

    from voc_pipeline.embedding.sources import locate

    manifest = encoder_manifest(name)
    tokenizer = Tokenizer.from_file(str(locate(manifest).paths["tokenizer.json"]))
    tokenizer.no_padding()
    marks = marks_of(tokenizer, manifest)
    pair = tokenizer.encode("one", "two").ids
    [one], [two] = (tokenizer.encode(word, add_special_tokens=False).ids for word in ("one", "two"))
    assert pair == [marks.start, one, *marks.between, two, marks.end]


def test_an_encoder_whose_coder_is_not_installed_says_so() -> None:
    with pytest.raises(ModelError, match="no coder is called 'none'"):
        module.load_speech_encoder("none")


@pytest.mark.models
def test_the_fast_encoder_keeps_bits_adds_up_and_reads_long_answers() -> None:
    encoder = load_fast()
    name, _, rest = encoder.key.partition("@")
    assert name == "fast"
    assert rest.count(":") == 3, "version, adapter, precision, shape of batches"
    short = spoken("It broke.", "Nobody from [PERSON_00AAFF] came \u4e2d\u6587.", question="What happened?")
    long = spoken(*["They said it would be done by then, and it was not."] * 80)
    together = encoder.encode([long, short, spoken(), long])
    assert np.array_equal(encoder.encode([short])[0], together[1])
    assert np.array_equal(together[0], together[3])
    assert together[0].shape == (80, encoder.dimension)
    assert together[0].any(axis=1).all()
    _, rows = encoder.words(short, 1)
    assert np.allclose(rows.sum(axis=0), together[1][1], atol=1e-5)
