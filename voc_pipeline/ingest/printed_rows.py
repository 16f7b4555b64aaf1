"""Rows of a printed table, whose columns a PDF runs together (``00:01:02 Dana Cole Well, we tried``)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import heads, labels, stamps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FEW = 3  # lines that begin with a time; fewer may be chance
_PARTED = {heads.Style.COLON, heads.Style.BOLD, heads.Style.STAMPED}


def part_columns(lines: Sequence[str], *, name: str) -> list[str]:
    """Write rows of time, name and speech as ``[time] Name: speech``; other lines stay.

    The names are those that stand alone behind a time (where the speech has lines of its own), and those that name a
    part in the call.

    Raises:
        RefusedError: The rows begin with a time, but who speaks can't be told in all of them.
    """
    rows = {at: row for at, line in enumerate(lines) if (row := _row(line))}
    run_together = {at: row for at, row in rows.items() if not _is_parted(lines[at])}
    if len(run_together) < _FEW:
        return list(lines)
    known = sorted(set(_names([rest for _, rest in rows.values()])), key=len, reverse=True)
    parted = {at: _parted(row, known) for at, row in rows.items()}
    lost = sum(parted[at] is None for at in run_together)
    if lost:
        raise RefusedError(
            f"{len(rows)} of its lines begin with a time, but in {lost} of them the speaker can't be told",
            where=name,
            hint="Export the transcript as .docx, .xlsx, .csv or .vtt, where name and speech stand apart",
        )
    return [parted.get(at) or line for at, line in enumerate(lines)]


def _row(line: str) -> tuple[str, str] | None:
    """Split a line that begins with a bare time into that and the rest."""
    start, bracketed, rest = stamps.take_leading(line)
    if start is None or bracketed or not rest.strip():
        return None
    return line.split(maxsplit=1)[0], " ".join(rest.split())


def _is_parted(line: str) -> bool:
    head = heads.parse_head(line)
    return head is not None and head.style in _PARTED


def _names(rests: Sequence[str]) -> Iterator[str]:
    alone = Counter(rest for rest in rests if labels.is_label(rest) and labels.is_name_like(rest))
    yield from (rest for rest, count in alone.items() if count > 1 or labels.is_spelt_out(rest))
    numbered = Counter(" ".join(rest.split()[:2]) for rest in rests)  # Speaker 1; not Interviewer 42, said once
    for rest in rests:
        two, one = " ".join(rest.split()[:2]), rest.split()[0]
        if labels.is_spelt_out(two) and numbered[two] > 1:
            yield two
        elif labels.is_spelt_out(one):
            yield one


def _parted(row: tuple[str, str], known: Sequence[str]) -> str | None:
    time, rest = row
    name = next((one for one in known if rest == one or rest.startswith((f"{one} ", f"{one}:"))), None)
    return None if name is None else f"[{time}] {name}: {rest[len(name) :].strip(' :')}"
