"""What a service and a run do when something fails, without a server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.cli import child, main, prefect_home
from voc_pipeline.cli.running import counted, in_words
from voc_pipeline.cli.service import watch_inbox
from voc_pipeline.cli.study import print_summary
from voc_pipeline.errors import UsageError, VocError
from voc_pipeline.operations import setup
from voc_pipeline.operations.run import Summary, only_watcher, writer
from voc_pipeline.operations.scan import Due
from voc_pipeline.operations.watching import Task, Watcher

if TYPE_CHECKING:
    from pathlib import Path

VOC = [sys.executable, "-m", "voc_pipeline"]
FAST = "[inbox]\nstable_seconds = 0.0\nscan_seconds = 0.5\nquiet_seconds = 0.0\n"
TALK = "Dana: What do you do here?\n\nRuth: I run the lab and I have run it for many years now.\n"


@pytest.fixture
def one(study: Path) -> Path:
    (study / "voc.toml").write_text(FAST)
    (study / "inbox" / "a.txt").write_text(TALK)
    return study


def test_the_watcher_survives_a_setting_that_breaks_under_it(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (one / "inbox" / "a.txt").unlink()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        (one / "voc.toml").write_text("[inbox" if len(pauses) < 3 else FAST.replace("0.5", "0.7"))

    watch_inbox(one, call=never, pause=pause, rounds=4)
    assert pauses == [0.5, 0.5, 0.5, 0.7]
    said = capsys.readouterr().err
    assert said.count("waiting: ") == 1  # the same thing is not said at every look
    assert "voc.toml" in said


def test_the_watcher_survives_anything_quotes_nothing_and_waits_longer_and_longer(
    one: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_root: Path, _task: Task) -> None:
        raise RuntimeError("My name is Ruth")

    pauses: list[float] = []
    watch_inbox(one, call=fail, pause=pauses.append, rounds=9)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    said = capsys.readouterr().err
    assert "failed: an unexpected RuntimeError; it is tried again. Run 'voc doctor'" in said
    assert "Ruth" not in said


def test_the_watcher_passes_on_only_what_is_due_and_rereads_how_long_to_wait(one: Path) -> None:
    now = [0.0]
    watcher = Watcher(one, clock=lambda: now[0])
    assert watcher.due() == Task(("a.txt",), report=True)
    (one / "voc.toml").write_text(FAST.replace("stable_seconds = 0.0", "stable_seconds = 3.0"))
    assert watcher.due() is None
    now[0] = 3.0
    assert watcher.due() == Task(("a.txt",), report=True)


def test_a_port_in_use_is_wrong_use(one: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*VOC, "serve", one, "--port", str(port)], capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 2
    assert f"port {port} is in use" in done.stderr
    assert "--port 0" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_busy_study_is_told_in_one_line_before_any_server_starts(one: Path) -> None:
    with writer(one):
        started = time.monotonic()
        done = subprocess.run([*VOC, "run", one], capture_output=True, text=True, check=False, timeout=60)
    assert time.monotonic() - started < 15
    assert done.returncode == 3
    assert "another process writes to this study" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (one / "data" / "prefect" / "server.json").exists()


@pytest.mark.parametrize("command", ["watch", "serve"])
def test_a_second_watcher_of_a_study_is_refused(one: Path, command: str) -> None:
    with only_watcher(one):
        done = subprocess.run([*VOC, command, one], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3
    assert "this study is being watched already, by another 'voc watch' or 'voc serve' (pid " in done.stderr
    assert "Traceback" not in done.stderr
    with only_watcher(one):  # it was given up
        pass


@pytest.mark.parametrize("text", ["", "voc", "voc:"])
def test_a_password_that_was_never_finished_is_made_again(tmp_path: Path, text: str) -> None:
    (tmp_path / "auth").write_text(text)
    made = prefect_home.password(tmp_path)
    assert len(made) > 30
    assert prefect_home.password(tmp_path) == made
    assert (tmp_path / "auth").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["auth", "lock"]


def test_a_server_is_killed_only_when_its_owner_is_dead(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        note = tmp_path / "server.json"
        owner = {"owner": os.getpid(), "owner_born": prefect_home.born(os.getpid())}
        facts = {"pid": process.pid, "born": prefect_home.born(process.pid), **owner, "shared": True}
        note.write_text(json.dumps({**facts, "address": "http://127.0.0.1:9/api"}))
        assert prefect_home.find_shared(note, "voc:x") is None  # it does not answer yet
        assert process.poll() is None
        assert note.exists()
        note.write_text(json.dumps({**facts, "address": "http://127.0.0.1:9/api", "owner_born": 1}))
        assert prefect_home.find_shared(note, "voc:x") is None
        assert process.wait(timeout=5) == -signal.SIGKILL
        assert not note.exists()
    finally:
        process.kill()


def test_a_child_whose_parent_is_dead_already_does_not_start() -> None:
    command = [sys.executable, child.__file__, "1" if os.getppid() != 1 else "2", sys.executable, "-c", "print('here')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_an_unexpected_error_ends_with_3_and_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise KeyError("My name is Ruth")

    monkeypatch.setattr(main, "app", fail)
    with pytest.raises(SystemExit) as end:
        main.main()
    said = capsys.readouterr().err
    assert end.value.code == 3
    assert "an unexpected KeyError" in said
    assert "voc doctor" in said
    assert "Ruth" not in said
    monkeypatch.setenv("VOC_DEBUG", "1")
    with pytest.raises(KeyError):
        main.main()


def test_ctrl_c_says_that_the_next_run_goes_on_from_here(one: Path) -> None:
    (one / "voc.toml").write_text("[inbox]\nstable_seconds = 30.0\n")

    def as_in_a_terminal() -> (
        None
    ):  # a shell's background job, as CI may be, has Ctrl-C switched off, and so its children
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    command = [*VOC, "run", str(one)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=as_in_a_terminal)  # noqa: PLW1509 (no threads here)
    assert process.stderr is not None
    assert "1 file was changed just now: waiting 30 s" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert "voc: stopped; the next run goes on from here" in said
    assert "Traceback" not in said


def test_a_waiting_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(Summary(outcomes={}, problems=(), report=None, waiting=1), tmp_path)
    assert "1 file is still being written: run again" in capsys.readouterr().out
    print_summary(Summary(outcomes={}, problems=(), report=None, waiting=2), tmp_path)
    assert "2 files are still being written: run again" in capsys.readouterr().out


def test_what_is_due_is_toldin_words() -> None:
    assert in_words(Due(("a", "b"), (), discover=False, publish=False, waiting=0)) == "2 files to read"
    assert in_words(Due((), (), discover=True, publish=True, waiting=0)) == "topics, a report"
    assert counted(1, "interview") == "1 interview"


def test_a_roster_opens_no_pipe_and_follows_no_link(one: Path) -> None:
    os.mkfifo(one / "inbox" / "pipe.txt")
    secret = one / "secret.txt"
    secret.write_text(TALK.replace("Ruth", "Quentin"))
    (one / "inbox" / "link.txt").symlink_to(secret)
    done = subprocess.run([*VOC, "roster", one], capture_output=True, text=True, check=False, timeout=30)
    assert "2 rows added" in done.stdout
    assert "Quentin" not in (one / "inbox" / "participants.csv").read_text()


def test_a_roster_that_cannot_be_written_leaves_the_old_one(one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roster = one / "inbox" / "participants.csv"
    roster.write_text("file,speaker\nb.txt,Ann\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        setup.write_roster(one)
    assert roster.read_text() == "file,speaker\nb.txt,Ann\n"
    assert sorted(path.name for path in (one / "inbox").iterdir()) == ["a.txt", "participants.csv"]


def test_a_sample_that_was_copied_by_half_is_copied_again(tmp_path: Path) -> None:
    half = tmp_path / "demo" / ".sample.part" / "inbox"
    half.mkdir(parents=True)
    (tmp_path / "demo" / "voc.toml").write_text("")
    setup.copy_sample(tmp_path / "demo")
    assert (tmp_path / "demo" / "voc.toml").stat().st_size > 0
    assert not half.parent.exists()
    assert len(list((tmp_path / "demo" / "inbox").rglob("*.*"))) > 10
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not empty"):
        setup.copy_sample(tmp_path / "file")


def never(_root: Path, _task: Task) -> None:
    raise VocError("nothing was due")
