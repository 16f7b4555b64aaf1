"""What every registered reader promises, ours or anybody's."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voc_pipeline import registry
from voc_pipeline.errors import RefusedError
from voc_pipeline.protocols import TranscriptReader

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = sorted((Path(__file__).parent / "fixtures").iterdir())
READERS: list[TranscriptReader] = [plugin.load()() for plugin in registry.plugins("readers")]
each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


def test_the_four_families_of_formats_are_registered() -> None:
    suffixes = {suffix for reader in READERS for suffix in reader.suffixes}
    assert {".txt", ".md", ".vtt", ".srt", ".docx", ".csv", ".tsv"} <= suffixes


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
