"""Reads shipped heads: weights from safetensors, thresholds and labels from the manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from voc_pipeline.coding.views import sigmoid
from voc_pipeline.errors import ModelError
from voc_pipeline.manifests import coder_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from voc_pipeline.manifests import CoderManifest
    from voc_pipeline.protocols import Encoder, FloatMatrix

THEMES_MODEL = "themes-minilm"
STANCE_MODEL = "stance-minilm"


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Linear scores of vectors: ``weight`` (dimension, classes), ``bias`` (classes,)."""

    weight: FloatMatrix
    bias: FloatMatrix

    def __call__(self, vectors: FloatMatrix) -> FloatMatrix:
        """Map vectors (n, dimension) to logits (n, classes)."""
        return vectors @ self.weight + self.bias


@dataclass(frozen=True, slots=True)
class HiddenHead:
    """Linear scores of rectified hidden units, which all classes share."""

    hidden: LinearHead
    output: LinearHead

    def __call__(self, vectors: FloatMatrix) -> FloatMatrix:
        """Map vectors (n, dimension) to logits (n, classes)."""
        return self.output(np.maximum(self.hidden(vectors), 0.0))


@dataclass(frozen=True, slots=True)
class ThemeHeads:
    """One head a theme, with its calibration and thresholds (probabilities, one a theme)."""

    version: str
    themes: tuple[str, ...]
    head: HiddenHead
    slope: float
    intercept: float
    thresholds: FloatMatrix
    floors: FloatMatrix
    cues: Mapping[str, tuple[str, ...]]
    exemplars: FloatMatrix
    """Vectors of the coded training statements, (statements, dimension)."""
    exemplar_names: npt.NDArray[np.int16]
    """Their part and line, (statements, 2)."""
    exemplar_themes: npt.NDArray[np.uint8]
    """Which themes they carry, (statements, themes)."""

    def probability(self, logits: FloatMatrix) -> FloatMatrix:
        """Calibrate logits, elementwise."""
        return sigmoid(self.slope * logits + self.intercept)

    def nearest(self, vector: FloatMatrix, theme: int, count: int = 2) -> list[str]:
        """Name the training statements of a theme that are most like a vector, e.g. ``p4-17``."""
        carriers = np.flatnonzero(self.exemplar_themes[:, theme])
        likeness = self.exemplars[carriers] @ vector
        best = carriers[np.argsort(-likeness, kind="stable")[:count]]
        return [f"p{part}-{line}" for part, line in self.exemplar_names[best]]


@dataclass(frozen=True, slots=True)
class StanceHeads:
    """Heads for sentiment, stage and type, each with its labels in the order of its classes."""

    version: str
    themes: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    heads: Mapping[str, LinearHead]


def load_theme_heads(encoder: Encoder) -> ThemeHeads:
    """Load the shipped theme heads.

    Raises:
        ModelError: They are missing or changed, or were trained on another encoder than this one.
    """
    manifest = coder_manifest(THEMES_MODEL)
    _require_encoder(manifest, encoder)
    weights, details = _tensors(manifest), manifest.details
    themes = tuple(details["themes"])
    return ThemeHeads(
        version=manifest.version,
        themes=themes,
        head=HiddenHead(_linear(weights, "hidden"), _linear(weights, "output")),
        slope=details["calibration"]["slope"],
        intercept=details["calibration"]["intercept"],
        thresholds=np.array([details["thresholds"][theme] for theme in themes], dtype=np.float32),
        floors=np.array([details["floors"][theme] for theme in themes], dtype=np.float32),
        cues={theme: tuple(cues) for theme, cues in details["cues"].items()},
        exemplars=weights["exemplars"].astype(np.float32),
        exemplar_names=weights["exemplar_names"],
        exemplar_themes=weights["exemplar_themes"],
    )


def load_stance_heads(encoder: Encoder) -> StanceHeads:
    """Load the shipped stance heads.

    Raises:
        ModelError: They are missing or changed, or were trained on another encoder than this one.
    """
    manifest = coder_manifest(STANCE_MODEL)
    _require_encoder(manifest, encoder)
    weights, labels = _tensors(manifest), manifest.details["labels"]
    return StanceHeads(
        version=manifest.version,
        themes=tuple(manifest.details["themes"]),
        labels={name: tuple(values) for name, values in labels.items()},
        heads={name: _linear(weights, name) for name in labels},
    )


def _tensors(manifest: CoderManifest) -> dict[str, npt.NDArray[Any]]:
    from safetensors.numpy import load_file  # noqa: PLC0415 (only where heads are really loaded)

    return dict(load_file(manifest.weights))


def _linear(tensors: Mapping[str, npt.NDArray[Any]], name: str) -> LinearHead:
    return LinearHead(tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _require_encoder(manifest: CoderManifest, encoder: Encoder) -> None:
    """Heads read only the vectors they were trained on; precision is the one thing that may differ."""
    wanted = manifest.details["encoder_key"]
    if not encoder.key.startswith(wanted):
        raise ModelError(
            f"the heads {manifest.name!r} were trained on {wanted!r}, the encoder is {encoder.key!r}",
            where="coding.encoder",
            hint=f"Choose the encoder {manifest.encoder!r}, or a coder that was trained on this one",
        )
