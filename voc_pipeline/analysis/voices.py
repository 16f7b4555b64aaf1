"""Who says what: mentions that count, summed up by participant, which is the base of every number of a report."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from voc_pipeline.records import MentionStatus, Sentiment
from voc_pipeline.tables import ALL_SEGMENTS, NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

Subject = TypeVar("Subject")
_SIGN = {Sentiment.POSITIVE.value: 1, Sentiment.NEGATIVE.value: -1}
_COLUMNS = ("participant_id", "theme_id", "sentiment", "prompted", "stage", "transcript_id", "turn", "status")


class Said(NamedTuple):
    """A mention that counts, as far as it counts."""

    participant: str
    theme: str
    sentiment: str
    prompted: bool
    stage: str
    transcript: str
    turn: int


@dataclass(frozen=True, slots=True)
class Voice:
    """What one participant says on one subject.

    ``balance`` is positive minus negative mentions; ``volunteered``: at least one of them was not asked for.
    """

    mentions: int
    balance: int
    volunteered: bool

    @property
    def net(self) -> float:
        """Net sentiment: (positive - negative) / mentions, -1..1."""
        return self.balance / self.mentions


@dataclass(frozen=True, slots=True)
class Segment:
    """Participants that share a value of an attribute."""

    attribute: str
    value: str
    members: frozenset[str]


def participant_ids(participants: pd.DataFrame) -> frozenset[str]:
    """Give everyone who could have spoken.

    Raises:
        ValueError: A participant stands there twice.
    """
    ids = [str(value) for value in participants["participant_id"]]
    if len(set(ids)) != len(ids):
        msg = f"{len(ids) - len(set(ids))} participant_id values stand more than once among the participants"
        raise ValueError(msg)
    return frozenset(ids)


def counted(mentions: pd.DataFrame, themes: Collection[str], everyone: Collection[str]) -> list[Said]:
    """Keep the mentions that count: not rejected, and of a theme that is asked for.

    Raises:
        ValueError: One of them is of somebody who is not among the participants.
    """
    rows = zip(*(mentions[name].tolist() for name in _COLUMNS), strict=True)
    said = [
        Said(str(who), str(theme), str(sentiment), bool(prompted), str(stage), str(transcript), int(turn))
        for who, theme, sentiment, prompted, stage, transcript, turn, status in rows
        if status != MentionStatus.REJECTED.value and theme in themes
    ]
    strangers = {row.participant for row in said} - set(everyone)
    if strangers:
        msg = f"mentions of {len(strangers)} people who are not among the participants"
        raise ValueError(msg)
    return said


def voices(said: Iterable[tuple[Subject, Said]]) -> dict[Subject, dict[str, Voice]]:
    """Sum up what each participant says: subject to participant to voice. A mention may stand for several subjects."""
    own: dict[Subject, dict[str, list[Said]]] = {}
    for subject, row in said:
        own.setdefault(subject, {}).setdefault(row.participant, []).append(row)
    return {subject: {who: _voice(rows) for who, rows in speakers.items()} for subject, speakers in own.items()}


def _voice(rows: Sequence[Said]) -> Voice:
    balance = sum(_SIGN.get(row.sentiment, 0) for row in rows)
    return Voice(len(rows), balance, volunteered=not all(row.prompted for row in rows))


def by_theme(said: Iterable[Said]) -> dict[str, dict[str, Voice]]:
    """Sum up what each participant says on each theme that is heard: theme to participant to voice."""
    return voices((row.theme, row) for row in said)


def mean_net(heard: Iterable[Voice]) -> float:
    """Give the mean net sentiment over participants, -1..1, the same in any order; NaN of nobody."""
    nets = [voice.net for voice in heard]
    return math.fsum(nets) / len(nets) if nets else math.nan


def by_sentiment(said: Iterable[Said]) -> dict[str, int]:
    """Count mentions by sentiment, as columns of a table, ``mentions`` among them."""
    rows = list(said)
    counts = Counter(row.sentiment for row in rows)
    return {"mentions": len(rows)} | {sentiment.value: counts[sentiment.value] for sentiment in Sentiment}


def segments(participants: pd.DataFrame, attributes: Sequence[str]) -> Iterator[Segment]:
    """Give everyone, then the segments of each attribute: values in alphabetical order, ``(not given)`` last."""
    ids = [str(value) for value in participants["participant_id"]]
    yield Segment(ALL_SEGMENTS, ALL_SEGMENTS, frozenset(ids))
    for attribute in dict.fromkeys(attributes):
        cells = list(participants[attribute]) if attribute in participants else [""] * len(ids)
        for value, members in _members(ids, cells):
            yield Segment(attribute, value, members)


def _members(ids: Sequence[str], cells: Sequence[object]) -> Iterator[tuple[str, frozenset[str]]]:
    found: dict[str, set[str]] = {}
    for participant, cell in zip(ids, cells, strict=True):
        found.setdefault(segment_value(cell), set()).add(participant)
    for value in sorted(found, key=lambda value: (value == NOT_GIVEN, value)):
        yield value, frozenset(found[value])


def segment_value(cell: object) -> str:
    """Read an attribute's cell: its text without outer blanks, ``(not given)`` when empty or missing."""
    missing = cell is None or (isinstance(cell, float) and math.isnan(cell))
    return NOT_GIVEN if missing else str(cell).strip() or NOT_GIVEN


def people_of(voiced: Mapping[str, Voice], members: Collection[str]) -> list[Voice]:
    """Give the voices of these participants."""
    return [voice for participant, voice in voiced.items() if participant in members]
