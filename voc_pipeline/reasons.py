"""Records of why a coder finds what it finds: what `voc explain` shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc_pipeline.ids import ThemeId


@dataclass(frozen=True, slots=True)
class WordWeight:
    """How much a word of a turn's text adds to a theme's log-odds."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class ThemeScore:
    """How a theme scores, and what it needs to be accepted, both in 0..1."""

    theme_id: ThemeId
    score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a coder finds a theme in a turn, as it sees it today.

    ``start:end`` is the sentence that decides. ``base`` and the weights of its words, in order, add up to the
    log-odds of ``own.score``. ``others`` are the themes that this sentence is nearest to besides, best first;
    ``nearest`` names training statements of the theme.
    """

    start: int
    end: int
    own: ThemeScore
    base: float
    words: tuple[WordWeight, ...]
    others: tuple[ThemeScore, ...]
    nearest: tuple[str, ...]
