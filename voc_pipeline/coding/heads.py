"""Reads shipped heads: weights from safetensors, calibration, thresholds and labels from the manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from voc_pipeline.coding.speeches import sigmoid
from voc_pipeline.errors import ModelError
from voc_pipeline.manifests import coder_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from voc_pipeline.manifests import CoderManifest
    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder

Tensors = dict[str, "npt.NDArray[Any]"]


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Linear scores of vectors: ``weight`` (dimension, classes), ``bias`` (classes,)."""

    weight: FloatMatrix
    bias: FloatMatrix

    def __call__(self, vectors: FloatMatrix) -> FloatMatrix:
        """Map vectors (n, dimension) to logits (n, classes)."""
        return vectors @ self.weight + self.bias

    def beside(self, other: LinearHead, share: float) -> LinearHead:
        """Make a head of both heads' vectors side by side: its logits are ``1 - share`` of this one's, and the rest."""
        return LinearHead(
            np.concatenate([(1 - share) * self.weight, share * other.weight]),
            (1 - share) * self.bias + share * other.bias,
        )


@dataclass(frozen=True, slots=True)
class ThemeHeads:
    """One linear head a theme on sentence vectors, with calibration and thresholds (probabilities, one a theme)."""

    version: str
    themes: tuple[str, ...]
    head: LinearHead
    slope: float
    intercept: float
    thresholds: FloatMatrix
    floors: FloatMatrix
    cues: Mapping[str, tuple[str, ...]]
    exemplars: FloatMatrix
    """Unit vectors of the evidence of coded training statements, (statements, dimension)."""
    exemplar_names: npt.NDArray[np.int16]
    """Their part and line, (statements, 2)."""
    exemplar_themes: npt.NDArray[np.uint8]
    """The theme each is evidence of, (statements,)."""
    background: FloatMatrix
    """Vectors of the encoder's `broad`, of ordinary talk: sentences of training statements, (some hundreds, any)."""

    def probability(self, logits: FloatMatrix) -> FloatMatrix:
        """Calibrate logits, elementwise."""
        return sigmoid(self.slope * logits + self.intercept)

    def nearest(self, vector: FloatMatrix, theme: int, count: int = 2) -> list[str]:
        """Name the training statements of a theme whose evidence is most like a vector, e.g. ``p4-17``."""
        carriers = np.flatnonzero(self.exemplar_themes == theme)
        likeness = self.exemplars[carriers] @ vector[: self.exemplars.shape[1]]  # as the first reader reads
        best = carriers[np.argsort(-likeness, kind="stable")[:count]]
        return [f"p{part}-{line}" for part, line in self.exemplar_names[best]]


@dataclass(frozen=True, slots=True)
class StanceHeads:
    """Heads for sentiment, stage and type over one hidden layer, which each theme shifts in its own way."""

    version: str
    themes: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    hidden: LinearHead
    shifts: FloatMatrix
    """What a theme adds to the hidden units, (themes, units)."""
    heads: Mapping[str, LinearHead]

    def probabilities(self, vector: FloatMatrix, theme: str) -> dict[str, FloatMatrix]:
        """Judge an evidence vector: probabilities of each field's labels, in the order of ``labels``.

        A theme that the heads don't know shifts nothing.
        """
        shift = self.shifts[self.themes.index(theme)] if theme in self.themes else 0.0
        units = np.maximum(self.hidden(vector[: len(self.hidden.weight)]) + shift, 0.0)  # as the first reader reads
        return {name: _softmax(head(units)) for name, head in self.heads.items()}


def load_theme_heads(encoder: SpeechEncoder) -> ThemeHeads:
    """Load the theme heads that belong to an encoder.

    Raises:
        ModelError: They are missing or changed, or belong to another version of the encoder.
    """
    manifest = _manifest_of(encoder)
    weights, details = _tensors(manifest), manifest.details
    themes = tuple(details["themes"])
    return ThemeHeads(
        version=manifest.version,
        themes=themes,
        head=_theme_head(manifest, weights),
        slope=details["calibration"]["slope"],
        intercept=details["calibration"]["intercept"],
        thresholds=np.array([details["thresholds"][theme] for theme in themes], dtype=np.float32),
        floors=np.array([details["floors"][theme] for theme in themes], dtype=np.float32),
        cues={theme: tuple(cues) for theme, cues in details["cues"].items()},
        exemplars=weights["exemplars"].astype(np.float32),
        exemplar_names=weights["exemplar_names"],
        exemplar_themes=weights["exemplar_themes"],
        background=weights["background"].astype(np.float32),
    )


def load_stance_heads(encoder: SpeechEncoder) -> StanceHeads:
    """Load the stance heads that belong to an encoder.

    Raises:
        ModelError: They are missing or changed, or belong to another version of the encoder.
    """
    manifest = _manifest_of(encoder)
    weights, labels = _tensors(manifest), manifest.details["labels"]
    return StanceHeads(
        version=manifest.version,
        themes=tuple(manifest.details["themes"]),
        labels={name: tuple(values) for name, values in labels.items()},
        hidden=_linear(weights, "stance"),
        shifts=weights["stance.shifts"].astype(np.float32),
        heads={name: _linear(weights, name) for name in labels},
    )


def _tensors(manifest: CoderManifest) -> Tensors:
    from safetensors import safe_open  # noqa: PLC0415 (only where heads are really loaded)

    with safe_open(manifest.weights, framework="numpy") as file:
        names = list(file.keys())  # the file is no mapping
        return {name: file.get_tensor(name) for name in names if not name.startswith("adapter.")}


def _theme_head(manifest: CoderManifest, weights: Tensors) -> LinearHead:
    own, second = _linear(weights, "theme"), manifest.second
    return own.beside(_linear(_tensors(coder_manifest(second.coder)), "theme"), second.share) if second else own


def _linear(tensors: Tensors, name: str) -> LinearHead:
    return LinearHead(tensors[f"{name}.weight"].astype(np.float32), tensors[f"{name}.bias"].astype(np.float32))


def _manifest_of(encoder: SpeechEncoder) -> CoderManifest:
    """Find the heads that were trained with an encoder's adapter: its key starts with their name and version."""
    name, _, rest = encoder.key.partition("@")
    manifest = coder_manifest(name)
    if rest.partition(":")[0] != manifest.version:
        raise ModelError(
            f"the heads {name!r} are of version {manifest.version}, the encoder is {encoder.key!r}",
            where="coding.profile",
            hint="Start again: the installed models changed while this process was running",
        )
    return manifest


def _softmax(logits: FloatMatrix) -> FloatMatrix:
    shares: FloatMatrix = np.exp(logits - logits.max())
    shares /= shares.sum()
    return shares
