"""The conversation around the quotes: verbatim text in parts, and the turns that the report carries, each once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voc_pipeline.records import Role
from voc_pipeline.report.panels import SpokenTurn
from voc_pipeline.report.shapes import TextPart
from voc_pipeline.report.wording import label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voc_pipeline.report.rows import TurnRow

CONTEXT_TURNS = 2
MOST_CHARACTERS = 1_200_000
"""The turns of a report hold at most this much text, or the page grows past 3 MB."""
_PLACEHOLDER = re.compile(r"(\[)([A-Z]+)((?:_[A-Z0-9]+)*_[0-9A-F]{4,}\])")


def text_parts(text: str) -> tuple[TextPart, ...]:
    """Split verbatim text at placeholders; the parts put together are exactly this text."""
    parts: list[TextPart] = []
    position = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > position:
            parts.append(TextPart(text[position : found.start()]))
        lead, body, tail = found.groups()
        parts.append(TextPart(body, lead, tail, placeholder=True))
        position = found.end()
    if position < len(text):
        parts.append(TextPart(text[position:]))
    return tuple(parts)


class TurnIndex:
    """Finds turns and names them: ``t3-17`` is turn 17 of the third transcript of turns.csv."""

    def __init__(self, turns: Sequence[TurnRow]) -> None:
        self._turns: dict[str, dict[int, TurnRow]] = {}
        for turn in turns:
            self._turns.setdefault(turn.transcript_id, {})[turn.turn] = turn
        self._numbers = {transcript: number for number, transcript in enumerate(self._turns, start=1)}
        self._transcripts = {number: transcript for transcript, number in self._numbers.items()}

    def turn(self, transcript: str, number: int) -> TurnRow | None:
        """Find a turn."""
        return self._turns.get(transcript, {}).get(number)

    def key(self, transcript: str, number: int) -> str:
        """Name a turn of a known transcript."""
        return f"t{self._numbers[transcript]}-{number}"

    def around(self, keys: Iterable[str], *, reach: int) -> dict[tuple[int, int], TurnRow]:
        """Collect the turns of these keys with ``reach`` turns on each side, by transcript and turn number."""
        found = {}
        for key in keys:
            place, own = (int(number) for number in key[1:].split("-"))
            for number in range(own - reach, own + reach + 1):
                turn = self.turn(self._transcripts[place], number)
                if turn is not None:
                    found[place, number] = turn
        return found


def spoken_turns(
    index: TurnIndex, open_quotes: Sequence[str], further: Sequence[str], *, answers: Sequence[str] = ()
) -> tuple[SpokenTurn, ...]:
    """Collect turns by key, with those around quotes, in order.

    Those around the open quotes are always there. The rest comes as far as the page stays light: two turns on each
    side of the further quotes, else their own turn, else nothing; then, or not at all, the turns of answers.
    """
    needed = index.around(open_quotes, reach=CONTEXT_TURNS)
    for steps in (
        (index.around(further, reach=reach) for reach in (CONTEXT_TURNS, 0)),
        [index.around(answers, reach=0)],
    ):
        for more in steps:
            if sum(len(turn.text) for turn in (needed | more).values()) <= MOST_CHARACTERS:
                needed |= more
                break
    return tuple(
        SpokenTurn(
            key=f"t{place}-{number}",
            speaker=turn.participant_id or turn.speaker,
            role="" if turn.role_in_call == Role.PARTICIPANT else label(turn.role_in_call),
            parts=text_parts(turn.text),
        )
        for (place, number), turn in sorted(needed.items())
    )
