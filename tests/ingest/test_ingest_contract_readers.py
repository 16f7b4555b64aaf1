"""What every registered reader promises, ours or anybody's."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voc_pipeline import registry
from voc_pipeline.errors import RefusedError
from voc_pipeline.protocols import TranscriptReader
from voc_pipeline.records import NO_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
OTHERS = ("whisperx.json", "seconds.xlsx", "inline_and_tracked.odt", "turn_over_page_break.pdf")
FIXTURES = [*sorted((HERE / "fixtures").iterdir()), *(HERE / "by_another_hand" / name for name in OTHERS)]
READERS: list[TranscriptReader] = [plugin.load()() for plugin in registry.plugins("readers")]
each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


def test_every_family_of_formats_is_registered() -> None:
    suffixes = {suffix for reader in READERS for suffix in reader.suffixes}
    assert {".txt", ".md", ".vtt", ".srt", ".docx", ".odt", ".pdf", ".csv", ".tsv", ".xlsx", ".json"} <= suffixes


@each_reader
def test_a_reader_keeps_the_protocol(reader: TranscriptReader) -> None:
    assert isinstance(reader, TranscriptReader)
    assert reader.name
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in reader.suffixes)


@each_reader
@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe", bytes(64)])
def test_nothing_is_refused(reader: TranscriptReader, data: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        reader.read(data, name="x")
    assert caught.value.hint


@each_reader
@pytest.mark.parametrize("data", [bytes(range(256)) * 8, b"\x7fELF\x02\x01\x01" + bytes(99), b"\x00\x01\x02\x03" * 99])
def test_binary_is_refused(reader: TranscriptReader, data: bytes) -> None:
    with pytest.raises(RefusedError):
        reader.read(data, name="x")


def whole_files(docx: Callable[[str], bytes]) -> list[bytes]:
    word = docx("".join(f"<w:p><w:r><w:t>Dana: turn {n}</w:t></w:r></w:p>" for n in range(50)))
    return [word, *(path.read_bytes() for path in FIXTURES)]


@each_reader
def test_cut_off_and_foreign_files_raise_refusals_only(reader: TranscriptReader, docx: Callable[[str], bytes]) -> None:
    for data in whole_files(docx):
        for end in range(0, len(data), max(1, len(data) // 40)):
            with contextlib.suppress(RefusedError):
                assert reader.read(data[:end], name="x").utterances


@each_reader
def test_reading_is_deterministic(reader: TranscriptReader, docx: Callable[[str], bytes]) -> None:
    read = 0
    for data in whole_files(docx):
        with contextlib.suppress(RefusedError):
            assert reader.read(data, name="x") == reader.read(data, name="x")
            read += 1
    assert read > 0


@each_reader
def test_every_line_is_attributed_or_dropped(reader: TranscriptReader, docx: Callable[[str], bytes]) -> None:
    read = 0
    for data in whole_files(docx):
        with contextlib.suppress(RefusedError):
            raw = reader.read(data, name="x", options=NO_OPTIONS)
            assert raw.loss.lines_attributed + sum(count for _, count in raw.loss.dropped) == raw.loss.lines_seen
            assert 0 <= raw.loss.inferred_speakers <= raw.loss.lines_attributed
            read += 1
    assert read > 0


@each_reader
def test_options_for_other_formats_change_nothing(reader: TranscriptReader, docx: Callable[[str], bytes]) -> None:
    options = ReadingOptions(("no such column",), ("nor this",), ("nor that",), "no.such.list", "text")
    for data in whole_files(docx):
        with contextlib.suppress(RefusedError):
            assert reader.read(data, name="x", options=options) == reader.read(data, name="x")
