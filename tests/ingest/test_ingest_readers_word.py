from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import read_transcript

if TYPE_CHECKING:
    from collections.abc import Callable

    Docx = Callable[[str], bytes]


def t(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*content: str) -> str:
    return f"<w:p>{''.join(content)}</w:p>"


def shown(data: bytes) -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in read_transcript(data, name="talk.docx").utterances]


BOX = "<w:txbxContent>" + p(t("Ben: in a box")) + "</w:txbxContent>"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (p(t("Dana: one"), "<w:ins>", t(" two"), "</w:ins>"), "one two"),
        (p(t("Dana: one"), "<w:del><w:r><w:delText> no</w:delText></w:r></w:del>", t(" two")), "one two"),
        (p(t("Dana: "), "<w:moveFrom>", t("no"), "</w:moveFrom><w:moveTo>", t("two"), "</w:moveTo>"), "two"),
        (p(t("Dana: one"), "<w:hyperlink>", t(" link"), "</w:hyperlink>"), "one link"),
        (p(t("Dana: one"), '<w:fldSimple w:instr="DATE">', t(" today"), "</w:fldSimple>"), "one today"),
        (p(t("Dana: one"), "<w:sdt><w:sdtPr/><w:sdtContent>", t(" held"), "</w:sdtContent></w:sdt>"), "one held"),
        (p("<w:r><w:t>Dana: one</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>three</w:t></w:r>"), "one two three"),
        (p("<w:r><w:t>Dana: co</w:t><w:noBreakHyphen/><w:t>op</w:t></w:r>"), "co-op"),
        (p("<w:r><w:instrText>PAGE</w:instrText></w:r>", t("Dana: one")), "one"),
        ("<w:sdt><w:sdtContent>" + p(t("Dana: in a control")) + "</w:sdtContent></w:sdt>", "in a control"),
        (p(t("Dana: one")) + p(t("and two")), "one\nand two"),
        (p("<w:pPr><w:rPr><w:ins/></w:rPr></w:pPr>", t("Da"), t("na"), t(": R&amp;D")), "R&D"),
    ],
)
def test_no_construct_loses_a_word(docx: Docx, xml: str, text: str) -> None:
    assert shown(docx(xml + p(t("Ben: end"))))[0] == ("Dana", text)


def test_a_text_box_is_read_once(docx: Docx) -> None:
    choice = f"<mc:Choice><wps:txbx>{BOX}</wps:txbx></mc:Choice>"
    fallback = f"<mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict></mc:Fallback>"
    body = p(t("Dana: before"), f"<w:r><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r>")
    assert shown(docx(body + p(t("Dana: after")))) == [("Dana", "before"), ("Ben", "in a box"), ("Dana", "after")]
    old = p(t("Dana: before"), f"<w:r><w:pict><v:textbox>{BOX}</v:textbox></w:pict></w:r>")
    assert shown(docx(old)) == [("Dana", "before"), ("Ben", "in a box")]


def cell(*texts: str) -> str:
    return "<w:tc>" + "".join(p(t(text)) for text in texts) + "</w:tc>"


def test_tables_are_read_row_by_row(docx: Docx) -> None:
    rows = [("Interviewer", "How?"), ("Dana", "Well:", "so so"), ("Interviewer", "Why?"), ("Dana", "Because.")]
    table = "<w:tbl>" + "".join(f"<w:tr>{cell(name)}{cell(*said)}</w:tr>" for name, *said in rows) + "</w:tbl>"
    assert shown(docx(table)) == [
        ("Interviewer", "How?"), ("Dana", "Well:\nso so"), ("Interviewer", "Why?"), ("Dana", "Because."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [("Nr.", "Speaker", "Timestamp", "Text", "Code"), ("1", "Ana Ruiz", "00:00:01", "Hello.", "x"),
         ("2", "Ben Li", "00:00:05", "Hi: a colon.", ""), ("3", "Ana Ruiz", "00:00:09", "Bye.", "y")],
        [("Text", "Who", "Time"), ("Hello.", "Ana Ruiz", "00:01"), ("Hi: a colon.", "Ben Li:", "00:05"),
         ("Bye.", "Ana Ruiz", "[00:09]")],
        [("Ana Ruiz", "0:01", "Hello."), ("Ben Li", "0:05", "Hi: a colon."), ("Ana Ruiz", "0:09", "Bye.")],
        [("0:01", "Ana Ruiz:", "Hello."), ("0:05", "Ben Li:", "Hi: a colon."), ("0:09", "Ana Ruiz:", "Bye.")],
    ],
)  # fmt: skip
def test_columns_of_a_table_in_any_order(docx: Docx, rows: list[tuple[str, ...]]) -> None:
    table = "<w:tbl>" + "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in rows) + "</w:tbl>"
    raw = read_transcript(docx(p(t("Interview 7")) + table), name="talk.docx")
    assert [(one.speaker, one.text, one.start_seconds) for one in raw.utterances] == [
        ("Ana Ruiz", "Hello.", 1.0), ("Ben Li", "Hi: a colon.", 5.0), ("Ana Ruiz", "Bye.", 9.0),
    ]  # fmt: skip


def test_a_speaker_that_is_no_usual_label_keeps_their_words(docx: Docx) -> None:
    rows = [("Speaker", "Text"), ("Ana/QA", "Hello."), ("Ben", "Hi."), ("", "More."), ("Ana/QA", "Bye."), ("Ben", "")]
    table = "<w:tbl>" + "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in rows) + "</w:tbl>"
    assert shown(docx(table)) == [("Ana QA", "Hello."), ("Ben", "Hi.\nMore."), ("Ana QA", "Bye.")]


def test_paragraphs_of_a_row_without_speaker_are_read_once(docx: Docx) -> None:
    rows = [("Speaker", "Text"), ("Ana", "Hello."), ("", "More.", "Again."), ("Ben", "Bye.")]
    table = "<w:tbl>" + "".join(f"<w:tr>{cell(name)}{cell(*said)}</w:tr>" for name, *said in rows) + "</w:tbl>"
    assert shown(docx(table)) == [("Ana", "Hello.\nMore.\nAgain."), ("Ben", "Bye.")]


def test_what_is_not_read_is_counted(docx: Docx) -> None:
    note = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    gone = "<w:del><w:r><w:delText> no</w:delText></w:r></w:del>"
    loss = read_transcript(docx(p(t("Dana: one"), note, gone) + p(t("Ben: two"))), name="a.docx").loss
    assert loss.dropped == (("deleted text", 1), ("footnote", 1))
    assert (loss.lines_seen, loss.lines_attributed) == (4, 2)


def test_old_teams_documents(docx: Docx) -> None:
    turns = [("0:0:0.0 --> 0:0:1.510", "Ana Ruiz", "OK. Yeah."), ("0:0:2.90 --> 0:0:4.0", "Ben Li", "Sure: fine.")]
    body = "".join(p(f"<w:r><w:t>{a}</w:t><w:br/><w:t>{b}</w:t><w:br/><w:t>{c}</w:t></w:r>") for a, b, c in turns)
    raw = read_transcript(docx(body), name="talk.docx")
    assert [(one.speaker, one.text, one.start_seconds) for one in raw.utterances] == [
        ("Ana Ruiz", "OK. Yeah.", 0.0),
        ("Ben Li", "Sure: fine.", 2.09),
    ]


def test_new_teams_documents_and_their_service_lines(docx: Docx) -> None:
    body = (
        p(t("Call-20260815_200732-Meeting Recording"))
        + p(t("Martin Storey started transcription"))
        + p("<w:r><w:t>Martin Storey   0:04</w:t><w:br/><w:t>Shall we?</w:t><w:br/><w:t>Good.</w:t></w:r>")
        + p("<w:r><w:t>Ana Ruiz   1:00:07</w:t><w:br/><w:t>Yes.</w:t></w:r>")
        + p(t("Martin Storey stopped transcription"))
    )
    raw = read_transcript(docx(body), name="talk.docx")
    assert [(one.speaker, one.text, one.start_seconds) for one in raw.utterances] == [
        ("Martin Storey", "Shall we? Good.", 4.0),
        ("Ana Ruiz", "Yes.", 3607.0),
    ]
    assert raw.loss.dropped == (("before the first speaker", 1), ("line of the transcription service", 2))


def test_notes_above_a_google_meet_transcript_are_no_speech(docx: Docx) -> None:
    notes = ["Invited: ana@example.org", "Budget Review: the team agreed", "Next Steps: none"]
    talk = ["00:00:00", "Ana Ruiz: Hello, how was it?", "Ben Li: Good.", "00:05:00", "Ana Ruiz: Thanks."]
    raw = read_transcript(docx("".join(p(t(line)) for line in notes + talk)), name="talk.docx")
    assert [(one.speaker, one.text, one.start_seconds) for one in raw.utterances] == [
        ("Ana Ruiz", "Hello, how was it?", 0.0),
        ("Ben Li", "Good.", None),
        ("Ana Ruiz", "Thanks.", 300.0),
    ]


def archive_of(xml: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", xml)
    return stream.getvalue()


BOMB = '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'


@pytest.mark.parametrize(
    ("xml", "what"),
    [
        (b"<w:document", "its text part is no XML"),
        (b"", "its text part is no XML"),
        (b"<document/>", "the document holds no text"),
        (BOMB.encode(), "the document declares XML entities"),
        (('<?xml version="1.0" encoding="UTF-16"?>' + BOMB).encode("utf-16"), "the document declares XML entities"),
    ],
)
def test_damaged_and_hostile_xml_is_refused(xml: bytes, what: str) -> None:
    with pytest.raises(RefusedError, match=what):
        read_transcript(archive_of(xml), name="talk.docx")


def test_times_without_turns_are_refused(docx: Docx) -> None:
    with pytest.raises(RefusedError, match="2 time stamps, but no speaker"):
        read_transcript(docx(p(t("At 00:01:00 we said so.")) + p(t("By 00:02:00 all had left."))), name="a.docx")
