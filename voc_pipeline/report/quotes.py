"""Chooses the quotes that stand for a theme, and makes each with all that is needed to find it again."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from voc_pipeline.errors import VocError
from voc_pipeline.records import Sentiment
from voc_pipeline.report.conversation import TurnIndex, text_parts
from voc_pipeline.report.recordings import recording_link
from voc_pipeline.report.shapes import Quote, SegmentValue
from voc_pipeline.report.wording import clock, label
from voc_pipeline.tables import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.report.rows import MentionRow, Tables, TurnRow

_POLES = (Sentiment.NEGATIVE, Sentiment.POSITIVE)


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
        self._turns = TurnIndex(tables.turns)
        self._spoke_in: dict[str, set[str]] = {}
        for turn in tables.turns:
            self._spoke_in.setdefault(turn.participant_id, set()).add(turn.transcript_id)
        self.segment_of = {
            person: tuple(f"{name}={values.get(name) or NOT_GIVEN}" for name in attributes)
            for person, values in self._people.items()
        }

    def of_mention(self, mention: MentionRow) -> Quote:
        """Make the quote of a mention.

        Raises:
            VocError: The words at the mention's offsets are not its quote.
        """
        place = (mention.transcript_id, mention.turn, mention.start, mention.end)
        quote = replace(
            self.of_passage(mention.mention_id, place),
            sentiment=mention.sentiment,
            remarks=_remarks(mention),
            stage=mention.stage,
            type=mention.type,
            prompted=mention.prompted,
        )
        if quote.text != mention.quote:
            raise VocError(
                "the words at a mention's offsets are not its quote",
                where=f"mention {mention.mention_id}, turn {mention.turn}",
                hint="Run voc verify; the transcript must be coded again",
            )
        return quote

    def of_passage(self, quote_id: str, place: tuple[str, int, int, int]) -> Quote:
        """Make the quote of a passage, given as transcript id, turn, start and end. Nothing is said of its coding."""
        transcript, number, start, end = place
        turn = self._turns.turn(transcript, number)
        if turn is None:
            raise VocError(
                f"turn {number} of transcript {transcript} is quoted but not in the turns table", where="report"
            )
        return Quote(
            quote_id=quote_id,
            text=turn.text[start:end],
            parts=text_parts(turn.text[start:end]),
            participant_id=turn.participant_id,
            segments=self.segments(turn.participant_id),
            source_file=turn.source_file,
            turn=number,
            time=clock(turn.start_seconds),
            sentiment="",
            remarks=(),
            stage="",
            type="",
            prompted=False,
            turn_key=self._turns.key(transcript, number),
            start=start,
            end=end,
            recording=self._recording(turn),
        )

    def segments(self, participant: str) -> tuple[SegmentValue, ...]:
        """Give a participant's segment values, those that are known."""
        values = self._people.get(participant, {})
        return tuple(SegmentValue(label(name), values[name]) for name in self._attributes if values.get(name))

    def _recording(self, turn: TurnRow) -> str:
        """Link to the roster's recording; of somebody in several transcripts it can't be told which one it is of."""
        if len(self._spoke_in[turn.participant_id]) > 1:
            return ""
        return recording_link(self._people.get(turn.participant_id, {}).get("recording", ""), turn.start_seconds)


def _remarks(mention: MentionRow) -> tuple[str, ...]:
    remarks = ["prompted" if mention.prompted else "volunteered", mention.stage, mention.type.replace("_", " ")]
    return (*filter(None, remarks), *((f"{mention.status} by a person",) if mention.checked else ()))
