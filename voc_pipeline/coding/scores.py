"""Finds the likelihood-to-recommend scores (0-10) that participants say aloud, by rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.speech import SpokenScore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import CodingUnit

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_VALUES = {word: value for value, word in enumerate(_WORDS)} | {str(value): value for value in range(11)}
_NUMBER = rf"(?:{'|'.join(_WORDS)}|10|[0-9])"
_TEN = r"(?:10|ten)"

_RECOMMENDING = r"\brecommend|\bhow likely\b|\bnet promoter\b|\bnps\b"
_TO_TEN = rf"\b(?:0|zero|nought|1|one) ?(?:to|through|-|\u2013) ?{_TEN}\b|\bout of {_TEN}\b|\bscale of {_TEN}\b"
_WHOM = (
    r"(?:them|it|us|the (?:[\w'\u2019]+ ){0,3}"
    r"(?:company|manufacturer|partnership|provider|relationship|supplier|vendor)(?!['\u2019]))"
)
_OF_RECOMMENDING = re.compile(_RECOMMENDING, re.IGNORECASE)
_ASKED = re.compile(rf"{_RECOMMENDING}|{_TO_TEN}|\bscore\b|\brate {_WHOM}\b", re.IGNORECASE)
_SPOKEN_OF = re.compile(rf"{_RECOMMENDING}|{_TO_TEN}", re.IGNORECASE)
# "How satisfied are you", "rate the training": a rating, but not of how likely one is to recommend.
_ASKED_OTHERWISE = re.compile(
    rf"\bhow (?!likely|would|do|did|are|is|should|might|can|could)\w+|\brate (?!{_WHOM}\b)(?:the|their|your|its|our)\b",
    re.IGNORECASE,
)
_TOP = r"(?:4|four|5|five|6|six|7|seven|20|twenty|100|a hundred)"
_OTHER_SCALE = re.compile(
    rf"\b(?:out|scale) of {_TOP}\b|\b(?:0|zero|1|one) ?(?:to|through|-|\u2013) ?{_TOP}\b|\bstars?\b", re.IGNORECASE
)
_EARLIER = re.compile(
    r"\b(?:ago|last year|used to|would(?:'ve| have)|had been|before|back then|was an?)\b", re.IGNORECASE
)

# A number from 0 to 10, or two neighbours ("a six or a seven"), that is no part of a longer figure, amount or time.
_CANDIDATE = re.compile(
    rf"(?<![\w.,:/$\u20ac\u00a3#%-])(?P<low>{_NUMBER})(?P<half>\.5| and a half)?"
    rf"(?: (?:or|to|and) (?:maybe )?(?:an? )?(?P<high>{_NUMBER}))?(?P<of_ten> ?/ ?10| out of {_TEN})?"
    rf"(?![\w%:/$\u20ac\u00a3-]|[.,]\d)",
    re.IGNORECASE,
)
# After a score a clause ends or a reason starts; a noun there would be what the number counts.
_SCORE_ENDS = re.compile(
    r"\s*(?:[.,;:!?)\"\u2013\u2014]|$|(?:because|but|for|if|from|right now|now|today|though|maybe|probably|i'd|i would"
    r"|honestly|overall|since|only|at (?:best|most|the moment)|on a good day)\b)",
    re.IGNORECASE,
)
_COUNTS_BEFORE = re.compile(
    r"\b(?:at|by|until|till|since|after|before|in|no|this|that|which|any|every|each|of|other|version|phase|room|floor"
    r"|building|level|past|times)\s+$",
    re.IGNORECASE,
)
_GIVES_BEFORE = re.compile(r"\b(?:an?|give (?:them|it)|call it|say|solid|maybe|probably)(?: an?)?\s+$", re.IGNORECASE)
_GIVEN_BEFORE = re.compile(r"\b(?:give|gave|rate|put) (?:them|it|that|this)(?: at)? (?:an? )?$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\d))+[.!?\n]*")


@dataclass(frozen=True, slots=True)
class _Score:
    start: int
    end: int
    value: float
    earlier: bool
    """Said of another time: stands back behind a score of today."""


def spoken_scores(units: Sequence[CodingUnit]) -> list[SpokenScore]:
    """Find the scores that participants give.

    A number counts only where likelihood to recommend is the subject: the question asks for it, or the sentence (or
    the one before it) speaks of recommending or of a score out of ten. Other scales and ratings of something else
    that the question or the answer speaks of, years, times, shares and counts don't. "A six or a seven" is 6.5.

    Args:
        units: Participants' turns.

    Returns:
        At most one score a turn, the first that is not of an earlier time; spans are relative to the turn's text.
    """
    found = []
    for unit in units:
        scores = _scores_in(unit.text, unit.question or "")
        if scores:
            score = min(scores, key=lambda score: (score.earlier, score.start))
            found.append(
                SpokenScore(
                    transcript_id=unit.transcript_id,
                    participant_id=unit.participant_id,
                    turn=unit.turn,
                    start=score.start,
                    end=score.end,
                    quote=unit.text[score.start : score.end],
                    score=score.value,
                )
            )
    return found


def _scores_in(text: str, question: str) -> list[_Score]:
    scores = []
    otherwise = bool(_ASKED_OTHERWISE.search(question)) and not _OF_RECOMMENDING.search(question)
    subject = asked = bool(_ASKED.search(question)) and not otherwise and not _OTHER_SCALE.search(question)
    for sentence in _SENTENCE.finditer(text):
        speaks_of_it = bool((_OF_RECOMMENDING if otherwise else _SPOKEN_OF).search(sentence.group()))
        if (subject or speaks_of_it) and not _OTHER_SCALE.search(sentence.group()):
            scores += [
                score
                for candidate in _CANDIDATE.finditer(text, sentence.start(), sentence.end())
                if (score := _score(text, candidate, sentence.start())) is not None
            ]
        subject = asked or speaks_of_it
    return scores


def _score(text: str, candidate: re.Match[str], sentence_start: int) -> _Score | None:
    low = _VALUES[candidate["low"].lower()]
    high = _VALUES[candidate["high"].lower()] if candidate["high"] else low
    before = text[sentence_start : candidate.start()]
    if not candidate["of_ten"]:
        ends = _SCORE_ENDS.match(text, candidate.end()) or _GIVEN_BEFORE.search(before)
        if _COUNTS_BEFORE.search(before) or not ends:
            return None
        if candidate["low"].lower() == "one" and not _GIVES_BEFORE.search(before):
            return None  # "that's one, yes": a pronoun far more often than a score
    if abs(high - low) > 1:
        return None  # the scale itself: "zero to ten"
    value = (low + high) / 2 + (0.5 if candidate["half"] else 0.0)
    clause = re.split(r"[,;]", before)[-1] + re.split(r"[,;.]", text[candidate.end() :])[0]
    earlier = bool(_EARLIER.search(clause))
    return _Score(candidate.start(), candidate.end(), min(value, 10.0), earlier)
