"""Settings of a study: ``voc.toml`` and ``VOC_SECTION__KEY`` environment variables, strict and bounded.

A wrong key or value raises ConfigError with file, line, key, what was found and what is accepted.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from voc_pipeline.errors import ConfigError
from voc_pipeline.ids import digest
from voc_pipeline.records import JSON_PATH, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

SETTINGS_FILE = "voc.toml"
ENV_PREFIX = "VOC_"


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        nearest = difflib.get_close_matches(name, sorted(available_timezones()), n=1)
        guess = f", did you mean {nearest[0]!r}?" if nearest else ""
        msg = f"no time zone is called {name!r}{guess}"
        raise ValueError(msg)
    return name


def _clock_time(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        msg = "a time of day is written HH:MM, e.g. 04:10"
        raise ValueError(msg)
    return value


def _json_path(value: str) -> str:
    if value and not JSON_PATH.fullmatch(value):
        msg = "a path is written a.b[].c: names parted by dots, [] for every item of a list"
        raise ValueError(msg)
    return value


_JsonPath = Annotated[str, AfterValidator(_json_path)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _plain_name(value: str) -> str:
    if "/" in value or "\\" in value or value in {".", ".."}:
        msg = "a marker is the name of a file in the inbox itself, e.g. .voc-inbox"
        raise ValueError(msg)
    return value


class StudySection(_Section):
    """What the study is."""

    title: str = Field("", max_length=200, description="Title of the report; the folder's name when empty.")


class InboxSection(_Section):
    """How the inbox is watched."""

    stable_seconds: float = Field(5.0, ge=0, le=3600, description="A file is taken when it stood still this long.")
    scan_seconds: float = Field(5.0, ge=0.1, le=3600, description="Time between two scans of the inbox.")
    max_file_mb: int = Field(50, ge=1, le=1000, description="Larger files are refused.")
    quiet_seconds: float = Field(
        30.0, ge=0, le=86400, description="The report follows this long after the last new file; the tables at once."
    )
    feedback: bool = Field(True, description="Write STATUS.html and notes about problem files into the inbox.")  # noqa: FBT003 (pydantic default)
    marker: Annotated[str, AfterValidator(_plain_name)] = Field(
        "", max_length=200, description="File that must stand in the inbox, else it is not looked at: for shares."
    )


class SpeakersSection(_Section):
    """Speaker labels whose part in the call is the same in every transcript."""

    interviewer: list[str] = Field(default_factory=list, description="Labels of those who ask.")
    participant: list[str] = Field(default_factory=list, description="Labels of those who answer.")
    observer: list[str] = Field(default_factory=list, description="Labels of those who only listen.")


class FormatsSection(_Section):
    """How tables (.csv, .tsv, .xlsx) and JSON files are laid out; needed only where that can't be guessed.

    A JSON path is names parted by dots; ``[]`` behind a name stands for every item of a list, ``[0]`` for the first.
    """

    text_columns: list[str] = Field(default_factory=list, description="Headers of the column that holds the speech.")
    speaker_columns: list[str] = Field(default_factory=list, description="Headers of the column that says who speaks.")
    start_columns: list[str] = Field(default_factory=list, description="Headers of the column that says when.")
    json_turns: _JsonPath = Field("", description="Path to the list of turns, e.g. results.turns.")
    json_text: _JsonPath = Field("", description="Path from a turn to its speech, e.g. text or words[].word.")
    json_speaker: _JsonPath = Field("", description="Path from a turn to who speaks, e.g. speaker.name.")
    json_start: _JsonPath = Field("", description="Path from a turn to its start, e.g. start.")
    time_unit: Literal["", "seconds", "milliseconds"] = Field(
        "",
        description="What bare numbers in times count; told by the pace of speech if empty.",
    )

    @model_validator(mode="after")
    def _has_text(self) -> Self:
        if not self.json_text and (self.json_turns or self.json_speaker or self.json_start):
            msg = "json_text, the path from a turn to its speech, is missing"
            raise ValueError(msg)
        return self

    def options(self) -> ReadingOptions:
        """Give the settings as readers take them."""
        return ReadingOptions(
            text_columns=tuple(self.text_columns),
            speaker_columns=tuple(self.speaker_columns),
            start_columns=tuple(self.start_columns),
            json_turns=self.json_turns,
            json_text=self.json_text,
            json_speaker=self.json_speaker,
            json_start=self.json_start,
            milliseconds=self.time_unit == "milliseconds" if self.time_unit else None,
        )


class SegmentsSection(_Section):
    """What the report compares."""

    attributes: list[str] = Field(
        default_factory=list, description="Participant attributes that make segments; chosen from the roster if empty."
    )
    folders: list[str] = Field(
        default_factory=list, description="Attribute that each level of inbox folders stands for, outermost first."
    )
    small_base: int = Field(5, ge=2, le=100, description="Segments of fewer participants are marked as small.")


class PrivacySection(_Section):
    """What pseudonymisation must leave alone."""

    keep: list[str] = Field(default_factory=list, description="Names that are never replaced, besides products.yml.")


class CodingSection(_Section):
    """How themes are coded."""

    theme_coder: str = Field("heads", description="Registered theme coder.")
    sentiment_engine: str = Field("heads", description="Registered sentiment engine.")
    profile: str = Field(
        "accurate", description="Registered speech encoder whose coder is used: accurate, or fast on a slow machine."
    )
    encoder: str = Field("minilm", description="Registered encoder of single texts, by which topics are found.")


class DiscoverySection(_Section):
    """How topics are found in what no theme covers."""

    enabled: bool = Field(True, description="Look for topics outside the codebook.")  # noqa: FBT003 (pydantic default)
    topic_model: str = Field("bertopic", description="Registered topic model.")


class ReportSection(_Section):
    """What the report shows."""

    quotes_per_theme: int = Field(6, ge=1, le=50, description="Quotes shown for a theme at first.")


class PublishSection(_Section):
    """Where readers find the reports."""

    copy_to: str = Field(
        "", max_length=4096, description="Folder or mounted share that reports are copied to; it must be there already."
    )
    copy_reports: Literal["released", "all"] = Field(
        "released", description="Copy only what somebody released, or drafts as well: released or all."
    )
    copy_files: Literal["all", "report"] = Field(
        "all", description="Copy every file of a report, or only its pages, without CSV and JSON files: all or report."
    )


class OutsideSection(_Section):
    """What readers outside the study team are shown (voc publish --outside)."""

    k: int = Field(
        10, ge=3, le=1000, description="A number is shown if this many participants or more are on each side of it."
    )
    attribute: str = Field(
        "", max_length=200, description="The one attribute to compare by; if empty, the study's first with big groups."
    )
    quotes_per_theme: int = Field(4, ge=0, le=20, description="Quotes of a theme at most; 0 for no quotes.")
    quotes_per_participant: int = Field(2, ge=1, le=10, description="Quotes of one participant at most.")


class ScheduleSection(_Section):
    """When `voc serve` reprocesses."""

    nightly: Annotated[str, AfterValidator(_clock_time)] = Field("04:10", description="Time of the nightly run.")
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field("UTC", description="Its zone, e.g. Europe/Zurich.")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.time_zone)


class StoreSection(_Section):
    """Where results are kept."""

    url: str = Field("", description="SQLAlchemy URL; empty means data/voc.sqlite in the study.", repr=False)


class StudySettings(_Section):
    """All settings of a study. Every key has a default: a study of nothing but ``inbox/`` works."""

    study: StudySection = StudySection()
    inbox: InboxSection = InboxSection()
    speakers: SpeakersSection = SpeakersSection()
    formats: FormatsSection = FormatsSection()
    segments: SegmentsSection = SegmentsSection()
    privacy: PrivacySection = PrivacySection()
    coding: CodingSection = CodingSection()
    discovery: DiscoverySection = DiscoverySection()
    report: ReportSection = ReportSection()
    publish: PublishSection = PublishSection()
    outside: OutsideSection = OutsideSection()
    schedule: ScheduleSection = ScheduleSection()
    store: StoreSection = StoreSection()

    def fingerprint(self, *sections: str) -> str:
        """Hash the named sections: part of the key of any work that they influence."""
        return digest(*(getattr(self, name).model_dump_json() for name in sections))


class StudyPaths:
    """Where things stand in a study folder. Making it touches nothing on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox = root / "inbox"
        self.settings = root / SETTINGS_FILE
        self.codebook = root / "codebook.yaml"
        self.products = root / "products.yml"
        self.data = root / "data"
        self.database = self.data / "voc.sqlite"
        self.keys = self.data / "keys"
        self.prefect = self.data / "prefect"
        self.reports = root / "reports"


def load_settings(root: Path, environ: Mapping[str, str] | None = None) -> StudySettings:
    """Read the settings of the study in ``root``; the environment wins over the file.

    Args:
        root: The study folder.
        environ: Environment to read ``VOC_SECTION__KEY`` from; the process's own by default. Values are TOML
            (``VOC_INBOX__STABLE_SECONDS=2``), and text that is not TOML is taken as a string.

    Raises:
        ConfigError: A file that is not TOML, an unknown key, a value of the wrong type or out of its bounds.
    """
    path = root / SETTINGS_FILE
    text = read_study_file(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"this is not TOML: {error}", where=str(path), hint="Mend the line or remove it") from None
    except (RecursionError, ValueError) as error:  # brackets in brackets in brackets; a number of thousands of digits
        what = f"this is more than a settings file can hold ({type(error).__name__})"
        raise ConfigError(what, where=str(path), hint="Write one 'key = value' a line") from None
    from_env = _overrides(os.environ if environ is None else environ)
    for section, values in from_env.items():
        target = data.setdefault(section, {})
        if isinstance(target, dict):
            target.update(values)
    try:
        return StudySettings.model_validate(data)
    except ValidationError as error:
        raise _explain(error.errors()[0], path, text, from_env) from None


def read_study_file(path: Path) -> str:
    """Read a text file of a study; empty if there is none.

    Raises:
        ConfigError: The file can't be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigError("the file is not UTF-8", where=str(path), hint="Save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(
            f"the file can't be read: {error.strerror}", where=str(path), hint="Check its permissions"
        ) from None


def _overrides(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, raw in sorted(environ.items()):
        if not name.startswith(ENV_PREFIX) or "__" not in name:
            continue
        section, _, key = name.removeprefix(ENV_PREFIX).lower().partition("__")
        try:
            value = tomllib.loads(f"value = {raw}")["value"]
        except tomllib.TOMLDecodeError:
            value = raw
        found.setdefault(section, {})[key] = value
    return found


def _explain(error: ErrorDetails, path: Path, text: str, from_env: Mapping[str, Mapping[str, Any]]) -> ConfigError:
    keys = [str(part) for part in error["loc"]]
    section, key = keys[0], keys[1] if len(keys) > 1 else ""
    dotted = f"{section}.{key}" if key else section
    if key in from_env.get(section, {}):
        where = f"environment variable {ENV_PREFIX}{section.upper()}__{key.upper()}"
    else:
        where = f"{path}, line {_line_of(text, section, key)}"
    if error["type"] == "extra_forbidden":
        accepted = _keys_of(section) if key else list(StudySettings.model_fields)
        nearest = difflib.get_close_matches(key or section, accepted, n=1, cutoff=0.5)
        guess = f"Did you mean {nearest[0]!r}? " if nearest else ""
        return ConfigError(f"unknown key {dotted!r}", where=where, hint=f"{guess}Accepted: {', '.join(accepted)}")
    message = error["msg"].removeprefix("Value error, ")
    found = "" if isinstance(error["input"], dict) else f", found {error['input']!r}"
    return ConfigError(f"{dotted!r} is wrong: {message}{found}", where=where, hint=_accepted(section, key))


def _keys_of(section: str) -> list[str]:
    field = StudySettings.model_fields.get(section)
    model = field.annotation if field else None
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _accepted(section: str, key: str) -> str:
    field = StudySettings.model_fields.get(section)
    model = field.annotation if field else None
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return f"Accepted sections: {', '.join(StudySettings.model_fields)}"
    if key not in model.model_fields:
        return f"[{section}] is a section with the keys {', '.join(model.model_fields)}"
    info = model.model_fields[key]
    bounds = [f"{name} {value}" for item in info.metadata for name, value in _bounds(item)]
    limits = f" ({', '.join(bounds)})" if bounds else ""
    return f"{info.description}{limits} Default: {info.get_default(call_default_factory=True)!r}"


def _bounds(item: object) -> list[tuple[str, object]]:
    names = {"ge": "at least", "le": "at most", "max_length": "at most this many characters:"}
    return [(words, getattr(item, name)) for name, words in names.items() if hasattr(item, name)]


def _line_of(text: str, section: str, key: str) -> int:
    """Find the line of a key, or of its section; tomllib keeps no positions."""
    current, section_line = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            current = header[1]
            section_line = number if current == section else section_line
        elif (key and current == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line)) or (
            not current and re.match(rf"\s*{re.escape(section)}\s*[.=]", line)
        ):
            return number
    return section_line
