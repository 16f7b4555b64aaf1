"""The watched folder, row by row of what is known to go wrong with one (I1 to I20 of the operations research).

Reading and planning only, on an injected clock, with a pseudonymiser that changes nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.faults.stand_ins import Unchanged
from voc_pipeline.cli.service import watch_inbox
from voc_pipeline.errors import LaterError, UsageError
from voc_pipeline.ingest import taking
from voc_pipeline.ingest.inbox import scan as look
from voc_pipeline.operations import hashes
from voc_pipeline.operations import ingest as ingesting
from voc_pipeline.operations import run as running
from voc_pipeline.operations.ingest import ingest
from voc_pipeline.operations.scan import scan
from voc_pipeline.operations.setup import init_study
from voc_pipeline.operations.sources import read_source
from voc_pipeline.operations.status import file_statuses
from voc_pipeline.operations.study import open_study
from voc_pipeline.operations.watching import Task, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voc_pipeline.config import InboxSection
    from voc_pipeline.ingest.inbox import Found
    from voc_pipeline.records import SourceFile

TALK = "Interviewer: What happened?\n\nRespondent: {} is what happened to us.\n"
WHO = "Speaker 1: What happened?\n\nSpeaker 2: {} is what happened to us.\n"


class Clock:
    """Seconds that pass only when a test says so: monotonic for the watcher, since the epoch for the store."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("voc_pipeline.operations.delays.epoch", clock)
    return clock


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "_pseudonymiser", lambda _key, _keep: Unchanged())


@pytest.fixture
def inbox(study: Path) -> Path:
    (study / "voc.toml").write_text("[inbox]\nquiet_seconds = 0.0\n")
    return study / "inbox"


class Desk:
    """A watcher at work on an injected clock: looks every ``scan_seconds``, reads what it finds due."""

    def __init__(self, inbox: Path, clock: Clock, *, scan_seconds: float = 5.0) -> None:
        self.root, self.clock, self.scan_seconds = inbox.parent, clock, scan_seconds
        self.watcher = Watcher(self.root, clock=clock)
        self.taken: list[str] = []

    def look(self) -> tuple[str, ...]:
        task = self.watcher.due()
        paths = task.paths if task else ()
        if task:
            for batch in running.ingest_batches(self.root, paths):
                running.ingest_batch(self.root, batch)
        self.watcher.succeeded()
        self.taken += paths
        return paths

    def pass_time(self, seconds: float, each_second: Callable[[int], object] = lambda _second: None) -> None:
        start = self.clock.now
        next_look = start
        for second in range(int(seconds)):
            self.clock.now = start + second
            each_second(second)
            if self.clock.now >= next_look:
                self.look()
                next_look += self.scan_seconds
        self.clock.now = start + seconds


def outcomes(inbox: Path) -> dict[str, str]:
    with open_study(inbox.parent) as study:
        return {row.path: str(row.outcome) for row in study.store.inbox.files() if row.current}


def spoken(inbox: Path) -> list[str]:
    with open_study(inbox.parent) as study:
        return sorted(item.turns[-1].text.split()[0] for item in study.store.inbox.transcripts())


def append(path: Path, text: str) -> None:
    with path.open("a") as stream:
        stream.write(text)


def test_i1_a_file_that_grows_line_by_line_is_taken_once_and_whole(inbox: Path, clock: Clock) -> None:
    path = inbox / "talk.txt"
    path.write_text(TALK.format("Rain"))
    desk = Desk(inbox, clock, scan_seconds=3.0)
    desk.pass_time(20, lambda second: append(path, f"\nRespondent: And line {second}.\n"))
    assert desk.taken == []
    desk.pass_time(20)
    assert desk.taken == ["talk.txt"]
    with open_study(inbox.parent) as study:
        [transcript] = study.store.inbox.transcripts()
    assert transcript.turns[-1].text.endswith("And line 19.")


def test_i2_a_slow_writer_is_waited_for_however_long_it_takes(inbox: Path, clock: Clock) -> None:
    path = inbox / "talk.txt"
    path.write_text(TALK.format("Rain"))
    desk = Desk(inbox, clock, scan_seconds=4.0)
    desk.pass_time(60, lambda second: append(path, "\nRespondent: More.\n" * (second % 3 == 0)))
    assert desk.taken == []
    desk.pass_time(20)
    assert outcomes(inbox) == {"talk.txt": "coded"}


def test_i3_and_i9_a_folder_of_a_hundred_that_is_moved_in_needs_no_event(
    inbox: Path, clock: Clock, tmp_path: Path
) -> None:
    desk = Desk(inbox, clock)
    desk.pass_time(10)
    aside = tmp_path / "aside"
    aside.mkdir()
    for number in range(100):
        (aside / f"talk {number}.txt").write_text(TALK.format(f"Rain{number}"))
    aside.rename(inbox / "batch")
    desk.pass_time(16)
    assert Counter(outcomes(inbox).values()) == {"coded": 100}
    code = "import sys, voc_pipeline.operations.watching; print([m for m in sys.modules if 'watch' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['voc_pipeline.operations.watching']"  # no library of file events


def test_i4_two_watchers_of_one_inbox_read_each_file_once(inbox: Path, clock: Clock) -> None:
    for number in range(30):
        (inbox / f"talk {number}.txt").write_text(TALK.format(f"Rain{number}"))
    first, second = Desk(inbox, clock), Desk(inbox, clock)
    first.watcher.due()
    second.watcher.due()
    clock.now += 5
    due = first.watcher.due(), second.watcher.due()  # both see all before either has read any
    for task in due:
        assert task is not None
        with open_study(inbox.parent) as study:
            ingest(study, task.paths)
    with open_study(inbox.parent) as study:
        assert len(study.store.inbox.transcripts()) == 30
        assert Counter(row.outcome for row in study.store.inbox.files()) == {"coded": 30}


def test_i5_the_same_bytes_under_five_names_are_one_interview_and_no_work(inbox: Path, clock: Clock) -> None:
    for name in "abcde":
        (inbox / f"{name}.txt").write_text(TALK.format("Rain"))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    assert outcomes(inbox) == {"a.txt": "coded"} | {f"{name}.txt": "duplicate" for name in "bcde"}
    taken = list(desk.taken)
    desk.pass_time(60)
    assert desk.taken == taken
    with open_study(inbox.parent) as study:
        [row] = study.store.inbox.files_at("b.txt")
    assert row.reason == "the same bytes as a.txt"


def locked(monkeypatch: pytest.MonkeyPatch, names: set[str]) -> list[str]:
    """Make files of these names unreadable for now; gives the names that were tried."""
    tried: list[str] = []

    def read(inbox: Path, found: Found) -> tuple[SourceFile, object]:
        if found.path in names:
            tried.append(found.path)
            raise LaterError("another program has locked the file", where=found.path, hint="Close it there")
        return read_source(inbox, found)

    monkeypatch.setattr(hashes, "read_source", read)
    monkeypatch.setattr(ingesting, "read_source", read)
    return tried


def test_i6_a_locked_file_is_tried_again_for_ever_later_and_later_and_shows_its_age(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"a.txt"}
    locked(monkeypatch, names)
    for name in ("a.txt", "b.txt"):
        (inbox / name).write_text(TALK.format(name))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    assert outcomes(inbox) == {"b.txt": "coded"}  # the others are not held up
    waits = []
    for _ in range(9):
        with open_study(inbox.parent) as study:
            [delay] = study.store.delays.all().values()
        waits.append(delay.next_try - clock.now)
        clock.now = delay.next_try
        desk.look()
    assert delay.tried == 10
    assert 0 < waits[0] < 20
    assert waits[-1] == waits[-2] == 300
    [status] = [row for row in file_statuses(inbox.parent) if row.path == "a.txt"]
    assert status.outcome == "waiting"
    assert "another program has locked the file; waiting since 20" in status.reason
    assert "tried 11 times, next try 20" in status.reason
    from voc_pipeline.cli.study import print_summary

    print_summary(running.summarise(inbox.parent), inbox.parent)
    assert "can't be read for now and are tried again:\n  a.txt" in capsys.readouterr().out
    names.clear()
    clock.now += 300
    desk.look()
    assert outcomes(inbox) == {"a.txt": "coded", "b.txt": "coded"}
    with open_study(inbox.parent) as study:
        assert study.store.delays.all() == {}
        assert not scan(study).ingest


def test_i6_between_two_tries_nothing_is_tried(inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = locked(monkeypatch, {"a.txt"})
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    desk = Desk(inbox, clock)
    desk.pass_time(120)
    assert 0 < len(tried) < 12  # 24 looks


def test_i6_a_locked_file_that_goes_away_waits_no_more(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked(monkeypatch, {"a.txt"})
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    (inbox / "a.txt").unlink()
    desk.pass_time(11)
    with open_study(inbox.parent) as study:
        assert study.store.delays.all() == {}


def test_i6_a_fault_while_reading_a_file_that_was_found_readable_is_no_verdict(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise LaterError("the reading took too long", hint="It is tried again")

    (inbox / "a.txt").write_text(TALK.format("Rain"))
    desk = Desk(inbox, clock)
    with monkeypatch.context() as patch:
        patch.setattr(ingesting, "_read_and_save", fail)
        desk.pass_time(11)
    assert outcomes(inbox) == {}
    with open_study(inbox.parent) as study:
        assert study.store.delays.all()["a.txt"].reason == "the reading took too long"
    desk.pass_time(30)
    assert outcomes(inbox) == {"a.txt": "coded"}


def test_i8_an_inbox_that_vanishes_pauses_and_loses_nothing(
    inbox: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    (inbox / "who.txt").write_text(WHO.format("Snow"))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    before = outcomes(inbox)
    inbox.rename(inbox.with_name("unmounted"))
    watch_inbox(inbox.parent, call=never, pause=lambda _seconds: None, rounds=3)
    said = capsys.readouterr().err
    assert said.count("the inbox can't be read: No such file or directory") == 1
    with pytest.raises(UsageError, match="the inbox is gone: nothing is read, and nothing that was read is lost"):
        running.run_directly(inbox.parent)
    inbox.with_name("unmounted").rename(inbox)
    assert outcomes(inbox) == before == {"a.txt": "coded", "who.txt": "attention"}
    assert desk.look() == ()


def never(_root: Path, _task: Task) -> None:
    pytest.fail("there was nothing to do")


def test_i8_an_empty_mount_point_without_its_marker_pauses_and_retires_nothing(
    inbox: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    (inbox.parent / "voc.toml").write_text('[inbox]\nquiet_seconds = 0.0\nmarker = "VOC-INBOX.txt"\n')
    assert init_study(inbox.parent) == [inbox / "VOC-INBOX.txt"]
    (inbox / "who.txt").write_text(WHO.format("Snow"))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    assert outcomes(inbox) == {"who.txt": "attention"}  # and the marker is no transcript
    share = inbox.rename(inbox.with_name("share"))
    inbox.mkdir()
    pauses: list[float] = []
    watch_inbox(inbox.parent, call=never, pause=pauses.append, rounds=3)
    assert "waiting: " in (said := capsys.readouterr().err)
    assert "the inbox's marker 'VOC-INBOX.txt' is not there" in said
    assert pauses == [5.0, 5.0, 5.0]  # it looks again soon
    with pytest.raises(UsageError, match="marker"):
        running.run_directly(inbox.parent)
    assert list(inbox.iterdir()) == []  # nothing is written to a place that may be another
    inbox.rmdir()
    share.rename(inbox)
    assert outcomes(inbox) == {"who.txt": "attention"}
    assert desk.look() == ()


def test_i8_files_that_vanish_from_a_mounted_inbox_delete_nothing(inbox: Path, clock: Clock) -> None:
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    (inbox / "a.txt").unlink()
    desk.pass_time(11)
    assert spoken(inbox) == ["Rain"]


def test_i10_identity_is_the_bytes_not_the_inode_and_the_smallest_file_counts(inbox: Path, clock: Clock) -> None:
    path = inbox / "talk.vtt"
    cue = "WEBVTT\n\n00:00.000 --> 00:01.000\nInterviewer: And?\n\n00:01.000 --> 00:02.000\nRespondent: {}.\n"
    desk = Desk(inbox, clock)
    for word in ("Rain", "Snow"):  # as long, as old, and with luck of the same inode
        path.unlink(missing_ok=True)
        path.write_text(cue.format(word))
        assert path.stat().st_size < 300
        os.utime(path, (1_600_000_000, 1_600_000_000))
        desk.pass_time(11)
    with open_study(inbox.parent) as study:
        assert [(row.version, str(row.outcome)) for row in study.store.inbox.files()] == [
            (1, "superseded"), (2, "coded")
        ]  # fmt: skip
    assert spoken(inbox) == ["Snow."]


def test_i12_five_saves_by_an_editor_are_five_versions_of_which_one_is_current(inbox: Path, clock: Clock) -> None:
    desk = Desk(inbox, clock)
    for number in range(1, 6):
        half = inbox / "~WRD0001.tmp"
        half.write_text(TALK.format(f"Rain{number}"))
        half.replace(inbox / "talk.txt")
        desk.pass_time(11)
    with open_study(inbox.parent) as study:
        rows = study.store.inbox.files()
    assert [(row.path, row.version, row.current) for row in rows] == [
        ("talk.txt", number, number == 5) for number in range(1, 6)
    ]
    assert spoken(inbox) == ["Rain5"]


def test_i13_a_file_that_is_overwritten_while_it_is_read_is_not_taken_half(inbox: Path) -> None:
    path = inbox / "talk.txt"
    whole = {letter * 400_000 for letter in "ab"}
    path.write_text("a" * 400_000)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    [found] = look(inbox, _settings(inbox))
    stop = threading.Event()

    def overwrite() -> None:
        while not stop.is_set():
            for text in sorted(whole):
                path.write_text(text)

    writer = threading.Thread(target=overwrite)
    writer.start()
    changed = 0
    try:
        for _ in range(50):
            try:
                _, data = read_source(inbox, found)
            except FileNotFoundError:
                changed += 1
            else:
                assert isinstance(data, bytes)
                assert data.decode() in whole
    finally:
        stop.set()
        writer.join()
    assert changed > 0


def test_i14_a_file_whose_opening_blocks_holds_up_nobody_and_comes_by_itself(
    inbox: Path, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = tmp_path / "cloud"  # opening a pipe blocks for as long as nobody writes to it
    os.mkfifo(cloud)
    real = taking._read  # noqa: SLF001 (what blocks is inside)
    opened: list[Path] = []

    def read(path: Path) -> tuple[bytes, os.stat_result]:
        if path.name == "0 cloud.txt" and not opened:
            opened.append(path)
            cloud.read_bytes()
        return real(path)

    monkeypatch.setattr(taking, "_read", read)
    for module in (hashes, ingesting):
        monkeypatch.setattr(module, "read_source", partial(read_source, wait_seconds=0.2))
    (inbox / "0 cloud.txt").write_text(TALK.format("Snow"))
    for number in range(20):
        (inbox / f"talk {number}.txt").write_text(TALK.format(f"Rain{number}"))
    desk = Desk(inbox, clock)
    desk.pass_time(60)
    assert Counter(outcomes(inbox).values()) == {"coded": 20}
    assert len(opened) == 1
    [status] = [row for row in file_statuses(inbox.parent) if row.path == "0 cloud.txt"]
    assert status.outcome == "waiting"
    assert status.reason.startswith("the file does not come: it may be in the cloud still")
    cloud.write_bytes(b"")  # it has come
    taking._blocked[inbox / "0 cloud.txt"].join(20)  # noqa: SLF001 (the thread that waited)
    desk.pass_time(300)
    assert outcomes(inbox)["0 cloud.txt"] == "coded"


def _settings(inbox: Path) -> InboxSection:
    with open_study(inbox.parent) as study:
        return study.settings.inbox


def test_i15_names_that_differ_by_case_or_form_are_files_of_their_own_and_the_bytes_decide(
    inbox: Path, clock: Clock
) -> None:
    (inbox / "Ana.txt").write_text(TALK.format("Rain"))
    (inbox / "ana.txt").write_text(TALK.format("Snow"))
    (inbox / "e\u0301.txt").write_text(TALK.format("Hail"))
    (inbox / "\u00e9.txt").write_text(TALK.format("Hail"))
    Desk(inbox, clock).pass_time(11)
    assert outcomes(inbox) == {
        "Ana.txt": "coded", "ana.txt": "coded", "e\u0301.txt": "coded", "\u00e9.txt": "duplicate",
    }  # fmt: skip
    said = {row.path: row.reason for row in file_statuses(inbox.parent)}
    alike = "named alike but for capitals or the encoding of accents: {}. Is one of them an old copy?"
    assert said == {
        "Ana.txt": alike.format("ana.txt"),
        "ana.txt": alike.format("Ana.txt"),
        "e\u0301.txt": alike.format("\u00e9.txt"),
        "\u00e9.txt": "the same bytes as e\u0301.txt; " + alike.format("e\u0301.txt"),
    }
    running.tell(inbox.parent)
    assert (inbox / "STATUS.html").read_text().count("named alike but for capitals") == 4
    (inbox / "Ana.txt").unlink()
    running.tell(inbox.parent)
    assert (inbox / "STATUS.html").read_text().count("named alike but for capitals") == 2


def test_i16_a_zip_bomb_is_listed_and_fifty_others_are_read(inbox: Path, clock: Clock) -> None:
    with zipfile.ZipFile(inbox / "0 bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        bomb.writestr("word/document.xml", bytes(60_000_000))
    for number in range(50):
        (inbox / f"talk {number}.txt").write_text(TALK.format(f"Rain{number}"))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    assert Counter(outcomes(inbox).values()) == {"coded": 50, "refused": 1}
    [problem] = running.summarise(inbox.parent).problems
    assert problem.path == "0 bomb.docx"
    assert problem.reason
    with open_study(inbox.parent) as study:
        [row] = study.store.inbox.files_at("0 bomb.docx")
    assert (row.size, bool(row.first_seen)) == ((inbox / "0 bomb.docx").stat().st_size, True)
    taken = list(desk.taken)
    desk.pass_time(60)
    assert desk.taken == taken  # final means final, until it changes


@pytest.mark.parametrize("name", ["\N{GRINNING FACE}", "x" * 250, "..x", "=1+1", "<b>"])
def test_i17_folder_names_make_no_attributes_unless_the_settings_say_so(inbox: Path, clock: Clock, name: str) -> None:
    (inbox / name).mkdir()
    (inbox / name / "a.txt").write_text(TALK.format("Rain"))
    if name.startswith("."):
        assert look(inbox, _settings(inbox)) == []  # hidden
        return
    Desk(inbox, clock).pass_time(11)
    with open_study(inbox.parent) as study:
        [transcript] = study.store.inbox.transcripts()
        [person] = study.store.inbox.participants([transcript.transcript_id])
    assert dict(person.attributes) == {}


def test_i18_a_file_that_comes_back_after_years_is_known(inbox: Path, clock: Clock) -> None:
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    (inbox / "a.txt").unlink()
    desk.pass_time(11)
    clock.now += 2 * 365 * 86400
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    desk.taken.clear()
    desk.pass_time(11)
    assert desk.taken == []


def test_i19_links_pipes_and_devices_are_told_and_never_opened(inbox: Path, clock: Clock) -> None:
    (inbox / "passwd.txt").symlink_to("/etc/passwd")
    (inbox / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(inbox / "pipe.txt")
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    assert outcomes(inbox) == dict.fromkeys(("passwd.txt", "pipe.txt", "zero.txt"), "refused")


def test_i20_times_of_1970_and_2099_and_jumps_of_the_clock_change_nothing(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("old.txt", 0), ("new.txt", 4_070_908_800)):
        (inbox / name).write_text(TALK.format(name))
        os.utime(inbox / name, (seconds, seconds))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    assert outcomes(inbox) == {"old.txt": "coded", "new.txt": "coded"}
    locked(monkeypatch, {"late.txt"})
    (inbox / "late.txt").write_text(TALK.format("Late"))
    desk.pass_time(16)
    wall = clock.now - 86400  # the clock of the wall is set back by a day, the monotonic one goes on
    monkeypatch.setattr("voc_pipeline.operations.delays.epoch", lambda: wall)
    assert desk.watcher.due() is not None  # it does not wait for a day


def test_names_that_are_not_utf_8_stop_no_watcher(inbox: Path, clock: Clock) -> None:
    (inbox / os.fsdecode(b"caf\xe9.txt")).write_text(TALK.format("Rain"))
    bad = inbox / os.fsdecode(b"d\xe9p\xf4t")
    bad.mkdir()
    (bad / "a.txt").write_text(TALK.format("Snow"))
    (inbox / "good.txt").write_text(TALK.format("Hail"))
    Desk(inbox, clock).pass_time(11)
    assert outcomes(inbox) == {"caf\\xe9.txt": "refused", "d\\xe9p\\xf4t/a.txt": "refused", "good.txt": "coded"}
    running.tell(inbox.parent)
    assert "caf\\xe9.txt" in (inbox / "STATUS.html").read_text()


SAYS_WHO = {
    "inbox/participants.csv": (
        "file,speaker,role_in_call\nwho.txt,Speaker 1,interviewer\nwho.txt,Speaker 2,participant\n"
    ),
    "inbox/who.txt.yaml": "interviewer: Speaker 1\nparticipant: Speaker 2\n",
    "voc.toml": (
        "[inbox]\nquiet_seconds = 0.0\n[speakers]\ninterviewer = ['Speaker 1']\nparticipant = ['Speaker 2']\n"
    ),
}


@pytest.mark.parametrize("place", SAYS_WHO)
def test_an_edit_of_roster_sidecar_or_settings_tries_a_waiting_file_again(
    inbox: Path, clock: Clock, place: str
) -> None:
    (inbox / "who.txt").write_text(WHO.format("Rain"))
    desk = Desk(inbox, clock)
    desk.pass_time(11)
    assert outcomes(inbox) == {"who.txt": "attention"}
    (inbox.parent / place).write_text(SAYS_WHO[place])
    desk.pass_time(6)
    assert outcomes(inbox) == {"who.txt": "coded"}


def test_an_edit_of_the_codebook_codes_again(inbox: Path, clock: Clock) -> None:
    from voc_pipeline.manifests import models_dir
    from voc_pipeline.operations import keys

    (inbox / "a.txt").write_text(TALK.format("Rain"))
    Desk(inbox, clock).pass_time(11)
    with open_study(inbox.parent) as study:
        [name] = scan(study).code
        study.store.codings.save_coding(name, keys.code_keys(study)[name], passages=[], mentions=[], scores=[])
    [shipped, *_] = sorted((models_dir() / "codebooks").glob("*.yaml"))
    shutil.copy(shipped, inbox.parent / "codebook.yaml")
    watcher = Watcher(inbox.parent, clock=clock)
    assert watcher.due() == Task((), report=True)
    with open_study(inbox.parent) as study:
        assert scan(study).code == (), "the same themes: nothing to code again"
    book = inbox.parent / "codebook.yaml"
    parking = "themes:\n  - {id: parking, name: Parking, family: fit, definition: Where cars go.}\n"
    book.write_text(book.read_text().replace("themes:\n", parking, 1))
    with open_study(inbox.parent) as study:
        assert scan(study).code == (name,)


def test_tables_come_first_and_the_report_after_a_quiet_time_but_not_never(inbox: Path, clock: Clock) -> None:
    (inbox.parent / "voc.toml").write_text("[inbox]\nstable_seconds = 0.0\nquiet_seconds = 30.0\n")
    watcher = Watcher(inbox.parent, clock=clock)

    def act() -> tuple[int, bool] | None:
        task = watcher.due()
        if task is None:
            return None
        with open_study(inbox.parent) as study:
            ingest(study, task.paths)
            from voc_pipeline.operations import keys

            for name, key in keys.code_keys(study).items():
                study.store.codings.save_coding(name, key, passages=[], mentions=[], scores=[])  # type: ignore[arg-type] # (an id)
        watcher.succeeded()
        return len(task.paths), task.report

    (inbox / "a.txt").write_text(TALK.format("Rain"))
    assert act() == (1, False)
    clock.now += 29
    assert act() is None
    clock.now += 1
    assert act() == (0, True)
    for number in range(10):  # new ones keep coming every 29 s: five minutes after the first, there is a report
        (inbox / f"{number}.txt").write_text(TALK.format(f"Snow{number}"))
        assert act() == (1, False)
        clock.now += 29
    clock.now += 1
    (inbox / "z.txt").write_text(TALK.format("Hail"))
    clock.now += 10
    assert act() == (1, True)


def test_what_stands_in_the_inbox_unchanged_is_not_read_at_every_look(
    inbox: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = locked(monkeypatch, set())
    reads: list[str] = []

    def read(root: Path, found: Found) -> tuple[SourceFile, object]:
        reads.append(found.path)
        return read_source(root, found)

    monkeypatch.setattr(hashes, "read_source", read)
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    os.utime(inbox / "a.txt", (1_600_000_000, 1_600_000_000))
    monkeypatch.setattr(hashes, "_COARSE_NS", -(10**19))  # every file counts as old
    desk = Desk(inbox, clock)
    desk.pass_time(60)
    assert outcomes(inbox) == {"a.txt": "coded"}
    assert reads == ["a.txt"]
    assert tried == []


def test_a_file_that_moved_lately_is_looked_at_as_soon_as_it_may_be_stable(inbox: Path, clock: Clock) -> None:
    (inbox.parent / "voc.toml").write_text("[inbox]\nstable_seconds = 5.0\nscan_seconds = 60.0\n")
    watcher = Watcher(inbox.parent, clock=clock)
    (inbox / "a.txt").write_text(TALK.format("This"))
    assert watcher.due() is None
    assert watcher.pause_seconds == 5.0
    clock.now += 3
    assert watcher.due() is None
    assert watcher.pause_seconds == 2.0
    clock.now += 2
    task = watcher.due()
    assert task is not None
    assert task.paths == ("a.txt",)
    assert watcher.pause_seconds == 60.0


def test_the_watcher_wakes_when_a_folder_changes_and_else_waits(inbox: Path) -> None:
    (inbox / "site").mkdir()
    (inbox / "site" / "a.txt").write_text(TALK.format("This"))
    watcher = Watcher(inbox.parent)
    watcher.due()
    started = time.monotonic()
    watcher.rest(0.2)
    assert time.monotonic() - started >= 0.2
    (inbox / "site" / "b.txt").write_text(TALK.format("That"))  # between a look and the rest after it
    started = time.monotonic()
    watcher.rest(60)
    assert time.monotonic() - started < 30
    threading.Timer(0.1, (inbox / "c.txt").write_text, [TALK.format("Then")]).start()
    watcher.rest(60)
    assert (inbox / "c.txt").exists()
    assert time.monotonic() - started < 30
