"""Tells fillers and back-channels ("Mm-hm, right.", "Sure, go ahead.") from statements worth coding."""

from __future__ import annotations

import re
from functools import cache

from voc_pipeline.passages.wordlists import word_list

PLACEHOLDER = re.compile(r"\[[A-Z]+_[0-9A-F]{6}\]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")  # noqa: RUF001 (a typographic apostrophe is meant)


def is_filler(text: str) -> bool:
    """Tell whether a text consists of fillers, back-channels, courtesies and placeholders only, or has no letters."""
    spoken = PLACEHOLDER.sub(" ", text).casefold().replace("’", "'")  # noqa: RUF001 (a typographic apostrophe is meant)
    words = _WORD.findall(spoken)
    position = 0
    while position < len(words):
        step = _filler_length(words, position)
        if step == 0:
            return False
        position += step
    return True


def _filler_length(words: list[str], position: int) -> int:
    """Count the words of the longest filler at a place."""
    phrases = _phrases()
    for length in range(max(map(len, phrases)), 1, -1):
        if tuple(words[position : position + length]) in phrases:
            return length
    return int(words[position] in word_list("fillers"))


@cache
def _phrases() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for phrase in word_list("filler_phrases"))
