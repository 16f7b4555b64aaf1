"""Measures themes that no coder was trained for, each from its name and three exemplars, on comments by human coders.

    python -m benchmarks.unseen --data FILE.jsonl.gz --encoder accurate --cache FOLDER
    python -m benchmarks.unseen --encoder minilm       our own training statements, for choosing thresholds

FILE: one JSON object a line with text and labels (a list of theme names). Three ways read one set of vectors:
the product's (coding/unseen.py), nearest exemplar, logistic heads. No threshold was chosen on FILE alone, but it was
looked at while the method was made (models/README.md).
Nothing of FILE is ever written into this repository; the cache must lie elsewhere.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.training.data import load_exemplars, statements_of
from models.training.shipping import background as background_of
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.coding import unseen
from voc_pipeline.coding.heads import load_theme_heads
from voc_pipeline.coding.speeches import one_sentence, sentences_of, speech_of
from voc_pipeline.coding.wording import fit_wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from voc_pipeline.protocols import FloatMatrix, SentenceEncoder

    Labels = npt.NDArray[np.bool_]

EXEMPLARS, SEEDS = 3, 5
# In deviations from what doesn't carry a theme, the nearest exemplar as a cosine. The product's is its own; the others'
# were chosen on trained themes of our own statements, treated as unseen.
THRESHOLDS = {"unseen": 4.2, "nearest exemplar": 0.34, "logistic heads": 2.21}


@dataclass(frozen=True, slots=True)
class Comments:
    """What comments say, sentence by sentence, and who carries what.

    ``sentences`` and ``wholes`` hold a vector for each of ``sentence_texts`` and ``texts``; ``owners`` says which
    comment a sentence belongs to. ``described`` (themes, dimension) are the vectors of ``descriptions``, all that is
    known of themes beside exemplars; ``background`` are vectors of statements about anything, which a profile brings;
    ``labels`` has the shape (comments, themes).
    """

    texts: tuple[str, ...]
    wholes: FloatMatrix
    sentence_texts: tuple[str, ...]
    sentences: FloatMatrix
    owners: npt.NDArray[np.int64]
    descriptions: tuple[str, ...]
    described: FloatMatrix
    background: FloatMatrix
    labels: Labels


def main() -> None:
    """Print micro-F1, mean average precision and the spread over seeds for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="without it, our own training statements")
    parser.add_argument("--encoder", default="accurate", help="minilm, mpnet (untrained), or a profile: accurate, fast")
    parser.add_argument("--themes", type=int, default=18, help="the most frequent ones")
    parser.add_argument("--every", type=int, default=1, help="take only every so many-th comment")
    parser.add_argument("--cache", type=Path, help="folder for vectors")
    options = parser.parse_args()
    rows = (read(options.data) if options.data else own_statements())[:: options.every]
    data = load(rows, options.themes, options.encoder, options.cache)
    outcomes = [measure(data, np.random.default_rng(seed)) for seed in range(SEEDS)]
    print(f"{len(data.texts)} comments, {len(data.descriptions)} themes, {SEEDS} seeds, encoder {options.encoder}")
    print(f"{'way':<16}  micro-F1     sd     mAP  best possible F1  at threshold")
    for way in outcomes[0]:
        figures = np.array([outcome[way] for outcome in outcomes])
        f1, precision, best, threshold = figures.mean(axis=0)
        print(f"{way:<16}  {f1:8.3f}  {figures[:, 0].std():5.3f}  {precision:6.3f}  {best:16.3f}  {threshold:12.2f}")


def read(path: Path) -> list[tuple[str, set[str]]]:
    """Read texts and labels."""
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    return [(row["text"], set(row["labels"]) - {"Not assigned"}) for row in rows if row["text"].strip()]


def own_statements() -> list[tuple[str, set[str]]]:
    """Give the training statements, whose themes a base encoder has never seen, with the codebook's descriptions."""
    words = {str(theme.theme_id): unseen.description(theme) for theme in load_codebook().themes}
    return [(one.unit.text, {words[theme] for theme in one.themes}) for one in load_exemplars()]


def load(rows: Sequence[tuple[str, set[str]]], themes: int, encoder: str, cache: Path | None) -> Comments:
    """Encode comments and names, or take the vectors from the cache."""
    counts = Counter(name for _, names in rows for name in names)
    chosen = tuple(sorted(counts, key=lambda name: (-counts[name], name))[:themes])
    units = [one.unit for one in statements_of(("", n, None, text, ()) for n, (text, _) in enumerate(rows))]
    cut = [(unit, found) for unit in units if (found := sentences_of(unit))]
    speeches = [speech_of(unit, found) for unit, found in cut] + [one_sentence(name) for name in chosen]
    reads, background = reader(encoder)
    key = hashlib.sha256("\0".join((reads.key, *(one.text for one in speeches))).encode()).hexdigest()
    path = cache / f"{key[:16]}.npy" if cache else None
    if path is not None and path.exists():
        vectors = np.load(path)
    else:
        vectors = np.concatenate(reads.encode(speeches))
        if path is not None:
            np.save(path, vectors)
    parts = [[unit.text[slice(*one.span)] for one in found] for unit, found in cut]
    owners = np.repeat(np.arange(len(cut)), [len(one) for one in parts])
    sentences = vectors[: len(owners)]
    carried = {unit.turn: names for unit, (_, names) in zip(units, rows, strict=True)}
    return Comments(
        texts=tuple(unit.text for unit, _ in cut),
        wholes=np.concatenate([unseen.whole_of(sentences[owners == n], own) for n, own in enumerate(parts)]),
        sentence_texts=tuple(text for own in parts for text in own),
        sentences=sentences,
        owners=owners,
        descriptions=chosen,
        described=vectors[len(owners) :],
        background=background,
        labels=np.array([[name in carried[unit.turn] for name in chosen] for unit, _ in cut]),
    )


def reader(name: str) -> tuple[SentenceEncoder, FloatMatrix]:
    """Load what a profile reads other themes with, or a base encoder as it came; and how that reads the background."""
    from voc_pipeline.embedding import speech  # noqa: PLC0415 (imports torch)

    if name not in {"accurate", "fast"}:
        alone = speech.load_untrained(name)
        return alone, background_of(load_exemplars(), alone).float().numpy()
    encoder = speech.load_speech_encoder(name)
    return encoder.broad, load_theme_heads(encoder).background


def measure(data: Comments, random: np.random.Generator) -> dict[str, tuple[float, float, float, float]]:
    """Draw exemplars and score all other comments: micro-F1, mean average precision, best possible F1 and where."""
    drawn = draw(data.labels, random)
    test = np.setdiff1d(np.arange(len(data.labels)), drawn)
    own, rest, labels = data.wholes[drawn], data.wholes[test], data.labels[test]
    scores = {
        "unseen": product(data, drawn)[test],
        "nearest exemplar": nearest(own, rest),
        "logistic heads": logistic(own, data.described, rest),
    }
    return {
        way: (micro_f1(labels, found >= THRESHOLDS[way]), mean_precision(labels, found), *best_f1(labels, found))
        for way, found in scores.items()
    }


def product(data: Comments, drawn: npt.NDArray[np.int64]) -> FloatMatrix:
    """Score all comments as `unseen.UnseenThemeCoder` does, by the best sentence or as a whole; but fillers count."""
    own = data.wholes[drawn]
    nothing = [own[0, :0] for _ in own]
    heads = unseen.fit_heads(data.described, list(own), nothing, data.background)
    wording = fit_wording(data.descriptions, [[data.texts[one] for one in ones] for ones in drawn])
    best = unseen.scored(heads, wording, data.wholes, data.texts)
    np.maximum.at(best, data.owners, unseen.scored(heads, wording, data.sentences, data.sentence_texts))
    return best


def draw(labels: Labels, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw comments for each theme, rare themes first, none twice: (themes, EXEMPLARS)."""
    drawn = np.zeros((labels.shape[1], EXEMPLARS), dtype=np.int64)
    free = np.ones(len(labels), dtype=np.bool_)
    for theme in np.argsort(labels.sum(axis=0), kind="stable"):
        drawn[theme] = random.permutation(np.flatnonzero(labels[:, theme] & free))[:EXEMPLARS]
        free[drawn[theme]] = False
    return drawn


def nearest(own: FloatMatrix, rest: FloatMatrix) -> FloatMatrix:
    """Score by the most similar exemplar of a theme."""
    likeness = unseen.unit_rows(rest) @ unseen.unit_rows(own.reshape(-1, own.shape[2])).T
    scores: FloatMatrix = likeness.reshape(len(rest), *own.shape[:2]).max(axis=2)
    return scores


def logistic(own: FloatMatrix, names: FloatMatrix, rest: FloatMatrix) -> FloatMatrix:
    """Score by one logistic head a theme: its name and exemplars against those of the others."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (slow to import)

    known = unseen.unit_rows(np.concatenate([own.reshape(-1, own.shape[2]), names]))
    owners = np.concatenate([np.repeat(np.arange(len(own)), EXEMPLARS), np.arange(len(own))])
    scores, deviations = [], []
    for theme in range(len(own)):
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=300).fit(known, owners == theme)
        others = model.decision_function(known[: -len(names)][owners[: -len(names)] != theme])
        scores.append(model.decision_function(unseen.unit_rows(rest)) - others.mean())
        deviations.append(others.std())
    relative: FloatMatrix = np.stack(scores, axis=1) / np.mean(deviations)
    return relative


def micro_f1(labels: Labels, chosen: Labels) -> float:
    """Micro-F1 over all cells, 0..1."""
    return 2 * int((labels & chosen).sum()) / max(1, int(labels.sum() + chosen.sum()))


def best_f1(labels: Labels, scores: FloatMatrix) -> tuple[float, float]:
    """Micro-F1 at the threshold that suits the test labels best, what no one can have, 0..1; and that threshold."""
    order = np.argsort(-scores, axis=None, kind="stable")
    right = np.cumsum(labels.ravel()[order])
    f1 = 2 * right / (np.arange(1, len(right) + 1) + labels.sum())
    return float(f1.max()), float(scores.ravel()[order[f1.argmax()]])


def mean_precision(labels: Labels, scores: FloatMatrix) -> float:
    """Mean over themes of average precision, 0..1."""
    ranked = [labels[np.argsort(-scores[:, theme], kind="stable"), theme] for theme in range(labels.shape[1])]
    return float(np.mean([(np.cumsum(one) / np.arange(1, len(one) + 1))[one].mean() for one in ranked]))


if __name__ == "__main__":
    main()
