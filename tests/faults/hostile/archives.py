"""Hostile zip files, written byte by byte because zipfile would refuse to write most of them."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.faults.hostile.texts import Row, as_csv, as_srt, as_txt, as_vtt, talk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.faults.hostile.texts import Scale

MAX32 = 0xFFFFFFFF
MAX16 = 0xFFFF
MB = 1_000_000
ESCAPE = "voc_hostile_escape"
UTF8_NAME = 0x800


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of an archive: what is stored, and what its headers claim (sizes in bytes)."""

    name: bytes
    body: bytes
    size: int
    crc: int
    method: int = 8
    flags: int = 0
    extra: bytes = b""
    mode: int = 0o100644
    local_name: bytes | None = None
    offset: int | None = None  # given: only a central record that points there, no local copy
    claims: tuple[int, int] | None = None  # compressed and plain size in both headers


def stored(name: str, data: bytes) -> Entry:
    """Return an uncompressed member."""
    return Entry(name.encode(), data, len(data), zlib.crc32(data), method=0)


def deflated(name: str, data: bytes, level: int = 6) -> Entry:
    """Return a deflated member."""
    squeeze = zlib.compressobj(level, zlib.DEFLATED, -15)
    return Entry(name.encode(), squeeze.compress(data) + squeeze.flush(), len(data), zlib.crc32(data))


def bomb(name: str, block: bytes, times: int, *, head: bytes = b"", tail: bytes = b"") -> Entry:
    """Return a member that inflates to head + block x times + tail, at the cost of packing block once.

    A full flush ends every piece on a byte boundary with an empty window, so packed pieces may be repeated.
    """
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    start, unit, end = (
        squeeze.compress(part) + squeeze.flush(kind)
        for part, kind in ((head, zlib.Z_FULL_FLUSH), (block, zlib.Z_FULL_FLUSH), (tail, zlib.Z_FINISH))
    )
    crc = zlib.crc32(head)
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    return Entry(
        name.encode(), start + unit * times + end, len(head) + len(block) * times + len(tail), crc=zlib.crc32(tail, crc)
    )


def _sizes(entry: Entry) -> tuple[int, int]:
    packed, plain = entry.claims or (len(entry.body), entry.size)
    return min(packed, MAX32), min(plain, MAX32)


def local_record(entry: Entry) -> bytes:
    """Return the local header of a member, without its body."""
    name = entry.name if entry.local_name is None else entry.local_name
    head = (20, entry.flags, entry.method, 0, 33, entry.crc, *_sizes(entry), len(name), len(entry.extra))
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", *head) + name + entry.extra


def _central_record(entry: Entry, offset: int) -> bytes:
    head = (0x0314, 20, entry.flags, entry.method, 0, 33, entry.crc, *_sizes(entry))
    tail = (len(entry.name), len(entry.extra), 0, 0, 0, entry.mode << 16, min(offset, MAX32))
    return struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *head, *tail) + entry.name + entry.extra


def end_record(count: int, size: int, offset: int, *, comment: bytes = b"", disk: int = 0) -> bytes:
    """Return the record that ends an archive, with whatever it is told to claim."""
    return struct.pack("<4s4H2IH", b"PK\x05\x06", disk, disk, count, count, size, offset, len(comment)) + comment


def zip64_end(count: int, size: int, offset: int, *, at: int) -> bytes:
    """Return the zip64 end record and its locator, the record standing at byte ``at``."""
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    return record + struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)


def pack(entries: Sequence[Entry], *, prefix: bytes = b"", comment: bytes = b"", count: int | None = None) -> bytes:
    """Return an archive of the entries; ``count`` overrides the number that the end record claims."""
    pieces, central, at = [prefix], [], len(prefix)
    for entry in entries:
        central.append(_central_record(entry, at if entry.offset is None else entry.offset))
        if entry.offset is None:
            pieces += [local_record(entry), entry.body]
            at += len(pieces[-2]) + len(pieces[-1])
    directory = b"".join(central)
    pieces.append(directory)
    claimed = len(entries) if count is None else count
    if len(entries) > MAX16 and count is None:
        pieces.append(zip64_end(claimed, len(directory), at, at=at + len(directory)))
    return b"".join(pieces) + end_record(min(claimed, MAX16), len(directory), at, comment=comment)


def archive(parts: Mapping[str, bytes | Entry]) -> bytes:
    """Return an ordinary archive of named parts; an Entry goes in as it is."""
    return pack([part if isinstance(part, Entry) else deflated(name, part) for name, part in parts.items()])


def _vtt(key: str) -> bytes:
    return as_vtt(talk(key)).encode()


def _bombs(size: Scale) -> Iterator[Row]:
    n, zeros, words = size.n, bytes(MB), b"Participant: yes and then again yes.\n" * 27_000
    flat = bomb("interview.txt", zeros, n(1_000))
    spoken = bomb("interview.txt", words, n(250))
    huge = replace(bomb("interview.vtt", zeros, n(300), head=b"WEBVTT\n\n"), size=10**10)
    under, sixty = deflated("", words[: n(900_000)], 9), bomb("", words, n(60))
    small = [replace(under, name=b"part%d.txt" % at) for at in range(n(300))]
    packed_twice = deflated("inner.zip", pack([flat]), 9)
    members: dict[str, list[Entry]] = {
        "flat_1gb": [flat],
        "flat_text_250mb": [spoken],
        "flat_claims_10gb": [huge],
        "many_60mb_members": [replace(sixty, name=b"i%d.txt" % at) for at in range(5)],
        "many_small_under_ratio_rule": small,
        "bomb_among_good": [deflated("a.vtt", _vtt("zip-a")), spoken, deflated("b.vtt", _vtt("zip-b"))],
        "zip_in_zip": [packed_twice],
        "bzip2": [replace(stored("a.txt", zeros * n(60)), body=bz2.compress(zeros * n(60)), method=12)],
        "lzma": [_lzma_entry(zeros * n(60))],
    }
    for name, entries in members.items():
        yield Row(f"bomb_{name}.zip", "zip_bomb", pack(entries), size.over, "caps: 200 MB in all, 200:1 over 1 MB")


def _lzma_entry(data: bytes) -> Entry:
    chain = [{"id": lzma.FILTER_LZMA1, "preset": 0}]
    body = struct.pack("<BBH", 9, 4, 5) + b"\x5d\0\0\x04\0" + lzma.compress(data, lzma.FORMAT_RAW, filters=chain)
    return replace(stored("a.txt", body), method=14, size=len(data), crc=zlib.crc32(data))


def _nested(size: Scale) -> Iterator[Row]:
    good = archive({"interview.vtt": _vtt("nested")})
    yield Row("nested_once.zip", "zip_nested", archive({"inner.zip": good}), "either", "honest, one level deep")
    deep = good
    for _ in range(size.n(300)):
        deep = pack([stored("inner.zip", deep)])
    yield Row("nested_300_deep.zip", "zip_nested", deep, "refused", "no chain of archives may be followed to its end")
    wide = pack([bomb("a.txt", bytes(MB), size.n(100))])
    for _ in range(5):
        inner = deflated("", wide, 9)
        wide = pack([replace(inner, name=b"lib%d.zip" % at) for at in range(10)])
    yield Row("nested_42_style.zip", "zip_nested", wide, size.over, "10 x 10 x 10 x 10 x 10 x 100 MB")
    document = archive({"word/document.xml": bomb("word/document.xml", b"<p/>" * 250_000, size.n(400))})
    yield Row("nested_docx_bomb.zip", "zip_nested", archive({"a.docx": document}), size.over, "bomb one level down")


def _overlaps(size: Scale) -> Iterator[Row]:
    kernel = bomb("0.txt", bytes(MB), size.n(100))
    shared = [kernel, *(replace(kernel, name=b"%d.txt" % at, offset=0) for at in range(1, size.n(1_000)))]
    yield Row("overlap_full.zip", "zip_overlap", pack(shared), size.over, "1,000 members over one body")
    same = [kernel, *[replace(kernel, offset=0)] * (size.n(1_000) - 1)]
    yield Row("overlap_full_same_name.zip", "zip_overlap", pack(same), size.over, "1,000 members of one name")
    last = bomb("q0.txt", bytes(MB), size.n(4))
    yield Row("overlap_quoted.zip", "zip_overlap", _quoted(last, size.n(300)), size.over, "each member quotes the next")
    first = deflated("a.vtt", _vtt("overlap-a"))
    inside = replace(deflated("b.vtt", b""), offset=7)
    directory = replace(first, name=b"c.vtt", offset=len(pack([first])) - 60)
    yield Row("overlap_odd_offsets.zip", "zip_overlap", pack([first, inside, directory]))


def _quoted(kernel: Entry, count: int) -> bytes:
    """Return an archive in which each member is a stored block holding the next header, then the next body."""
    entry, content = kernel, zlib.decompress(kernel.body, -15)
    chain = [entry]
    for at in range(1, count):
        header = local_record(entry)
        body = struct.pack("<BHH", 0, len(header), len(header) ^ MAX16) + header + entry.body
        content = header + content
        entry = Entry(b"q%d.txt" % at, body, len(content), zlib.crc32(content))
        chain.append(entry)
    outer, placed, at = chain[-1], [], 0
    for entry in reversed(chain):
        placed.append(replace(entry, offset=at))
        at += len(local_record(entry)) + 5
    body = local_record(outer) + outer.body
    directory = b"".join(_central_record(entry, entry.offset or 0) for entry in placed)
    return body + directory + end_record(len(placed), len(directory), len(body))


MEMBER_NAMES = {
    "parent": f"../{ESCAPE}.vtt",
    "parents_tmp": f"../../../../../../../../tmp/{ESCAPE}.vtt",
    "inside_then_out": f"a/b/../../../{ESCAPE}.vtt",
    "absolute": f"/tmp/{ESCAPE}.vtt",  # noqa: S108 (it must never be written)
    "backslash": f"..\\..\\{ESCAPE}.vtt",
    "drive": f"C:\\{ESCAPE}.vtt",
    "unc": f"\\\\127.0.0.1\\c$\\{ESCAPE}.vtt",
    "roster": "participants.csv",
    "settings": "../voc.toml",
    "newline": "a\nb.vtt",
    "escape_sequence": "\x1b[2Ja.vtt",
    "rtl": "\u202efdp.vtt",
    "long_65k": "n" * 65_000 + ".vtt",
    "deep_10k": "d/" * 10_000 + "a.vtt",
    "empty": "",
    "slash": "/",
    "dot": "./.",
    "device": "CON.vtt",
    "shell": f"$(touch {ESCAPE}).vtt",
    "formula": "=cmd|'/c calc'!A1.vtt",
}


def _names(_size: Scale) -> Iterator[Row]:
    for key, name in MEMBER_NAMES.items():
        entry = replace(deflated(name, _vtt("zipname" + key)), flags=UTF8_NAME)
        yield Row(f"name_{key}.zip", "zip_member_name", pack([entry]), "either", f"no {ESCAPE}* may appear anywhere")
    base = deflated("a.vtt", _vtt("zipname"))
    for key, entry in {
        "nul": replace(base, name=b"a.vtt\0.exe"),
        "not_utf8": replace(base, name=b"caf\xe9\xff.vtt", flags=UTF8_NAME),
        "cp437": replace(base, name=b"caf\x82.vtt"),
        "local_differs": replace(base, local_name=f"../{ESCAPE}.vtt".encode()),
        "unicode_extra": replace(base, extra=_unicode_path(b"a.vtt", f"../{ESCAPE}.vtt".encode())),
        "symlink_passwd": replace(stored("a.vtt", b"/etc/passwd"), mode=0o120777),
        "fifo": replace(base, mode=0o010644),
        "device_mode": replace(base, mode=0o020666),
        "setuid": replace(base, mode=0o104777),
    }.items():
        yield Row(f"member_{key}.zip", "zip_member_kind", pack([entry]), "either", f"no {ESCAPE}*, no /etc/passwd text")


def _unicode_path(name: bytes, other: bytes) -> bytes:
    return struct.pack("<HHBI", 0x7075, 5 + len(other), 1, zlib.crc32(name)) + other


def _duplicates(size: Scale) -> Iterator[Row]:
    one, two = deflated("a.vtt", _vtt("dup-1")), deflated("a.vtt", _vtt("dup-2"))
    for key, entries in {
        "two_contents": [one, two],
        "same_content": [one, replace(one, name=b"b.vtt")],
        "case_twins": [one, replace(two, name=b"A.VTT")],
        "nfc_nfd_twins": [replace(one, name="\u00e9.vtt".encode()), replace(two, name="e\u0301.vtt".encode())],
        "thousand": [replace(deflated("a.vtt", b"WEBVTT %d" % at)) for at in range(size.n(1_000))],
        "file_and_folder": [one, replace(stored("a.vtt/b.vtt", b"WEBVTT\n"), mode=0o100644)],
    }.items():
        yield Row(
            f"duplicate_{key}.zip", "zip_duplicate_names", pack(entries), "either", "all or none, never one at random"
        )


def _lies(size: Scale) -> Iterator[Row]:
    real, big = deflated("a.vtt", _vtt("lies")), bomb("a.txt", bytes(MB), size.n(300))
    for key, entry in {
        "claims_10_bytes_is_300mb": replace(big, claims=(len(big.body), 10)),
        "claims_zero": replace(big, claims=(0, 0)),
        "claims_4gb": replace(real, claims=(len(real.body), MAX32)),
        "packed_past_end": replace(real, claims=(10**8, real.size)),
        "crc_wrong": replace(real, crc=real.crc ^ 1),
        "descriptor_flag": replace(real, flags=8, claims=(0, 0), crc=0),
        "encrypted_flag": replace(real, flags=1),
        "strong_encryption": replace(real, flags=0x41, method=99),
        "method_unknown": replace(real, method=77),
        "deflate64": replace(real, method=9),
        "body_is_noise": replace(real, body=bytes(range(256)) * 4),
        "body_cut": replace(real, body=real.body[:-20]),
        "body_endless_empty_blocks": replace(real, body=b"\0\0\0\xff\xff" * 40_000),
        "offset_beyond": replace(real, offset=10**8),
    }.items():
        yield Row(f"lie_{key}.zip", "zip_lying_headers", pack([entry]), "refused", "nothing true can be read")


def _counts(_size: Scale) -> Iterator[Row]:
    tiny = stored("", b"x")  # at any scale over the cap: thousands of members would be thousands of files
    for key, total in {"20k": 20_000, "cap_plus_1": 2_001}.items():
        many = pack([replace(tiny, name=b"%x.txt" % at) for at in range(total)])
        yield Row(f"entries_{key}.zip", "zip_many_entries", many, "refused", "cap: 2,000 entries")
    folders = pack([replace(stored(f"d{at}/", b""), mode=0o040755) for at in range(3_000)])
    yield Row("entries_folders_only.zip", "zip_many_entries", folders, "refused")
    three = [replace(deflated("", _vtt(f"count{at}")), name=b"%d.vtt" % at) for at in range(3)]
    for key, count in {"1_of_3": 1, "0_of_3": 0, "65535_of_3": MAX16}.items():
        yield Row(f"entries_claims_{key}.zip", "zip_entry_count_lie", pack(three, count=count))


def _zip64(_size: Scale) -> Iterator[Row]:
    real = deflated("a.vtt", _vtt("zip64"))
    sizes = struct.pack("<HHQQ", 1, 16, 2**63, 2**63)
    body = local_record(real) + real.body
    for key, entry in {
        "sizes_2_63": replace(real, extra=sizes, claims=(MAX32, MAX32)),
        "sizes_without_extra": replace(real, claims=(MAX32, MAX32)),
        "extra_cut": replace(real, extra=b"\x01\0\x10\0\xff", claims=(MAX32, MAX32)),
        "extra_claims_64k": replace(real, extra=struct.pack("<HH", 1, MAX16), claims=(MAX32, MAX32)),
    }.items():
        yield Row(f"zip64_{key}.zip", "zip64_tricks", pack([entry]), "refused")
    central = _central_record(real, 0)
    for key, (count, long, offset, at) in {
        "entries_2_62": (2**62, len(central), len(body), 0),
        "directory_2_63": (1, 2**63, 0, 0),
        "offset_wraps": (1, len(central), 2**64 - 1, 0),
        "locator_at_itself": (1, len(central), len(body), 56),
        "locator_beyond": (1, len(central), len(body), 2**60),
    }.items():
        end = zip64_end(count, long, offset, at=len(body) + len(central) + at)
        data = body + central + end + end_record(MAX16, MAX32, MAX32)
        yield Row(f"zip64_{key}.zip", "zip64_tricks", data, "either", "readers differ on whether the old record counts")


def _broken(_size: Scale) -> Iterator[Row]:
    good = archive({"a.vtt": _vtt("broken-a"), "b.txt": as_txt(talk("broken-b")).encode()})
    decoy = pack([deflated("decoy.vtt", _vtt("decoy"))])
    for key, data in {
        "cut_half": good[: len(good) // 2], "cut_last_byte": good[:-1], "end_record_only": end_record(0, 0, 0),
        "no_members": pack([], comment=b"nothing"),
        "directory_beyond": good[:-22] + end_record(2, 100, 10**9), "words": b"PK\3\4" * 9_000,
        "only_foreign": archive({"a.exe": b"MZ"}),
        "only_litter": archive({"__MACOSX/._a.vtt": b"\0\5\x16\7", ".DS_Store": b"x", "~$a.docx": b"x"}),
    }.items():  # fmt: skip
        yield Row(f"broken_{key}.zip", "zip_broken", data, "refused")
    for key, data in {
        "disk_7": good[:-22] + end_record(2, 102, len(good) - 124, disk=7),
        "junk_before": b"MZ" + bytes(5_000) + good, "junk_after": good + bytes(5_000), "gif": b"GIF89a" + good,
        "two_archives": good + decoy, "decoy_in_comment": pack([deflated("a.vtt", _vtt("cm"))], comment=decoy),
        "comment_64k": pack([deflated("a.vtt", _vtt("cm2"))], comment=b"PK\x05\x06" * 16_000),
    }.items():  # fmt: skip
        yield Row(f"polyglot_{key}.zip", "zip_polyglot", data)
    mixed = {"notes/a.srt": as_srt(talk("mixed-a")).encode(), "b.csv": as_csv(talk("mixed-b")).encode(), "c.exe": b"MZ"}
    yield Row("mixed_members.zip", "zip_mixed_members", archive(mixed), "either", "good members beside a foreign one")


def cases(size: Scale) -> Iterator[Row]:
    """Yield every zip case at the given scale."""
    for make in (_bombs, _nested, _overlaps, _names, _duplicates, _lies, _counts, _zip64, _broken):
        yield from make(size)
