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
from models.training.learning import Recipe, Training
from models.training.network import Network, Shape
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
BRIEF = 60  # words: reasons refer to statements of so many at most; longer ones would take most of the time to read
FLOOR_SHARE = 0.5  # the review queue starts at half the threshold
LABELS = {
    "sentiment": ("negative", "neutral", "positive", "mixed"),
    "stage": ("discover", "evaluate", "purchase", "onboard", "use", "support", "renew"),
    "type": ("problem", "praise", "desired_outcome", "solution_request", "fact"),
}
PROFILES: Mapping[str, tuple[Shape, Recipe]] = {  # a training ends with indirect talk, long answers and lures
    "accurate": (
        Shape("mpnet", rank=32, first_layer=5, scale=8.0),
        Recipe(
            passes=(
                "1-67",
                "1-9,68-73,60-67:0.6,21-26,38-39,49-50,57,40:0.5,42-48:0.4,51-56:0.4,58-59:0.4,27-37:0.15",
                "74-79,1-9:0.15,60-73:0.15,42-59:0.1,10-41:0.03",
            ),
            averaged=2,
        ),
    ),
    "fast": (
        Shape("minilm", rank=64, first_layer=0, scale=2.4),
        Recipe(
            passes=("1-73", "1-9,60-79,21-26,38-39,49-50,57,40:0.5,42-48:0.5,51-56:0.5,58-59:0.5,27-37:0.3"),
            rate=4e-4,
        ),
    ),
}


def vocabulary_of(manifest: EncoderManifest, files: Mapping[str, Path]) -> Vocabulary:
    """Load an encoder's tokenizer, with the themes and labels of the shipped codebook."""
    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    themes = tuple(str(theme.theme_id) for theme in load_codebook().themes)
    return Vocabulary(tokenizer, marks_of(tokenizer, manifest), themes, LABELS)


def train_coder(shape: Shape, recipe: Recipe, start: Path | None = None) -> dict[str, Tensor]:
    """Train a profile's network, from a trained coder's folder or from nothing; returns the tensors to ship."""
    manifest = encoder_manifest(shape.encoder)
    files = locate(manifest).paths
    vocabulary = vocabulary_of(manifest, files)
    torch.manual_seed(recipe.seed)
    counts = {field: len(labels) for field, labels in LABELS.items()}
    network = Network(files, shape, len(vocabulary.themes), counts)
    if start is not None:
        network.resume(load_file(start / "weights.safetensors"))
    training = Training(network, vocabulary.marks, recipe)
    parts = examples_of(vocabulary)
    made = []
    for written in recipe.passes:
        training.go_through([(parts[part], share) for part, share in shares_of(written).items()])
        made.append(network.shipped())
    return averaged(made[-recipe.averaged :])


def averaged(made: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Average what passes of one training would ship (Izmailov et al. 2018, arXiv 1803.05407)."""
    return {
        name: torch.stack([tensors[name].float() for tensors in made]).mean(dim=0).to(tensor.dtype)
        for name, tensor in made[-1].items()
    }


def examples_of(vocabulary: Vocabulary) -> dict[int, list[Example]]:
    """Read the statements of each part as examples."""
    parts: dict[int, list[Example]] = {}
    for one in load_exemplars():
        if sentences_of(one.unit):
            parts.setdefault(part_of(one), []).append(example_of(one, vocabulary))
    return parts


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
    """Keep so many codes of each theme at most, taken at even steps through short statements, and what carries them."""
    places: dict[str, list[tuple[int, int]]] = {}
    for place, one in enumerate(exemplars):
        if len(one.unit.text.split()) > BRIEF:
            continue
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

    Of a part that is named twice, the later share holds.

    Raises:
        ValueError: It is not written so, a part does not exist, or a share is not above 0 and at most 1.
    """
    shares: dict[int, float] = {}
    for one in written.split(","):
        parts, colon, share = one.partition(":")
        first, *rest = (int(bound) for bound in parts.split("-"))
        [last] = rest or [first]
        if last < first or not (EXEMPLARS / f"part{last}.jsonl").exists():
            raise ValueError(written)
        shares |= dict.fromkeys(range(first, last + 1), float(share) if colon else 1.0)
    known = all((EXEMPLARS / f"part{part}.jsonl").exists() for part in shares)
    if not known or not all(0 < share <= 1 for share in shares.values()):
        raise ValueError(written)
    return shares


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
    parser.add_argument("--start", type=Path, help="folder of a trained coder of the profile to go on from")
    parser.add_argument(
        "--pass", action="append", dest="passes", metavar="PARTS",
        help='parts to go through, and shares of them: "42-51,1-41:0.5"; once for each pass (the profile\'s passes)',
    )  # fmt: skip
    options = parser.parse_args()
    if options.start and not options.passes:
        parser.error("--start needs --pass, the parts to go on with")
    if options.start and options.start.name != options.profile:
        parser.error(f"--start needs the folder of a coder of the profile, {options.profile}, not {options.start}")
    shape, recipe = PROFILES[options.profile]
    if options.passes:
        recipe = replace(recipe, passes=tuple(options.passes), averaged=min(recipe.averaged, len(options.passes)))
    for parts in recipe.passes:
        try:
            shares_of(parts)
        except ValueError:
            parser.error(f'a pass takes numbers of {EXEMPLARS}\'s parts, as "42-51,1-41:0.5", not {parts!r}')
    tensors = train_coder(shape, recipe, options.start)
    complete(options.out / options.profile, tensors, {"recipe": asdict(recipe), "start": version_of(options.start)})


if __name__ == "__main__":
    main()
