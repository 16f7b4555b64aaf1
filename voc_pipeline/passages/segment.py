"""Cuts turns into sentences and passages, the units that are coded. Every character of a turn lies in one sentence."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from voc_pipeline.ids import passage_id
from voc_pipeline.passages import language
from voc_pipeline.passages.fillers import PLACEHOLDER, is_filler
from voc_pipeline.records import Passage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voc_pipeline.ids import TranscriptId
    from voc_pipeline.records import Turn

    SentenceSplitter: TypeAlias = Callable[[Sequence[str]], Iterable[Sequence[int]]]

MAX_SENTENCES = 3
MAX_WORDS = 80
_GOOD_PIECE = 50  # words; where a sentence that is too long is best cut
_SHORT_PIECE = 20  # words; no piece of a cut sentence is shorter
_PAUSE_ADVANTAGE = 5  # words that a pause may lie farther from the best place than a clause

_WORD = re.compile(r"\S+")
_CLAUSE_WORDS = frozenset({"and", "but", "so", "because", "cause", "then", "which"})
_PAUSE_WORDS = frozenset({"um", "uh", "er", "erm", "uhm", "-", "–", "—"})  # noqa: RUF001 (dashes as they are written)
_PAUSE_MARKS = (",", ";", ":", "…", "...", "–", "—")  # noqa: RUF001 (likewise)
_INNER_MARKS = "'’_-"  # noqa: RUF001 (a typographic apostrophe is meant)

Span: TypeAlias = tuple[int, int]


class Segmenter:
    """Cuts turns into passages of 1-3 sentences and at most 80 words.

    Args:
        splitter: Gives for each text the offsets at which sentences start; spaCy's senter by default.
    """

    version = 1
    """Raised by hand when the same turn gives other passages."""

    def __init__(self, splitter: SentenceSplitter | None = None) -> None:
        self._splitter = language.sentence_starts if splitter is None else splitter

    def segment(self, transcript_id: TranscriptId, turns: Sequence[Turn]) -> list[Passage]:
        """Cut turns into passages that partition each turn's text; a turn without text gives none.

        Args:
            transcript_id: The transcript they belong to.
            turns: The turns to cut, usually the participants'.

        Returns:
            The passages in the order of the turns. Offsets are code points in the turn's text of record.
        """
        spoken = [turn for turn in turns if turn.text.strip()]
        found = self._splitter([_without_keys(turn.text) for turn in spoken]) if spoken else ()
        return [
            _passage(transcript_id, turn, group)
            for turn, starts in zip(spoken, found, strict=True)
            for group in group_sentences(turn.text, sentence_spans(turn.text, starts))
        ]


def _without_keys(text: str) -> str:
    """Put a made-up name as long as it for each placeholder: a study's key must not move a sentence's end."""
    return PLACEHOLDER.sub(lambda found: "N" + "n" * (len(found[0]) - 1), text)


def _passage(transcript_id: TranscriptId, turn: Turn, sentences: Sequence[Span]) -> Passage:
    start, end = sentences[0][0], sentences[-1][1]
    return Passage(
        passage_id=passage_id(transcript_id, turn.number, start, end),
        transcript_id=transcript_id,
        turn=turn.number,
        start=start,
        end=end,
        sentences=tuple(sentences),
        codable=not is_filler(turn.text[start:end]),
    )


def sentence_spans(text: str, starts: Iterable[int]) -> list[Span]:
    """Partition a text into sentences of at most 80 words.

    Args:
        text: A text with at least one character that is not whitespace.
        starts: Where sentences may start. A place inside a word or a placeholder is passed over, and whitespace goes
            to the sentence before it.

    Returns:
        Spans that partition the text.
    """
    placeholders = [match.span() for match in PLACEHOLDER.finditer(text)]
    cuts = {_skip_space(text, start) for start in starts}
    first = _skip_space(text, 0)
    inner = sorted(
        cut
        for cut in cuts
        if first < cut < len(text)
        and not _inside_word(text, cut)
        and not any(start < cut < end for start, end in placeholders)
    )
    worded = [  # punctuation on its own stays with the sentence before it
        cut for cut, end in pairwise([*inner, len(text)]) if any(map(str.isalnum, text[cut:end]))
    ]
    sentences = pairwise([0, *worded, len(text)])
    return [piece for start, end in sentences for piece in _pieces(text, start, end)]


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _inside_word(text: str, position: int) -> bool:
    before, after = text[position - 1], text[position]
    if unicodedata.category(after).startswith("M"):  # a combining mark never leaves its letter
        return True
    return _is_inner(before) and _is_inner(after)


def _is_inner(character: str) -> bool:
    return character.isalnum() or character in _INNER_MARKS


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a sentence of more than 80 words, as unpunctuated speech recognition gives, at pauses and clauses."""
    words = [(match.start(), match.group().casefold()) for match in _WORD.finditer(text, start, end)]
    while len(words) > MAX_WORDS:
        place = _best_cut(text, words)
        yield start, words[place][0]
        start, words = words[place][0], words[place:]
    yield start, end


def _best_cut(text: str, words: Sequence[tuple[int, str]]) -> int:
    """Give the number of words of the first piece."""
    last = min(MAX_WORDS, len(words) - _SHORT_PIECE)
    best, best_cost = last, MAX_WORDS  # the hard cut, when nobody pauses
    for place in range(_SHORT_PIECE, last + 1):
        if _pauses_before(text, words, place):
            cost = abs(place - _GOOD_PIECE)
        elif words[place][1] in _CLAUSE_WORDS:
            cost = abs(place - _GOOD_PIECE) + _PAUSE_ADVANTAGE
        else:
            continue
        if cost < best_cost:
            best, best_cost = place, cost
    return best


def _pauses_before(text: str, words: Sequence[tuple[int, str]], place: int) -> bool:
    start, word = words[place]
    return (
        word in _PAUSE_WORDS
        or words[place - 1][1].endswith(_PAUSE_MARKS)
        or text[start - 2 : start].isspace()  # two blanks
    )


def group_sentences(text: str, sentences: Sequence[Span]) -> list[Sequence[Span]]:
    """Group consecutive sentences: as few groups as the limits allow, and those as equal as possible.

    Args:
        text: The turn's text.
        sentences: Spans that partition it, none over 80 words.

    Returns:
        Groups of 1-3 sentences and at most 80 words that hold all sentences in order.
    """
    words = [len(text[start:end].split()) for start, end in sentences]
    best: list[tuple[tuple[int, int, int], int]] = [
        ((0, 0, 0), 0)
    ]  # for the first n sentences: cost, last group's size
    for count in range(1, len(sentences) + 1):
        options = []
        for size in range(1, min(MAX_SENTENCES, count) + 1):
            total = sum(words[count - size : count])
            if size == 1 or total <= MAX_WORDS:
                groups, squares, word_squares = best[count - size][0]
                options.append(((groups + 1, squares + size * size, word_squares + total * total), size))
        best.append(min(options))
    grouped: list[Sequence[Span]] = []
    end = len(sentences)
    while end > 0:
        size = best[end][1]
        grouped.append(sentences[end - size : end])
        end -= size
    return grouped[::-1]
