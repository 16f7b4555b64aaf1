"""Hostile PDF files, written object by object."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from tests.faults.hostile.archives import ESCAPE, MB, bomb
from tests.faults.hostile.texts import Row, talk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.faults.hostile.texts import Expect, Scale, Turns

Objects = dict[int, bytes]
FLATE = b"/Filter /FlateDecode"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object's text; ``entries`` are further dictionary entries."""
    return b"<< /Length %d %s >>\nstream\n" % (len(data), entries) + data + b"\nendstream"


def page_text(turns: Turns) -> bytes:
    """Return a content stream that shows each turn on a line of its own."""
    lines = (f"({who}: {said}) Tj T*".encode("latin-1") for who, said in turns)
    return b"BT /F1 10 Tf 40 760 Td 14 TL " + b"\n".join(lines) + b" ET"


def pdf(key: str, changes: Mapping[int, bytes] | None = None, trailer: bytes = b"") -> bytes:
    """Return a one-page PDF of a good interview; ``changes`` adds or replaces numbered objects.

    Object 1 is the catalogue, 2 the page tree, 3 the page, 4 its content and 5 the font.
    """
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
    objects: Objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: page + b" /Resources << /Font << /F1 5 0 R >> >> >>",
        4: stream(page_text(talk(key))),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        **(changes or {}),
    }
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, top = len(out), max(places) + 1
    rows = (b"%010d 00000 n \n" % places[at] if at in places else b"0000000000 65535 f \n" for at in range(top))
    out += b"xref\n0 %d\n" % top + b"".join(rows)
    return bytes(out) + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (top, trailer, start)


def _flate_bomb(block: bytes, times: int) -> bytes:
    check = 1
    for _ in range(times):
        check = zlib.adler32(block, check)
    return b"\x78\xda" + bomb("", block, times).body + check.to_bytes(4, "big")


def _trees(size: Scale) -> Iterator[Row]:
    n = size.n
    chain = {at: _kids(b"%d 0 R" % (at + 1)) for at in range(10, 10 + n(5_000))}
    outlined = {1: b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>", 6: b"<< /First 6 0 R /Next 6 0 R >>"}
    cases_of: dict[str, tuple[Objects, Expect]] = {
        "kids_loop": ({2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"}, "either"),
        "kids_mutual_loop": ({2: _kids(b"6 0 R"), 6: _kids(b"2 0 R")}, "refused"),
        "parent_loop": ({3: b"<< /Type /Page /Parent 3 0 R /Contents 4 0 R >>"}, "either"),
        "no_pages": ({2: b"<< /Type /Pages /Kids [] /Count 0 >>"}, "refused"),
        "count_2_31": ({2: b"<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>"}, "either"),
        "count_minus": ({2: b"<< /Type /Pages /Kids [3 0 R] /Count -1 >>"}, "either"),
        "same_page_30k": ({2: _kids(b"3 0 R " * n(30_000))}, "either"),
        "kids_missing": ({2: b"<< /Type /Pages /Kids [99 0 R null 7] /Count 3 >>"}, "refused"),
        "deep_tree": ({2: _kids(b"10 0 R"), **chain}, "either"),
        "pages_is_stream": ({2: stream(b"/Kids")}, "refused"),
        "outline_loop": (outlined, "either"),
    }  # fmt: skip
    for name, (changes, expect) in cases_of.items():
        yield Row(f"pdf_{name}.pdf", "pdf_page_tree", pdf(name, changes), expect)


def _kids(kids: bytes) -> bytes:
    return b"<< /Type /Pages /Parent 2 0 R /Kids [" + kids + b"] /Count 1 >>"


def _streams(size: Scale) -> Iterator[Row]:
    n, deep = size.n, size.n(100_000)
    shown = b"BT /F1 10 Tf (Participant: yes) Tj ET\n" * 26_000
    layers = zlib.compress(page_text(talk("layers")))
    for _ in range(40):
        layers = zlib.compress(layers)
    twice = zlib.compress(_flate_bomb(bytes(MB), n(800)), 9)
    wide = FLATE + b" /DecodeParms << /Predictor 12 /Columns 2147483647 >>"
    contents: dict[str, tuple[bytes, Expect]] = {
        "bomb_150mb": (stream(_flate_bomb(shown, n(150)), FLATE), size.over),
        "bomb_twice_800mb": (stream(twice, b"/Filter [/FlateDecode /FlateDecode]"), size.over),
        "filters_41": (stream(layers, b"/Filter [" + b"/FlateDecode " * 41 + b"]"), "either"),
        "filter_unknown": (stream(b"x", b"/Filter /Bogus"), "refused"),
        "flate_noise": (stream(b"\x78\xda" + b"\xff" * 9_000, FLATE), "refused"),
        "run_length_bomb": (stream(b"\x81 " * n(100_000) + b"\x80", b"/Filter /RunLengthDecode"), "refused"),
        "lzw_noise": (stream(b"\x80" * 50_000, b"/Filter /LZWDecode"), "refused"),
        "ascii85_z": (stream(b"z" * n(200_000) + b"~>", b"/Filter /ASCII85Decode"), "refused"),
        "hex_cut": (stream(b"4", b"/Filter /ASCIIHexDecode"), "refused"),
        "predictor_wide": (stream(zlib.compress(b"x" * 99), wide), "refused"),
        "length_minus": (stream(page_text(talk("minus"))).replace(b"/Length ", b"/Length -"), "either"),
        "length_huge": (stream(page_text(talk("huge"))).replace(b"/Length ", b"/Length 99999999"), "either"),
        "length_is_itself": (b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream", "refused"),
        "strings_nested": (stream(b"BT /F1 9 Tf " + b"(" * deep + b"a" + b")" * deep + b" Tj ET"), "either"),
        "arrays_nested": (stream(b"BT /F1 9 Tf " + b"[" * deep + b"(a)" + b"]" * deep + b" TJ ET"), "either"),
        "states_nested": (stream(b"q " * n(100_000) + page_text(talk("states"))), "either"),
        "inline_image_endless": (stream(b"BI /W 9 /H 9 ID " + b"EI" * n(50_000)), "refused"),
        "numbers_5000_digits": (stream(b"BT /F1 " + b"9" * 5_000 + b" Tf (Participant: hi) Tj ET"), "either"),
        "contents_50k_times": (b"[" + b"6 0 R " * n(50_000) + b"]", "either"),
        "array_of_itself": (b"[4 0 R 4 0 R]", "refused"),
    }  # fmt: skip
    for name, (content, expect) in contents.items():
        data = pdf(name, {4: content, 6: stream(page_text(talk(name, 4)))})
        yield Row(f"pdf_{name}.pdf", "pdf_stream_" + name.split("_", maxsplit=1)[0], data, expect)


def _fonts(_size: Scale) -> Iterator[Row]:
    loop = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >> /Length 5 >>"
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 6 0 R >> >> >>"
    again = {3: page, 4: stream(b"/X Do"), 6: loop + b"\nstream\n/X Do\nendstream"}
    yield Row("pdf_form_calls_itself.pdf", "pdf_form_recursion", pdf("form", again), "refused", "no text in it")
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding %s /ToUnicode 6 0 R /DescendantFonts [7 0 R] >>"
    system = b"<< /Registry (A) /Ordering (B) /Supplement 0 >>"
    below = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo " + system + b" >>"
    for name, cmap in {
        "range_4g": b"1 beginbfrange\n<00000000> <FFFFFFFF> <0041>\nendbfrange",
        "chars_200k": b"begincmap " + b"1 beginbfchar <41> <0041> endbfchar\n" * 6_000,
        "uses_itself": b"/A usecmap begincmap endcmap",
        "noise": b"beginbfrange <" * 9_000,
    }.items():
        changes = {5: font % b"/Identity-H", 6: stream(cmap, b"/CMapName /A"), 7: below}
        yield Row(f"pdf_cmap_{name}.pdf", "pdf_unicode_map", pdf("cmap" + name, changes))
    path = b"/#2e#2e#2f#2e#2e#2ftmp#2f" + ESCAPE.encode()
    traversal = {5: font % path, 6: stream(b""), 7: below}
    yield Row(
        "pdf_cmap_path.pdf", "pdf_cmap_traversal", pdf("path", traversal), "either", "CVE-2025-64512: pickled CMap"
    )


def _documents(_size: Scale) -> Iterator[Row]:
    image = b"/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8"
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 6 0 R >> >> >>"
    scan = {3: page, 4: stream(b"/X Do"), 6: stream(bytes(64), image)}
    yield Row("pdf_scanned.pdf", "pdf_scanned", pdf("scan", scan), "refused", "no text layer; the reason should say so")
    keys = b"/O <" + b"ab" * 32 + b"> /U <" + b"cd" * 32 + b">"
    lock = b"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 " + keys + b" >> /ID [<00> <00>]"
    yield Row("pdf_encrypted.pdf", "pdf_encrypted", pdf("lock", trailer=lock), "refused", "needs a password")
    foreign = lock.replace(b"/Standard", b"/Bogus.Handler")
    yield Row("pdf_encrypted_unknown.pdf", "pdf_encrypted", pdf("lock2", trailer=foreign), "refused")
    good = pdf("structure")
    start = good.rindex(b"startxref")
    for name, data, expect in _structures(good, start):
        yield Row(f"pdf_{name}.pdf", "pdf_structure_" + name.split("_", maxsplit=1)[0], data, expect)
    for name, action in {
        "javascript": b"<< /S /JavaScript /JS (app.alert(1)) >>",
        "launch": b"<< /S /Launch /F (/bin/sh) /Win << /F (calc.exe) >> >>",
        "uri": b"<< /S /URI /URI (http://127.0.0.1:9/) >>",
        "import_data": b"<< /S /ImportData /F (/etc/passwd) >>",
    }.items():
        catalog = b"<< /Type /Catalog /Pages 2 0 R /OpenAction " + action + b" >>"
        yield Row(f"pdf_action_{name}.pdf", "pdf_active_content", pdf(name, {1: catalog}), "either", "nothing is run")


def _structures(good: bytes, start: int) -> Iterator[tuple[str, bytes, Expect]]:
    yield "truncated_half", good[: len(good) // 2], "either"
    yield "truncated_no_eof", good[:-6], "either"
    yield "truncated_header", good[:20], "refused"
    yield "xref_none", good[: good.rindex(b"xref\n0")], "either"
    yield "xref_offset_huge", good[:start] + b"startxref\n99999999999999999999\n%%EOF\n", "either"
    yield "xref_prev_itself", good.replace(b"/Root", b"/Prev %d /Root" % good.rindex(b"xref\n0")), "either"
    yield "xref_count_huge", good.replace(b"xref\n0 6", b"xref\n0 999999999"), "either"
    yield "root_missing", good.replace(b"/Root 1 0 R", b""), "either"
    yield "root_is_page", good.replace(b"/Root 1 0 R", b"/Root 3 0 R"), "either"
    yield "size_2_63", good.replace(b"/Size 6", b"/Size 9223372036854775807"), "either"
    yield "junk_before", bytes(2_000) + good, "either"
    yield "junk_after", good + b"\0" * 20_000, "either"
    yield "trailer_deep", good.replace(b"/Root", b"/Deep " + b"[" * 50_000 + b"]" * 50_000 + b" /Root"), "either"
    yield "trailer_names", good.replace(b"/Root", b"/" + b"N" * 90_000 + b" 0 /Root"), "either"
    yield "page_box_nan", good.replace(b"[0 0 612 792]", b"[nan -1e99 inf 0]"), "either"
    yield "object_stream_itself", good.replace(b"1 0 obj\n<< ", b"1 0 obj\n<< /Extends 1 0 R "), "either"


def cases(size: Scale) -> Iterator[Row]:
    """Yield every PDF case at the given scale."""
    for make in (_trees, _streams, _fonts, _documents):
        yield from make(size)
