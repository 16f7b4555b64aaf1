"""Prints how the shipped coder was chosen: the tables of models/README.md."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import average_precision_score

from models.training import fitting
from models.training.network import SHIPPED, Recipe, fit_network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from models.training.data import Statement
    from models.training.fitting import Fit, Head
    from voc_pipeline.coding.views import TurnVectors
    from voc_pipeline.protocols import Encoder, FloatMatrix

_FITS: dict[str, Fit] = {
    "linear, C 1": partial(fitting.fit_linear, strength=1.0),
    "linear, C 2": partial(fitting.fit_linear, strength=2.0),
    "linear, C 4": partial(fitting.fit_linear, strength=4.0),
    "one hidden layer (shipped)": fit_network,
}
_RECIPES = (
    Recipe(epochs=12),
    SHIPPED,
    Recipe(epochs=40),
    Recipe(epochs=12, units=512, dropout=0.6),
    Recipe(epochs=12, decay=1.0),
)
_SHARES = (0.0, 0.25, 0.5, 1.0)


def print_tables(
    exemplars: Sequence[Statement], validation: Sequence[Statement], encoder: Encoder, themes: tuple[str, ...]
) -> None:
    """Print micro- and macro-F1 of the choices on the validation interviews.

    Thresholds are always chosen without the interview that they are used on.
    """
    train = fitting.corpus(exemplars, encoder, themes)
    check = fitting.corpus(validation, encoder, themes)
    print("| heads | score of a turn | micro-F1 | macro-F1 | mean average precision |\n|---|---|---|---|---|")
    for fit_name, fit in _FITS.items():
        head = fit(fitting.rows_of(train))
        for name, score in _SCORES.items():
            logits = np.stack([score(turn, head) for turn in check.turns])
            print(f"| {fit_name} | {name} | {_measures(logits, check)} |")
    _print_recipes(train, check)
    _print_thresholds(train, check)


def _print_recipes(train: fitting.Corpus, check: fitting.Corpus) -> None:
    print("\n| epochs | hidden units | dropout | decay | micro-F1 | macro-F1 | mean average precision |")
    print("|---|---|---|---|---|---|---|")
    for recipe in _RECIPES:
        logits = fitting.turn_logits(check, fit_network(fitting.rows_of(train), recipe))
        shape = f"{recipe.epochs} | {recipe.units} | {recipe.dropout} | {recipe.decay}"
        print(f"| {shape} | {_measures(logits, check)} |")


def _measures(logits: FloatMatrix, check: fitting.Corpus) -> str:
    scores = fitting.probabilities(logits, fitting.calibrate([(logits, check.labels)]))
    chosen = np.zeros(check.labels.shape, dtype=np.bool_)
    for group in np.unique(check.groups):
        rest = check.groups != group
        chosen[~rest] = scores[~rest] >= fitting.best_threshold(check.labels[rest], scores[rest])
    precision = _mean_average_precision(check.labels, scores)
    return (
        f"{fitting.micro_f1(check.labels, chosen):.3f} | {fitting.macro_f1(check.labels, chosen):.3f} | {precision:.3f}"
    )


def _mean_average_precision(labels: npt.NDArray[np.int8], scores: FloatMatrix) -> float:
    occurring = np.flatnonzero(labels.any(axis=0))
    return float(np.mean([average_precision_score(labels[:, k], scores[:, k]) for k in occurring]))


def _print_thresholds(train: fitting.Corpus, check: fitting.Corpus) -> None:
    head = fit_network(fitting.rows_of(train))
    held_out = fitting.held_out_logits(train, fit_network)
    logits = fitting.turn_logits(check, head)
    calibration = fitting.calibrate([(held_out, train.labels), (logits, check.labels)])
    data = fitting.ThresholdData(
        train.labels,
        fitting.probabilities(held_out, calibration),
        check.labels,
        fitting.probabilities(logits, calibration),
    )
    print("\n| share of a theme's own threshold | micro-F1 | macro-F1 | found |\n|---|---|---|---|")
    for share in _SHARES:
        chosen = fitting.held_out_decisions(data, check.groups, own_share=share)
        measures = f"{fitting.micro_f1(check.labels, chosen):.3f} | {fitting.macro_f1(check.labels, chosen):.3f}"
        print(f"| {share:g} | {measures} | {int(chosen.sum())} |")
    _print_shipped(data, check.groups)
    linear = fitting.held_out_logits(train, partial(fitting.fit_linear, strength=2.0))
    print("\nExemplars of authors that were held out, mean average precision:", end=" ")
    print(f"linear {_mean_average_precision(train.labels, linear):.3f},", end=" ")
    print(f"one hidden layer {_mean_average_precision(train.labels, held_out):.3f}")


def _print_shipped(data: fitting.ThresholdData, groups: npt.NDArray[np.str_]) -> None:
    """Print precision, recall, the review queue, and how far micro-F1 moves when interviews are drawn again."""
    level = fitting.thresholds(data, own_share=0.0)
    accepted = data.scores >= level
    seen = data.scores >= level / 2
    right, expected = int((data.labels * accepted).sum()), int(data.labels.sum())
    print(f"\nShipped thresholds: {accepted.sum()} accepted, {right} right of {expected};", end=" ")
    print(f"review queue {seen.sum() - accepted.sum()} more, {int((data.labels * seen).sum()) - right} right")
    chosen = fitting.held_out_decisions(data, groups, own_share=0.0)
    random = np.random.default_rng(SHIPPED.seed)
    names = np.unique(groups)
    drawn = []
    for _ in range(1000):
        rows = np.concatenate([np.flatnonzero(groups == name) for name in random.choice(names, len(names))])
        drawn.append(fitting.micro_f1(data.labels[rows], chosen[rows]))
    print(f"Micro-F1 over interviews drawn with replacement: standard deviation {np.std(drawn):.3f}")


def _passage(turn: TurnVectors, head: Head) -> FloatMatrix:
    scores: FloatMatrix = head(turn.passages).max(axis=0)
    return scores


def _sentence(turn: TurnVectors, head: Head) -> FloatMatrix:
    scores: FloatMatrix = head(np.concatenate(turn.sentences)).max(axis=0)
    return scores


def _passage_and_sentence(turn: TurnVectors, head: Head) -> FloatMatrix:
    best = np.stack([head(vectors).max(axis=0) for vectors in turn.sentences])
    scores: FloatMatrix = ((head(turn.passages) + best) / 2).max(axis=0)
    return scores


def _all_views(turn: TurnVectors, head: Head) -> FloatMatrix:
    scores: FloatMatrix = turn.passage_scores(head).max(axis=0)
    return scores


_SCORES: dict[str, Callable[[TurnVectors, Head], FloatMatrix]] = {
    "passage": _passage,
    "best sentence": _sentence,
    "passage + best sentence": _passage_and_sentence,
    "passage + best sentence + context (shipped)": _all_views,
}
