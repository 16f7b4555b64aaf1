"""Reader of plain text and markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from voc_pipeline.ingest.cues import is_caption_file
from voc_pipeline.ingest.decoding import decode
from voc_pipeline.ingest.entities import decode_entities
from voc_pipeline.ingest.metadata import front_matter
from voc_pipeline.ingest.readers.captions import CaptionsReader
from voc_pipeline.ingest.tabbed import read_tabbed
from voc_pipeline.ingest.turns import read_lines
from voc_pipeline.records import NO_OPTIONS

if TYPE_CHECKING:
    from voc_pipeline.records import RawTranscript, ReadingOptions

_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")


class TextReader:
    """Reads ``Name: speech``, bold names, time stamps, Otter's ``Name  0:49`` headers and rows with tabs.

    Takes YAML front matter off. Captions that were saved as text are read as captions.
    """

    name = "text"
    suffixes: tuple[str, ...] = (".txt", ".md")

    def read(
        self,
        data: bytes,
        *,
        name: str,
        options: ReadingOptions = NO_OPTIONS,
    ) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        text, warnings = decode(data, name=name)
        fields, body = front_matter(text)
        markdown = name.casefold().endswith(".md")
        if markdown:
            body = decode_entities(_ESCAPED.sub(r"\1", body))
        lines = body.split("\n")
        if is_caption_file(lines):
            return CaptionsReader().read(data, name=name)
        raw = read_tabbed(lines, name=name, options=options)
        if raw is None:
            raw = read_lines(lines, name=name, headings=markdown)
        return replace(raw, metadata={**raw.metadata, **fields}, warnings=(*warnings, *raw.warnings))
