from __future__ import annotations

import codecs

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import decoding
from voc_pipeline.ingest.decoding import decode, normalise
from voc_pipeline.ingest.reading import read_transcript

SPEECH = {"Zoë": "Wie läuft\u2019s? Très bien \u2013 merci.", "Ana": "Sí, todo bien: 12 % más."}
FORMATS = {
    ".txt": "\r\n".join(f"{name}: {text}" for name, text in SPEECH.items()),
    ".md": "\n\n".join(f"**{name}:** {text}" for name, text in SPEECH.items()),
    ".vtt": "WEBVTT\n\n" + "\n\n".join(f"00:01.000 --> 00:02.000\n<v {n}>{t}" for n, t in SPEECH.items()),
    ".srt": "\n\n".join(
        f"{at}\n00:00:0{at},000 --> 00:00:09,000\n{n}: {t}" for at, (n, t) in enumerate(SPEECH.items())
    ),
    ".csv": "speaker;text\r\n" + "\r\n".join(f'{name};"{text}"' for name, text in SPEECH.items()),
}
ENCODINGS = {
    "utf-8": (b"", "utf-8"),
    "utf-8 with mark": (codecs.BOM_UTF8, "utf-8"),
    "utf-16 little-endian with mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16 big-endian with mark": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "utf-16 little-endian": (b"", "utf-16-le"),
    "utf-16 big-endian": (b"", "utf-16-be"),
    "utf-32 with mark": (codecs.BOM_UTF32_LE, "utf-32-le"),
    "windows-1252": (b"", "cp1252"),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_gives_the_same_transcript(suffix: str, encoding: str) -> None:
    mark, codec = ENCODINGS[encoding]
    raw = read_transcript(mark + FORMATS[suffix].encode(codec), name=f"talk{suffix}")
    assert {one.speaker: one.text for one in raw.utterances} == SPEECH
    guessed = encoding in {"windows-1252", "utf-16 little-endian", "utf-16 big-endian"}
    assert len(raw.warnings) == guessed


def test_a_guess_is_recorded() -> None:
    assert decode("Zoë: naïve".encode("cp1252"), name="x") == (
        "Zoë: naïve",
        ("not UTF-8, read as Windows-1252: check names and accents",),
    )
    assert decode("Zoë: hi".encode("utf-16-le"), name="x")[1] == ("no byte order mark, read as UTF-16-LE",)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t ", "the file is empty"),
        (codecs.BOM_UTF8 + b"\n", "the file is empty"),
        (b"\x00" * 40, "the file is empty"),
        ("Zoë".encode()[:-1] + b"", "the file ends in the middle of a character, so it was cut off"),
        ("\ufeffZoë: hi".encode("utf-16-le")[:-1], "the file ends in the middle of a character, so it was cut off"),
        (b"\xff\xfe\x00\xd8A\x00B\x00", "is no valid UTF-16"),
        (b"Dana: \x01\x02\x03\x04", "the file is binary, not text"),
        ("Анна: Как дела?".encode("cp1251"), "the text is in none of the known encodings"),
        (b"Dana: caf\x81 cr\x8dme and so on and on", "the text is in none of the known encodings"),
    ],
)
def test_what_cannot_be_decoded_is_refused_in_plain_words(data: bytes, what: str) -> None:
    with pytest.raises(RefusedError) as caught:
        decode(data, name="inbox/x.txt")
    assert what in caught.value.what
    assert caught.value.where == "inbox/x.txt"
    assert caught.value.hint


def test_controls_go_and_blanks_stay_blanks() -> None:
    assert normalise("a\r\nb\rc\x0bd\x0ce") == "a\nb\nc\nd\ne"
    assert normalise("a\tb\x1cc") == "a b c"
    assert normalise("a\x00b\x07c\ud800d") == "abcd"
    assert normalise("a\u00a0b\u200d😀") == "a\u00a0b\u200d😀"


def test_caps_refuse_with_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    decode(b"a" * 100_000, name="x")
    with pytest.raises(RefusedError, match="line 2 has 100,001 characters, the limit is 100,000"):
        decode(b"a\n" + b"a" * 100_001, name="x")
    monkeypatch.setattr(decoding, "MAX_CHARS", 5)
    decode(b"ab\ncd", name="x")
    with pytest.raises(RefusedError, match="the transcript has 6 characters, the limit is 5"):
        decode(b"ab\ncde", name="x")
