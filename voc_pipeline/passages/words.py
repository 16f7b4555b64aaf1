"""Words as names are made of them: letters only, without possessive or contraction, and how they are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001 (a typographic apostrophe is meant)
_ENDING = re.compile(r"['’](?:s|d|ll|ve|re|m)$", re.IGNORECASE)  # noqa: RUF001 (likewise)
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")
_JOINT = re.compile(r"[^\S\n]+|-")
_JOINT_AFTER_INITIAL = re.compile(r"\.?[^\S\n]*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word at ``text[start:end]``, its ending ("'s", "'ll") left out."""

    start: int
    end: int
    text: str
    key: str
    has_ending: bool


def normalise(value: str) -> str:
    """Give the form in which values are compared: NFKC, case-folded, one apostrophe, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().translate(_APOSTROPHES).split())


def spoken_words(text: str) -> list[Word]:
    """Find the words of a text. Hyphens and underscores part words, so that both parts of a name are seen."""
    words = []
    for match in _WORD.finditer(text):
        bare = _ENDING.sub("", match.group())
        end = match.start() + len(bare)
        words.append(Word(match.start(), end, bare, normalise(bare), end < match.end()))
    return words


def joined(text: str, first: Word, second: Word, *, after_title: bool = False) -> bool:
    """Tell whether two words stand together as parts of one name: a blank, a hyphen, or the full stop of an initial."""
    between = text[first.end : second.start]
    if after_title or len(first.key) == 1:
        return _JOINT_AFTER_INITIAL.fullmatch(between) is not None
    return _JOINT.fullmatch(between) is not None
