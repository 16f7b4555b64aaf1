"""Scores coded mentions against gold: pure functions over plain tuples, for benchmarks and training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_POLES = {"negative", "positive"}


class Coded(NamedTuple):
    """A theme applied in a turn: interview and turn (which turn it starts in), theme, and sentiment if judged."""

    interview: str
    turn: int
    theme: str
    sentiment: str = ""


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
    gold has; ``sentiment`` counts, among right turn x themes, those whose sentiment is right.
    """

    micro: Agreement
    macro_f1: float
    per_theme: Mapping[str, Agreement]
    presence: Agreement
    sentiment: Agreement
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
        sentiment=sentiment_agreement(found, gold),
        interviewer_words=sum((mention.interview, mention.turn) in interviewer_turns for mention in found),
    )


def agreement(found: Collection[object], expected: Collection[object]) -> Agreement:
    """Count what two collections of distinct things share."""
    right = len(set(found) & set(expected))
    return Agreement(right, len(set(found)), len(set(expected)))


def sentiment_agreement(found: Iterable[Coded], gold: Iterable[Coded]) -> Agreement:
    """Count the mentions of gold's turns and themes whose sentiment is one of gold's.

    Mixed agrees with either pole, whichever side says it. ``found`` and ``expected`` are both the mentions compared.
    """
    stances: dict[tuple[str, int, str], set[str]] = {}
    for code in gold:
        stances.setdefault(code[:3], set()).add(code.sentiment)
    compared = [(mention.sentiment, stances[mention[:3]]) for mention in found if mention[:3] in stances]
    right = sum(any(sentiments_agree(given, wanted) for wanted in expected) for given, expected in compared)
    return Agreement(right, len(compared), len(compared))


def sentiments_agree(one: str, other: str) -> bool:
    """Say whether two sentiments are the same, or one is mixed and the other a pole."""
    return one == other or (one == "mixed" and other in _POLES) or (other == "mixed" and one in _POLES)
