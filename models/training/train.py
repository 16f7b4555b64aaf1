"""Trains the shipped coders from the files beside it: ``python -m models.training.train fast|accurate [--help]``.

Writes models/coders/<profile>. The same files and the same start give the same weights on one machine. Weights are kept
after each pass: a training that was interrupted goes on after the last pass it finished, to the same weights.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file

from models.training.data import EXEMPLARS, FOLDER, VALIDATION, data_hash, load_exemplars
from models.training.examples import example_of
from models.training.learning import Pass, Training
from models.training.network import Network
from models.training.profiles import LABELS, PROFILES, part_of, shares_of
from models.training.shipping import complete, manifest_of, vocabulary_of
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.coding.speeches import sentences_of
from voc_pipeline.embedding.sources import locate
from voc_pipeline.ids import digest
from voc_pipeline.manifests import encoder_manifest, file_sha256
from voc_pipeline.passages import language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from models.training.examples import Example, Vocabulary
    from models.training.learning import Recipe
    from models.training.network import Shape

CODERS = FOLDER.parent / "coders"
ROOT = FOLDER.parent.parent
PASSES = ROOT / "build" / "passes"  # weights after each pass
CODE = (  # what makes examples of statements, and weights of examples
    *(f"models/training/{name}" for name in ("data", "examples", "learning", "network")),
    "voc_pipeline/passages/segment", "voc_pipeline/speech", "voc_pipeline/coding/speeches",
    "voc_pipeline/embedding/speech", "voc_pipeline/embedding/forward",
)  # fmt: skip


def train_coder(shape: Shape, recipe: Recipe, start: Path | None = None) -> dict[str, Tensor]:
    """Train a profile's network, from a trained coder's folder or from nothing; returns the tensors to ship.

    A pass that an earlier training has made of the same files, after the same passes, is not made again.
    """
    manifest = encoder_manifest(shape.encoder)
    files = locate(manifest).paths
    vocabulary = vocabulary_of(manifest, files)
    torch.manual_seed(recipe.seed)
    counts = {field: len(labels) for field, labels in LABELS.items()}
    network = Network(files, shape, len(vocabulary.themes), counts)
    if start is not None:
        network.resume(load_file(start / "weights.safetensors"))
    parts = examples_of(vocabulary)
    made = []
    for number, path in enumerate(kept_at(shape, recipe, start), start=1):
        if path.exists():
            print(f"pass {number} was made before: {path}", flush=True)
        else:
            shares = shares_of(recipe.passes[number - 1].parts)
            training = Training(network, vocabulary.marks, recipe, number=number)
            training.go_through([(parts[part], share) for part, share in shares.items()])
            keep(network.shipped(), path)
        made.append(load_file(path))
        network.resume(made[-1])
    return averaged(made[-recipe.averaged :])


def kept_at(shape: Shape, recipe: Recipe, start: Path | None) -> list[Path]:
    """Name the file of weights after each pass by all that they come of: statements, recipe, encoder, labels, code."""
    code = [file_sha256(ROOT / f"{name}.py") for name in CODE]
    themes = [theme.theme_id for theme in load_codebook().themes]
    rest = [asdict(shape), asdict(replace(recipe, passes=(), averaged=1)), LABELS, themes]
    read_by = encoder_manifest(shape.encoder).revision, language.VERSION
    key = digest(version_of(start), *read_by, json.dumps(rest), *code)
    paths = []
    for number, one in enumerate(recipe.passes, start=1):
        learned = [file_sha256(EXEMPLARS / f"part{part}.jsonl") for part in shares_of(one.parts)]
        key = digest(key, json.dumps(asdict(one)), *learned)
        paths.append(PASSES / f"{shape.encoder}-{number}-{key[:12]}.safetensors")
    return paths


def keep(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write weights, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_suffix(f".{os.getpid()}")
    save_file(dict(tensors), begun)
    begun.replace(path)


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


def passes_of(written: Sequence[str], *, from_nothing: bool) -> tuple[Pass, ...]:
    """Make passes of parts: rates fall from a half to nothing on each, from nothing on the first from all to a half."""
    first, *others = (Pass(parts) for parts in written)
    return (replace(first, first_rate=1.0, last_rate=0.5 if others else 0.0) if from_nothing else first, *others)


def is_made_of(coder: Path, trained_on: str) -> bool:
    """Say whether a coder is in a folder, complete, and made of the files with a hash."""
    return (coder / "manifest.json").exists() and manifest_of(coder)["trained_on"] == trained_on


def version_of(coder: Path | None) -> str:
    """Give the version of the coder in a folder, "" for none."""
    return str(manifest_of(coder)["version"]) if coder else ""


def main() -> None:
    """Train and write one profile's coder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", choices=sorted(PROFILES))
    parser.add_argument("--out", type=Path, default=CODERS, help="folder to write to (models/coders)")
    parser.add_argument("--start", type=Path, help="folder of a trained coder of the profile to go on from")
    parser.add_argument(
        "--pass", action="append", dest="passes", metavar="PARTS",
        help='parts to go through, and shares of them: "42-51,1-41:0.5"; once for each pass (the profile\'s passes). '
        "Learning rates begin at half the profile's, or with the first of a training from nothing at all of them",
    )  # fmt: skip
    options = parser.parse_args()
    if options.start and not options.passes:
        parser.error("--start needs --pass, the parts to go on with")
    if options.start and options.start.name != options.profile:
        parser.error(f"--start needs the folder of a coder of the profile, {options.profile}, not {options.start}")
    profile = PROFILES[options.profile]
    recipe = profile.recipe
    if options.passes:
        passes = passes_of(options.passes, from_nothing=options.start is None)
        recipe = replace(recipe, passes=passes, averaged=min(recipe.averaged, len(passes)))
    for one in recipe.passes:
        try:
            shares_of(one.parts)
        except ValueError:
            parser.error(f'a pass takes numbers of {EXEMPLARS}\'s parts, as "42-51,1-41:0.5", not {one.parts!r}')
    trained_on = data_hash(EXEMPLARS, VALIDATION)
    if profile.second and not is_made_of(options.out / profile.second, trained_on):
        parser.error(f"{options.profile} is made beside {profile.second}, of the same files: train that one first, "
                     f"into {options.out}")  # fmt: skip
    described = {"trained_on": trained_on, "recipe": asdict(recipe), "start": version_of(options.start)}
    complete(options.out / options.profile, train_coder(profile.shape, recipe, options.start), described)


if __name__ == "__main__":
    main()
