"""Makes a coder of trained weights: calibration, threshold, references for reasons, background, manifest. Reads one."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load_file, save
from tokenizers import Tokenizer

from models.training import fitting
from models.training.data import FOLDER, load_exemplars, load_validation
from models.training.examples import Vocabulary
from models.training.profiles import LABELS, PROFILES, part_of
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.coding.heads import LinearHead
from voc_pipeline.coding.scoring import calibration_error
from voc_pipeline.coding.speeches import sentences_of, speech_of
from voc_pipeline.embedding.forward import Transformer, best_dtype
from voc_pipeline.embedding.paired import TwoReaders
from voc_pipeline.embedding.sources import locate
from voc_pipeline.embedding.speech import UNTRAINED, WindowedEncoder, marks_of
from voc_pipeline.ids import digest
from voc_pipeline.manifests import SecondReader, encoder_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from models.training.data import Statement
    from voc_pipeline.manifests import EncoderManifest
    from voc_pipeline.protocols import SentenceEncoder, SpeechEncoder

BACKGROUND = 400  # sentences of ordinary talk, which themes without a trained head are told apart from
REFERENCES = 260  # statements of a theme that reasons may refer to: more would be most of what ships
BRIEF = 60  # words: reasons refer to statements of so many at most; longer ones would take most of the time to read
FLOOR_SHARE = 0.5  # the review queue starts at half the threshold


@dataclass(frozen=True, slots=True)
class Coder:
    """A trained coder as it scores: ``head`` maps what ``encoder`` reads to one logit a theme of ``vocabulary``."""

    vocabulary: Vocabulary
    own: SpeechEncoder
    """The encoder that was trained; ``encoder`` is this one, or it and the second reader's side by side."""
    encoder: SpeechEncoder
    head: LinearHead

    def beside(self, second: Coder, share: float) -> Coder:
        """Give the coder whose answers the second one reads too, with its share of each logit."""
        return replace(self, encoder=TwoReaders(self.own, second.own), head=self.head.beside(second.head, share))


def vocabulary_of(manifest: EncoderManifest, files: Mapping[str, Path]) -> Vocabulary:
    """Load an encoder's tokenizer, with the themes and labels of the shipped codebook."""
    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    themes = tuple(str(theme.theme_id) for theme in load_codebook().themes)
    return Vocabulary(tokenizer, marks_of(tokenizer, manifest), themes, LABELS)


def coder_of(profile: str, tensors: Mapping[str, Tensor]) -> Coder:
    """Make the product's encoder with a trained adapter, and the head beside it."""
    manifest = encoder_manifest(PROFILES[profile].shape.encoder)
    files = locate(manifest).paths
    vocabulary = vocabulary_of(manifest, files)
    adapter = {name.removeprefix("adapter."): tensor for name, tensor in tensors.items() if name.startswith("adapter.")}
    forward = Transformer(files["model.safetensors"], files["config.json"], best_dtype(), adapter=adapter)
    encoder = WindowedEncoder(
        forward, vocabulary.tokenizer, marks=vocabulary.marks, key="in training", dimension=manifest.dimension
    )
    head = LinearHead(tensors["theme.weight"].numpy(), tensors["theme.bias"].numpy())
    return Coder(vocabulary, encoder, encoder, head)


def read_coder(folder: Path) -> Coder:
    """Load a trained coder from a folder of its profile's name, and the second reader from the folder beside it.

    Raises:
        ValueError: It was made for another codebook's themes, or the second reader is of another version than the one
            it was made beside.
    """
    coder, manifest = coder_of(folder.name, load_file(folder / "weights.safetensors")), manifest_of(folder)
    if manifest["themes"] != list(coder.vocabulary.themes):
        message = f"{folder} was made for other themes than the shipped codebook's, or in another order: train it again"
        raise ValueError(message)
    written = manifest.get("second")
    if not written:
        return coder
    second = SecondReader(**written)
    beside = folder.parent / second.coder
    if (found := manifest_of(beside)["version"]) != second.version:
        message = f"{folder} was made beside version {second.version} of {beside}, which is of {found}"
        raise ValueError(message)
    return coder.beside(read_coder(beside), second.share)


def manifest_of(folder: Path) -> dict[str, Any]:
    """Read a coder's manifest."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def choose(coder: Coder) -> dict[str, Any]:
    """Calibrate on the validation interviews, and describe how good the coder is on interviews left out of that."""
    themes = coder.vocabulary.themes
    data = fitting.scored(load_validation(), coder.encoder, coder.head, themes)
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
    described = {"weights": "weights.safetensors", "sha256": hashlib.sha256(weights).hexdigest(), **details}
    version = digest(json.dumps(described, sort_keys=True))[:12]
    manifest = {"name": folder.name, "version": version, **described}
    (folder / "weights.safetensors").write_bytes(weights)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def complete(folder: Path, tensors: dict[str, Tensor], described: dict[str, Any]) -> None:
    """Calibrate a profile's coder and write it to a folder of the profile's name; prints how good it is.

    A second reader is read from the folder beside it, where it has to be complete.
    """
    profile = PROFILES[folder.name]
    known: dict[str, Any] = {"encoder": profile.shape.encoder}
    coder = coder_of(folder.name, tensors)
    if profile.second:
        beside = folder.parent / profile.second
        known["second"] = asdict(SecondReader(profile.second, manifest_of(beside)["version"], profile.share))
        coder = coder.beside(read_coder(beside), profile.share)
    details = choose(coder)
    exemplars, themes = load_exemplars(), coder.vocabulary.themes
    tensors |= references(exemplars, coder.own, themes) | {"background": background(exemplars, coder.own.broad)}
    cues = tomllib.loads((FOLDER / "cues.toml").read_text(encoding="utf-8"))
    known |= {"shape": asdict(profile.shape), **described, "labels": LABELS}
    known["background_of"] = f"{UNTRAINED}@{encoder_manifest(UNTRAINED).revision}"
    write_coder(folder, tensors, {**known, "themes": themes, **details, "cues": cues})
    print(folder.name, details["validation"])
