"""Authored traps: statements that sound like a theme and carry none, or another. A coder should not fall for them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.training.data import Trap
    from voc_pipeline.protocols import ThemeCoder
    from voc_pipeline.records import ThemeHit


def fallen_for(traps: Sequence[Trap], coder: ThemeCoder) -> list[bool]:
    """Say of each trap whether the coder accepts a theme in it that is wrong there."""
    hits: dict[int, list[ThemeHit]] = {}
    for hit in coder.code([trap.unit for trap in traps]):
        if hit.accepted:
            hits.setdefault(hit.turn, []).append(hit)
    return [any(trap.is_wrong(hit.theme_id) for hit in hits.get(trap.unit.turn, [])) for trap in traps]


def print_traps(traps: Sequence[Trap], fallen: Iterable[bool]) -> None:
    """Print a line for each kind, and one for all."""
    counts, wrong = Counter(trap.kind for trap in traps), Counter[str]()
    for trap, fell in zip(traps, fallen, strict=True):
        wrong[trap.kind] += fell
    print("\ntraps               wrong theme accepted")
    for kind in sorted(counts):
        print(f"{kind:<18}  {wrong[kind]:3d} of {counts[kind]:3d}  {wrong[kind] / counts[kind]:.2f}")
    print(f"{'all':<18}  {wrong.total():3d} of {counts.total():3d}  {wrong.total() / max(1, counts.total()):.2f}")
