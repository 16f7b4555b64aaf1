"""Reads and checks codebook files. Every complaint names file, line and mend."""

from __future__ import annotations

import difflib
import functools
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.codebooks.lines import Lined, load_lined
from voc_pipeline.errors import ConfigError
from voc_pipeline.ids import ThemeId
from voc_pipeline.manifests import models_dir
from voc_pipeline.records import Codebook, ExampleKind, Theme, ThemeExample

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

DEFAULT_CODEBOOK = "cx-life-sciences"
_CODEBOOK_KEYS = (
    "codebook", "version", "families", "products", "themes", "sentiments", "journey_stages", "statement_types",
    "lenses",
)  # fmt: skip
_THEME_KEYS = ("id", "name", "family", "definition", "include", "exclude", "examples")
_EXAMPLE_KEYS = ("text", "applies", "kind")
_ONE_THEME = "A theme needs at least: id, definition"
_QUOTE_IT = "Write text; put it in quotes if YAML takes it for something else (yes, no, 'word: word')"


@dataclass(frozen=True, slots=True)
class CodebookFile:
    """A codebook with the place of each part: line by theme id, and lines of its examples, both from 1."""

    path: Path
    codebook: Codebook
    lines: Mapping[str, int]
    example_lines: Mapping[str, tuple[int, ...]]


def load_codebook(path: Path | None = None) -> Codebook:
    """Read and check a codebook file; the shipped one by default (see `read_codebook`)."""
    return read_codebook(path).codebook


def shipped_codebook() -> Path:
    """Give the path of the codebook that comes with the installation."""
    return models_dir() / "codebooks" / f"{DEFAULT_CODEBOOK}.yaml"


def read_codebook(path: Path | None = None) -> CodebookFile:
    """Read and check a codebook file with the lines of its parts; the shipped one by default.

    Raises:
        ConfigError: The file can't be read, is not YAML, has an unknown key, a duplicate id, a theme without
            definition or with a missing family, or a part of the wrong shape.
    """
    path = shipped_codebook() if path is None else path
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"the codebook can't be read: {error.strerror}", where=str(path), hint="Name a codebook.yaml that is there"
        ) from None
    return _parsed(path, raw)


@functools.lru_cache(maxsize=4)  # a watcher asks at every look, and a parse takes tenths of a second
def _parsed(path: Path, raw: bytes) -> CodebookFile:
    data = load_lined(raw, path)
    if not isinstance(data, Lined) or not isinstance(data.get("themes"), list) or not data["themes"]:
        raise ConfigError(
            "a codebook is a mapping with a list of 'themes'", where=str(path), hint=f"Add 'themes:'. {_ONE_THEME}"
        )
    return _Reader(path).read(data, hashlib.sha256(raw).hexdigest())


class _Reader:
    """Builds a codebook from what stands in a file, and says where it can't."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, data: Lined, sha256: str) -> CodebookFile:
        self._check_keys(data, _CODEBOOK_KEYS)
        families = self._words_by_id(data, "families")
        themes: dict[str, Theme] = {}
        lines: dict[str, int] = {}
        example_lines: dict[str, tuple[int, ...]] = {}
        for entry in data["themes"]:
            theme = self._theme(entry, families)
            if theme.theme_id in themes:
                raise self._error(
                    f"two themes have the id {theme.theme_id!r}",
                    entry.lines["id"],
                    f"The first is in line {lines[theme.theme_id]}. Rename one",
                )
            themes[theme.theme_id] = theme
            lines[theme.theme_id] = entry.lines["id"]
            example_lines[theme.theme_id] = tuple(example.line for example in entry.get("examples") or ())
        codebook = Codebook(
            name=self._text(data, "codebook") or self._path.stem,
            version=self._number(data, "version"),
            sha256=sha256,
            families=families,
            themes=tuple(themes.values()),
            journey_stages=self._words_by_id(data, "journey_stages"),
            statement_types=self._words_by_id(data, "statement_types"),
            products=self._texts(data, "products"),
            lenses=self._lenses(data),
        )
        return CodebookFile(self._path, codebook, lines, example_lines)

    def _theme(self, entry: object, families: Mapping[str, str]) -> Theme:
        if not isinstance(entry, Lined):
            raise self._error("a theme is a mapping with an 'id'", None, _ONE_THEME)
        theme_id = self._text(entry, "id")
        if not theme_id:
            raise self._error("a theme is a mapping with an 'id'", entry.line, _ONE_THEME)
        self._check_keys(entry, _THEME_KEYS)
        definition = self._text(entry, "definition")
        if not definition:
            raise self._error(
                f"theme {theme_id!r} has no definition", entry.lines["id"], "Say in a sentence what it covers"
            )
        family = self._text(entry, "family")
        if (families or family) and family not in families:
            found = f"names the family {family!r}, which is not there" if family else "names no family"
            known = f"Families of this codebook: {', '.join(families)}" if families else "Add it under 'families:'"
            raise self._error(f"theme {theme_id!r} {found}", entry.lines.get("family", entry.lines["id"]), known)
        return Theme(
            theme_id=ThemeId(theme_id),
            name=self._text(entry, "name") or theme_id,
            family=family,
            definition=definition,
            include=self._texts(entry, "include"),
            exclude=self._texts(entry, "exclude"),
            examples=self._examples(entry, theme_id),
        )

    def _examples(self, entry: Lined, theme_id: str) -> tuple[ThemeExample, ...]:
        listed = entry.get("examples")
        if listed is None:
            return ()
        if not isinstance(listed, list) or not all(isinstance(item, Lined) for item in listed):
            raise self._error(
                f"'examples' of theme {theme_id!r} is no list of mappings",
                entry.lines["examples"],
                "Write each as: - {text: ..., applies: true, kind: typical}",
            )
        return tuple(self._example(item, theme_id) for item in listed)

    def _example(self, item: Lined, theme_id: str) -> ThemeExample:
        self._check_keys(item, _EXAMPLE_KEYS)
        text, code = self._text(item, "text"), item.get("applies")
        if not text or not isinstance(code, bool):
            missing = "text" if not text else "applies"
            raise self._error(
                f"an example of theme {theme_id!r} has no {missing!r}",
                item.lines.get(missing, item.line),
                "text: what somebody says; applies: true if it carries the theme, false if not",
            )
        kind = self._text(item, "kind") or (ExampleKind.TYPICAL if code else ExampleKind.CLOSE_BUT_NO)
        if kind not in set(ExampleKind):
            raise self._error(
                f"an example of theme {theme_id!r} is of the kind {kind!r}",
                item.lines["kind"],
                f"{_guess(kind, list(map(str, ExampleKind)))}Accepted: {', '.join(ExampleKind)}",
            )
        return ThemeExample(text, code=code, kind=ExampleKind(kind))

    def _lenses(self, data: Lined) -> dict[str, dict[str, tuple[str, ...]]]:
        lenses = self._mapping(data, "lenses")
        return {
            name: {group: self._texts(groups, group) for group in groups}
            for name in lenses
            for groups in (self._mapping(lenses, name),)
        }

    def _words_by_id(self, data: Lined, key: str) -> dict[str, str]:
        mapping = self._mapping(data, key)
        return {name: self._text(mapping, name) for name in mapping}

    def _mapping(self, data: Lined, key: str) -> Lined:
        found = data.get(key)
        if found is None:
            return Lined()
        if not isinstance(found, Lined):
            raise self._error(
                f"{key!r} has the wrong shape",
                data.lines[key],
                "families, journey_stages and statement_types map ids to words; lenses map groups to lists of themes",
            )
        return found

    def _number(self, data: Lined, key: str) -> int:
        found = data.get(key, "1")
        if not isinstance(found, str) or not (found.isascii() and found.isdigit()):
            raise self._error(f"{key!r} is no whole number", data.lines[key], "Write for example: version: 2")
        return int(found)

    def _text(self, data: Lined, key: str) -> str:
        found = data.get(key)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise self._error(f"{key!r} is no text", data.lines[key], _QUOTE_IT)
        return found.strip()

    def _texts(self, data: Lined, key: str) -> tuple[str, ...]:
        found = data.get(key)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self._error(f"{key!r} is no list of texts", data.lines[key], f"Write [one, two]. {_QUOTE_IT}")
        return tuple(item.strip() for item in found)

    def _check_keys(self, entry: Lined, known: Collection[str]) -> None:
        for key in entry:
            if key not in known:
                raise self._error(
                    f"unknown key {key!r}", entry.lines[key], f"{_guess(key, known)}Accepted: {', '.join(known)}"
                )

    def _error(self, what: str, line: int | None, hint: str) -> ConfigError:
        place = f"{self._path}, line {line}" if line else str(self._path)
        return ConfigError(what, where=place, hint=hint)


def _guess(word: str, known: Collection[str]) -> str:
    nearest = difflib.get_close_matches(word, sorted(known), n=1)
    return f"Did you mean {nearest[0]!r}? " if nearest else ""
