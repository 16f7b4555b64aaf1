"""Hostile file names, file kinds, folders, sidecars, rosters and settings."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from tests.faults.hostile.archives import ESCAPE, MB, archive, bomb
from tests.faults.hostile.texts import RENDER, Row, as_txt, as_vtt, talk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.hostile.corpus import Sink
    from tests.faults.hostile.texts import Expect, Scale

HARMLESS: dict[str, bytes] = {
    "spaces": b"my interview  two.txt", "emoji": "\U0001f600\U0001f9d1\u200d\u2695\ufe0f.vtt".encode(),
    "quotes": b"it's \"x\".txt",
    "upper_suffix": b"UPPER.TXT", "two_suffixes": b"a.docx.txt", "dots": b"a...b..txt", "glob": b"[a-z]*?{x}.txt",
    "shell": f"$(touch {ESCAPE}).txt".encode(), "backticks": f"`touch {ESCAPE}`.txt".encode(),
    "semicolon": b"a;reboot&&b|c>d.txt",
    "dash": b"-rf.txt", "double_dash": b"--help.vtt", "tilde": b"~root.txt", "percent": b"%2e%2e%2f%s%n%x.txt",
    "html": b"<img src=x onerror=alert(1)>.txt", "template": b"{{7*7}}${7*7}.txt", "formula": b"=cmd|'calc'!A1.txt",
    "backslash": rb"..\..\up.txt", "colon_stream": b"a.txt:hidden.txt", "url": b"http:%2f%2fx.txt",
    "comma_quote": b'a,"b",c.txt',
    "con": b"CON.txt", "nul_device": b"nul.vtt", "com1": b"COM1.srt", "aux": b"aux.csv", "number": b"0.txt",
    "hash": b"#1.txt",
    "case_twin_1": b"Anna.txt", "case_twin_2": b"anna.txt", "nfc_twin": "Ren\u00e9e.txt".encode(),
    "nfd_twin": "Rene\u0301e.txt".encode(),
    "slash_lookalike": "a\u2215b\uff0fc.txt".encode(), "hangul_nfd": "\u1112\u1161\u11ab.txt".encode(),
    "sql": b"x'; DROP TABLE x--.txt",
    "long_250": b"n" * 246 + b".txt", "long_255": b"m" * 251 + b".txt",
    "long_emoji": ("\U0001f600" * 62).encode() + b".txt",
}  # fmt: skip
ODD: dict[str, bytes] = {
    "newline": b"one\ntwo.txt", "carriage_return": b"one\rtwo.txt", "tab": b"one\ttwo.txt",
    "ansi": b"\x1b[2J\x1b[31mred.txt",
    "bell_backspace": b"a\x07\x08\x7f.txt", "c0": bytes(range(1, 32)) + b".txt",
    "rtl_override": "invoice\u202etxt.vtt".encode(),
    "zero_width": "a\u200b\ufeff.txt".encode(), "line_separator": "a\u2028b.txt".encode(), "only_spaces": b"   .txt",
    "leading_space": b" lead.txt", "trailing_space": b"trail.txt ", "trailing_dot": b"trail.txt.",
    "hidden": b".hidden.vtt",
    "only_suffix": b".vtt", "dots_only": b"...txt", "no_suffix": b"transcript", "latin_1": b"caf\xe9.txt",
    "bad_utf8": b"\xff\xfe\x80.vtt",
    "cut_utf8": b"a\xf0\x9f\x98.srt", "surrogate": b"a\xed\xa0\x80.txt", "long_bad": b"\xff" * 251 + b".txt",
    "suffix_bad": b"a.t\xffxt",
    "shift_jis": "\u4fa1\u683c".encode("shift_jis") + b".txt", "long_suffix": b"a." + b"t" * 250, "exe": b"setup.exe",
    "html_page": b"page.html",
}  # fmt: skip
TEMPORARY = (
    "~$a.docx", ".~lock.a.docx#", "~WRL0001.tmp", "a.vtt.crdownload", "b.vtt.part", "._a.vtt", ".syncthing.a.vtt.tmp",
    "~syncthing~a.vtt.tmp", "c.vtt.tmp", ".DS_Store", "Thumbs.db", "desktop.ini", "d.vtt.partial", "e.vtt~",
    ".f.vtt.swp",
    "g.vtt.problem.txt", "__MACOSX/a.vtt", "@eaDir/a.vtt", ".stversions/a.vtt",
)  # fmt: skip


def _names(sink: Sink) -> None:
    made: list[tuple[str, bytes, str, Expect]] = [
        *((name, raw, "name_unusual", "parsed") for name, raw in HARMLESS.items()),
        *((name, raw, "name_control_or_not_text", "either") for name, raw in ODD.items()),
        *((f"temporary_{at}", raw.encode(), "name_temporary", "ignored") for at, raw in enumerate(TEMPORARY)),
    ]
    for name, raw, mechanism, expect in made:
        path = sink.folder / os.fsdecode(raw)
        turns = talk("name" + name)
        sink.write(path, RENDER.get(path.suffix[1:], as_txt)(turns).encode())
        sink.record(f"name_{name}", mechanism, path, expect=expect, note=f"name is {raw[:60]!r}")


def _good(path: Path, sink: Sink) -> Path:
    sink.write(path, as_vtt(talk(str(path.name))).encode())
    return path


def _links(sink: Sink) -> None:
    folder, outside = sink.folder, sink.outside
    secret = outside / "secret_interview.vtt"
    for name, target in {
        "passwd": "/etc/passwd", "zero": "/dev/zero", "tty": "/dev/tty", "environ": "/proc/self/environ",
        "stdin": "/dev/stdin",
        "memory": "/proc/self/mem", "outside": str(secret), "outside_relative": os.path.relpath(secret, folder),
        "dangling": "gone.vtt", "itself": "link_itself.vtt", "pair_1": "link_pair_2.vtt", "pair_2": "link_pair_1.vtt",
        "chain_0": "/etc/hostname", **{f"chain_{at}": f"link_chain_{at - 1}.vtt" for at in range(1, 45)},
    }.items():  # fmt: skip
        path = folder / f"link_{name}.vtt"
        path.symlink_to(target)
        if not name.startswith("chain") or name == "chain_44":
            note = f"to {target}; nothing behind it may be read into a table"
            expect: Expect = "either" if name == "dangling" else "refused"
            sink.record(path.name, "symlink_file", path, expect=expect, note=note)
    inner = folder / "looping"
    inner.mkdir()
    _good(inner / "in_loop.vtt", sink)
    for name, target in {
        "here": ".",
        "up": "..",
        "root": "/",
        "outside": str(outside),
        "proc": "/proc/self/root",
    }.items():
        (inner / name).symlink_to(target)
        sink.record(
            f"dirlink_{name}", "symlink_folder", inner / name, expect="ignored", note=f"to {target}; not walked"
        )
    sink.record("in_loop.vtt", "symlink_folder", inner / "in_loop.vtt", expect="parsed", note="once, not once a lap")


def _hard_links(sink: Sink) -> None:
    folder = sink.folder
    first = _good(folder / "hard_1.vtt", sink)
    (folder / "hard_2.vtt").hardlink_to(first)
    (folder / "hard_outside.vtt").hardlink_to(sink.outside / "shared_interview.vtt")
    for name in ("hard_1.vtt", "hard_2.vtt", "hard_outside.vtt"):
        sink.record(name, "hard_link", folder / name, expect="either", note="same bytes under two names: one interview")


def _kinds(sink: Sink) -> None:
    folder, note = sink.folder, "open without O_NONBLOCK hangs; fstat says it is no regular file"
    for suffix in ("vtt", "docx", "zip"):
        os.mkfifo(folder / f"pipe.{suffix}")
        sink.record(f"pipe.{suffix}", "fifo", folder / f"pipe.{suffix}", expect="refused", note=note)
    os.mknod(folder / "socket.txt", stat.S_IFSOCK | 0o600)
    sink.record("socket.txt", "socket", folder / "socket.txt", expect="refused", note=note)
    if os.geteuid() == 0:
        try:
            os.mknod(folder / "device.txt", stat.S_IFCHR | 0o600, os.makedev(1, 5))
            sink.record("device.txt", "device", folder / "device.txt", expect="refused", note="/dev/zero itself")
        except PermissionError:
            pass  # a container without mknod: the link to /dev/zero stands for it
    for suffix in ("vtt", "docx"):
        (folder / f"folder.{suffix}").mkdir()
        sink.record(f"folder.{suffix}", "folder_named_as_file", folder / f"folder.{suffix}", expect="ignored")


def _modes(sink: Sink) -> None:
    folder = sink.folder
    expect: Expect = "either" if os.geteuid() == 0 else "refused"
    for mode in (0o000, 0o200, 0o6755):
        path = _good(folder / f"mode_{mode:04o}.vtt", sink)
        path.chmod(mode)
        limit: Expect = "parsed" if mode & 0o400 else expect
        sink.record(path.name, "unreadable", path, expect=limit, note="root reads it all the same")
    closed = folder / "closed"
    closed.mkdir()
    _good(closed / "in_closed.vtt", sink)
    closed.chmod(0o000)
    sink.record("closed", "unreadable_folder", closed, expect="either", note="chmod 700 before you remove it")
    for name, when in {"1970": 0, "before_1970": -(10**9), "2099": 4_070_908_800, "2400": 13_569_465_600}.items():
        path = _good(folder / f"time_{name}.vtt", sink)
        os.utime(path, (when, when))
        sink.record(path.name, "modification_time", path, expect="parsed", note="never order or expire by mtime")
    for name, length in {"cap_plus_1": 52_428_801, "2gb": 2**31 + 1}.items():
        path = folder / f"sparse_{name}.txt"
        sink.write(path, as_txt(talk("sparse")).encode())
        os.truncate(path, max(9_999, int(length * sink.size.factor)))
        sink.record(
            path.name, "sparse_file", path, expect="refused", note="cap: 50 MB; apparent size only, do not copy"
        )


def _folders(sink: Sink) -> None:
    for name, raw in {
        "emoji": "\U0001f600".encode(), "not_utf8": b"d\xff", "long": b"L" * 255, "newline": b"d\nd", "dash": b"-d",
        "con": b"CON",
        "formula": b"=1+1", "html": b"<b>d", "dots": b"...", "space": b" ", "problem": b"blocked.vtt.problem.txt",
    }.items():  # fmt: skip
        inner = sink.folder / os.fsdecode(raw)
        inner.mkdir()
        path = _good(inner / f"in_{name}.vtt", sink)
        sink.record(f"folder_{name}", "folder_name", path, expect="either", note="must not become a segment unasked")


def _feedback(sink: Sink) -> None:
    sink.write(sink.folder / "blocked.vtt", b"WEBVTT blocked\n\n")
    sink.record(
        "blocked.vtt",
        "feedback_blocked",
        sink.folder / "blocked.vtt",
        expect="refused",
        note="a folder has its note's name",
    )
    sink.write(sink.folder / "hijack.vtt", b"WEBVTT hijack\n\n")
    (sink.folder / "hijack.vtt.problem.txt").symlink_to(sink.outside / "victim.txt")
    sink.record(
        "hijack.vtt",
        "feedback_hijacked",
        sink.folder / "hijack.vtt",
        expect="refused",
        note="the link's target stays as it is",
    )


def _depth(sink: Sink) -> None:
    deep = sink.folder.joinpath("deep", *["d"] * 300)
    deep.mkdir(parents=True)
    sink.record("deep_300", "folder_depth", _good(deep / "in_deep.vtt", sink), expect="either")
    top = sink.folder / "path_over_4096"
    top.mkdir()
    at = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    for level in range(20):
        os.mkdir(f"{level:02d}" + "p" * 238, dir_fd=at)
        below = os.open(f"{level:02d}" + "p" * 238, os.O_RDONLY | os.O_DIRECTORY, dir_fd=at)
        os.close(at)
        at = below
    with os.fdopen(os.open("a.vtt", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=at), "wb") as file:
        file.write(as_vtt(talk("path_max")).encode())
    os.close(at)
    sink.record(
        "path_over_4096",
        "path_over_limit",
        top,
        expect="either",
        note="holds a.vtt, whose whole path is too long to open",
    )


def _yaml(size: Scale) -> dict[str, str]:
    n = size.n
    laughs = "a0: &a0 [ha]\n" + "".join(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 10))
    return {
        "laughs": laughs, "merge_bomb": laughs.replace("[ha]", "{k: v}") + "role: {<<: [*a0, *a0]}\n",
        "recursive": "a: &a [*a]\n",
        "python_tag": f'a: !!python/object/apply:os.system ["touch {ESCAPE}"]\n',
        "tag_bomb": "!" * n(50_000) + "a: b\n",
        "deep_flow": "a: " + "[" * n(50_000) + "\n", "deep_map": "a: " + "{a: " * n(20_000) + "\n",
        "deep_block": "".join(" " * at + "a:\n" for at in range(n(700))), "dashes": "- " * n(20_000) + "a\n",
        "many_keys": "".join(f"k{at}: v\n" for at in range(n(20_000))),
        "anchors": "".join(f"a{at}: &x{at} b\n" for at in range(n(9_000))),
        "huge_int": f"nps: {'9' * 5_000}\n", "sexagesimal": f"nps: {'1:' * 2_000}1\n",
        "float_bomb": "nps: 1e999999999\n",
        "duplicate_keys": "role: a\nrole: b\n", "scalar": "just words\n", "date": "interview_date: 9999-99-99\n",
        "unclosed_quote": 'role: "a\n' + "b\n" * n(20_000), "documents": "--- a\n" * n(9_000),
        "binary": "a: !!binary aGk=\n",
        "types": "role: [1, {2: 3}]\nregion: null\nparticipant_id: {a: b}\n", "tabs": "role:\t\t- a\n\t- b\n",
    }  # fmt: skip


def rows(size: Scale) -> Iterator[Row]:
    """Yield transcripts that carry YAML bombs, as front matter and as a sidecar of the same stem."""
    note = "bounded parse of the YAML; the words may be coded or wait, with a reason"
    for name, text in _yaml(size).items():
        matter = f"---\n{text}---\n\n{as_txt(talk('matter' + name))}"
        yield Row(f"matter_{name}.md", "front_matter_bomb", matter.encode(), "either", note)
        yield Row(f"sidecar_{name}.vtt", "sidecar_bomb", as_vtt(talk("sidecar" + name)).encode(), "either", note)
        yield Row(f"sidecar_{name}.yaml", "sidecar_bomb", text.encode(), "either", "no transcript: never listed as one")
    yield Row("matter_unclosed.md", "front_matter_bomb", b"---\n" + b"role: a\n" * size.n(20_000), "either", note)


def _rosters(size: Scale) -> dict[str, bytes]:
    n, head = size.n, b"file,speaker,participant_id,role_in_call,role,region\n"
    row = b"interview_01.vtt,Participant,P1,participant,nurse,north\n"
    million = "file,participant_id\ninterview_01.vtt,P\n" + "".join(f",{at:x}\n" for at in range(n(1_000_000)))
    named = b"".join(b",c%d" % at for at in range(n(10_000)))
    return {
        "million_rows": million.encode(), "empty": b"", "header_only": head, "binary": bytes(range(256)) * 64,
        "nul": head + row + b"\0,\0,\0\n",
        "columns_10k": b"%b%b\n%b%b\n" % (head[:-1], named, row[:-1], b",x" * n(10_000)),
        "glob_stars": head + b"*a" * 60 + b"b,,P1,participant,x,y\n**/*,,P3,,,\n",
        "glob_brackets": head + b"[" * 9_000 + b",,P2,participant,x,y\n",
        "paths_out": head + b"../../etc/passwd,,P1,participant,x,y\n/etc/*,,P2,participant,x,y\n" + row,
        "same_row_5k": head + row * n(5_000), "unclosed_quote": head + b'"interview_01.vtt,' + b"x\n" * n(50_000),
        "conflict": head + row + row.replace(b"P1,participant", b"P2,interviewer"),
        "utf_16": (head + row).decode().encode("utf-16-le"),
        "formulas": head + row + b"=1+1,@x,=cmd|'/c calc'!A1,+1,-1,\"=HYPERLINK(\"\"http://127.0.0.1:9\"\")\"\n",
        "header_twice": head[:-1] + b",role,file\n" + row[:-1] + b",b,c\n",
        "header_dunder": head.replace(b"region", b"__class__") + row,
        "cell_300k": head + row.replace(b"nurse", b"n" * n(300_000)),
        "values_5k": head + b"".join(b"x%d,,P%d,participant,r%d,\n" % (at, at, at) for at in range(n(5_000))),
    }  # fmt: skip


def _studies(sink: Sink) -> None:
    for name, data in _rosters(sink.size).items():
        sink.study(f"roster_{name}", "inbox/participants.csv", "roster_bomb", data)
    book = archive({"xl/workbook.xml": bomb("xl/workbook.xml", bytes(MB), sink.size.n(300))})
    sink.study("roster_xlsx_bomb", "inbox/participants.xlsx", "roster_bomb", book)
    depth = sink.size.n(50_000)
    for name, text in {
        "deep": "a = " + "[" * depth, "deep_table": "[" + "a." * depth + "a]\n", "huge_int": f"a = {'9' * 5_000}\n",
        "nul": "a = '\0'\n",
        "not_toml": "<<<", "json_path_trap": f'[json]\ntext = "{"$..[?(a)]" * 2_000}"\n',
        "unknown_keys": "[nowhere]\nx = 1\n",
    }.items():  # fmt: skip
        sink.study(f"settings_{name}", "voc.toml", "settings_bomb", text.encode())
    for name in ("laughs", "python_tag", "deep_flow", "recursive"):
        for file in ("codebook.yaml", "products.yml"):
            sink.study(f"{file.split('.')[0]}_{name}", file, "codebook_bomb", _yaml(sink.size)[name].encode())
    for name in ("participants.csv", "STATUS.html"):
        path = sink.study(f"linked_{name}", f"inbox/{name}", "roster_or_status_link", None)
        path.symlink_to(sink.outside / "victim.txt")
    os.mkfifo(sink.study("roster_pipe", "inbox/participants.csv", "roster_no_file", None))
    sink.study("roster_folder", "inbox/participants.csv", "roster_no_file", None).mkdir()


def build(sink: Sink) -> None:
    """Make every case that needs more than bytes under a plain name."""
    for make in (_names, _links, _hard_links, _kinds, _modes, _folders, _feedback, _depth, _studies):
        make(sink)
