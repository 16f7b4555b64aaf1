"""From the paragraphs and tables of a document to utterances; what Word, OpenDocument and PDF files share."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import columns, meetings, stamps
from voc_pipeline.ingest.decoding import check_size, clean_lines
from voc_pipeline.ingest.labels import is_field, is_label, key_of
from voc_pipeline.ingest.turns import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voc_pipeline.records import RawTranscript

    Cell = Sequence[str]
    """The paragraphs of a table's cell."""

_MAX_LABEL_CELL = 60
_NAME_AND_TIME = 2
_NO_LABEL = re.compile(r"[^\w\s().,'-]+")


def parse_xml(xml: bytes, *, name: str) -> etree._Element:
    """Parse a document's text part.

    Raises:
        RefusedError: It is no XML, or declares entities.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise RefusedError(
            "the document is damaged: its text part is no XML", where=name, hint="Open it and save it again"
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise RefusedError(
            "the document declares XML entities, which no office program does",
            where=name,
            hint="Copy its text into a new one",
        )
    return root


def read_paragraphs(paragraphs: Iterable[str], *, name: str, unread: Mapping[str, int]) -> RawTranscript:
    """Read speaker turns from a document's paragraphs; each stands by itself.

    Args:
        paragraphs: Their texts in order; a line end within one is a line break.
        name: The file's name, for messages.
        unread: What else the document holds that is no speech, by reason, for the loss report.

    Raises:
        RefusedError: No text, over the size caps, or no turns of speakers in it.
    """
    every = [clean_lines(text) for text in paragraphs]
    if not any(text.strip() for text in every):
        raise RefusedError("the document holds no text", where=name, hint="If it is a picture, export the text")
    check_size([line for text in every for line in (*text.split("\n"), "")], name=name)
    spoken, around = meetings.speech_of(every, name=name)
    raw = read_lines(list(_lines(spoken)), name=name)
    outside = Counter(unread) + around
    dropped = tuple(sorted((outside + Counter(dict(raw.loss.dropped))).items()))
    loss = replace(raw.loss, lines_seen=raw.loss.lines_seen + outside.total(), dropped=dropped)
    return replace(raw, loss=loss)


def _lines(paragraphs: Iterable[str]) -> Iterator[str]:
    for text in paragraphs:
        yield from text.split("\n")
        if stamps.timing(text) is None:  # Teams: the name belongs to the times above it
            yield ""


def table_lines(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """Give a table's rows as lines that read as turns.

    Where the first row names the columns, a row is its time, speaker and speech, whatever their order and whatever
    stands in other columns; else see `_row_lines`.
    """
    found = columns.find([" ".join(cell).strip() for cell in rows[0]]) if rows else None
    if fields := _fields(rows):
        yield fields
    elif found is None or found.speaker is None:
        for row in rows:
            yield from _row_lines(row)
    else:
        for row in rows[1:]:
            start, speaker, text = (_cell(row, at) for at in (found.start, found.speaker, found.text))
            label = " ".join(speaker)
            yield from _turn_lines(label if is_label(label) else _NO_LABEL.sub(" ", label), " ".join(start), text)


def _fields(rows: Sequence[Sequence[Cell]]) -> str:
    """Give a table of fields (Date, Interviewer, Place) as one paragraph, the form of a head; empty for any other."""
    cells = [[" ".join(cell).strip() for cell in row] for row in rows]
    if any(len(row) != _NAME_AND_TIME for row in cells):
        return ""
    keys = [key_of(key.rstrip(": ")) for key, _ in cells]
    if not any(map(is_field, keys)) or not all(keys) or len(set(keys)) < len(keys):
        return ""
    return "\n".join(f"{key.rstrip(': ')}: {value}" for key, value in cells)


def _cell(row: Sequence[Cell], at: int | None) -> list[str]:
    return [text.strip() for text in row[at] if text.strip()] if at is not None and at < len(row) else []


def _turn_lines(name: str, stamp: str, text: Sequence[str]) -> Iterator[str]:
    """Write a turn as ``[time] Name: text``, the form that reads as one wherever it stands."""
    clock = stamp.strip("[]()# ")
    time = f"[{clock}] " if stamps.alone(clock) is not None else ""
    yield f"{time}{name.strip().rstrip(':')}: {text[0]}" if text and name.strip() else "".join(text[:1])
    yield from text[1:]


def _row_lines(row: Sequence[Cell]) -> Iterator[str]:
    """Give a row as a turn where its first cells are a name, or a name and a time; else cell by cell.

    Short cells of another kind stand on one line with tabs between them.
    """
    cells = [[text for text in cell if text.strip()] for cell in row]
    cells = [cell for cell in cells if cell]
    if not cells:
        return
    *first, last = cells
    short = [
        cell[0].strip() for cell in first if len(cell) == 1 and len(cell[0]) <= _MAX_LABEL_CELL and "\n" not in cell[0]
    ]
    names = [text for text in short if is_label(text.rstrip(":"))]
    clocks = [text for text in short if stamps.alone(text) is not None]
    if not first or len(short) < len(first):
        for cell in cells:
            yield from cell
    elif len(names) == 1 and len(names) + len(clocks) == len(short) <= _NAME_AND_TIME:
        yield from _turn_lines(names[0], " ".join(clocks), last)
    else:
        yield "\t".join([*(text.rstrip(":") for text in short), last[0]])
        yield from last[1:]
