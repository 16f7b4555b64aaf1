"""Archives: each member a file of its own, the good ones read whatever stands beside them."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.config import InboxSection
from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import inbox, taking, zips
from voc_pipeline.ingest.metadata import collect_metadata, load_sidecar, sidecar_fingerprint
from voc_pipeline.operations.hashes import source_hash
from voc_pipeline.operations.sources import read_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TALK = b"Dana: What happened then?\n\nBen: It broke.\n"


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return target.getvalue()


def problems(data: bytes) -> dict[str, str]:
    return {item.name: item.problem[0] if item.problem else "" for item in zips.examine(data, name="a.zip")}


def scanned(folder: Path) -> list[str]:
    return [item.path for item in inbox.scan(folder, InboxSection())]


def test_members_stand_in_the_place_of_their_archive(tmp_path: Path) -> None:
    good = {"wave 1/one.vtt": TALK, "two.txt": TALK + b"!"}
    parts = {**good, "wave 1/": b"", "__MACOSX/._two.txt": b"\0", "~$a.docx": b"x"}
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "calls.zip").write_bytes(packed(parts))
    found = inbox.scan(tmp_path, InboxSection())
    assert [item.path for item in found] == ["more/calls.zip/two.txt", "more/calls.zip/wave 1/one.vtt"]
    for item, data in zip(found, (TALK + b"!", TALK), strict=True):
        source, content = read_source(tmp_path, item)
        assert (source.path, source.sha256, source.size) == (item.path, hashlib.sha256(data).hexdigest(), len(data))
        assert content == data
        assert source_hash(tmp_path, item) == source.sha256


def test_an_unchanged_archive_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "calls.zip"
    archive.write_bytes(packed({"one.txt": TALK}))
    taken: list[Path] = []
    take = taking.take

    def counted(path: Path, *, name: str) -> object:
        taken.append(path)
        return take(path, name=name)

    monkeypatch.setattr(taking, "take", counted)
    for _ in range(5):
        assert [source_hash(tmp_path, item) for item in inbox.scan(tmp_path, InboxSection())]
    assert len(taken) == 1
    archive.write_bytes(packed({"one.txt": TALK, "two.txt": TALK}))
    assert scanned(tmp_path) == ["calls.zip/one.txt", "calls.zip/two.txt"]
    assert len(taken) == 2


def test_an_archive_that_changed_since_it_was_listed_waits_for_the_next_scan(tmp_path: Path) -> None:
    (tmp_path / "calls.zip").write_bytes(packed({"one.txt": TALK}))
    [item] = inbox.scan(tmp_path, InboxSection())
    (tmp_path / "calls.zip").write_bytes(packed({"other.txt": TALK}))
    with pytest.raises(FileNotFoundError):
        read_source(tmp_path, item)
    (tmp_path / "calls.zip").write_bytes(b"not a zip any more")
    with pytest.raises(FileNotFoundError):
        read_source(tmp_path, item)
    with pytest.raises(FileNotFoundError):
        source_hash(tmp_path, item)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK no archive", "the archive is no zip file, or it is cut off or damaged"),
        (packed({"one.txt": TALK})[:-30], "the archive is no zip file, or it is cut off or damaged"),
        (packed({}), "the archive holds no transcripts"),
        (packed({"__MACOSX/._one.txt": b"x", ".DS_Store": b"x"}), "the archive holds no transcripts"),
        (packed({f"{n}.txt": b"x" for n in range(2001)}), "the archive has 2,001 entries, the limit is 2,000"),
    ],
)
def test_an_archive_of_nothing_is_listed_itself(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "calls.zip").write_bytes(data)
    [item] = inbox.scan(tmp_path, InboxSection())
    source, content = read_source(tmp_path, item)
    assert (item.path, source.sha256) == ("calls.zip", hashlib.sha256(data).hexdigest())
    assert isinstance(content, RefusedError)
    assert content.what == reason
    assert content.hint


def test_a_folder_may_be_called_like_an_archive(tmp_path: Path) -> None:
    (tmp_path / "calls.zip").mkdir()
    (tmp_path / "calls.zip" / "one.txt").write_bytes(TALK)
    [item] = inbox.scan(tmp_path, InboxSection())
    assert (item.path, item.archive) == ("calls.zip/one.txt", "")
    assert read_source(tmp_path, item)[1] == TALK


@pytest.mark.parametrize(
    ("name", "shown", "reason"),
    [
        ("../up.txt", "_up.txt", "leads out of it"),
        ("/etc/up.txt", "_etc_up.txt", "leads out of it"),
        ("C:\\up.txt", "C__up.txt", "leads out of it"),
        ("a//b.txt", "a__b.txt", "leads out of it"),
        ("a\nb.txt", "a?b.txt", "control characters"),
        ("n" * 256 + ".txt", "n" * 100 + "...", "too long"),
        ("inner.zip", "inner.zip", "an archive inside an archive"),
        ("participants.csv", "participants.csv", "a roster inside an archive is not used"),
    ],
)
def test_a_member_that_can_not_be_taken_is_listed_and_the_others_are_read(
    tmp_path: Path, name: str, shown: str, reason: str
) -> None:
    (tmp_path / "calls.zip").write_bytes(packed({"good.txt": TALK, name: TALK}))
    contents = {item.path: read_source(tmp_path, item)[1] for item in inbox.scan(tmp_path, InboxSection())}
    assert contents.pop("calls.zip/good.txt") == TALK
    [(path, problem)] = contents.items()
    assert path == f"calls.zip/{shown}"
    assert isinstance(problem, RefusedError)
    assert reason in problem.what
    assert problem.hint


@pytest.mark.parametrize(
    ("name", "meant"), [("wave 1\\one.txt", "wave 1/one.txt"), ("./one.txt", "one.txt"), ("Søren.txt", "Søren.txt")]
)
def test_names_are_read_as_they_were_meant(name: str, meant: str) -> None:
    assert problems(packed({name: TALK})) == {meant: ""}
    unmarked = packed({name: TALK}).replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00")  # a Mac sets no UTF-8 flag
    assert list(problems(unmarked)) == [meant]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for text in ("first", "second"):
            archive.writestr("a.txt", text)
        archive.writestr("b.txt", TALK)
    twice = "its archive has two files of this name"
    assert problems(target.getvalue()) == {"a.txt": twice, "a.txt (2)": twice, "b.txt": ""}


def test_a_bomb_is_found_while_it_unpacks_and_its_neighbours_are_read() -> None:
    parts = {"a.txt": TALK, "bomb.txt": bytes(30_000_000), "b.txt": TALK}
    assert problems(packed(parts)) == {
        "a.txt": "", "bomb.txt": "it unpacks to far more than its size: it may be a zip bomb", "b.txt": "",
    }  # fmt: skip
    assert problems(packed({"small.txt": b"yes " * 250_000})) == {"small.txt": ""}, "under 1 MB anything goes"


def test_a_member_and_all_members_have_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_MEMBER_BYTES", 2_000_000)
    monkeypatch.setattr(zips, "MAX_TOTAL_BYTES", 3_000_000)
    parts = {"a.txt": bytes(2_000_001), "b.txt": bytes(900_000), "c.txt": bytes(500_000), "d.txt": b"x"}
    assert problems(packed(parts, zipfile.ZIP_STORED)) == {
        "a.txt": "it is larger than 2 MB", "b.txt": "", "c.txt": "its archive unpacks to more than 3 MB in all",
        "d.txt": "its archive unpacks to more than 3 MB in all",
    }  # fmt: skip


def test_encrypted_linked_and_strangely_packed_members_are_refused() -> None:
    def changed(**facts: int) -> dict[str, str]:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("good.txt", TALK)
            info = zipfile.ZipInfo("odd.txt")
            info.external_attr = facts.get("mode", 0) << 16
            archive.writestr(info, TALK, facts.get("method", zipfile.ZIP_STORED))
        data = bytearray(target.getvalue())
        if "flags" in facts:
            at = data.rindex(b"PK\x01\x02")
            data[at + 8 : at + 10] = struct.pack("<H", facts["flags"])
        return problems(bytes(data))

    assert changed() == {"good.txt": "", "odd.txt": ""}
    assert changed(flags=1) == {"good.txt": "", "odd.txt": "it is encrypted inside its archive"}
    assert changed(mode=0o120777) == {"good.txt": "", "odd.txt": "it is a link or device, not a file"}
    assert "neither stored nor deflated" in changed(method=zipfile.ZIP_LZMA)["odd.txt"]


def test_overlapping_members_are_refused_and_the_rest_is_read() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("a.txt", "b.txt", "c.txt"):
            archive.writestr(name, TALK)
        archive.filelist[1].header_offset = archive.filelist[0].header_offset
    shared = "it shares bytes with other parts of its archive, as zip bombs do"
    assert problems(target.getvalue()) == {"a.txt": shared, "b.txt": shared, "c.txt": ""}


def test_a_damaged_member_spoils_no_other() -> None:
    data = packed({"a.txt": TALK, "b.txt": TALK}, zipfile.ZIP_STORED).replace(TALK, TALK.upper(), 1)
    assert problems(data) == {"a.txt": "it is damaged inside its archive", "b.txt": ""}


def test_a_directory_of_many_millions_is_not_read() -> None:
    huge = b"PK\x01\x02" * 2_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 9, 9, len(huge), 0, 0)
    with pytest.raises(RefusedError, match="no zip file"):
        zips.examine(huge + end, name="a.zip")


def test_sidecars_inside_an_archive_count(tmp_path: Path) -> None:
    archive, path = tmp_path / "calls.zip", "calls.zip/w/one.txt"
    archive.write_bytes(packed({"w/one.txt": TALK, "w/one.yaml": b"region: EMEA\n"}))
    assert scanned(tmp_path) == [path]
    assert load_sidecar(tmp_path / path) == {"region": "EMEA"}
    assert collect_metadata(tmp_path, path, {}, ["", "wave"]).attributes == {"wave": "w", "region": "EMEA"}
    before = sidecar_fingerprint(tmp_path / path)
    archive.write_bytes(packed({"w/one.txt": TALK, "w/one.yaml": b"region: APAC\n"}))
    assert sidecar_fingerprint(tmp_path / path) not in {"", before}
    archive.write_bytes(packed({"w/one.txt": TALK}))
    assert sidecar_fingerprint(tmp_path / path) == ""
    assert load_sidecar(tmp_path / path) == {}
