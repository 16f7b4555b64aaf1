"""What a file really is, whatever its name says."""

from __future__ import annotations

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.decoding import refuse_empty

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_AUDIO = "Have it transcribed first"
_AS_DOCX = "Open it and save it as .docx or plain text"
_MAGIC = (
    (b"%PDF", "a PDF", "Rename it to .pdf"),
    (b"{\\rtf", "a rich text (RTF) document", _AS_DOCX),
    (b"ID3", "an audio recording", _AUDIO),
    (b"RIFF", "an audio recording or video", _AUDIO),
    (b"OggS", "an audio recording", _AUDIO),
    (b"fLaC", "an audio recording", _AUDIO),
    (b"\x89PNG", "a picture", "Export the text itself"),
    (b"\xff\xd8\xff", "a picture", "Export the text itself"),
    (b"GIF8", "a picture", "Export the text itself"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first"),
    (b"Rar!", "a RAR archive", "Unpack it first"),
    (b"SQLite format 3", "a database", "Export the transcript as text"),
)
_CONTAINERS = {  # by the name of a part that each has, or what its first part says
    ".docx": ("Word document", b"word/document.xml"),
    ".xlsx": ("Excel workbook", b"xl/workbook.xml"),
    ".odt": ("OpenDocument text", b"application/vnd.oasis.opendocument.text"),
}
_OTHER_SUFFIXES = {
    ".doc": "Open it in Word and save it as .docx",
    ".rtf": _AS_DOCX,
    ".pages": _AS_DOCX,
    ".xls": "Save it as .xlsx or CSV",
    ".html": _AS_DOCX,
    ".htm": _AS_DOCX,
    ".zip": "Unpack it in the inbox",
    **dict.fromkeys((".mp3", ".m4a", ".wav", ".mp4", ".mov", ".ogg", ".webm", ".flac"), _AUDIO),
}


def refuse_unknown_suffix(suffix: str, *, name: str, known: tuple[str, ...]) -> None:
    """Refuse a file whose ending no reader takes.

    Raises:
        RefusedError: Unless ``suffix`` is one of ``known``; says what to do with the commoner ones.
    """
    if suffix in known:
        return
    what = f"no reader takes {suffix} files" if suffix else "the file's name has no ending"
    advice = _OTHER_SUFFIXES.get(suffix, "If it is a transcript, rename or export it")
    raise RefusedError(what, where=name, hint=f"{advice}. Accepted: {', '.join(known)}")


def refuse_office_container(data: bytes, *, name: str) -> None:
    """Refuse what lies in an OLE container: encrypted documents and Word's old format.

    Raises:
        RefusedError: It is one.
    """
    if not data.startswith(_OLE):
        return
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise RefusedError(
            "the document is password-protected",
            where=name,
            hint="Open it in Word and save a copy without a password (File, Info, Protect Document)",
        )
    if "WordDocument".encode("utf-16-le") in data:
        raise RefusedError(
            "this is a document in Word's old format (.doc)", where=name, hint="Open it in Word and save it as .docx"
        )
    raise RefusedError("this is a file in an old Office format", where=name, hint=_AS_DOCX)


def refuse_misnamed(data: bytes, suffix: str, *, name: str) -> None:
    """Refuse a file whose bytes are of another kind than its ending says.

    Args:
        data: The file's bytes.
        suffix: Its ending, lower-case with the dot.
        name: Its name, for messages.

    Raises:
        RefusedError: Says what the file is and how to name or convert it.
    """
    refuse_empty(data, name=name)
    refuse_office_container(data, name=name)
    for magic, kind, advice in _MAGIC:
        if data.startswith(magic) and (suffix, magic) != (".pdf", b"%PDF"):
            raise _misnamed(kind, suffix, name=name, hint=advice)
    if data[4:8] == b"ftyp":
        raise _misnamed("a recording", suffix, name=name, hint=_AUDIO)
    captions = data.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")
    _refuse_other_container(data, suffix, name=name, captions=captions)
    if captions and suffix not in {".vtt", ".srt"}:
        raise _misnamed("a WebVTT caption file", suffix, name=name, hint="Rename it to .vtt")
    if data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html")):
        raise _misnamed("a web page", suffix, name=name, hint=_AS_DOCX)


def _refuse_other_container(data: bytes, suffix: str, *, name: str, captions: bool) -> None:
    zipped, own = data.startswith(_ZIP), _CONTAINERS.get(suffix)
    if own and not zipped:
        advice = f"If it is plain text, rename it to {'.vtt' if captions else '.txt'}; else open it and save it again"
        raise _misnamed(f"no {own[0]}", suffix, name=name, hint=advice)
    if not zipped or suffix == ".zip" or (own and own[1] in data):
        return
    for right, (kind, mark) in _CONTAINERS.items():
        if mark in data:
            raise _misnamed(f"{_article(kind)} {kind}", suffix, name=name, hint=f"Rename it to {right}")
    if own is None:
        raise _misnamed("a zip archive", suffix, name=name, hint="Unpack it, or export the transcript as text")


def _article(kind: str) -> str:
    return "an" if kind[0] in "AEIOU" else "a"


def _misnamed(kind: str, suffix: str, *, name: str, hint: str) -> RefusedError:
    return RefusedError(f"this is {kind}, although its name ends in {suffix}", where=name, hint=hint)
