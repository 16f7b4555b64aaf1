"""Measures themes that no coder was trained for, each from its name and three exemplars, on comments by human coders.

    python -m benchmarks.unseen --data FILE.jsonl.gz --encoder mpnet --cache FOLDER

FILE: one JSON object a line with text and labels (a list of theme names). Three ways read one set of vectors:
the product's (coding/unseen.py), nearest exemplar, logistic heads. All thresholds were chosen on other data: trained
themes of our own statements, treated as unseen. FILE was looked at while the method was made (models/README.md).
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

from voc_pipeline.coding import unseen
from voc_pipeline.speech import Speech

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder

    Labels = npt.NDArray[np.bool_]

EXEMPLARS, SEEDS = 3, 5
# Deviations from how the exemplars of other themes score; chosen like the product's own.
THRESHOLDS = {"unseen": 2.76, "logistic heads": 2.28}
KNN_THRESHOLD = 0.30


@dataclass(frozen=True, slots=True)
class Comments:
    """Vectors of comments (comments, dimension) and theme names (themes, dimension), and who carries what."""

    vectors: FloatMatrix
    names: FloatMatrix
    labels: Labels


def main() -> None:
    """Print micro-F1, mean average precision and the spread over seeds for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="mpnet", help="minilm, mpnet (untrained), or a profile: accurate, fast")
    parser.add_argument("--themes", type=int, default=18, help="the most frequent ones")
    parser.add_argument("--longest", type=int, default=10_000, help="words; longer comments are left out")
    parser.add_argument("--cache", type=Path, help="folder for vectors")
    options = parser.parse_args()
    rows = [json.loads(line) for line in gzip.decompress(options.data.read_bytes()).splitlines()]
    rows = [row for row in rows if len(row["text"].split()) <= options.longest]
    data = load(rows, options.themes, options.encoder, options.cache)
    outcomes = [measure(data, np.random.default_rng(seed)) for seed in range(SEEDS)]
    print(f"{len(data.vectors)} comments, {data.labels.shape[1]} themes, {SEEDS} seeds, encoder {options.encoder}")
    print(f"{'way':<16}  micro-F1     sd     mAP  best possible F1")
    for way in outcomes[0]:
        figures = np.array([outcome[way] for outcome in outcomes])
        f1, precision, best = figures.mean(axis=0)
        print(f"{way:<16}  {f1:8.3f}  {figures[:, 0].std():5.3f}  {precision:6.3f}  {best:16.3f}")


def load(rows: Sequence[dict[str, object]], themes: int, encoder: str, cache: Path | None) -> Comments:
    """Encode comments and names, or take the vectors from the cache."""
    carried = [set(map(str, row["labels"])) - {"Not assigned"} for row in rows]  # type: ignore[call-overload]  # a list
    counts = Counter(name for names in carried for name in names)
    chosen = sorted(counts, key=lambda name: (-counts[name], name))[:themes]
    speeches = [_speech(text) for text in (*(str(row["text"]) for row in rows), *chosen)]
    key = hashlib.sha256("\0".join((encoder, *(one.text for one in speeches))).encode()).hexdigest()
    path = cache / f"{key[:16]}.npy" if cache else None
    if path is not None and path.exists():
        vectors = np.load(path)
    else:
        vectors = np.concatenate(speech_encoder(encoder).encode(speeches))
        if path is not None:
            np.save(path, vectors)
    labels = np.array([[name in names for name in chosen] for names in carried])
    return Comments(vectors[: len(rows)], vectors[len(rows) :], labels)


def speech_encoder(name: str) -> SpeechEncoder:
    """Load a profile's encoder, or a base encoder without an adapter."""
    from tokenizers import Tokenizer  # noqa: PLC0415 (only where vectors aren't cached)

    from voc_pipeline.embedding import forward, speech  # noqa: PLC0415 (imports torch)
    from voc_pipeline.embedding.sources import locate  # noqa: PLC0415 (see above)
    from voc_pipeline.manifests import encoder_manifest  # noqa: PLC0415 (see above)

    if name in {"accurate", "fast"}:
        return speech.load_speech_encoder(name)
    manifest = encoder_manifest(name)
    files = locate(manifest).paths
    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    transformer = forward.Transformer(files["model.safetensors"], files["config.json"], forward.best_dtype())
    marks = speech.marks_of(tokenizer, manifest)
    return speech.WindowedEncoder(transformer, tokenizer, marks=marks, key=name, dimension=manifest.dimension)


def measure(data: Comments, random: np.random.Generator) -> dict[str, tuple[float, float, float]]:
    """Draw exemplars and score all other comments: micro-F1, mean average precision, best possible micro-F1."""
    drawn = draw(data.labels, random)
    test = np.setdiff1d(np.arange(len(data.labels)), drawn)
    own, rest, labels = data.vectors[drawn], data.vectors[test], data.labels[test]
    nothing = [own[0, :0].reshape(0, own.shape[2]) for _ in own]
    heads = unseen.fit_heads(data.names, list(own), nothing, own.reshape(-1, own.shape[2]))
    scores = {
        "unseen": (heads(rest), THRESHOLDS["unseen"]),
        "nearest exemplar": (nearest(own, rest), KNN_THRESHOLD),
        "logistic heads": (logistic(own, data.names, rest), THRESHOLDS["logistic heads"]),
    }
    return {
        way: (micro_f1(labels, found >= threshold), mean_precision(labels, found), best_f1(labels, found))
        for way, (found, threshold) in scores.items()
    }


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


def best_f1(labels: Labels, scores: FloatMatrix) -> float:
    """Micro-F1 at the threshold that suits the test labels best: what no one can have, 0..1."""
    order = np.argsort(-scores, axis=None, kind="stable")
    right = np.cumsum(labels.ravel()[order])
    return float((2 * right / (np.arange(1, len(right) + 1) + labels.sum())).max())


def mean_precision(labels: Labels, scores: FloatMatrix) -> float:
    """Mean over themes of average precision, 0..1."""
    ranked = [labels[np.argsort(-scores[:, theme], kind="stable"), theme] for theme in range(labels.shape[1])]
    return float(np.mean([(np.cumsum(one) / np.arange(1, len(one) + 1))[one].mean() for one in ranked]))


def _speech(text: str) -> Speech:
    return Speech(text, ((0, len(text)),))


if __name__ == "__main__":
    main()
