"""When a piece of speech begins, as tables and JSON files say it: clock strings, seconds or milliseconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from voc_pipeline.ingest import stamps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import ReadingOptions

_MAX = 1e12  # milliseconds in 30 years; what is larger is no time
_SLOWEST = 100  # "seconds" for a word: nobody speaks so slowly, while milliseconds are 200 and more


Span: TypeAlias = "tuple[Moment | None, Moment | None]"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it was found; ``bare``: a number that doesn't say what it counts."""

    value: float
    bare: bool

    def seconds(self, *, milliseconds: bool) -> float:
        """Give it in seconds, where bare numbers count milliseconds or else seconds."""
        return self.value / 1000 if self.bare and milliseconds else self.value


def parse_moment(found: object) -> Moment | None:
    """Read a number, a number in a string (with a decimal comma too), or a clock time; None for anything else."""
    if isinstance(found, bool):
        return None
    if isinstance(found, int | float):
        return _bare(found)
    if not isinstance(found, str) or not found.strip():
        return None
    try:
        return _bare(float(found.replace(",", ".")))
    except ValueError:
        clock = stamps.whole(found)
        return None if clock is None else Moment(clock, bare=False)


def _bare(number: float) -> Moment | None:
    return Moment(float(number), bare=True) if -_MAX < number < _MAX and math.isfinite(number) else None


def are_milliseconds(spans: Sequence[Span], *, words: int, options: ReadingOptions) -> bool:
    """Tell what the bare numbers of a file count.

    Args:
        spans: Start and end of each piece of speech, None where one is not known.
        words: How many words were said in all.
        options: The study may have said it.
    """
    if options.milliseconds is not None:
        return options.milliseconds
    known = [(start.value, end.value) for start, end in spans if start and end and start.bare and end.bare]
    if not known or not all(value.is_integer() for span in known for value in span):
        return False
    return sum(end - start for start, end in known) > _SLOWEST * max(words, 1)
