"""Scores coded mentions against gold: pure functions over plain tuples, for benchmarks and training."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

_POLES = {"negative", "positive"}


class Coded(NamedTuple):
    """A theme applied in a turn: interview and turn (which turn it starts in), theme, and what else was judged.

    Sentiment, stage and type are empty where nobody judged them; ``score`` (0..1) is how sure a coder was.
    """

    interview: str
    turn: int
    theme: str
    sentiment: str = ""
    stage: str = ""
    type: str = ""
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts of agreement; a share of nothing is 0."""

    right: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right, 0..1."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of what was expected that was found, 0..1."""
        return self.right / self.expected if self.expected else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0..1."""
        total = self.found + self.expected
        return 2 * self.right / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How well a coder agrees with gold.

    ``micro`` counts turn x theme, ``presence`` interview x theme; ``macro_f1`` is the mean F1 over the themes that
    gold has; ``sentiment``, ``stage`` and ``type`` count, among right turn x themes, those that are judged right;
    ``calibration_error`` (0..1) is how far scores are from the share that is right.
    """

    micro: Agreement
    macro_f1: float
    per_theme: Mapping[str, Agreement]
    presence: Agreement
    sentiment: Agreement
    stage: Agreement
    type: Agreement
    calibration_error: float
    interviewer_words: int


def score(
    found: Iterable[Coded], gold: Iterable[Coded], *, interviewer_turns: Collection[tuple[str, int]] = ()
) -> Scorecard:
    """Compare what a coder found with gold.

    Args:
        found: Accepted mentions.
        gold: What should have been found; a turn and theme may stand in it with several sentiments.
        interviewer_turns: Interview and number of turns that no theme may be applied in.

    Returns:
        The scorecard; ``interviewer_words`` counts mentions in interviewers' turns (they are wrong in ``micro`` too).
    """
    found, gold = list(found), list(gold)
    cells = {mention[:3] for mention in found}
    gold_cells = {code[:3] for code in gold}
    themes = sorted({theme for *_, theme in cells | gold_cells})
    per_theme = {
        theme: agreement(
            {cell for cell in cells if cell[2] == theme}, {cell for cell in gold_cells if cell[2] == theme}
        )
        for theme in themes
    }
    in_gold = [counts.f1 for counts in per_theme.values() if counts.expected]
    return Scorecard(
        micro=agreement(cells, gold_cells),
        macro_f1=sum(in_gold) / len(in_gold) if in_gold else 0.0,
        per_theme=per_theme,
        presence=agreement({cell[::2] for cell in cells}, {cell[::2] for cell in gold_cells}),
        sentiment=judged_agreement(found, gold, lambda code: code.sentiment, agree=sentiments_agree),
        stage=judged_agreement(found, gold, lambda code: code.stage),
        type=judged_agreement(found, gold, lambda code: code.type),
        calibration_error=calibration_error(
            [mention.score for mention in found], [mention[:3] in gold_cells for mention in found]
        ),
        interviewer_words=sum((mention.interview, mention.turn) in interviewer_turns for mention in found),
    )


def agreement(found: Collection[object], expected: Collection[object]) -> Agreement:
    """Count what two collections of distinct things share."""
    right = len(set(found) & set(expected))
    return Agreement(right, len(set(found)), len(set(expected)))


def judged_agreement(
    found: Iterable[Coded],
    gold: Iterable[Coded],
    field: Callable[[Coded], str],
    *,
    agree: Callable[[str, str], bool] = operator.eq,
) -> Agreement:
    """Count the mentions of gold's turns and themes whose judgement is one of gold's.

    Args:
        found: Mentions; those that gold does not have, or does not judge, are passed over.
        gold: Codes; a turn and theme may stand in it with several judgements.
        field: Which judgement.
        agree: Whether two judgements are the same.

    Returns:
        ``found`` and ``expected`` are both the mentions compared.
    """
    judgements: dict[tuple[str, int, str], set[str]] = {}
    for code in gold:
        if field(code):
            judgements.setdefault(code[:3], set()).add(field(code))
    compared = [(field(mention), judgements[mention[:3]]) for mention in found if mention[:3] in judgements]
    right = sum(any(agree(given, wanted) for wanted in expected) for given, expected in compared)
    return Agreement(right, len(compared), len(compared))


def sentiments_agree(one: str, other: str) -> bool:
    """Say whether two sentiments are the same, or one is mixed and the other a pole."""
    return one == other or (one == "mixed" and other in _POLES) or (other == "mixed" and one in _POLES)


def calibration_error(scores: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass, 0..1 (Naeini et al. 2015).

    Args:
        scores: Probabilities of emitted mentions, (n,); no mentions have no error.
        right: Whether each is right, (n,).
        bins: How many.
    """
    given, true = np.asarray(scores, dtype=np.float64), np.asarray(right, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    gaps = [abs(given[part].mean() - true[part].mean()) * len(part)
            for part in np.array_split(order, bins) if len(part)]  # fmt: skip
    return float(sum(gaps)) / max(1, len(given))
