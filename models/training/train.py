"""Trains the shipped coders from the files beside it: ``python -m models.training.train [--report]``.

Writes models/coders/themes-minilm and models/coders/stance-minilm. The same files give the same heads on one machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import save

from models.training import fitting, report, stance
from models.training.data import EXEMPLARS, FOLDER, VALIDATION, data_hash, load_exemplars, load_validation
from models.training.network import SHIPPED, fit_network
from voc_pipeline.coding.heads import STANCE_MODEL, THEMES_MODEL
from voc_pipeline.embedding.cache import CachedEncoder, MemoryCache
from voc_pipeline.embedding.encoder import load_encoder
from voc_pipeline.ids import digest
from voc_pipeline.manifests import load_codebook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    import numpy.typing as npt

    from models.training.data import Statement
    from voc_pipeline.protocols import Encoder, FloatMatrix

    Tensor: TypeAlias = npt.NDArray[Any]

CODERS = FOLDER.parent / "coders"
OWN_SHARE = 0.0
FLOOR_SHARE = 0.5  # the review queue starts at half the threshold


def train_themes(
    exemplars: Sequence[Statement], validation: Sequence[Statement], encoder: Encoder, themes: tuple[str, ...]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Train theme heads.

    Returns:
        Tensors to ship, and the manifest's part that describes them.
    """
    train = fitting.corpus(exemplars, encoder, themes)
    check = fitting.corpus(validation, encoder, themes)
    head = fit_network(fitting.rows_of(train))
    held_out = fitting.held_out_logits(train, fit_network)
    logits = fitting.turn_logits(check, head)
    calibration = fitting.calibrate([(held_out, train.labels), (logits, check.labels)])
    chosen_from = fitting.ThresholdData(
        train.labels,
        fitting.probabilities(held_out, calibration),
        check.labels,
        fitting.probabilities(logits, calibration),
    )
    thresholds = fitting.thresholds(chosen_from, own_share=OWN_SHARE)
    decided = fitting.held_out_decisions(chosen_from, check.groups, own_share=OWN_SHARE)
    names, vectors, labels = _references(train)
    tensors = {
        "hidden.weight": head.hidden.weight,
        "hidden.bias": head.hidden.bias,
        "output.weight": head.output.weight,
        "output.bias": head.output.bias,
        "exemplars": vectors,
        "exemplar_names": names,
        "exemplar_themes": labels,
    }
    details = {
        "themes": list(themes),
        "calibration": {"slope": round(calibration[0], 5), "intercept": round(calibration[1], 5)},
        "thresholds": _by_theme(themes, thresholds),
        "floors": _by_theme(themes, FLOOR_SHARE * thresholds),
        "validation": {
            "micro_f1": round(fitting.micro_f1(check.labels, decided), 3),
            "macro_f1": round(fitting.macro_f1(check.labels, decided), 3),
        },
    }
    return tensors, details


def _references(train: fitting.Corpus) -> tuple[Tensor, Tensor, Tensor]:
    """Pack the coded exemplars that reasons refer to: (part, line), vector of the first passages, themes."""
    coded = np.flatnonzero(train.labels.any(axis=1)).tolist()
    names = [(int(train.statements[row].group.removeprefix("p")), train.statements[row].number) for row in coded]
    vectors = np.stack([train.turns[row].contexts[0] for row in coded])
    return np.array(names, dtype=np.int16), vectors.astype(np.float16), train.labels[coded].astype(np.uint8)


def _by_theme(themes: Sequence[str], values: FloatMatrix) -> dict[str, float]:
    return {theme: round(float(value), 4) for theme, value in zip(themes, values, strict=True)}


def train_stance(
    exemplars: Sequence[Statement], validation: Sequence[Statement], encoder: Encoder, themes: tuple[str, ...]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Train stance heads; returns what `train_themes` returns."""
    labels, heads = stance.fit(stance.features(exemplars, encoder, themes), stance.codes_of(exemplars))
    shares = stance.accuracy(stance.features(validation, encoder, themes), stance.codes_of(validation), labels, heads)
    tensors = {f"{field}.{part}": getattr(heads[field], part) for field in heads for part in ("weight", "bias")}
    return tensors, {
        "themes": list(themes),
        "labels": {field: list(values) for field, values in labels.items()},
        "validation": {f"{field}_accuracy": round(share, 3) for field, share in shares.items()},
    }


def write_coder(folder: Path, tensors: dict[str, Tensor], details: dict[str, Any], *, encoder_key: str) -> None:
    """Write weights.safetensors and manifest.json; the version is the hash of both."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = save(tensors)
    (folder / "weights.safetensors").write_bytes(weights)
    sha256 = hashlib.sha256(weights).hexdigest()
    described = {
        "encoder": "minilm",
        "encoder_key": encoder_key.rpartition(":")[0],  # without the precision
        "weights": "weights.safetensors",
        "sha256": sha256,
        "trained_on": data_hash(EXEMPLARS, VALIDATION),
        "seed": SHIPPED.seed,
        **details,
    }
    version = digest(json.dumps(described, sort_keys=True))[:12]
    manifest = {"name": folder.name, "version": version, **described}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Train and write all coders, or print how the choices were made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true", help="print the decision tables and write nothing")
    parser.add_argument("--out", type=Path, default=CODERS, help="folder to write to (models/coders)")
    options = parser.parse_args()
    encoder = CachedEncoder(load_encoder(), MemoryCache())
    themes = tuple(str(theme.theme_id) for theme in load_codebook().themes)
    exemplars, validation = load_exemplars(), load_validation()
    if options.report:
        report.print_tables(exemplars, validation, encoder, themes)
        return
    tensors, details = train_themes(exemplars, validation, encoder, themes)
    cues = tomllib.loads((FOLDER / "cues.toml").read_text(encoding="utf-8"))
    write_coder(options.out / THEMES_MODEL, tensors, {**details, "cues": cues}, encoder_key=encoder.key)
    print(THEMES_MODEL, details["validation"])
    tensors, details = train_stance(exemplars, validation, encoder, themes)
    write_coder(options.out / STANCE_MODEL, tensors, details, encoder_key=encoder.key)
    print(STANCE_MODEL, details["validation"])


if __name__ == "__main__":
    main()
