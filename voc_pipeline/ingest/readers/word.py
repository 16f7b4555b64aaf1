"""Reader of Word documents. Its own walk over the XML: no word may be lost to a construct that a library skips."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from typing import TYPE_CHECKING

from voc_pipeline.ingest.archive import read_part
from voc_pipeline.ingest.decoding import refuse_empty
from voc_pipeline.ingest.documents import parse_xml, read_paragraphs, table_lines
from voc_pipeline.ingest.labels import is_label, is_name_like
from voc_pipeline.ingest.sniffing import refuse_office_container
from voc_pipeline.records import NO_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from voc_pipeline.records import RawTranscript, ReadingOptions

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_DELETED = {"del", "moveFrom"}
_DROPPED = {*_DELETED, "rPr", "pPr", "sectPr", "tblPr", "trPr", "tcPr", "sdtPr", "instrText", "delText"}
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_UNREAD = {
    "footnoteReference": "footnote",
    "endnoteReference": "footnote",
    "commentReference": "comment",
    "altChunk": "embedded document",
}


class WordReader:
    """Reads .docx: paragraphs, tracked insertions, content controls, text boxes and tables, in document order.

    Deletions are dropped, and so are footnotes and comments: a transcriber's remarks are not speech.
    """

    name = "word"
    suffixes: tuple[str, ...] = (".docx",)

    def read(
        self,
        data: bytes,
        *,
        name: str,
        options: ReadingOptions = NO_OPTIONS,  # noqa: ARG002 (this format has nothing to set)
    ) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        refuse_empty(data, name=name)
        refuse_office_container(data, name=name)
        body = parse_xml(read_part(data, "word/document.xml", name=name), name=name)
        return read_paragraphs(_blocks(body), name=name, unread=_unread(body))


def _unread(body: etree._Element) -> Counter[str]:
    """Count what is no speech: notes, comments and deletions that hold text."""
    found: Counter[str] = Counter()
    for element in body.iter():
        kind = _local(element)
        if kind in _UNREAD:
            found[_UNREAD[kind]] += 1
        elif kind in _DELETED and any(_local(below) in {"t", "delText"} for below in element.iter()):
            found["deleted text"] += 1
    return found


def _local(element: etree._Element) -> str:
    """Name of a Word element; "" for comments, processing instructions and other vocabularies."""
    if not isinstance(element.tag, str):
        return ""
    space, _, local = element.tag[1:].rpartition("}")
    if space in _WORD:
        return local
    return "t" if space == _MATH and local == "t" else f"other:{local}"


def _blocks(element: etree._Element) -> Iterator[str]:
    """Give the text of paragraphs and table rows below an element, in document order."""
    for child in _children(element):
        kind = _local(child)
        if kind == "p":
            yield from _paragraph(child)
        elif kind == "tbl":
            yield from table_lines([[list(_blocks(cell)) for cell in _parts(row, "tc")] for row in _parts(child, "tr")])
        else:
            yield from _blocks(child)


def _children(element: etree._Element) -> Iterator[etree._Element]:
    chosen = False
    for child in element:
        kind = _local(child)
        if kind == "other:Fallback" or (kind == "other:Choice" and chosen):  # they say the first Choice's text again
            continue
        chosen = chosen or kind == "other:Choice"
        if kind and kind not in _DROPPED:
            yield child


def _paragraph(paragraph: etree._Element) -> Iterator[str]:
    boxes: list[etree._Element] = []
    yield _with_name_apart("".join(_inline(paragraph, boxes)), _bold_start(paragraph))
    for box in boxes:
        yield from _blocks(box)


def _bold_start(paragraph: etree._Element) -> str:
    """Give the text that a paragraph begins with in bold."""
    runs = (child for child in _children(paragraph) if _local(child) == "r")
    return "".join("".join(_inline(run, [])) for run in takewhile(_is_bold, runs))


def _is_bold(run: etree._Element) -> bool:
    marks = [mark for below in run if _local(below) == "rPr" for mark in below if _local(mark) == "b"]
    return any(value not in {"0", "false", "off"} for mark in marks for value in [*mark.values(), "on"][:1])


def _with_name_apart(text: str, bold: str) -> str:
    """Part a bold name from the speech behind it by a tab, where nothing else does."""
    name, rest = bold.strip(), text[len(bold) :].lstrip(" \u00a0")
    blank = rest != text[len(bold) :] or bold != bold.rstrip()
    apart = name and rest[:1].isalpha() and blank and text.startswith(bold) and not _ends_in_colon(text)
    return f"{name}\t{rest}" if apart and is_label(name) and is_name_like(name) else text


def _ends_in_colon(text: str) -> bool:
    """Tell a paragraph with a name before a colon, bold in part: **Ana** Ruiz: speech."""
    before, colon, _ = text.partition(":")
    return bool(colon) and is_label(before.strip())


def _inline(element: etree._Element, boxes: list[etree._Element]) -> Iterator[str]:
    for child in _children(element):
        kind = _local(child)
        if kind == "txbxContent":
            boxes.append(child)
        elif kind == "t":
            yield child.text or ""
        elif kind in _CHARACTERS:
            yield _CHARACTERS[kind]
        else:
            yield from _inline(child, boxes)


def _parts(element: etree._Element, kind: str) -> Iterator[etree._Element]:
    """Find a table's rows or a row's cells, in content controls too."""
    for child in _children(element):
        if _local(child) == kind:
            yield child
        else:
            yield from _parts(child, kind)
