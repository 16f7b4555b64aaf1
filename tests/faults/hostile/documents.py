"""Hostile Word, Excel, OpenDocument and PDF files."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from tests.faults.hostile.archives import MB, Entry, archive, bomb, deflated, pack, stored
from tests.faults.hostile.texts import Row, talk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.faults.hostile.texts import Expect, Scale, Turns

HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD_NS = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OPEN, CLOSE = b'<w:document xmlns:w="' + WORD_NS + b'"><w:body>', b"</w:body></w:document>"
DOC, TYPES, RELS, DOC_RELS = "word/document.xml", "[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_096)
RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
NOWHERE = "http://127.0.0.1:9/voc_hostile_escape"
Parts = dict[str, "bytes | Entry"]


def _types(main: str, content_type: str, extra: str = "") -> bytes:
    defaults = (
        f'<Default Extension="rels" ContentType="{RELS_TYPE}"/><Default Extension="xml" ContentType="application/xml"/>'
    )
    override = f'<Override PartName="/{main}" ContentType="{content_type}"/>'
    return HEAD + f'<Types xmlns="{PACKAGE}/content-types">{defaults}{override}{extra}</Types>'.encode()


def _rels(*links: tuple[str, str, str]) -> bytes:
    body = "".join(
        f'<Relationship Id="rId{at + 1}" Type="{OFFICE}/{kind}" Target="{escape(target)}"{mode}/>'
        for at, (kind, target, mode) in enumerate(links)
    )
    return HEAD + f'<Relationships xmlns="{PACKAGE}/relationships">{body}</Relationships>'.encode()


def para(text: str) -> bytes:
    """Return one Word paragraph of one run."""
    return b'<w:p><w:r><w:t xml:space="preserve">' + escape(text).encode() + b"</w:t></w:r></w:p>"


def spoken(turns: Turns) -> bytes:
    """Return turns as Word paragraphs ``Name: text``."""
    return b"".join(para(f"{who}: {said}") for who, said in turns)


def docx_parts(body: bytes) -> Parts:
    """Return the parts of a minimal valid Word file around a body."""
    link = _rels(("officeDocument", DOC, ""))
    return {TYPES: _types(DOC, DOCX_TYPE), RELS: link, DOC: HEAD + OPEN + body + CLOSE, DOC_RELS: _rels()}


def docx(body: bytes, changes: Mapping[str, bytes | Entry | None] | None = None) -> bytes:
    """Return a minimal Word file; ``changes`` adds, replaces or (None) removes parts."""
    parts = {**docx_parts(body), **(changes or {})}
    return archive({name: part for name, part in parts.items() if part is not None})


def _doctypes() -> dict[str, bytes]:
    laughs = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (at, b"&a%d;" % (at - 1) * 10) for at in range(1, 10)
    )
    link = NOWHERE.encode()
    return {
        "laughs": b"<!DOCTYPE x [" + laughs + b"]>|&a9;",
        "quadratic": b'<!DOCTYPE x [<!ENTITY a "' + b"A" * 90_000 + b'">]>|' + b"&a;" * 10_000,
        "self_reference": b'<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>|&a;',
        "parameter": b"<!DOCTYPE x [<!ENTITY % p \"<!ENTITY a 'b'>\">%p;%p;]>|&a;",
        "harmless": b"<!DOCTYPE x>|",
        "silent_loss": b'<!DOCTYPE x [<!ENTITY a "never">]>|I would &a; buy it again.',
        "xxe_passwd": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>|&a;',
        "xxe_zero": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///dev/zero">]>|&a;',
        "xxe_http": b'<!DOCTYPE x [<!ENTITY a SYSTEM "' + link + b'">]>|&a;',
        "xxe_parameter": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "' + link + b'">%p;]>|hello',
        "dtd_external": b'<!DOCTYPE x SYSTEM "' + link + b'">|hello',
        "dtd_public": b'<!DOCTYPE x PUBLIC "-//x" "file:///etc/passwd">|hello',
    }


def _entities(_size: Scale) -> Iterator[Row]:
    note = "any part with a DOCTYPE is refused; no look-up may leave the machine or read a file"
    for name, both in _doctypes().items():
        dtd, said = both.split(b"|")
        text = b"<w:p><w:r><w:t>Participant: %s</w:t></w:r></w:p>" % said
        part = HEAD + dtd + OPEN + spoken(talk(name)) + text + CLOSE
        yield Row(f"dtd_{name}.docx", "docx_entities", docx(b"", {DOC: part}), "refused", note)
        content = HEAD + dtd + ODT_OPEN + b"<text:p>Participant: " + said + b"</text:p>" + ODT_CLOSE
        yield Row(f"dtd_{name}.odt", "odt_entities", odt(b"", {"content.xml": content}), "refused", note)
        shared = HEAD + dtd + f'<sst xmlns="{SHEET_NS}"><si><t>'.encode() + said + b"</t></si></sst>"
        yield Row(f"dtd_{name}.xlsx", "xlsx_entities", xlsx(_cells(talk(name)), {SST: shared}), "refused", note)
    dtd = b'<!DOCTYPE x [<!ENTITY a "b">]>'
    for name, path in {"types": TYPES, "rels": RELS, "document_rels": DOC_RELS}.items():
        body = spoken(talk("dtd" + name))
        plain = docx_parts(body)[path]
        changed = {path: plain.replace(b"?>\n", b"?>\n" + dtd)} if isinstance(plain, bytes) else {}
        yield Row(f"dtd_in_{name}.docx", "docx_entities_elsewhere", docx(body, changed), "refused", note)
    for name in ("word/styles.xml", "word/footnotes.xml", "word/comments.xml", "customXml/item1.xml"):
        data = docx(spoken(talk(name)), {name: HEAD + dtd + b"<x>&a;</x>"})
        yield Row(f"dtd_in_{name.split('/')[1]}.docx", "docx_entities_elsewhere", data, "refused", note)
    for codec in ("utf-16", "utf-16-be", "utf-7", "cp037"):
        words = f'<?xml version="1.0" encoding="{codec}"?><!DOCTYPE w [<!ENTITY a "b">]>{(OPEN + CLOSE).decode()}'
        data = docx(b"", {DOC: words.encode(codec)})
        yield Row(f"dtd_hidden_{codec}.docx", "docx_entities_encoded", data, "refused", note)


def _links(_size: Scale) -> Iterator[Row]:
    away, body = ' TargetMode="External"', spoken(talk("links"))
    for name, kind, target, mode in (
        ("hyperlink", "hyperlink", "https://example.org/", away), ("image_http", "image", NOWHERE, away),
        ("template_http", "attachedTemplate", NOWHERE, away), ("ole_file", "oleObject", "file:///etc/passwd", away),
        ("template_unc", "attachedTemplate", r"\\127.0.0.1\share\a.dotm", away), ("chunk", "aFChunk", NOWHERE, away),
        ("traversal", "image", "../../../../../etc/passwd", ""), ("frame", "frame", "file:///dev/zero", away),
        ("missing", "styles", "gone.xml", ""), ("to_itself", "officeDocument", "document.xml", ""),
        ("absolute", "footnotes", "/etc/passwd", ""), ("script", "hyperlink", "javascript:alert(1)", away),
    ):  # fmt: skip
        data = docx(body + para(f"Participant: {name}"), {DOC_RELS: _rels((kind, target, mode))})
        yield Row(f"link_{name}.docx", "docx_relationships", data, "either", "no request, no file outside is read")
    main = _rels(("officeDocument", "../../../../etc/passwd", ""))
    yield Row("link_main_traversal.docx", "docx_relationships", docx(body, {RELS: main}), "either")
    main = _rels(("officeDocument", NOWHERE, away))
    yield Row("link_main_external.docx", "docx_relationships", docx(body, {RELS: main}), "either")
    fields = b'<w:p><w:fldSimple w:instr=" DDEAUTO c:\\\\windows\\\\cmd.exe &quot;/c calc&quot; "/></w:p>'
    fields += b'<w:p><w:fldSimple w:instr=" INCLUDETEXT /etc/passwd "/></w:p>'
    yield Row("fields_dde.docx", "docx_active_fields", docx(body + fields), "either", "fields are not run")


def _nest(name: bytes, depth: int, inner: bytes) -> bytes:
    tags = name.split()
    start = b"".join(b"<w:%s>" % tag for tag in tags)
    end = b"".join(b"</w:%s>" % tag for tag in reversed(tags))
    return start * depth + inner + end * depth


def _shapes(size: Scale) -> Iterator[Row]:
    n, over, head = size.n, size.over, spoken(talk("shapes"))
    for tag in (b"ins", b"sdt sdtContent", b"tbl tr tc", b"hyperlink", b"smartTag", b"p r txbxContent"):
        data = docx(head + _nest(tag, n(100_000), para("Participant: deep")))
        yield Row(f"deep_{tag.decode().replace(' ', '_')}.docx", "docx_deep_nesting", data)
    run, tiny = b"<w:r><w:t>a </w:t></w:r>", para("Participant: yes")
    shapes: tuple[tuple[str, bytes, Expect], ...] = (
        ("text_12mb", para("Participant: " + "word " * n(2_400_000)), over),
        ("text_cap_plus_1", b"".join([para("Participant: " + "word " * 10_000)] * n(101)), over),
        ("cdata_12mb", b"<w:p><w:r><w:t><![CDATA[" + b"x" * n(12 * MB) + b"]]></w:t></w:r></w:p>", over),
        ("comment_12mb", b"<!--" + b"x" * n(12 * MB) + b"-->", "either"),
        ("pi_12mb", b"<?x " + b"x" * n(12 * MB) + b"?>", "either"),
        ("attribute_12mb", b'<w:p w:rsidR="' + b"x" * n(12 * MB) + b'"/>', "either"),
        ("attributes_100k", b"<w:p " + b"".join(b'a%d="" ' % at for at in range(n(100_000))) + b"/>", "either"),
        ("namespaces_50k", b"<w:p " + b"".join(b'xmlns:n%d="u" ' % at for at in range(n(50_000))) + b"/>", "either"),
        ("paragraphs_100k", tiny * n(100_000), "either"),
        ("paragraphs_100k_empty", b"<w:p/>" * n(100_000), "either"),
        ("turns_100k", (para("Interviewer: a") + para("Participant: b")) * n(50_000), over),
        ("runs_500k", b"<w:p>" + run * n(500_000) + b"</w:p>", "either"),
        ("cells_200k", b"<w:tbl><w:tr>" + b"<w:tc><w:p/></w:tc>" * n(200_000) + b"</w:tr></w:tbl>", "either"),
        (
            "spans",
            b'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2147483647"/></w:tcPr></w:tc></w:tr></w:tbl>',
            "either",
        ),
    )
    for name, body, expect in shapes:
        yield Row(f"shape_{name}.docx", "docx_oversized_" + name.split("_")[0], docx(head + body), expect)


def _parts(_size: Scale) -> Iterator[Row]:
    body = spoken(talk("parts"))
    for name, gone in {"document": DOC, "types": TYPES, "rels": RELS}.items():
        expect: Expect = "refused" if gone == DOC else "either"
        yield Row(f"without_{name}.docx", "docx_missing_part", docx(body, {gone: None}), expect)
    for name, part in {
        "empty": b"", "words": b"Participant: hi", "unclosed": HEAD + OPEN + body, "nul": HEAD + OPEN + b"\0" + CLOSE,
        "charref_zero": HEAD + OPEN + para("x").replace(b">x<", b">&#0;&#xFFFF;<") + CLOSE,
        "two_roots": HEAD + b"<a/><b/>",
        "encoding_lie": HEAD.replace(b"UTF-8", b"UTF-16") + OPEN + body + CLOSE, "wrong_root": HEAD + b"<html/>",
        "encoding_unknown": HEAD.replace(b"UTF-8", b"x-owned") + OPEN + body + CLOSE, "json": b'{"a": 1}',
    }.items():  # fmt: skip
        tells: Expect = "either" if body in part else "refused"
        yield Row(f"document_{name}.docx", "docx_malformed_xml", docx(b"", {DOC: part}), tells)
    for name, kind in {
        "macro": "application/vnd.ms-word.document.macroEnabled.main+xml", "image": "image/png", "none": "",
        "template": DOCX_TYPE.replace("document.main", "template.main"), "sheet": XLSX_TYPE,
    }.items():  # fmt: skip
        data = docx(body + para("Participant: " + name), {TYPES: _types(DOC, kind)})
        yield Row(f"type_{name}.docx", "docx_content_type", data)


def _strange(size: Scale) -> Iterator[Row]:
    body = spoken(talk("strange"))
    vba = {"word/vbaProject.bin": OLE, DOC_RELS: _rels(("vbaProject", "vbaProject.bin", ""))}
    yield Row(
        "macro_inside.docx", "docx_macros", docx(body + para("Participant: macro"), vba), "either", "macros never run"
    )
    first = [deflated(name, part) for name, part in docx_parts(body).items() if isinstance(part, bytes)]
    second = deflated(DOC, HEAD + OPEN + para("Participant: other") + CLOSE)
    yield Row(
        "part_twice.docx",
        "docx_duplicate_part",
        pack([*first, second]),
        "refused",
        "which document is meant cannot be told",
    )
    paragraph = para("Participant: yes") * 20_000
    large = bomb(DOC, paragraph, size.n(80), head=HEAD + OPEN, tail=CLOSE)
    yield Row("bomb_document.docx", "docx_bomb", docx(b"", {DOC: large}), size.over, "cap: 50 MB a part")
    for name in ("word/media/image1.png", "word/styles.xml", "customXml/item1.xml"):
        data = docx(body + para(f"Participant: {name}"), {name: bomb(name, bytes(MB), size.n(300))})
        yield Row(f"bomb_{name.split('/')[1]}.docx", "docx_bomb_aside", data, "either", "a part that need not be read")
    many: Parts = {f"word/media/i{at}.png": b"x" for at in range(size.n(2_001))}
    yield Row("parts_2001.docx", "docx_many_parts", docx(body, many), size.over, "cap: 2,000 entries")
    for name, data in {"ole_password": OLE, "html": b"<html><p>Participant: hi", "rtf": rb"{\rtf1 hi}"}.items():
        yield Row(f"really_{name}.docx", "docx_is_other_format", data, "refused")
    yield Row("really_xlsx.docx", "docx_is_other_format", honest_xlsx("really"), "refused")


SST, BOOK, SHEET = "xl/sharedStrings.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"


def _cells(turns: Turns) -> bytes:
    rows = [("start", "speaker", "text"), *((f"00:00:{at:02d}", who, said) for at, (who, said) in enumerate(turns))]
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    return "".join(f"<row>{''.join(cell.format(escape(value)) for value in row)}</row>" for row in rows).encode()


def xlsx(rows: bytes, changes: Mapping[str, bytes | Entry] | None = None) -> bytes:
    """Return a minimal Excel file of one sheet; ``changes`` adds or replaces parts."""
    tabs = '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
    book = HEAD + f'<workbook xmlns="{SHEET_NS}" xmlns:r="{OFFICE}">{tabs}</workbook>'.encode()
    sheet_type = XLSX_TYPE.replace("sheet.main", "worksheet")
    strings_type = XLSX_TYPE.replace("sheet.main", "sharedStrings")
    extra = f'<Override PartName="/{SHEET}" ContentType="{sheet_type}"/>'
    extra += f'<Override PartName="/{SST}" ContentType="{strings_type}"/>'
    sheet = HEAD + f'<worksheet xmlns="{SHEET_NS}"><sheetData>'.encode() + rows + b"</sheetData></worksheet>"
    parts: Parts = {TYPES: _types(BOOK, XLSX_TYPE, extra), BOOK: book, RELS: _rels(("officeDocument", BOOK, ""))}
    links = _rels(("worksheet", "worksheets/sheet1.xml", ""), ("sharedStrings", "sharedStrings.xml", ""))
    strings = HEAD + f'<sst xmlns="{SHEET_NS}"/>'.encode()
    return archive({**parts, "xl/_rels/workbook.xml.rels": links, SST: strings, SHEET: sheet, **(changes or {})})


def honest_xlsx(key: str) -> bytes:
    """Return an Excel file of a good interview: a header and twelve turns."""
    return xlsx(_cells(talk(key)))


def _sheets(size: Scale) -> Iterator[Row]:
    n, rows = size.n, _cells(talk("sheets"))
    head = HEAD + f'<sst xmlns="{SHEET_NS}">'.encode()
    tab = HEAD + f'<worksheet xmlns="{SHEET_NS}"><sheetData>'.encode()
    item = b"<si><t>Participant said yes</t></si>"
    shared: dict[str, bytes | Entry] = {SST: bomb(SST, item * 30_000, n(80), head=head, tail=b"</sst>")}
    long: dict[str, bytes | Entry] = {SST: head + b"<si><t>" + b"word " * n(2 * MB) + b"</t></si></sst>"}
    large = bomb(SHEET, b"<row/>" * 160_000, n(80), head=tab, tail=b"</sheetData></worksheet>")
    refer = b'<row><c t="s"><v>0</v></c></row>'
    sheets: tuple[tuple[str, bytes, dict[str, bytes | Entry]], ...] = (
        ("shared_bomb", rows, shared), ("shared_10mb_x_50k", rows + refer * n(50_000), long),
        ("shared_missing_index", rows + b'<row><c t="s"><v>99999999999</v></c><c t="s"><v>-1</v></c></row>', {}),
        ("sheet_bomb", b"", {SHEET: large}),
        ("last_cell", rows + b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row>', {}),
        ("row_10_12", rows + b'<row r="1000000000000"><c r="ZZZZZ1000000000000"><v>1</v></c></row>', {}),
        ("row_negative", rows + b'<row r="-5"><c r="A-5"><v>1</v></c></row>', {}),
        ("columns_16k", rows + b"<row>" + b"<c><v>1</v></c>" * n(16_385) + b"</row>", {}),
        ("rows_million_empty", rows + b"<row/>" * n(1_048_577), {}),
        ("formulas", rows + b"<row><c><f>WEBSERVICE(&quot;http://127.0.0.1:9/&quot;)</f><v>7</v></c></row>", {}),
        ("numbers", rows + b"<row><c><v>1e999</v></c><c><v>NaN</v></c><c><v>" + b"9" * 5_000 + b"</v></c></row>", {}),
        ("dates", rows + b'<row><c t="d"><v>99999-99-99</v></c><c s="99"><v>-1</v></c></row>', {}),
        ("deep_runs", rows + b"<row><c><is>" + b"<r>" * n(50_000) + b"</r>" * n(50_000) + b"</is></c></row>", {}),
        ("not_xml", b"<<<", {}), ("no_sheet", rows, {BOOK: HEAD + f'<workbook xmlns="{SHEET_NS}"/>'.encode()}),
    )  # fmt: skip
    for name, data, changes in sheets:
        bombed = name in {"shared_bomb", "sheet_bomb"}
        yield Row(f"xlsx_{name}.xlsx", f"xlsx_{name}", xlsx(data, changes), size.over if bombed else "either")


URN = "urn:oasis:names:tc:opendocument:xmlns:"
ODT_OPEN = (
    f'<office:document-content xmlns:office="{URN}office:1.0" xmlns:text="{URN}text:1.0" xmlns:table="{URN}table:1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>'
).encode()
ODT_CLOSE = b"</office:text></office:body></office:document-content>"
ODT_TYPE = "application/vnd.oasis.opendocument.text"


def odt(body: bytes, changes: Mapping[str, bytes | Entry | None] | None = None) -> bytes:
    """Return a minimal OpenDocument text; ``changes`` adds, replaces or (None) removes parts."""
    listed = "".join(
        f'<m:file-entry m:full-path="{path}" m:media-type="{kind}"/>'
        for path, kind in (("/", ODT_TYPE), ("content.xml", "text/xml"))
    )
    manifest = HEAD + f'<m:manifest xmlns:m="{URN}manifest:1.0">{listed}</m:manifest>'.encode()
    content = HEAD + ODT_OPEN + body + ODT_CLOSE
    parts: Mapping[str, bytes | Entry | None] = {
        "mimetype": stored("mimetype", ODT_TYPE.encode()),
        "META-INF/manifest.xml": manifest,
        "content.xml": content,
        **(changes or {}),
    }
    return archive({name: part for name, part in parts.items() if part is not None})


def _said(turns: Turns) -> bytes:
    return "".join(f"<text:p>{who}: {escape(said)}</text:p>" for who, said in turns).encode()


def _open_documents(size: Scale) -> Iterator[Row]:
    n, head = size.n, _said(talk("odt"))
    said = b"<text:p>Participant: yes</text:p>"
    encrypted = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:file-entry '
    encrypted += b'm:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>'
    large = bomb("content.xml", said * 30_000, n(80), head=HEAD + ODT_OPEN, tail=ODT_CLOSE)
    column = b'<table:table><table:table-row table:number-rows-repeated="%d"><table:table-cell '
    column += (
        b'table:number-columns-repeated="%d"><text:p>x</text:p></table:table-cell></table:table-row></table:table>'
    )
    spans = b"<text:span>" * n(100_000) + b"</text:span>" * n(100_000)
    rows: tuple[tuple[str, bytes, dict[str, bytes | Entry | None], Expect], ...] = (
        ("spaces_2e9", b'<text:p>Participant: a<text:s text:c="2000000000"/>b</text:p>', {}, "either"),
        ("spaces_minus", b'<text:p>Participant: a<text:s text:c="-5"/><text:s text:c="x"/>b</text:p>', {}, "either"),
        ("cells_repeated", column % (2**31, 2**31), {}, "either"),
        ("deep_spans", b"<text:p>" + spans + b"</text:p>", {}, "either"),
        ("deep_sections", b"<text:section>" * n(50_000) + said + b"</text:section>" * n(50_000), {}, "either"),
        ("text_12mb", b"<text:p>Participant: " + b"word " * n(2_400_000) + b"</text:p>", {}, size.over),
        ("turns_100k", b"<text:p>Interviewer: a</text:p><text:p>Participant: b</text:p>" * n(50_000), {}, size.over),
        ("image_outside", b'<text:p><text:a xlink:href="file:///etc/passwd">x</text:a></text:p>', {}, "either"),
        ("missing_content", b"", {"content.xml": None}, "refused"), ("no_mimetype", b"", {"mimetype": None}, "either"),
        ("other_mimetype", said, {"mimetype": b"application/x-msdownload"}, "either"),
        ("empty", b"", {"content.xml": b""}, "refused"),
        ("encrypted", b"", {"META-INF/manifest.xml": encrypted, "content.xml": bytes(range(256))}, "refused"),
        ("bomb", b"", {"content.xml": large}, size.over),
    )  # fmt: skip
    for name, body, changes, expect in rows:
        yield Row(f"odt_{name}.odt", f"odt_{name}", odt(head + body, changes), expect)


def cases(size: Scale) -> Iterator[Row]:
    """Yield every office-document case at the given scale."""
    for make in (_entities, _links, _shapes, _parts, _strange, _sheets, _open_documents):
        yield from make(size)
