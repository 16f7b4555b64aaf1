"""What is trained: both profiles' networks, and which statements each goes through, how often and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.training.data import EXEMPLARS
from models.training.learning import Pass, Recipe
from models.training.network import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.training.data import Statement

LABELS = {
    "sentiment": ("negative", "neutral", "positive", "mixed"),
    "stage": ("discover", "evaluate", "purchase", "onboard", "use", "support", "renew"),
    "type": ("problem", "praise", "desired_outcome", "solution_request", "fact"),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """How a coder is made."""

    shape: Shape
    recipe: Recipe
    second: str = ""
    """Another coder, whose encoder reads answers too, without the question; it has to be made first."""
    share: float = 0.0
    """The second one's share of a theme's logit."""


PROFILES: Mapping[str, Profile] = {  # a training ends with indirect talk, long answers and lures
    "fast": Profile(
        Shape("minilm", rank=64, first_layer=0, scale=2.4),
        Recipe(
            passes=(
                Pass("1-73", 1.0, 0.5),
                Pass("1-9,60-79,21-26,38-39,49-50,57,40:0.5,42-48:0.5,51-56:0.5,58-59:0.5,27-37:0.3"),
            ),
            rate=4e-4,
        ),
    ),
    "accurate": Profile(
        Shape("mpnet", rank=32, first_layer=5, scale=8.0),
        Recipe(
            passes=(
                Pass("1-9,60-67,10-59:0.8,27-37:0.4", 1.0, 0.5),
                Pass("1-9,68-73,60-67:0.6,21-26,38-39,49-50,57,40:0.5,42-48:0.4,51-56:0.4,58-59:0.4,27-37:0.15"),
                Pass("74-79,1-9:0.15,60-73:0.15,42-59:0.1,10-41:0.03"),
            ),
            averaged=2,
        ),
        second="fast",
        share=0.3,
    ),
}


def shares_of(written: str) -> dict[int, float]:
    """Read which parts to learn from, and what share of each: "42-51,1-41:0.5" is ten parts whole and others by half.

    Of a part that is named twice, the later share holds.

    Raises:
        ValueError: It is not written so, a part does not exist, or a share is not above 0 and at most 1.
    """
    shares: dict[int, float] = {}
    for one in written.split(","):
        parts, colon, share = one.partition(":")
        first, *rest = (int(bound) for bound in parts.split("-"))
        [last] = rest or [first]
        if last < first or not (EXEMPLARS / f"part{last}.jsonl").exists():
            raise ValueError(written)
        shares |= dict.fromkeys(range(first, last + 1), float(share) if colon else 1.0)
    known = all((EXEMPLARS / f"part{part}.jsonl").exists() for part in shares)
    if not known or not all(0 < share <= 1 for share in shares.values()):
        raise ValueError(written)
    return shares


def part_of(statement: Statement) -> int:
    """Give the number of a statement's part."""
    return int(statement.group.removeprefix("p"))
