"""Lines made to keep a pattern busy: each file is read or refused within seconds."""

from __future__ import annotations

import contextlib

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import read_transcript
from voc_pipeline.ingest.speakers import propose_roles

WIDE = 99_000
LINES = {
    "blanks": "Dana" + " " * WIDE + "x",
    "leading blanks": " " * WIDE + "x",
    "bold": "**a" + " " * WIDE,
    "stars": "*" * WIDE,
    "brackets": "[" * WIDE,
    "bracketed blanks": "[ " * (WIDE // 2),
    "voices": "<v " * (WIDE // 3),
    "tags": "<c " * (WIDE // 3),
    "clocks": "1:11 " * (WIDE // 5),
    "arrows": "1:11 --> " * (WIDE // 9),
    "rules": "- " * (WIDE // 2) + "x",
    "tabs": "a\t" * (WIDE // 2),
    "commas": "a,|-" * (WIDE // 4) + "[1:11",
    "entities": "&" * WIDE,
    "stops": "a." + " " * (WIDE - 3) + ".",
    "letters": "a" * WIDE + "!",
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("suffix", [".txt", ".md", ".vtt", ".srt", ".csv"])
@pytest.mark.parametrize("shape", LINES)
def test_no_line_keeps_a_reader_busy(shape: str, suffix: str) -> None:
    head = {".vtt": "00:01.000 --> 00:02.000\n", ".srt": "00:01.000 --> 00:02.000\n", ".csv": "text\n"}.get(suffix, "")
    text = f"{head}{LINES[shape]}\nDana: hi\nBen: ho\n{LINES[shape]}\n"
    with contextlib.suppress(RefusedError):
        assert propose_roles(read_transcript(text.encode(), name=f"x{suffix}"))
