"""Runs: again, killed, blocked from the network, with an edited roster, with bad files."""

from __future__ import annotations

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.conftest import Run, copy_sample
from voc_pipeline.errors import ConfigError
from voc_pipeline.operations.run import due_work, run_directly, summarise

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("sample")]
VOC = [sys.executable, "-m", "voc_pipeline"]

BLOCKED = """
import socket, sys
from pathlib import Path
def refuse(*args, **kwargs):
    raise OSError("the network is blocked in this test")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.create_connection = refuse
from voc_pipeline.operations.run import run_directly
run_directly(Path(sys.argv[1]))
"""


def with_key_of(run: Run, root: Path) -> Path:
    shutil.copytree(run.root / "data" / "keys", root / "data" / "keys")
    return root


def test_a_second_run_changes_nothing_says_so_and_takes_under_three_seconds(sample_run: Run) -> None:
    before = file_times(sample_run.root)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*VOC, "run", sample_run.root], capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Seconds of the processor: a run waits for nothing, and other tests share the machine.
    seconds = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    assert done.returncode == 1
    assert "Nothing has changed since the last run." in done.stdout
    assert seconds < 3
    assert file_times(sample_run.root) == before


def file_times(root: Path) -> dict[Path, int]:
    files = [path for path in root.rglob("*") if path.is_file() and "sqlite" not in path.name]
    return {path: path.stat().st_mtime_ns for path in files}


def test_no_step_of_a_run_touches_the_network(sample_run: Run, tmp_path: Path) -> None:
    root = with_key_of(sample_run, copy_sample(tmp_path / "study"))
    done = subprocess.run([sys.executable, "-c", BLOCKED, root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert Run(root).tables() == sample_run.tables()


def test_a_run_killed_twice_ends_in_the_same_tables(sample_run: Run, tmp_path: Path) -> None:
    root = with_key_of(sample_run, copy_sample(tmp_path / "study"))
    for query in ("SELECT count(*) >= 5 FROM files", "SELECT count(*) >= 5 FROM work"):
        process = subprocess.Popen([*VOC, "run", root, "--without-prefect"], stderr=subprocess.DEVNULL)
        wait_for(root / "data" / "voc.sqlite", query, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert due_work(root)
    run_directly(root)
    assert Run(root).tables() == sample_run.tables()


def wait_for(database: Path, query: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                if connection.execute(query).fetchone()[0]:
                    return
        except sqlite3.OperationalError:
            pass
        time.sleep(0.02)


def test_the_order_of_arrival_makes_no_difference(sample_run: Run, tmp_path: Path) -> None:
    root = with_key_of(sample_run, copy_sample(tmp_path / "study"))
    late = root / "late"
    shutil.move(root / "inbox" / "emea", late)
    run_directly(root)
    shutil.move(late, root / "inbox" / "emea")
    run_directly(root)
    assert Run(root).tables() == sample_run.tables()


def test_bad_files_are_listed_and_left_alone_and_the_good_one_is_coded(study: Path) -> None:
    good = "Interviewer: How is it?\n\nRespondent: Nobody has called us since the day we signed, not once.\n"
    files = {
        "empty.txt": b"",
        "blank.vtt": b"WEBVTT\n\n",
        "picture.txt": bytes(range(256)) * 20,
        "broken.docx": b"PK\x03\x04 and then nothing",
        "locked.docx": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
        "talk.mp3": b"ID3\x04" + b"\0" * 50,
        "who.txt": b"Speaker 1: Hello, how are you?\n\nSpeaker 2: Fine, and how are you?\n",
        "good.txt": good.encode(),
        "copy.txt": good.encode(),
    }
    for name, content in files.items():
        (study / "inbox" / name).write_bytes(content)
    (study / "voc.toml").write_text("[inbox]\nstable_seconds = 0.0\n")
    run_directly(study)
    summary = summarise(study)
    assert summary.outcomes == {"refused": 6, "attention": 1, "coded": 1, "duplicate": 1}
    assert all(problem.reason and problem.hint for problem in summary.problems)
    [who] = [problem for problem in summary.problems if problem.outcome == "attention"]
    assert "who.txt" in who.hint
    assert {name: (study / "inbox" / name).read_bytes() for name in files} == files


def test_a_roster_that_says_who_speaks_mends_a_waiting_file(study: Path) -> None:
    text = "Speaker 1: How was it?\n\nSpeaker 2: They forgot us the day the invoice was paid.\n"
    (study / "inbox" / "who.txt").write_text(text)
    (study / "voc.toml").write_text("[inbox]\nstable_seconds = 0.0\n")
    run_directly(study)
    assert summarise(study).outcomes == {"attention": 1}
    (study / "inbox" / "participants.csv").write_text(
        "file,speaker,participant_id,role_in_call\nwho.txt,Speaker 1,,interviewer\nwho.txt,Speaker 2,P1,participant\n"
    )
    run_directly(study)
    assert summarise(study).outcomes == {"coded": 1}
    assert [row["participant_id"] for row in Run(study).table("turns")] == ["", "P1"]


def test_a_new_version_of_a_file_supersedes_the_old_one(study: Path) -> None:
    path = study / "inbox" / "a.txt"
    (study / "voc.toml").write_text("[inbox]\nstable_seconds = 0.0\n")
    path.write_text("Interviewer: And?\n\nRespondent: It never works on Mondays.\n")
    run_directly(study)
    path.write_text("Interviewer: And?\n\nRespondent: It never works on Tuesdays.\n")
    run_directly(study)
    rows = Run(study).table("transcripts")
    assert [(row["version"], row["outcome"]) for row in rows] == [("1", "superseded"), ("2", "coded")]
    assert [row["text"] for row in Run(study).table("turns")] == ["And?", "It never works on Tuesdays."]


def test_an_empty_inbox_has_nothing_due(study: Path) -> None:
    assert not due_work(study)
    run_directly(study)
    assert summarise(study).report is None


def test_wrong_settings_are_found_before_anything_is_written(study: Path) -> None:
    (study / "inbox" / "a.txt").write_text("Interviewer: And?\n\nRespondent: Fine.\n")
    (study / "voc.toml").write_text("[inbox]\nstabel_seconds = 1.0\n")
    with pytest.raises(ConfigError, match="Did you mean 'stable_seconds'"):
        run_directly(study)
    assert sorted(path.name for path in study.iterdir()) == ["inbox", "voc.toml"]
