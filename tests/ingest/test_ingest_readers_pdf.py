from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.pages import flowing_lines
from voc_pipeline.ingest.printed_rows import part_columns
from voc_pipeline.ingest.readers import pdf
from voc_pipeline.ingest.reading import read_transcript

if TYPE_CHECKING:
    from collections.abc import Sequence


def made(*pages: Sequence[str], trailer: str = "") -> bytes:
    """A PDF with lines of text, written without anybody's library."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        escaped = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines]
        stream = "BT /F1 11 Tf 14 TL 50 700 Td " + " ".join(f"({line}) Tj T*" for line in escaped) + " ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        font = "<< /Font << /F1 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources {font} /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    text += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer}>>\n"
    return (text + f"startxref\n{text.index('xref')}\n%%EOF\n").encode("latin-1")


def shown(data: bytes) -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in read_transcript(data, name="talk.pdf").utterances]


def test_a_turn_runs_over_the_page_break_and_titles_are_no_speech() -> None:
    first = ["Interview 9", "Ben: Did you?", "Ana: We did, and it took", "Page 1 of 2"]
    second = ["Interview 9", "a month.", "Ben: I see.", "Page 2 of 2"]
    raw = read_transcript(made(first, second), name="talk.pdf")
    assert [(one.speaker, one.text) for one in raw.utterances] == [
        ("Ben", "Did you?"), ("Ana", "We did, and it took a month."), ("Ben", "I see."),
    ]  # fmt: skip
    assert raw.loss.dropped == (("page title or number", 4),)
    assert raw.loss.lines_seen == raw.loss.lines_attributed + 4


@pytest.mark.parametrize(
    ("pages", "lines"),
    [
        ([["a", "Ben: Yes."], ["b", "Ben: Yes."]], ["a", "Ben: Yes.", "b", "Ben: Yes."]),
        ([["Ben (0:01)", "One."], ["Ben (0:09)", "Two."]], ["Ben (0:01)", "One.", "Ben (0:09)", "Two."]),
        ([["One.", "1"], ["Two.", "2"], ["Three.", "3"]], ["One.", "Two.", "Three."]),
        ([["It cost 3."], ["It cost 7."]], ["It cost 3.", "It cost 7."]),
        ([["One.", "- 5 -"], [], ["Two.", "- 7 -"]], ["One.", "Two."]),
        ([["Title", "One.", "Left"], ["Title", "Two.", "Right"]], ["One.", "Left", "Two.", "Right"]),
        ([["One.", "Page 1 of 1"]], ["One."]),
        ([["One.", "1"]], ["One.", "1"]),
        ([[], ["  "], ["One."]], ["One."]),
        ([["Title"], ["Title"]], []),
    ],
)
def test_only_what_pages_repeat_is_dropped(pages: list[list[str]], lines: list[str]) -> None:
    found, dropped = flowing_lines(pages)
    assert found == lines
    assert dropped == sum(bool(line.strip()) for page in pages for line in page) - len(lines)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["A bio-", "analysis here"], "A bio-analysis here"),
        (["A bio-", "analysis and bioanalysis"], "A bioanalysis and bioanalysis"),
        (["A soft\u00ad", "ened one"], "A softened one"),
        (["It was a price", "note: not good"], "It was a price note: not good"),
        (["A pre-", "Brexit rule"], "A pre-|Brexit rule"),
        (["Done.", "interviewer: why?"], "Done.|interviewer: why?"),
        (["and so", "interviewer: why?"], "and so|interviewer: why?"),
    ],
)
def test_lines_that_go_on_are_joined(lines: list[str], text: str) -> None:
    assert "|".join(flowing_lines([lines])[0]) == text


def test_rows_of_a_printed_table_are_parted() -> None:
    rows = [
        "Time Speaker Text", "00:01 Interviewer Why so?", "00:04 Dana Cole", "Because it failed.", "00:09 Interviewer",
        "Oh.", "00:11 Dana Cole Price: too high.",
    ]  # fmt: skip
    assert part_columns([*rows, "00:12 Dana Cole"], name="x")[1:] == [
        "[00:01] Interviewer: Why so?", "[00:04] Dana Cole: ", "Because it failed.", "[00:09] Interviewer: ", "Oh.",
        "[00:11] Dana Cole: Price: too high.", "[00:12] Dana Cole: ",
    ]  # fmt: skip
    plain = ["00:01 Dana: Why so?", "00:02 Ben: Because.", "00:03 Dana: Oh."]
    assert part_columns(plain, name="x") == plain
    with pytest.raises(
        RefusedError, match="3 of its lines begin with a time, but in 1 of them the speaker can't be told"
    ):
        part_columns(["00:01 Interviewer Why?", "00:02 Interviewer So?", "00:03 Dana Because."], name="x")


def test_what_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = made(["Ben: Did you?", "Ana: We did."])
    assert shown(talk) == [("Ben", "Did you?"), ("Ana", "We did.")]
    locked = made(["x"], trailer="/Encrypt << /Filter /Standard /V 1 /R 2 /O (o) /U (u) /P -4 >> ")
    cases = [
        (talk[:-20], "the PDF is cut off"),
        (made([]), "its pages hold no text: they are pictures, a scan"),
        (b"%PDF-1.4 nothing %%EOF", "the PDF is damaged or encrypted"),
        (locked, "password-protected|damaged or encrypted"),
    ]
    for data, what in cases:
        with pytest.raises(RefusedError, match=what) as caught:
            shown(data)
        assert caught.value.hint
    monkeypatch.setattr(pdf, "MAX_PAGES", 1)
    with pytest.raises(RefusedError, match="the PDF has 2 pages, the limit is 1"):
        shown(made(["a"], ["b"]))


def test_a_pdf_with_a_password_is_refused() -> None:
    import io

    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made(["Ben: Did you?", "Ana: We did."])))
    writer.encrypt("secret", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    with pytest.raises(RefusedError, match="the PDF is password-protected"):
        shown(stream.getvalue())
