"""From bytes to text: encodings, size caps and the normal form of the text of record."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_CHARS = 5_000_000
MAX_LINE_CHARS = 100_000
_SAMPLE_BYTES = 8192
_BOMS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MANY_NULS = 0.3  # of the high bytes: European text in UTF-16 has nearly all of them NUL
_MANY_CONTROLS = 0.02
_MANY_ACCENTS = 0.25  # of all bytes: above it, cp1252 turns another alphabet into nonsense
_BLANK = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"  # and byte order marks
_TEXT_CONTROLS = b"\t\n\v\f\r\x1a\x1b"
_BROKEN_CHARACTER = "the file ends in the middle of a character, so it was cut off"
_SAVE_AS_UTF8 = "Open it in the program it comes from and save it as plain text in UTF-8"

_AS_NEWLINE = re.compile("\r{1,2}\n|[\r\v\f\u2028\u2029]")  # two: a file that was converted to Windows' line ends twice
_AS_SPACE = re.compile("[\x1c-\x1f]")  # Python takes these for blanks: they part words
_GONE = re.compile("[\x00-\x08\x0e-\x1b\ud800-\udfff]")


def normalise(text: str) -> str:
    r"""Bring speech into the form of the text of record.

    Line ends become ``\n``; tabs and separator controls become spaces; NUL, other C0 controls and lone surrogates go.
    """
    return clean_lines(text).replace("\t", " ")


def clean_lines(text: str) -> str:
    """Do as `normalise` does, but leave tabs: some formats part their columns with them."""
    return _GONE.sub("", _AS_SPACE.sub(" ", _AS_NEWLINE.sub("\n", text)))


def decode(data: bytes, *, name: str) -> tuple[str, tuple[str, ...]]:
    r"""Decode a text file: byte order mark, strict UTF-8, UTF-16 by its NUL pattern, else Windows-1252.

    Args:
        data: The file's bytes.
        name: Its name, for messages.

    Returns:
        The text with ``\n`` line ends and without control characters but tabs, and warnings (never text of the file).

    Raises:
        RefusedError: Empty, binary, cut off within a character, in an unknown encoding, or over the size caps.
    """
    refuse_empty(data, name=name)
    text, warnings = _decoded(data, name)
    text = clean_lines(text)
    refuse_empty(text.replace("\ufeff", "").strip().encode(), name=name)
    check_size(text.split("\n"), name=name)
    return text, warnings


def refuse_empty(data: bytes, *, name: str) -> None:
    """Refuse a file of nothing, or of nothing but white space, NULs and byte order marks.

    Raises:
        RefusedError: It is empty.
    """
    if not data.strip(_BLANK):
        raise RefusedError("the file is empty", where=name, hint="Copy it into the inbox again once it holds text")


def check_size(lines: Sequence[str], *, name: str) -> None:
    """Hold a transcript to the caps that keep later stages within bounds.

    Raises:
        RefusedError: More than 5,000,000 characters, or a line of more than 100,000.
    """
    if (total := sum(map(len, lines)) + len(lines) - 1) > MAX_CHARS:
        raise RefusedError(
            f"the transcript has {total:,} characters, the limit is {MAX_CHARS:,}",
            where=name,
            hint="Split it into one file an interview",
        )
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_CHARS:
            raise RefusedError(
                f"line {number} has {len(line):,} characters, the limit is {MAX_LINE_CHARS:,}",
                where=name,
                hint="Export the transcript again with one line a turn",
            )


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), ()
            except UnicodeDecodeError as error:
                raise _undecodable(error, name) from None
    if unmarked := _utf16_by_nuls(data):
        try:
            text = data.decode(unmarked)
        except UnicodeDecodeError as error:
            raise _undecodable(error, name) from None
        _refuse_binary([ord(character) for character in text[:_SAMPLE_BYTES]], name)
        return text, (f"no byte order mark, read as {unmarked.upper()}",)
    _refuse_binary(data[:_SAMPLE_BYTES], name)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise RefusedError(_BROKEN_CHARACTER, where=name, hint="Copy or download it again") from None
    return _windows_1252(data, name)


def _undecodable(error: UnicodeDecodeError, name: str) -> RefusedError:
    if error.end >= len(error.object):
        return RefusedError(_BROKEN_CHARACTER, where=name, hint="Copy or download it again")
    return RefusedError(
        f"byte {error.start} is no valid {error.encoding.upper()}, although the file starts as such",
        where=name,
        hint=_SAVE_AS_UTF8,
    )


def _utf16_by_nuls(data: bytes) -> str | None:
    sample = data[:_SAMPLE_BYTES]
    even, odd = sample[::2], sample[1::2]
    if len(sample) < 4:  # noqa: PLR2004 (two UTF-16 code units: less shows no pattern)
        return None
    even_nuls, odd_nuls = even.count(0) / len(even), odd.count(0) / len(odd)
    if odd_nuls > _MANY_NULS and even_nuls < odd_nuls / 4:
        return "utf-16-le"
    if even_nuls > _MANY_NULS and odd_nuls < even_nuls / 4:
        return "utf-16-be"
    return None


def _refuse_binary(sample: Sequence[int], name: str) -> None:
    controls = sum(code < 0x20 and code not in _TEXT_CONTROLS for code in sample)  # noqa: PLR2004 (C0 controls)
    if controls > _MANY_CONTROLS * len(sample):
        raise RefusedError(
            "the file is binary, not text",
            where=name,
            hint="Export the transcript as .txt, .vtt, .srt, .docx or .csv; audio must be transcribed first",
        )


def _windows_1252(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    accents = sum(byte > 0x7F for byte in data)  # noqa: PLR2004 (end of ASCII)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text or accents > _MANY_ACCENTS * len(data):
        raise RefusedError(
            "the text is in none of the known encodings (UTF-8, UTF-16, Windows-1252)", where=name, hint=_SAVE_AS_UTF8
        )
    return text, ("not UTF-8, read as Windows-1252: check names and accents",)
