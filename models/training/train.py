"""Trains the shipped coders from the files beside it: ``python -m models.training.train accurate|fast [--out DIR]``.

Writes models/coders/<profile>. The same files give the same weights on one machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tomllib
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load_file, save
from tokenizers import Tokenizer

from models.training import fitting
from models.training.data import EXEMPLARS, FOLDER, VALIDATION, data_hash, load_exemplars, load_validation
from models.training.examples import Vocabulary, example_of
from models.training.learning import Recipe, train
from models.training.network import Network, Shape
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.coding.heads import LinearHead
from voc_pipeline.coding.scoring import calibration_error
from voc_pipeline.coding.speeches import sentences_of, sigmoid, speech_of
from voc_pipeline.embedding.forward import Transformer, best_dtype
from voc_pipeline.embedding.sources import locate
from voc_pipeline.embedding.speech import WindowedEncoder, marks_of
from voc_pipeline.ids import digest
from voc_pipeline.manifests import encoder_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from models.training.data import Statement
    from voc_pipeline.manifests import EncoderManifest
    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder

CODERS = FOLDER.parent / "coders"
FLOOR_SHARE = 0.5  # the review queue starts at half the threshold
LABELS = {
    "sentiment": ("negative", "neutral", "positive", "mixed"),
    "stage": ("discover", "evaluate", "purchase", "onboard", "use", "support", "renew"),
    "type": ("problem", "praise", "desired_outcome", "solution_request", "fact"),
}
PROFILES: Mapping[str, tuple[Shape, Recipe]] = {
    "accurate": (Shape("mpnet", rank=32, first_layer=5, scale=8.0), Recipe()),
    "fast": (Shape("minilm", rank=64, first_layer=0, scale=2.4), Recipe(epochs=5, rate=5e-4)),
}


def vocabulary_of(manifest: EncoderManifest, files: Mapping[str, Path]) -> Vocabulary:
    """Load an encoder's tokenizer, with the themes and labels of the shipped codebook."""
    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    themes = tuple(str(theme.theme_id) for theme in load_codebook().themes)
    return Vocabulary(tokenizer, marks_of(tokenizer, manifest), themes, LABELS)


def train_coder(
    shape: Shape, recipe: Recipe, exemplars: Sequence[Statement], *, teacher: Path | None = None
) -> tuple[dict[str, Tensor], Vocabulary]:
    """Train a profile's network, at best with another coder's folder as teacher; returns the tensors to ship."""
    manifest = encoder_manifest(shape.encoder)
    files = locate(manifest).paths
    vocabulary = vocabulary_of(manifest, files)
    examples = [example for one in exemplars if (example := example_of(one, vocabulary)) is not None]
    if teacher is not None:
        lessons = taught(exemplars, teacher)
        examples = [replace(example, taught=lesson) for example, lesson in zip(examples, lessons, strict=True)]
    torch.manual_seed(recipe.seed)
    counts = {field: len(labels) for field, labels in LABELS.items()}
    network = Network(files, shape, len(vocabulary.themes), counts)
    train(network, examples, vocabulary.marks, recipe)
    return network.shipped(), vocabulary


def encoder_with(tensors: Mapping[str, Tensor], shape: Shape, vocabulary: Vocabulary) -> SpeechEncoder:
    """Make the product's encoder with a trained adapter."""
    manifest = encoder_manifest(shape.encoder)
    files = locate(manifest).paths
    adapter = {name.removeprefix("adapter."): tensor for name, tensor in tensors.items() if name.startswith("adapter.")}
    forward = Transformer(files["model.safetensors"], files["config.json"], best_dtype(), adapter=adapter)
    return WindowedEncoder(
        forward, vocabulary.tokenizer, marks=vocabulary.marks, key="in training", dimension=manifest.dimension
    )


def taught(exemplars: Sequence[Statement], teacher: Path) -> list[FloatMatrix]:
    """Ask a trained coder what each sentence of the exemplars carries: probabilities (sentences, themes)."""
    shape, _ = PROFILES[teacher.name]
    manifest = encoder_manifest(shape.encoder)
    tensors = load_file(teacher / "weights.safetensors")
    encoder = encoder_with(tensors, shape, vocabulary_of(manifest, locate(manifest).paths))
    head = LinearHead(tensors["theme.weight"].numpy(), tensors["theme.bias"].numpy())
    units = [one.unit for one in exemplars if sentences_of(one.unit)]
    encoded = encoder.encode([speech_of(unit, sentences_of(unit)) for unit in units])
    return [sigmoid(head(matrix)) for matrix in encoded]


def choose(tensors: Mapping[str, Tensor], encoder: SpeechEncoder, themes: tuple[str, ...]) -> dict[str, Any]:
    """Calibrate on the validation interviews, and describe how good the coder is on interviews left out of that."""
    head = LinearHead(tensors["theme.weight"].numpy(), tensors["theme.bias"].numpy())
    data = fitting.scored(load_validation(), encoder, head, themes)
    calibration = fitting.calibrate(data)
    threshold = fitting.best_threshold(data.labels, fitting.probabilities(data.logits, calibration))
    out = fitting.held_out(data)
    emitted = out.chosen
    return {
        "calibration": {"slope": round(calibration[0], 5), "intercept": round(calibration[1], 5)},
        "thresholds": dict.fromkeys(themes, round(threshold, 4)),
        "floors": dict.fromkeys(themes, round(FLOOR_SHARE * threshold, 4)),
        "validation": {
            "micro_f1": round(fitting.micro_f1(data.labels, emitted), 3),
            "macro_f1": round(fitting.macro_f1(data.labels, emitted), 3),
            "calibration_error": round(
                calibration_error(out.scores[emitted].tolist(), data.labels[emitted].astype(bool).tolist()), 3
            ),
        },
    }


def references(exemplars: Sequence[Statement], encoder: SpeechEncoder, themes: tuple[str, ...]) -> dict[str, Tensor]:
    """Pack the evidence of coded training statements, which reasons refer to: unit vectors, (part, line), theme."""
    coded = [one for one in exemplars if one.codes and sentences_of(one.unit)]
    encoded = encoder.encode([speech_of(one.unit, sentences_of(one.unit)) for one in coded])
    vectors, names, numbers = [], [], []
    for statement, matrix in zip(coded, encoded, strict=True):
        spans = [sentence.span for sentence in sentences_of(statement.unit)]
        for code in statement.codes:
            own = [row for row, (start, end) in enumerate(spans) if start < code.end and code.start < end]
            vector = matrix[own or slice(None)].mean(axis=0)
            vectors.append(vector / max(1e-6, float(np.linalg.norm(vector))))
            names.append((int(statement.group.removeprefix("p")), statement.number))
            numbers.append(themes.index(code.theme))
    return {
        "exemplars": torch.from_numpy(np.stack(vectors)).half(),
        "exemplar_names": torch.tensor(names, dtype=torch.int16),
        "exemplar_themes": torch.tensor(numbers, dtype=torch.uint8),
    }


def write_coder(folder: Path, tensors: dict[str, Tensor], details: dict[str, Any]) -> None:
    """Write weights.safetensors and manifest.json; the version is the hash of both."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = save(tensors)
    (folder / "weights.safetensors").write_bytes(weights)
    described = {
        "weights": "weights.safetensors",
        "sha256": hashlib.sha256(weights).hexdigest(),
        "trained_on": data_hash(EXEMPLARS, VALIDATION),
        **details,
    }
    version = digest(json.dumps(described, sort_keys=True))[:12]
    manifest = {"name": folder.name, "version": version, **described}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _version_of(teacher: Path | None) -> str:
    return str(json.loads((teacher / "manifest.json").read_text(encoding="utf-8"))["version"]) if teacher else ""


def main() -> None:
    """Train and write one profile's coder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", choices=sorted(PROFILES))
    parser.add_argument("--out", type=Path, default=CODERS, help="folder to write to (models/coders)")
    parser.add_argument("--teacher", type=Path, help="folder of a trained coder to learn from too, besides the labels")
    parser.add_argument("--epochs", type=int, help="another number of epochs, for trials")
    options = parser.parse_args()
    shape, recipe = PROFILES[options.profile]
    recipe = replace(recipe, epochs=options.epochs or recipe.epochs)
    exemplars = load_exemplars()
    tensors, vocabulary = train_coder(shape, recipe, exemplars, teacher=options.teacher)
    write_coder(options.out / options.profile, tensors, {"encoder": shape.encoder})  # safe, should what follows fail
    encoder = encoder_with(tensors, shape, vocabulary)
    details = choose(tensors, encoder, vocabulary.themes)
    tensors |= references(exemplars, encoder, vocabulary.themes)
    cues = tomllib.loads((FOLDER / "cues.toml").read_text(encoding="utf-8"))
    described = {
        "encoder": shape.encoder,
        "shape": asdict(shape),
        "recipe": asdict(recipe),
        "teacher": _version_of(options.teacher),
        "labels": LABELS,
    }
    write_coder(
        options.out / options.profile, tensors, {**described, "themes": vocabulary.themes, **details, "cues": cues}
    )
    print(options.profile, details["validation"])


if __name__ == "__main__":
    main()
