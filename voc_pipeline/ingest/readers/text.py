"""Reader of plain text and markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from voc_pipeline.ingest.decoding import decode
from voc_pipeline.ingest.metadata import front_matter
from voc_pipeline.ingest.turns import read_lines

if TYPE_CHECKING:
    from voc_pipeline.records import RawTranscript

_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")


class TextReader:
    """Reads ``Name: speech``, bold names, time stamps and Otter's ``Name  0:49`` headers; YAML front matter too."""

    name = "text"
    suffixes: tuple[str, ...] = (".txt", ".md")

    def read(self, data: bytes, *, name: str) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        text, warnings = decode(data, name=name)
        fields, body = front_matter(text)
        markdown = name.casefold().endswith(".md")
        if markdown:
            body = _ESCAPED.sub(r"\1", body)
        raw = read_lines(body.split("\n"), name=name, headings=markdown)
        return replace(raw, metadata={**raw.metadata, **fields}, warnings=(*warnings, *raw.warnings))
