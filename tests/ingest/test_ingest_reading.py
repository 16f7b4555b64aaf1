from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import archive, reading
from voc_pipeline.ingest.reading import known_suffixes, merge_pieces, read_transcript
from voc_pipeline.records import Utterance

if TYPE_CHECKING:
    from collections.abc import Callable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
TEXT = b"Dana: Hello there.\nBen: Hello to you.\n"


def refusal(data: bytes, name: str) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        read_transcript(data, name=name)
    assert caught.value.where.startswith(name)
    return caught.value


@pytest.mark.parametrize(
    ("data", "name", "what", "hint"),
    [
        (b"", "a.txt", "the file is empty", "Copy it into the inbox again"),
        (b" \n \t", "a.vtt", "the file is empty", "Copy it into the inbox again"),
        (b"", "a.docx", "the file is empty", "Copy it into the inbox again"),
        (TEXT, "a.rtf", "no reader takes .rtf files", "save it as .docx"),
        (TEXT, "a.pdf", "this is no PDF, although its name ends in .pdf", "Export it again"),
        (TEXT, "a.xlsx", "this is no Excel workbook, although its name ends in .xlsx", "rename it to .txt"),
        (TEXT, "a.odt", "this is no OpenDocument text, although its name ends in .odt", "rename it to .txt"),
        (
            TEXT,
            "a.json",
            "no JSON, or it was cut off: Expecting value in line 1",
            "Export or download it again",
        ),
        (TEXT, "a.xyz", "no reader takes .xyz files", "Accepted: .csv, .docx, .json, .md, .odt, .pdf, .srt, .tsv"),
        (TEXT, "a.mp3", "no reader takes .mp3 files", "transcribed first"),
        (TEXT, "talk", "the file's name has no ending", "rename or export it"),
        (TEXT, "a.docx", "this is no Word document, although its name ends in .docx", "rename it to .txt"),
        (b"WEBVTT\n\nx", "a.docx", "this is no Word document, although its name ends in .docx", "rename it to .vtt"),
        (b"WEBVTT\n\nx", "a.txt", "this is a WebVTT caption file, although its name ends in .txt", "Rename it to .vtt"),
        (b"%PDF-1.7 x", "a.docx", "this is a PDF, although its name ends in .docx", "Rename it to .pdf"),
        (b"{\\rtf1 x", "a.txt", "this is a rich text (RTF) document", "save it as .docx"),
        (b"\x00\x00\x00\x18ftypmp42", "a.txt", "this is a recording", "transcribed first"),
        (b"<!DOCTYPE html><p>x", "a.txt", "this is a web page", "save it as .docx"),
        (OLE, "a.docx", "this is a file in an old Office format", "save it as .docx"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.docx", "Word's old format (.doc)", "save it as .docx"),
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "a.docx",
            "the document is password-protected",
            "without a password",
        ),
        (b"PK\x03\x04" + bytes(99), "a.docx", "the document is cut off or damaged", "Copy or download it again"),
        (b"PK\x03\x04 nothing", "a.csv", "this is a zip archive, although its name ends in .csv", "Unpack it"),
        (b"\x89PNG\r\n", "a.md", "this is a picture", "Export the text"),
    ],
)
def test_what_is_no_transcript_is_refused_with_a_way_out(data: bytes, name: str, what: str, hint: str) -> None:
    error = refusal(data, name)
    assert what in error.what
    assert hint in error.hint


def test_a_word_document_under_another_name_is_told(docx: Callable[[str], bytes]) -> None:
    error = refusal(docx("<w:p/>"), "a.txt")
    assert error.what == "this is a Word document, although its name ends in .txt"
    assert error.hint == "Rename it to .docx"


def test_the_ending_decides_whatever_its_case() -> None:
    assert len(read_transcript(TEXT, name="deep/Folder/A.TXT").utterances) == 2
    assert known_suffixes() == (
        ".csv", ".docx", ".json", ".md", ".odt", ".pdf", ".srt", ".tsv", ".txt", ".vtt", ".xlsx",
    )  # fmt: skip


def test_cut_off_documents_are_refused(docx: Callable[[str], bytes]) -> None:
    whole = docx("<w:p><w:r><w:t>Dana: hello</w:t></w:r></w:p>")
    assert read_transcript(whole, name="a.docx").utterances == (Utterance("Dana", "hello"),)
    for end in range(8, len(whole) - 1, 7):
        assert refusal(whole[:end], "a.docx").what == "the document is cut off or damaged"


def zipped(parts: list[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts:
            made.writestr(name, content)
    return stream.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_hostile_archives_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    part = "word/document.xml"
    assert "it lacks word/document.xml" in refusal(zipped([("a", b"x")]), "a.docx").what
    assert "has the part word/document.xml twice" in refusal(zipped([(part, b"x"), (part, b"x")]), "a.docx").what
    assert "zip bomb" in refusal(zipped([(part, b" " * 3_000_000)]), "a.docx").what
    many = zipped([(part, b"x"), *((f"media/{n}", b"") for n in range(2000))])
    assert refusal(many, "a.docx").what == "the document has 2,001 parts, the limit is 2,000"
    monkeypatch.setattr(archive, "MAX_PART_BYTES", 10)
    assert "zip bomb" in refusal(zipped([(part, b"<w:document>")]), "a.docx").what


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(zipped([("word/document.xml", b"<x/>")]))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data), "a.docx").what == "the document is password-protected"


def test_a_size_that_lies_does_not_help_a_bomb() -> None:
    data = bytearray(zipped([("word/document.xml", b" " * 3_000_000)]))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert refusal(bytes(data), "a.docx").what == "the document is cut off or damaged"


def test_adjacent_pieces_of_one_speaker_are_joined_by_a_space() -> None:
    pieces = [Utterance("Dana", "Well,\nthen", 1.0), Utterance("DANA ", " no. ", 9.0), Utterance("Ben", "\x00 "),
              Utterance("Dana", "Right."), Utterance(None, "hm")]  # fmt: skip
    assert merge_pieces(pieces) == (Utterance("Dana", "Well,\nthen no. Right.", 1.0), Utterance(None, "hm"))


def test_more_turns_than_the_cap_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_TURNS", 2)
    assert len(read_transcript(TEXT, name="a.txt").utterances) == 2
    assert refusal(TEXT + b"Dana: Bye.", "a.txt").what == "the transcript has 3 turns, the limit is 2"
