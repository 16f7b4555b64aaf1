"""What a proof found: checks with how much each looked at, and faults with their place and a way out.

Words of an interview never stand in a fault: it names places, counts, offsets and hashes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.errors import VocError

AGAIN = "Get the report again from where it came from, or publish again with 'voc run'"
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it must be: what was found, where, and what to do."""

    what: str
    where: str
    hint: str = AGAIN


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check: ``checked`` counts what it looked at; of many faults the first twenty are kept."""

    name: str
    checked: int
    faults: tuple[Fault, ...] = ()
    more: int = 0

    @property
    def ok(self) -> bool:
        """Say whether everything was as it must be."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Verdict:
    """The proof of one report. ``unchecked`` says what nothing here can prove, and why."""

    folder: Path
    checks: tuple[Check, ...]
    unchecked: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Say whether every check found what it must."""
        return all(check.ok for check in self.checks)

    def checked(self, name: str) -> int:
        """Count what a check looked at; 0 where it was not reached."""
        return sum(check.checked for check in self.checks if check.name == name)


class Tally:
    """A check while it is being made."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._faults: list[Fault] = []
        self.checked = 0

    def fault(self, what: str, where: str, hint: str = AGAIN) -> None:
        """Note a fault."""
        self._faults.append(Fault(what, where, hint))

    def failed(self, error: VocError, *, where: str = "") -> None:
        """Note what an error says."""
        self.fault(error.what, error.where or where, error.hint or AGAIN)

    def require(self, ok: object, what: str, where: str, hint: str = AGAIN) -> None:
        """Look at one thing, and note a fault unless it is ``ok``."""
        self.checked += 1
        if not ok:
            self.fault(what, where, hint)

    def check(self) -> Check:
        """Give what was found."""
        kept = tuple(self._faults[:_MOST_FAULTS])
        return Check(self._name, self.checked, kept, len(self._faults) - len(kept))


def records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Give a frame's rows as plain values, every kind of missing value as None."""
    from pandas import NA  # noqa: PLC0415 (0.3 s; a command that proves nothing needs none of it)

    names = [str(name) for name in frame.columns]
    # Of all values, only NaN differs from itself; NA would not say.
    columns = ([None if cell is NA or cell != cell else cell for cell in frame[name].tolist()] for name in names)  # noqa: PLR0124 (as said)
    return (dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True))


def described(text: str) -> str:
    """Say which text this is without saying it: its length and the beginning of its SHA-256."""
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{len(text):,} characters, sha256 {sha256[:8]}"
