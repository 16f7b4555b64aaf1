from __future__ import annotations

import io
import zipfile

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import read_transcript

SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"))
)
MANIFEST = b"<manifest/>"
MIME = b"application/vnd.oasis.opendocument.text"


def odt(body: str, manifest: bytes = MANIFEST, head: str = "") -> bytes:
    stream = io.BytesIO()
    content = (
        f'<?xml version="1.0"?>{head}<office:document-content {SPACES}><office:body><office:text>{body}'
        "</office:text></office:body></office:document-content>"
    )
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", MIME)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return stream.getvalue()


def p(content: str) -> str:
    return f"<text:p>{content}</text:p>"


def shown(data: bytes) -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in read_transcript(data, name="talk.odt").utterances]


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (p("Dana: one<text:s text:c='2'/>two"), "one  two"),
        (p("Dana: one\n   <text:span>two</text:span>\n three"), "one two three"),
        (p("Dana: one<text:tab/>two<text:line-break/>three"), "one two three"),
        (p("Dana: <text:a>link</text:a> <text:span>a<text:span>b</text:span>c</text:span>"), "link abc"),
        (p("Dana: one<text:change-start/> two<text:change-end/>"), "one two"),
        (p("Dana: one<text:change/>") + p("two"), "one\ntwo"),
        (p("Dana: a<text:note><text:note-body>" + p("no") + "</text:note-body></text:note>b"), "ab"),
        (p("Dana: a<office:annotation>" + p("no") + "</office:annotation>b"), "ab"),
        (
            "<text:section><text:list><text:list-item>"
            + p("Dana: in")
            + "</text:list-item></text:list></text:section>",
            "in",
        ),
        (
            p("Dana: a<text:ruby><text:ruby-base>b</text:ruby-base><text:ruby-text>no</text:ruby-text></text:ruby>"),
            "ab",
        ),
    ],
)
def test_no_construct_loses_a_word(xml: str, text: str) -> None:
    assert shown(odt(xml + p("Ben: end")))[0] == ("Dana", text)


def test_text_boxes_and_tables_stand_where_they_are_anchored() -> None:
    box = p("Dana: before<draw:frame><draw:text-box>" + p("Ben: in a box") + "</draw:text-box></draw:frame>")
    cells = [("Ben", "How?"), ("Dana", "So."), ("Ben", "Why?")]
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell>{p(text)}</table:table-cell>" for text in row)
        + "</table:table-row>"
        for row in cells
    )
    assert shown(odt(box + f"<table:table><table:table-header-rows/>{rows}</table:table>")) == [
        ("Dana", "before"), ("Ben", "in a box How?"), ("Dana", "So."), ("Ben", "Why?"),
    ]  # fmt: skip


def test_columns_of_a_table_in_any_order_are_read_by_their_names() -> None:
    cells = [
        ("No.", "Text", "Speaker"),
        ("1", "How?", "Ben"),
        ("2", "So.", "Dana"),
        ("3", "Why?", "Ben"),
        ("4", "Oh.", "Dana"),
    ]
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell>{p(text)}</table:table-cell>" for text in row)
        + "</table:table-row>"
        for row in cells
    )
    assert shown(odt(f"<table:table>{rows}</table:table>")) == [
        ("Ben", "How?"), ("Dana", "So."), ("Ben", "Why?"), ("Dana", "Oh."),
    ]  # fmt: skip


def test_what_is_not_read_is_counted() -> None:
    deleted = (
        "<text:tracked-changes><text:changed-region><text:deletion>"
        + p("Ben: no")
        + ("</text:deletion></text:changed-region></text:tracked-changes>")
    )
    note = "<text:note><text:note-body>" + p("no") + "</text:note-body></text:note>"
    loss = read_transcript(odt(deleted + p(f"Dana: yes{note}") + p("Ben: yes")), name="talk.odt").loss
    assert loss.dropped == (("deleted text", 1), ("footnote", 1))
    assert (loss.lines_seen, loss.lines_attributed) == (4, 2)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (odt(""), "the document holds no text"),
        (odt(p("x"), b"<manifest><encryption-data/></manifest>"), "the document is password-protected"),
        (odt(p("&b;"), head='<!DOCTYPE a [<!ENTITY b "c">]>'), "the document declares XML entities"),
        (odt("<text:p>"), "its text part is no XML"),
        (odt(p("Dana: a"))[:-9], "the document is cut off or damaged"),
    ],
)
def test_damaged_and_hostile_documents_are_refused(data: bytes, what: str) -> None:
    with pytest.raises(RefusedError, match=what):
        read_transcript(data, name="talk.odt")
