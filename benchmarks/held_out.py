"""Compares trained coders on interviews that are left out: ``python -m benchmarks.held_out CODER...`` (their folders).

Micro-F1 / macro-F1 of respondent turn x theme, from the validation interviews alone: each of the first 14 decided with
a calibration and a threshold fitted without it; each later batch with what was fitted on those before it; each of all
like the first. Then the traps it falls for as shipped, and what another threshold would cost and bring. Bare heads,
without the rest of a run: `make bench` measures that.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.training import fitting
from models.training.data import load_traps, load_validation
from models.training.train import read_coder
from voc_pipeline.coding.heads import LinearHead
from voc_pipeline.coding.speeches import sentences_of, speech_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from models.training.fitting import Scored
    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder

BATCHES = 14, 22, 30, 38  # last interview of each batch but the final one; later batches are by other authors
THRESHOLDS = 0.3, 0.4, 0.5, 0.6, 0.7, 0.8


def main() -> None:
    """Print how good each coder is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("coders", nargs="+", type=Path, help="folders of trained coders, named after their profiles")
    for folder in parser.parse_args().coders:
        print_coder(folder)


def print_coder(folder: Path) -> None:
    """Score the validation interviews and the traps with one coder, and print its figures."""
    tensors, vocabulary, encoder = read_coder(folder)
    head = LinearHead(tensors["theme.weight"].numpy(), tensors["theme.bias"].numpy())
    data = fitting.scored(load_validation(), encoder, head, vocabulary.themes)
    numbers = np.array([int(group.removeprefix("val-")) for group in data.groups])
    early = data.of(numbers <= BATCHES[0])
    print(f"{folder}\n  interviews 1 to {BATCHES[0]}     {f1(early.labels, fitting.held_out(early).chosen)}")
    for before, last in itertools.pairwise((*BATCHES, numbers.max())):
        batch = data.of((before < numbers) & (numbers <= last))
        chosen = fitting.decided(batch, data.of(numbers <= before)).chosen
        print(f"  {before + 1} to {last}, by others   {f1(batch.labels, chosen)}")
    print(f"  all                    {f1(data.labels, fitting.held_out(data).chosen)}")
    print_thresholds(folder, data, lures(encoder, head, vocabulary.themes))


def print_thresholds(folder: Path, data: Scored, lured: FloatMatrix) -> None:
    """Print the traps a coder falls for at its own threshold, and F1 and traps at others."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    own, [threshold] = manifest["calibration"], set(manifest["thresholds"].values())
    fallen = (fitting.probabilities(lured, (own["slope"], own["intercept"])) >= threshold).sum()
    print(
        f"  as shipped, {threshold:.2f}:      {fallen} of {len(lured)} traps\n  threshold  all, fitted on them  traps"
    )
    calibration = fitting.calibrate(data)
    scores = fitting.probabilities(data.logits, calibration)
    for threshold in THRESHOLDS:
        fallen = (fitting.probabilities(lured, calibration) >= threshold).sum()
        print(f"  {threshold:9.1f}  {f1(data.labels, scores >= threshold):<19}  {fallen:5d}")


def lures(encoder: SpeechEncoder, head: LinearHead, themes: tuple[str, ...]) -> FloatMatrix:
    """Give the highest logit of a theme that is wrong in each trap, (traps,)."""
    traps = load_traps()
    sentences = [sentences_of(trap.unit) for trap in traps]
    vectors = encoder.encode([speech_of(trap.unit, found) for trap, found in zip(traps, sentences, strict=True)])
    highest: FloatMatrix = np.array(
        [
            head(matrix[[one.codable for one in found]]).max(axis=0)[[trap.is_wrong(theme) for theme in themes]].max()
            for trap, found, matrix in zip(traps, sentences, vectors, strict=True)
        ],
        dtype=np.float32,
    )
    return highest


def f1(labels: npt.NDArray[np.int8], chosen: npt.NDArray[np.bool_]) -> str:
    """Write micro-F1 / macro-F1."""
    return f"{fitting.micro_f1(labels, chosen):.3f} / {fitting.macro_f1(labels, chosen):.3f}"


if __name__ == "__main__":
    main()
