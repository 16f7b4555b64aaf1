"""Trains the shipped coders from the files beside it: ``python -m models.training.train accurate|fast [--help]``.

Writes models/coders/<profile>. The same files and the same start give the same weights on one machine.
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
from models.training.teaching import teacher_of
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.coding.heads import LinearHead
from voc_pipeline.coding.scoring import calibration_error
from voc_pipeline.coding.speeches import sentences_of, speech_of
from voc_pipeline.embedding.forward import Transformer, best_dtype
from voc_pipeline.embedding.sources import locate
from voc_pipeline.embedding.speech import UNTRAINED, WindowedEncoder, marks_of
from voc_pipeline.ids import digest
from voc_pipeline.manifests import encoder_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from models.training.data import Statement
    from models.training.examples import Example
    from voc_pipeline.manifests import EncoderManifest
    from voc_pipeline.protocols import SentenceEncoder, SpeechEncoder

CODERS = FOLDER.parent / "coders"
BACKGROUND = 400  # sentences of ordinary talk, which themes without a trained head are told apart from
REFERENCES = 260  # statements of a theme that reasons may refer to: more would be most of what ships
FLOOR_SHARE = 0.5  # the review queue starts at half the threshold
LABELS = {
    "sentiment": ("negative", "neutral", "positive", "mixed"),
    "stage": ("discover", "evaluate", "purchase", "onboard", "use", "support", "renew"),
    "type": ("problem", "praise", "desired_outcome", "solution_request", "fact"),
}
PROFILES: Mapping[str, tuple[Shape, Recipe]] = {
    "accurate": (Shape("mpnet", rank=32, first_layer=5, scale=8.0), Recipe()),
    "fast": (
        Shape("minilm", rank=64, first_layer=0, scale=2.4),
        Recipe(epochs=5, rows=16, rate=4e-4, swap_question=0.35),
    ),
}
GOING_ON: Mapping[str, Recipe] = {
    "accurate": Recipe(epochs=3, rows=16, rate=3e-4, swap_question=0.3, known_share=0.4, join=0.3, seed=20261123),
    "fast": Recipe(epochs=1, rows=16, rate=4e-4, swap_question=0.3, known_share=0.4, join=0.3, seed=20261123),
}
"""For a training that starts from a trained coder: fewer answers a step, most of them those that cost it most."""


def vocabulary_of(manifest: EncoderManifest, files: Mapping[str, Path]) -> Vocabulary:
    """Load an encoder's tokenizer, with the themes and labels of the shipped codebook."""
    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    themes = tuple(str(theme.theme_id) for theme in load_codebook().themes)
    return Vocabulary(tokenizer, marks_of(tokenizer, manifest), themes, LABELS)


def train_coder(
    shape: Shape,
    recipe: Recipe,
    exemplars: Sequence[Statement],
    *,
    start: Path | None = None,
    teacher: Path | None = None,
) -> dict[str, Tensor]:
    """Train a profile's network, from a trained coder's folder or from nothing; returns the tensors to ship.

    A ``teacher`` is another trained coder's folder.
    """
    manifest = encoder_manifest(shape.encoder)
    files = locate(manifest).paths
    vocabulary = vocabulary_of(manifest, files)
    examples = [example for one in exemplars if (example := example_of(one, vocabulary)) is not None]
    if teacher is not None:
        examples = taught(examples, exemplars, teacher)
    torch.manual_seed(recipe.seed)
    counts = {field: len(labels) for field, labels in LABELS.items()}
    network = Network(files, shape, len(vocabulary.themes), counts)
    if start is not None:
        network.resume(load_file(start / "weights.safetensors"))
    train(network, examples, vocabulary.marks, recipe)
    return network.shipped()


def averaged(tensors: Mapping[str, Tensor], start: Path) -> dict[str, Tensor]:
    """Average what a training shipped with the coder it started from (Wortsman et al. 2022, arXiv 2109.01903)."""
    before = load_file(start / "weights.safetensors")
    return {name: ((tensor.float() + before[name].float()) / 2).to(tensor.dtype) for name, tensor in tensors.items()}


def encoder_with(tensors: Mapping[str, Tensor], shape: Shape, vocabulary: Vocabulary) -> SpeechEncoder:
    """Make the product's encoder with a trained adapter."""
    manifest = encoder_manifest(shape.encoder)
    files = locate(manifest).paths
    adapter = {name.removeprefix("adapter."): tensor for name, tensor in tensors.items() if name.startswith("adapter.")}
    forward = Transformer(files["model.safetensors"], files["config.json"], best_dtype(), adapter=adapter)
    return WindowedEncoder(
        forward, vocabulary.tokenizer, marks=vocabulary.marks, key="in training", dimension=manifest.dimension
    )


def read_coder(folder: Path) -> tuple[dict[str, Tensor], Vocabulary, SpeechEncoder]:
    """Load a trained coder from a folder of its profile's name: its tensors, and what reads texts for them."""
    shape, _ = PROFILES[folder.name]
    manifest = encoder_manifest(shape.encoder)
    tensors = load_file(folder / "weights.safetensors")
    vocabulary = vocabulary_of(manifest, locate(manifest).paths)
    return tensors, vocabulary, encoder_with(tensors, shape, vocabulary)


def taught(examples: Sequence[Example], exemplars: Sequence[Statement], teacher: Path) -> list[Example]:
    """Ask a trained coder what it thinks of the exemplars, whose examples are given in the same order."""
    tensors, vocabulary, encoder = read_coder(teacher)
    units = [one.unit for one in exemplars if sentences_of(one.unit)]
    encoded = encoder.encode([speech_of(unit, sentences_of(unit)) for unit in units])
    knows = teacher_of(tensors, vocabulary.themes, LABELS)
    return [knows.taught(example, matrix) for example, matrix in zip(examples, encoded, strict=True)]


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


def spread(exemplars: Sequence[Statement], most: int = REFERENCES) -> list[Statement]:
    """Keep so many codes of each theme at most, taken at even steps through the parts, and what carries them."""
    places: dict[str, list[tuple[int, int]]] = {}
    for place, one in enumerate(exemplars):
        for number, code in enumerate(one.codes):
            places.setdefault(code.theme, []).append((place, number))
    kept = {
        of_theme[step]
        for of_theme in places.values()
        for step in np.linspace(0, len(of_theme) - 1, min(most, len(of_theme)), dtype=int)
    }
    left = [
        replace(one, codes=tuple(code for number, code in enumerate(one.codes) if (place, number) in kept))
        for place, one in enumerate(exemplars)
    ]
    return [one for one in left if one.codes]


def references(exemplars: Sequence[Statement], encoder: SpeechEncoder, themes: tuple[str, ...]) -> dict[str, Tensor]:
    """Pack the evidence of training statements, which reasons refer to: unit vectors, (part, line), theme."""
    coded = [one for one in spread(exemplars) if sentences_of(one.unit)]
    encoded = encoder.encode([speech_of(one.unit, sentences_of(one.unit)) for one in coded])
    vectors, names, numbers = [], [], []
    for statement, matrix in zip(coded, encoded, strict=True):
        spans = [sentence.span for sentence in sentences_of(statement.unit)]
        for code in statement.codes:
            own = [row for row, (start, end) in enumerate(spans) if start < code.end and code.start < end]
            vector = matrix[own or slice(None)].mean(axis=0)
            vectors.append(vector / max(1e-6, float(np.linalg.norm(vector))))
            names.append((part_of(statement), statement.number))
            numbers.append(themes.index(code.theme))
    return {
        "exemplars": torch.from_numpy(np.stack(vectors)).half(),
        "exemplar_names": torch.tensor(names, dtype=torch.int16),
        "exemplar_themes": torch.tensor(numbers, dtype=torch.uint8),
    }


def background(exemplars: Sequence[Statement], encoder: SentenceEncoder, count: int = BACKGROUND) -> Tensor:
    """Encode one sentence each of some statements, coded or not, at even steps through the parts, without a question.

    Coded evidence would be too unlike ordinary talk: beside it, themes of one's own were found nearly everywhere.
    """
    cut = [(one, sentences_of(one.unit)) for one in exemplars]
    cut = [(one, sentences) for one, sentences in cut if any(sentence.codable for sentence in sentences)]
    some = [cut[step] for step in np.linspace(0, len(cut) - 1, min(count, len(cut)), dtype=int)]
    read = encoder.encode([replace(speech_of(one.unit, sentences), question=None) for one, sentences in some])
    rows = []
    for (_, sentences), matrix in zip(some, read, strict=True):
        codable = [number for number, sentence in enumerate(sentences) if sentence.codable]
        rows.append(matrix[codable[len(codable) // 2]])
    return torch.from_numpy(np.stack(rows)).half()


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


def complete(folder: Path, tensors: dict[str, Tensor], described: dict[str, Any]) -> None:
    """Calibrate a profile's coder and write it to a folder of the profile's name; prints how good it is."""
    shape, _ = PROFILES[folder.name]
    write_coder(folder, tensors, {"encoder": shape.encoder})  # safe, should what follows fail
    manifest = encoder_manifest(shape.encoder)
    vocabulary = vocabulary_of(manifest, locate(manifest).paths)
    encoder = encoder_with(tensors, shape, vocabulary)
    details = choose(tensors, encoder, vocabulary.themes)
    exemplars = load_exemplars()
    tensors |= references(exemplars, encoder, vocabulary.themes) | {"background": background(exemplars, encoder.broad)}
    cues = tomllib.loads((FOLDER / "cues.toml").read_text(encoding="utf-8"))
    known = {"encoder": shape.encoder, "shape": asdict(shape), **described, "labels": LABELS}
    known["background_of"] = f"{UNTRAINED}@{encoder_manifest(UNTRAINED).revision}"
    write_coder(folder, tensors, {**known, "themes": vocabulary.themes, **details, "cues": cues})
    print(folder.name, details["validation"])


def shares_of(written: str) -> dict[int, float]:
    """Read which parts to learn from, and what share of each: "42-51,1-41:0.5" is ten parts whole and others by half.

    Raises:
        ValueError: It is not written so, or a part does not exist.
    """
    shares: dict[int, float] = {}
    for one in written.split(","):
        parts, _, share = one.partition(":")
        first, *rest = (int(bound) for bound in parts.split("-"))
        [last] = rest or [first]
        shares |= dict.fromkeys(range(first, last + 1), float(share or 1))
    known = all((EXEMPLARS / f"part{part}.jsonl").exists() for part in shares)
    if not shares or not known or not all(0 < share <= 1 for share in shares.values()):
        raise ValueError(written)
    return shares


def taken(exemplars: Sequence[Statement], shares: Mapping[int, float]) -> list[Statement]:
    """Keep these shares of parts' statements, at even steps through all parts of one share."""
    kept: set[int] = set()
    for share in set(shares.values()):
        places = [place for place, one in enumerate(exemplars) if shares.get(part_of(one)) == share]
        kept |= {places[step] for step in np.linspace(0, len(places) - 1, int(share * len(places)), dtype=int)}
    return [one for place, one in enumerate(exemplars) if place in kept]


def part_of(statement: Statement) -> int:
    """Give the number of a statement's part."""
    return int(statement.group.removeprefix("p"))


def version_of(coder: Path | None) -> str:
    """Give the version of the coder in a folder, "" for none."""
    return str(json.loads((coder / "manifest.json").read_text(encoding="utf-8"))["version"]) if coder else ""


def main() -> None:
    """Train and write one profile's coder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", choices=sorted(PROFILES))
    parser.add_argument("--out", type=Path, default=CODERS, help="folder to write to (models/coders)")
    parser.add_argument("--teacher", type=Path, help="folder of a trained coder to learn from too, besides the labels")
    parser.add_argument("--start", type=Path, help="folder of a trained coder of the profile to go on from")
    parser.add_argument("--parts", help='parts to learn from, and shares of them: "42-51,1-41:0.5" (all)')
    parser.add_argument("--average", action="store_true", help="average what is learned with --start")
    parser.add_argument("--epochs", type=int, help="another number of epochs")
    options = parser.parse_args()
    if options.average and not options.start:
        parser.error("--average needs --start, the coder to average with")
    if options.start and options.start.name != options.profile:
        parser.error(f"--start needs the folder of a coder of the profile, {options.profile}, not {options.start}")
    try:
        shares = shares_of(options.parts) if options.parts else None
    except ValueError:
        parser.error(f'--parts takes numbers of {EXEMPLARS}\'s parts, as "42-51,1-41:0.5", not {options.parts!r}')
    shape, recipe = PROFILES[options.profile]
    recipe = GOING_ON[options.profile] if options.start else recipe
    recipe = replace(recipe, epochs=options.epochs or recipe.epochs)
    exemplars = load_exemplars()
    if shares:
        exemplars = taken(exemplars, shares)
    tensors = train_coder(shape, recipe, exemplars, start=options.start, teacher=options.teacher)
    if options.average:
        tensors = averaged(tensors, options.start)
    sources: dict[str, Any] = {"start": version_of(options.start), "teacher": version_of(options.teacher)}
    sources |= {"parts": options.parts or "", "averaged": options.average}
    complete(options.out / options.profile, tensors, {"recipe": asdict(recipe), **sources})


if __name__ == "__main__":
    main()
