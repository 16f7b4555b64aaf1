"""Reader of OpenDocument texts (LibreOffice), by a walk over the XML as for Word documents."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.archive import read_part
from voc_pipeline.ingest.decoding import refuse_empty
from voc_pipeline.ingest.documents import parse_xml, read_paragraphs, table_lines
from voc_pipeline.records import NO_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from voc_pipeline.records import RawTranscript, ReadingOptions

_SPACES = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES = {"drawing": "draw", "svg-compatible": "svg"}
_UNREAD = {
    "text:note": "footnote",
    "office:annotation": "comment",
    "text:deletion": "deleted text",
    "text:table-of-content": "table of contents",
}
_DROPPED = {
    *_UNREAD, "text:tracked-changes", "text:ruby-text", "office:forms", "svg:title", "svg:desc", "text:sequence-decls",
    "text:variable-decls", "text:user-field-decls",
}  # fmt: skip
_BLANKS = re.compile(r"[ \t\r\n]+")  # the XML's own line breaks and indents are one blank
_MAX_BLANKS = 1000
_KIND = "OpenDocument text"


class OpenDocumentReader:
    """Reads .odt: paragraphs, lists, sections, text boxes and tables, in document order.

    Tracked deletions, comments and footnotes are not speech.
    """

    name = "opendocument"
    suffixes: tuple[str, ...] = (".odt",)

    def read(
        self,
        data: bytes,
        *,
        name: str,
        options: ReadingOptions = NO_OPTIONS,  # noqa: ARG002 (this format has nothing to set)
    ) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        refuse_empty(data, name=name)
        if b"encryption-data" in read_part(data, "META-INF/manifest.xml", name=name, kind=_KIND):
            raise RefusedError("the document is password-protected", where=name, hint="Save a copy without a password")
        root = parse_xml(read_part(data, "content.xml", name=name, kind=_KIND), name=name)
        body = next((child for child in root if _local(child) == "office:body"), root)
        return read_paragraphs(_blocks(body), name=name, unread=_unread(body))


def _unread(body: etree._Element) -> Counter[str]:
    return Counter(_UNREAD[kind] for element in body.iter() if (kind := _local(element)) in _UNREAD)


def _local(element: etree._Element) -> str:
    """Name of an element with its vocabulary's usual prefix; "" for comments and processing instructions."""
    if not isinstance(element.tag, str):
        return ""
    space, _, local = element.tag[1:].rpartition("}")
    vocabulary = space.removeprefix(_SPACES).partition(":")[0] if space.startswith(_SPACES) else ""
    return f"{_PREFIXES.get(vocabulary, vocabulary)}:{local}"


def _blocks(element: etree._Element) -> Iterator[str]:
    """Give the text of paragraphs and table rows below an element, in document order."""
    for child in element:
        kind = _local(child)
        if not kind or kind in _DROPPED:
            continue
        if kind in {"text:p", "text:h"}:
            yield from _paragraph(child)
        elif kind == "table:table":
            rows = _parts(child, "table:table-row")
            yield from table_lines([[list(_blocks(cell)) for cell in _parts(row, "table:table-cell")] for row in rows])
        else:
            yield from _blocks(child)


def _paragraph(paragraph: etree._Element) -> Iterator[str]:
    boxes: list[etree._Element] = []
    yield "".join(_inline(paragraph, boxes)).strip(" ")
    for box in boxes:
        yield from _blocks(box)


def _inline(element: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
    yield _BLANKS.sub(" ", element.text or "")
    for child in element:
        kind = _local(child)
        if kind == "draw:text-box":
            boxes.append(child)
        elif kind == "text:s":
            yield " " * _count(child)
        elif kind == "text:tab":
            yield "\t"
        elif kind == "text:line-break":
            yield "\n"
        elif kind and kind not in _DROPPED:
            yield from _inline(child, boxes)
        yield _BLANKS.sub(" ", child.tail or "")


def _count(blanks: etree._Element) -> int:
    said = next((value for key, value in blanks.attrib.items() if str(key).endswith("}c")), "1")
    return min(int(said), _MAX_BLANKS) if str(said).isdecimal() else 1


def _parts(element: etree._Element, kind: str) -> Iterator[etree._Element]:
    """Find a table's rows or a row's cells, in groups and headers too, but not in tables within its cells."""
    for child in element:
        if _local(child) == kind:
            yield child
        elif _local(child):
            yield from _parts(child, kind)
