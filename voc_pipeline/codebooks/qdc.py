"""Reads codebooks of other programs: the REFI-QDA exchange format, ``.qdc`` (qdasoftware.org, version 1.0).

Neither DTDs nor entities are accepted, so a file can't expand, fetch or read anything.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.codebooks.lint import PLACEHOLDER
from voc_pipeline.errors import UsageError
from voc_pipeline.ids import ThemeId
from voc_pipeline.records import Codebook, Theme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lxml.etree import _Element as Element

_NAMESPACE = "{urn:QDA-XML:codebook:1.0}"
_MAX_BYTES = 10_000_000
_MAX_DEPTH = 50
_OTHERS = "Other codes"


@dataclass(frozen=True, slots=True)
class _Code:
    name: str
    description: str
    parents: tuple[str, ...]
    codable: bool


def read_qdc(path: Path) -> Codebook:
    """Read a .qdc file as a codebook.

    Codes with codes below them become families, under the name of the topmost; if people may apply such a code itself,
    it is a theme too. Descriptions become definitions, and a placeholder stands where there is none.

    Raises:
        UsageError: The file can't be read, is too large, no well-formed XML, has a DTD, is no REFI-QDA codebook, or
            has no code to apply.
    """
    codes = list(_codes(_root(path), path))
    families: dict[str, str] = {}
    ids: set[str] = set()
    themes = []
    for code in codes:
        if not code.codable:
            continue
        top = code.parents[0] if code.parents else _OTHERS
        family = next((key for key, name in families.items() if name == top), None)
        if family is None:
            family = _free(_slug(top, "family"), set(families))
            families[family] = top
        theme_id = _free(_slug(code.name, "theme"), ids)
        ids.add(theme_id)
        lead = " > ".join((*code.parents[1:], code.name))
        themes.append(Theme(ThemeId(theme_id), lead, family, code.description or _placeholder(code.name)))
    if not themes:
        raise UsageError("no code of this file can be applied", where=str(path), hint="Export it with its codes")
    return Codebook(path.stem, 1, "", families, tuple(themes), {}, {})


def _root(path: Path) -> Element:
    from lxml import etree  # noqa: PLC0415 (only an import needs it)

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the file can't be read: {error.strerror}", where=str(path)) from None
    if len(raw) > _MAX_BYTES:
        raise UsageError("a codebook of more than 10 MB is not read", where=str(path), hint="Export the codes only")
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UsageError(
            "this is not well-formed XML", where=f"{path}{line}", hint="Export the codebook again"
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UsageError(
            "the file has a document type declaration, which is never accepted",
            where=str(path),
            hint="A REFI-QDA codebook has none: export it again, or remove the <!DOCTYPE ...>",
        )
    if root.tag != f"{_NAMESPACE}CodeBook":
        raise UsageError(
            "this is no REFI-QDA codebook: its root is not CodeBook of urn:QDA-XML:codebook:1.0",
            where=str(path),
            hint="Export the codebook as .qdc; whole projects (.qdpx) are not read",
        )
    return root


def _codes(root: Element, path: Path) -> Iterator[_Code]:
    """Walk the tree in document order without recursion."""
    listed = root.find(f"{_NAMESPACE}Codes")
    waiting: list[tuple[Element, tuple[str, ...]]] = [(code, ()) for code in reversed(_children(listed))]
    while waiting:
        element, parents = waiting.pop()
        name = " ".join((element.get("name") or "").split())
        if not name:
            raise UsageError("a code has no name", where=f"{path}, line {element.sourceline}", hint="Name it")
        if len(parents) >= _MAX_DEPTH:
            raise UsageError(f"codes lie more than {_MAX_DEPTH} deep", where=str(path), hint="Make the tree flatter")
        below = _children(element)
        description = element.findtext(f"{_NAMESPACE}Description") or ""
        codable = element.get("isCodable", "true").strip() in {"true", "1"}
        own = (*parents, name) if below else parents
        yield _Code(name, " ".join(description.split()), own[:-1] if below and parents else own, codable)
        waiting += [(code, (*parents, name)) for code in reversed(below)]


def _children(element: Element | None) -> list[Element]:
    return [] if element is None else element.findall(f"{_NAMESPACE}Code")


def _placeholder(name: str) -> str:
    return f"{PLACEHOLDER}: what {name!r} covers"


def _slug(name: str, otherwise: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] or otherwise


def _free(wanted: str, taken: set[str]) -> str:
    number, name = 2, wanted
    while name in taken:
        name = f"{wanted}_{number}"
        number += 1
    return name
