"""Reader of Word documents. Its own walk over the XML: no word may be lost to a construct that a library skips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.archive import read_part
from voc_pipeline.ingest.decoding import check_size, clean_lines
from voc_pipeline.ingest.labels import is_label
from voc_pipeline.ingest.sniffing import refuse_office_container
from voc_pipeline.ingest.turns import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voc_pipeline.records import RawTranscript

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_DROPPED = {"del", "moveFrom", "rPr", "pPr", "sectPr", "tblPr", "trPr", "tcPr", "sdtPr", "instrText", "delText"}
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_MAX_LABEL_CELL = 60


class WordReader:
    """Reads .docx: paragraphs, tracked insertions, content controls, text boxes and tables, in document order.

    Deletions are dropped. Each paragraph stands by itself; a table row is one line with tabs between its cells.
    """

    name = "word"
    suffixes: tuple[str, ...] = (".docx",)

    def read(self, data: bytes, *, name: str) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        if not data.strip():
            raise RefusedError("the file is empty", where=name, hint="Copy it into the inbox again once it holds text")
        refuse_office_container(data, name=name)
        body = _parse(read_part(data, "word/document.xml", name=name), name)
        lines = [line for block in _blocks(body) for line in (*clean_lines(block).split("\n"), "")]
        if not any(line.strip() for line in lines):
            raise RefusedError("the document holds no text", where=name, hint="If it is a picture, export the text")
        check_size(lines, name=name)
        return read_lines(lines, name=name)


def _parse(xml: bytes, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise RefusedError(
            "the document is damaged: its text part is no XML", where=name, hint="Save it again in Word"
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise RefusedError(
            "the document declares XML entities, which Word never does", where=name, hint="Copy its text into a new one"
        )
    return root


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
        elif kind == "tr":
            yield from _row(child)
        else:
            yield from _blocks(child)


def _children(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        kind = _local(child)
        if kind and kind not in _DROPPED and kind != "other:Fallback":  # Fallback says a Choice's text again
            yield child


def _paragraph(paragraph: etree._Element) -> Iterator[str]:
    boxes: list[etree._Element] = []
    yield "".join(_inline(paragraph, boxes))
    for box in boxes:
        yield from _blocks(box)


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


def _row(row: etree._Element) -> Iterator[str]:
    """Give a row as ``name, tab, time, tab, speech`` where its first cells are short, else cell by cell."""
    cells = [[block for block in _blocks(cell) if block.strip()] for cell in _cells(row)]
    cells = [cell for cell in cells if cell]
    if not cells:
        return
    *heads, last = cells
    if heads and all(len(cell) == 1 and len(cell[0]) <= _MAX_LABEL_CELL and "\n" not in cell[0] for cell in heads):
        names = [cell[0].strip().rstrip(":") for cell in heads]
        # A name and its speech read as a turn wherever the table stands, between "Name: text" paragraphs too.
        is_turn = len(names) == 1 and is_label(names[0])
        yield f"{names[0]}: {last[0]}" if is_turn else "\t".join([*names, last[0]])
        yield from last[1:]
    else:
        for cell in cells:
            yield from cell


def _cells(element: etree._Element) -> Iterator[etree._Element]:
    for child in _children(element):
        if _local(child) == "tc":
            yield child
        else:
            yield from _cells(child)
