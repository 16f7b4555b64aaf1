"""Trying out, checking and taking over codebooks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voc_pipeline import registry
from voc_pipeline.codebooks import qdc
from voc_pipeline.codebooks.lint import lint
from voc_pipeline.codebooks.reading import load_codebook, read_codebook
from voc_pipeline.codebooks.writing import codebook_yaml
from voc_pipeline.coding.speeches import RememberingEncoder
from voc_pipeline.config import StudyPaths, StudySettings, load_settings
from voc_pipeline.errors import UsageError
from voc_pipeline.ids import ParticipantId, TranscriptId
from voc_pipeline.operations import keys
from voc_pipeline.operations.code import speech_encoder
from voc_pipeline.passages.segment import Segmenter
from voc_pipeline.records import CodingUnit, Role, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from voc_pipeline.codebooks.lint import Finding
    from voc_pipeline.codebooks.reading import CodebookFile
    from voc_pipeline.protocols import SpeechEncoder, ThemeCoder
    from voc_pipeline.records import Codebook, ThemeExample

    MakeCoder = Callable[[SpeechEncoder, Codebook], ThemeCoder]

_FOLDS = 5
_TRANSCRIPT, _PERSON = TranscriptId("tr_codebook"), ParticipantId("codebook")


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What the coder makes of an example: its line (from 1), whether it should carry its theme, the themes found."""

    theme_id: str
    line: int
    code: bool
    kind: str
    found: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether the coder agrees with the codebook about the example's own theme."""
        return (self.theme_id in self.found) == self.code


@dataclass(frozen=True, slots=True)
class CodebookTest:
    """All results in the order of the file, and the confused pairs: the theme wanted, the one found, how often."""

    path: Path
    results: tuple[ExampleResult, ...]
    confused: tuple[tuple[str, str, int], ...]


def lint_codebook(place: Path) -> tuple[CodebookFile, list[Finding]]:
    """Look for weak spots in the codebook of a study, or in a codebook file.

    Raises:
        ConfigError: The codebook, or the study's settings, can't be read.
    """
    file, settings = _open(place)
    shipped = load_codebook()
    known = keys.trained_themes(settings)
    trained = replace(shipped, themes=tuple(theme for theme in shipped.themes if theme.theme_id in known))
    return file, lint(file, trained=trained)


def run_codebook_test(place: Path) -> CodebookTest:
    """Code each theme's own examples with the study's coder.

    Raises:
        ConfigError: The codebook, or the study's settings, can't be read.
        UsageError: No theme has an example.
        ModelError: The coder's files are missing or changed.
    """
    file, settings = _open(place)
    if not any(theme.examples for theme in file.codebook.themes):
        raise UsageError(
            "no theme of this codebook has examples",
            where=str(file.path),
            hint="Add 'examples:' to a theme, each as: - {text: ..., applies: true, kind: typical}",
        )
    make: MakeCoder = registry.plugin("theme_coders", settings.coding.theme_coder).load()
    return try_examples(file, make, RememberingEncoder(speech_encoder(settings.coding.profile)))


def try_examples(file: CodebookFile, make: MakeCoder, encoder: SpeechEncoder) -> CodebookTest:
    """Code examples with coders that have not seen them: some are held back, the others stay in the codebook.

    Args:
        file: The codebook.
        make: Makes a coder of an encoder and a codebook.
        encoder: Given to ``make``.
    """
    codebook = file.codebook
    units = _units([example for theme in codebook.themes for example in theme.examples])
    numbers = {theme.theme_id: range(len(theme.examples)) for theme in codebook.themes}
    flat = [(theme.theme_id, number) for theme in codebook.themes for number in numbers[theme.theme_id]]
    found: dict[int, set[str]] = {position: set() for position in range(len(flat))}
    texts = [codebook.theme(theme_id).examples[number].text for theme_id, number in flat]
    folds: dict[str, int] = {}  # a text that stands in several themes is held back from all of them
    for text, (_, number) in zip(texts, flat, strict=True):
        folds.setdefault(text, number % _FOLDS)
    for fold in sorted(set(folds.values())):
        held = [position for position, text in enumerate(texts) if folds[text] == fold]
        others = _with_examples(codebook, {text for text in folds if folds[text] != fold})
        for hit in make(encoder, others).code([units[position] for position in held]):
            if hit.accepted:
                found[hit.turn - 1].add(hit.theme_id)
    results = tuple(
        ExampleResult(
            theme_id,
            file.example_lines[theme_id][number],
            (example := codebook.theme(theme_id).examples[number]).code,
            example.kind,
            tuple(sorted(found[position])),
        )
        for position, (theme_id, number) in enumerate(flat)
    )
    return CodebookTest(file.path, results, _confused(results))


def import_qdc(source: Path, target: Path, *, force: bool = False) -> Codebook:
    """Write the codebook of a REFI-QDA file as codebook.yaml.

    Args:
        source: A .qdc file.
        target: The file to write, or the folder to write codebook.yaml into.
        force: Replace what is there.

    Raises:
        UsageError: The source can't be used (see `qdc.read_qdc`), or the target is there already or has no folder.
    """
    codebook = qdc.read_qdc(source)
    path = target / "codebook.yaml" if target.is_dir() else target
    if path.exists() and not force:
        raise UsageError("this file is there already", where=str(path), hint="Name another, or add --force")
    if not path.parent.is_dir():
        raise UsageError("there is no such folder", where=str(path.parent), hint="Make it first")
    path.write_text(codebook_yaml(codebook), encoding="utf-8")
    return load_codebook(path)


def _open(place: Path) -> tuple[CodebookFile, StudySettings]:
    """Read a codebook file, or that of a study (the shipped one if it has none) with the study's settings."""
    if not place.is_dir():
        return read_codebook(place), StudySettings()
    own = StudyPaths(place).codebook
    return read_codebook(own if own.exists() else None), load_settings(place)


def _with_examples(codebook: Codebook, texts: Collection[str]) -> Codebook:
    """Leave out the examples with other texts."""
    themes = (
        replace(theme, examples=tuple(one for one in theme.examples if one.text in texts)) for theme in codebook.themes
    )
    return replace(codebook, themes=tuple(themes))


def _units(examples: Sequence[ThemeExample]) -> list[CodingUnit]:
    """Make a turn of each example, numbered from 1, cut as the product cuts transcripts."""
    turns, position = [], 0
    for number, example in enumerate(examples, start=1):
        turns.append(Turn(number, "", Role.PARTICIPANT, example.text, position, participant_id=_PERSON))
        position += len(example.text) + 1
    passages = Segmenter().segment(_TRANSCRIPT, turns)
    return [
        CodingUnit(
            _TRANSCRIPT, turn.number, _PERSON, turn.text, tuple(one for one in passages if one.turn == turn.number)
        )
        for turn in turns
    ]


def _confused(results: Sequence[ExampleResult]) -> tuple[tuple[str, str, int], ...]:
    """Count, where a theme should have been found and was not, the themes that were found in its place."""
    pairs = Counter(
        (result.theme_id, other) for result in results if result.code and not result.right for other in result.found
    )
    return tuple((*pair, count) for pair, count in sorted(pairs.items(), key=lambda item: (-item[1], item[0])))
