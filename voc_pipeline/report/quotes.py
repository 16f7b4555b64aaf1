"""Chooses the quotes that stand for a theme, and shows each in its conversation."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.errors import VocError
from voc_pipeline.records import MentionStatus, Role, Sentiment
from voc_pipeline.report.shapes import ContextTurn, Quote, SegmentValue, TextPart
from voc_pipeline.report.wording import clock, label
from voc_pipeline.tables import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.report.rows import MentionRow, Tables, TurnRow

CONTEXT_TURNS = 2
_PLACEHOLDER = re.compile(r"(\[)([A-Z]+)((?:_[A-Z0-9]+)*_[0-9A-F]{4,}\])")
_POLES = (Sentiment.NEGATIVE, Sentiment.POSITIVE)


def text_parts(text: str, *, marked: tuple[int, int] | None = None) -> tuple[TextPart, ...]:
    """Split verbatim text at placeholders and at the edges of the quote inside it.

    Args:
        text: Any text; the parts put together are exactly this text.
        marked: Start and end (code points) of the quote, if the text is the turn around it. It must not cut a
            placeholder in two; a placeholder that it does cut is shown as plain text.
    """
    if marked is None:
        return _split(text, marked=False)
    start, end = marked
    return (
        *_split(text[:start], marked=False),
        *_split(text[start:end], marked=True),
        *_split(text[end:], marked=False),
    )


def _split(text: str, *, marked: bool) -> tuple[TextPart, ...]:
    parts: list[TextPart] = []
    position = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > position:
            parts.append(TextPart(text[position : found.start()], marked=marked))
        lead, body, tail = found.groups()
        parts.append(TextPart(body, lead, tail, placeholder=True, marked=marked))
        position = found.end()
    if position < len(text):
        parts.append(TextPart(text[position:], marked=marked))
    return tuple(parts)


def distinct(mentions: Sequence[MentionRow]) -> list[MentionRow]:
    """Order mentions from the most typical and drop those that repeat the words of a better one."""
    seen: set[str] = set()
    kept = []
    for mention in sorted(mentions, key=lambda row: (-row.score, row.mention_id)):
        words = " ".join(mention.quote.casefold().split())
        if words not in seen:
            seen.add(words)
            kept.append(mention)
    return kept


def select(mentions: Sequence[MentionRow], count: int, segment_of: Mapping[str, tuple[str, ...]]) -> list[MentionRow]:
    """Choose quotes: the most typical first, then both sides of sentiment, new participants, new segments.

    Args:
        mentions: Distinct mentions of one theme.
        count: How many to choose at most.
        segment_of: Each participant's segment values.
    """
    chosen: list[MentionRow] = []
    left = list(mentions)
    while left and len(chosen) < count:
        voices = Counter(row.participant_id for row in chosen)
        segments = Counter(value for row in chosen for value in segment_of.get(row.participant_id, ()))
        unheard_poles = {pole.value for pole in _POLES} - {row.sentiment for row in chosen} if chosen else set()
        best = min(
            left,
            key=lambda row: (
                row.sentiment not in unheard_poles,
                voices[row.participant_id],
                sum(segments[value] for value in segment_of.get(row.participant_id, ())),
                -row.score,
                row.mention_id,
            ),
        )
        chosen.append(best)
        left.remove(best)
    return chosen


class QuoteMaker:
    """Makes quotes of one study's tables.

    Args:
        tables: The run's tables.
        attributes: Segment attributes, in the order in which a quote names them.
    """

    def __init__(self, tables: Tables, attributes: Sequence[str]) -> None:
        self._attributes = attributes
        self._people = tables.attributes
        self._turns: dict[str, dict[int, TurnRow]] = {}
        for turn in tables.turns:
            self._turns.setdefault(turn.transcript_id, {})[turn.turn] = turn
        self.segment_of = {
            person: tuple(f"{name}={values.get(name) or NOT_GIVEN}" for name in attributes)
            for person, values in self._people.items()
        }

    def of_mention(self, mention: MentionRow, *, context: bool = True) -> Quote:
        """Make the quote of a mention.

        Raises:
            VocError: The words at the mention's offsets are not its quote.
        """
        place = (mention.transcript_id, mention.turn, mention.start, mention.end)
        quote = self._make(place, sentiment=mention.sentiment, remarks=_remarks(mention), context=context)
        if quote.text != mention.quote:
            raise VocError(
                "the words at a mention's offsets are not its quote",
                where=f"mention {mention.mention_id}, turn {mention.turn}",
                hint="Run voc verify; the transcript must be coded again",
            )
        return quote

    def of_passage(self, place: tuple[str, int, int, int]) -> Quote:
        """Make the quote of a passage, given as transcript id, turn, start and end."""
        return self._make(place, sentiment="", remarks=(), context=True)

    def _make(
        self, place: tuple[str, int, int, int], *, sentiment: str, remarks: tuple[str, ...], context: bool
    ) -> Quote:
        transcript, number, start, end = place
        turn = self._turns.get(transcript, {}).get(number)
        if turn is None:
            raise VocError(
                f"turn {number} of transcript {transcript} is quoted but not in the turns table", where="report"
            )
        return Quote(
            text=turn.text[start:end],
            parts=text_parts(turn.text[start:end]),
            participant_id=turn.participant_id,
            segments=self._segments(turn.participant_id),
            source_file=turn.source_file,
            turn=number,
            time=clock(turn.start_seconds),
            sentiment=sentiment,
            remarks=remarks,
            context=self._context(turn, (start, end)) if context else (),
        )

    def _segments(self, participant: str) -> tuple[SegmentValue, ...]:
        values = self._people.get(participant, {})
        return tuple(SegmentValue(label(name), values[name]) for name in self._attributes if values.get(name))

    def _context(self, own: TurnRow, marked: tuple[int, int]) -> tuple[ContextTurn, ...]:
        turns = self._turns[own.transcript_id]
        around = range(own.turn - CONTEXT_TURNS, own.turn + CONTEXT_TURNS + 1)
        return tuple(
            ContextTurn(
                turn=turn.turn,
                speaker=turn.participant_id or turn.speaker,
                role="" if turn.role_in_call == Role.PARTICIPANT else label(turn.role_in_call),
                parts=text_parts(turn.text, marked=marked if turn is own else None),
                own=turn is own,
            )
            for number in around
            if (turn := turns.get(number)) is not None
        )


def _remarks(mention: MentionRow) -> tuple[str, ...]:
    checked = mention.status in {MentionStatus.CONFIRMED, MentionStatus.CORRECTED}
    remarks = ["prompted" if mention.prompted else "volunteered", mention.stage, mention.type.replace("_", " ")]
    return (*filter(None, remarks), *((f"{mention.status} by a person",) if checked else ()))
