"""inputs.json: what a report is made of besides its tables, so that the view is a function of the run's folder alone.

Mappings whose order shows in the report are kept as lists of pairs; keys are sorted, so that bytes are stable.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc_pipeline.errors import VocError
from voc_pipeline.ids import PassageId, ThemeId, digest
from voc_pipeline.manifests import file_sha256
from voc_pipeline.records import Codebook, ExampleKind, Theme, ThemeExample
from voc_pipeline.report.inputs import ReportInputs
from voc_pipeline.report.reading_tables import read_tables
from voc_pipeline.tables import CONTRACT_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

INPUTS = "inputs.json"
FINGERPRINT = "fingerprint of the data"
_GROUP = 8
_AGAIN = "Get the file again from where it came from, or publish again with 'voc run'"
_Pairs = tuple[tuple[str, str], ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Example(_Part):
    text: str
    code: bool
    kind: ExampleKind

    def record(self) -> ThemeExample:
        return ThemeExample(self.text, self.code, self.kind)


class _Theme(_Part):
    theme_id: str
    name: str
    family: str
    definition: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    examples: tuple[_Example, ...]

    def record(self) -> Theme:
        return Theme(
            theme_id=ThemeId(self.theme_id),
            name=self.name,
            family=self.family,
            definition=self.definition,
            include=self.include,
            exclude=self.exclude,
            examples=tuple(example.record() for example in self.examples),
        )


class _Codebook(_Part):
    name: str
    version: int
    sha256: str
    families: _Pairs
    themes: tuple[_Theme, ...]
    journey_stages: _Pairs
    statement_types: _Pairs
    lenses: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]
    products: tuple[str, ...]

    def record(self) -> Codebook:
        return Codebook(
            name=self.name,
            version=self.version,
            sha256=self.sha256,
            families=dict(self.families),
            themes=tuple(theme.record() for theme in self.themes),
            journey_stages=dict(self.journey_stages),
            statement_types=dict(self.statement_types),
            lenses={lens: dict(parts) for lens, parts in self.lenses},
            products=self.products,
        )


class _Inputs(_Part):
    """The fields of `ReportInputs`; of each table, the hash of its file."""

    title: str
    run_id: str
    published_at: str
    status: str
    codebook: _Codebook
    attributes: tuple[str, ...]
    small_base: int = Field(ge=0)
    quotes_per_theme: int = Field(ge=0)
    replaced: int = Field(ge=0)
    topics_examples: tuple[tuple[str, str, int, int, int], ...]
    uncovered: tuple[str, ...]
    method: _Pairs
    notes: tuple[str, ...]
    adverse_events: str
    released_by: str
    released_at: str
    tables: dict[str, str]


def write_inputs(folder: Path, inputs: ReportInputs) -> Path:
    """Write all of the inputs but their tables into the run's folder, with the hashes of the tables that stand there.

    Raises:
        VocError: A table is not written yet.
    """
    path = folder / INPUTS
    path.write_text(_text(inputs, table_hashes(folder)), encoding="utf-8", newline="\n")
    return path


def _text(inputs: ReportInputs, hashes: Mapping[str, str]) -> str:
    data = {field.name: getattr(inputs, field.name) for field in fields(inputs) if field.name != "tables"}
    data["codebook"] = _codebook_data(inputs.codebook)
    data["topics_examples"] = sorted([passage, *place] for passage, place in inputs.topics_examples.items())
    data["method"] = [[name, text] for name, text in inputs.method.items() if name != FINGERPRINT]
    data["tables"] = dict(hashes)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def read_inputs(folder: Path) -> ReportInputs:
    """Read back what a report is made of: inputs.json and every table of the run's folder.

    The facts of the method gain the fingerprint of all of it, which every page prints: whoever holds a copy of a page
    can tell whether it shows these very data, and no value can be changed without every page showing it.

    Raises:
        VocError: A file is missing, or not as it was written; names file and place.
    """
    return inputs_of(folder, read_tables(folder))


def inputs_of(folder: Path, tables: Mapping[str, pd.DataFrame]) -> ReportInputs:
    """Do as `read_inputs`, with tables that were read already.

    Raises:
        VocError: inputs.json is missing, or not as it was written.
    """
    read, raw = _read(folder)
    made = {name: getattr(read, name) for name in _Inputs.model_fields}
    made["codebook"] = read.codebook.record()
    made["topics_examples"] = {PassageId(passage): tuple(place) for passage, *place in read.topics_examples}
    made["method"] = {**dict(read.method), FINGERPRINT: _fingerprint(folder)}
    inputs = ReportInputs(**{**made, "tables": tables})
    if _text(inputs, read.tables).encode() != raw:  # what stands twice, say, would be lost without a word
        raise VocError("the layout of the file is not as it was written", where=INPUTS, hint=_AGAIN)
    return inputs


def changed_tables(folder: Path) -> tuple[str, ...]:
    """Name the tables' files that are not those of which inputs.json holds the hash.

    Raises:
        VocError: A file is missing, or inputs.json is not as it was written.
    """
    recorded, found = _read(folder)[0].tables, table_hashes(folder)
    return tuple(name for name in sorted({*recorded, *found}) if recorded.get(name) != found.get(name))


def table_hashes(folder: Path) -> dict[str, str]:
    """Map the file of every table in a run's folder to its SHA-256 (hex).

    Raises:
        VocError: A table's file is missing.
    """
    files = [f"{spec.name}.csv" for spec in CONTRACT_TABLES]
    for name in files:
        if not (folder / name).is_file():
            raise VocError("the file is missing", where=name, hint=_AGAIN)
    return {name: file_sha256(folder / name) for name in files}


def _read(folder: Path) -> tuple[_Inputs, bytes]:
    try:
        raw = (folder / INPUTS).read_bytes()
    except OSError as error:
        raise VocError(f"the file can't be read: {error.strerror}", where=INPUTS, hint=_AGAIN) from None
    try:
        return _Inputs.model_validate_json(raw), raw
    except ValidationError as error:
        raise _explained(error) from None


def _fingerprint(folder: Path) -> str:
    """Hash all tables and inputs.json: 128 bits as four groups of eight hex digits."""
    hashes = {**table_hashes(folder), INPUTS: file_sha256(folder / INPUTS)}
    found = digest(*(part for pair in sorted(hashes.items()) for part in pair))[: 4 * _GROUP]
    return " ".join(found[first : first + _GROUP] for first in range(0, len(found), _GROUP))


def _codebook_data(codebook: Codebook) -> dict[str, Any]:
    data = asdict(codebook)
    for name in ("families", "journey_stages", "statement_types"):
        data[name] = [list(pair) for pair in getattr(codebook, name).items()]
    data["lenses"] = [
        [lens, [[part, list(themes)] for part, themes in parts.items()]] for lens, parts in codebook.lenses.items()
    ]
    return data


def _explained(error: ValidationError) -> VocError:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"]))
    return VocError(first["msg"], where=f"{INPUTS}, {place}" if place else INPUTS, hint=_AGAIN)
