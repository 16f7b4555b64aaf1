"""Compares trained coders on interviews that are left out: ``python -m benchmarks.held_out CODER...`` (their folders).

First how well a second coder, who saw no codes, agrees with the authors of single statements, whose others nothing was
trained on (models/training/held_out). Then, of each coder, micro-F1 / macro-F1 of respondent turn x theme, from the
validation interviews alone: each of the first 14 decided with a calibration and a threshold fitted without it; each
later batch with what was fitted on those before it; each of all like the first. Then statements and traps as shipped,
and what another threshold would cost and bring. Bare heads, without the rest of a run: `make bench` measures that.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.training import fitting
from models.training.data import FOLDER, HELD_OUT, load_exemplars, load_traps, load_validation
from models.training.shipping import read_coder
from voc_pipeline.coding.speeches import sentences_of, speech_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from models.training.data import Statement
    from models.training.fitting import Scored
    from voc_pipeline.coding.heads import LinearHead
    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder

BATCHES = 14, 22, 30, 38  # last interview of each batch but the final one; later batches are by other authors
SECOND_CODER = FOLDER / "second_coder" / "statements.jsonl"
THRESHOLDS = 0.3, 0.4, 0.5, 0.6, 0.7, 0.8


def main() -> None:
    """Print how good each coder is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("coders", nargs="+", type=Path, help="folders of trained coders, named after their profiles")
    folders = parser.parse_args().coders
    statements = load_exemplars(HELD_OUT)
    print(f"micro-F1 of a second coder of the statements, blind: {agreement(statements):.3f}")
    for folder in folders:
        print_coder(folder, statements)


def print_coder(folder: Path, statements: Sequence[Statement]) -> None:
    """Score interviews, statements and traps with one coder, and print its figures."""
    coder = read_coder(folder)
    encoder, head, themes = coder.encoder, coder.head, coder.vocabulary.themes
    data = fitting.scored(load_validation(), encoder, head, themes)
    others = fitting.scored(statements, encoder, head, themes)
    numbers = np.array([int(group.removeprefix("val-")) for group in data.groups])
    early = data.of(numbers <= BATCHES[0])
    print(f"{folder}\n  interviews 1 to {BATCHES[0]}     {f1(early.labels, fitting.held_out(early).chosen)}")
    for before, last in itertools.pairwise((*BATCHES, numbers.max())):
        batch = data.of((before < numbers) & (numbers <= last))
        chosen = fitting.decided(batch, data.of(numbers <= before)).chosen
        print(f"  {before + 1} to {last}, by others   {f1(batch.labels, chosen)}")
    print(f"  all                    {f1(data.labels, fitting.held_out(data).chosen)}")
    print_thresholds(folder, data, others, lures(encoder, head, themes))


def print_thresholds(folder: Path, data: Scored, others: Scored, lured: FloatMatrix) -> None:
    """Print how a coder does on statements and traps at its own threshold, and F1 and traps at others."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    [own] = set(manifest["thresholds"].values())
    shipped = manifest["calibration"]["slope"], manifest["calibration"]["intercept"]
    chosen = fitting.probabilities(others.logits, shipped) >= own
    fallen = (fitting.probabilities(lured, shipped) >= own).sum()
    print(f"  as shipped, {own:.2f}: {fallen} of {len(lured)} traps; {len(chosen)} statements by others "
          f"{f1(others.labels, chosen)}, precision / recall {rates(others.labels, chosen)}")  # fmt: skip
    print("  threshold  all, fitted on them  statements     traps")
    fitted = fitting.calibrate(data)
    in_interviews, in_statements, in_traps = (
        fitting.probabilities(logits, fitted) for logits in (data.logits, others.logits, lured)
    )
    for threshold in THRESHOLDS:
        print(f"  {threshold:9.1f}  {f1(data.labels, in_interviews >= threshold):<19}  "
              f"{f1(others.labels, in_statements >= threshold)}  {(in_traps >= threshold).sum():5d}")  # fmt: skip


def agreement(statements: Sequence[Statement]) -> float:
    """Give micro-F1 of a second coder, who saw statements without their codes."""
    first = {(f"{one.group}-{one.number}", theme) for one in statements for theme in one.themes}
    lines = SECOND_CODER.read_text(encoding="utf-8").splitlines()
    second = {(entry["id"], code["theme"]) for entry in map(json.loads, lines) for code in entry["codes"]}
    return 2 * len(first & second) / (len(first) + len(second))


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


def rates(labels: npt.NDArray[np.int8], chosen: npt.NDArray[np.bool_]) -> str:
    """Write precision / recall over all cells."""
    right = int((labels * chosen).sum())
    return f"{right / max(1, int(chosen.sum())):.3f} / {right / max(1, int(labels.sum())):.3f}"


if __name__ == "__main__":
    main()
