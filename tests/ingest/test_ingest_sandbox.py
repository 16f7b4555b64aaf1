"""The reading process: what it may do, what it survives, and what its owner is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import AttentionError, LaterError, RefusedError, VocError
from voc_pipeline.ingest import sandbox as sandbox_module
from voc_pipeline.ingest import wire
from voc_pipeline.ingest.reading import read_transcript
from voc_pipeline.ingest.sandbox import Sandbox, shared
from voc_pipeline.ingest.sandbox_limits import Limits
from voc_pipeline.records import LossReport, RawTranscript, ReadingOptions, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TALK = b"Dana: What happened then?\n\nBen: It broke, and nobody came.\n"

# A reader that does to its process whatever the file says.
READER = """
import ctypes, os, socket, subprocess, sys, time
from voc_pipeline.errors import AttentionError, ConfigError
from voc_pipeline.records import LossReport, RawTranscript, Utterance

class Reader:
    name = "odd"
    suffixes = (".odd",)

    def read(self, data, *, name, options):
        orders = {
            "loop": self.loop, "sleep": lambda: time.sleep(60), "swell": lambda: bytearray(1 << 40),
            "segfault": lambda: os.kill(os.getpid(), 11), "exit": lambda: os._exit(0),
            "socket": socket.socket, "program": lambda: subprocess.run(["true"]), "fault": lambda: {}["secret word"],
            "attention": self.attention, "text": lambda: sys.exit("secret word"), "swell once": self.swell_once,
        }
        found = orders.get(data.decode(), lambda: None)()
        facts = {
            "say": lambda: " ".join(sorted(sys.modules)), "folder": os.getcwd, "pid": lambda: str(os.getpid()),
            "environment": lambda: " ".join(os.environ), "cores": self.cores,
            "columns": lambda: options.text_columns[0], "half a second": self.half_a_second,
        }
        said = facts.get(data.decode(), lambda: str(found))()
        return RawTranscript((Utterance("Dana", said, 1.5),), {"region": "EMEA"}, LossReport(1, 1), ("odd",))

    def loop(self):
        while True:
            pass

    def half_a_second(self):
        until = time.process_time() + 0.5
        while time.process_time() < until:
            pass
        return "done"

    def cores(self):
        import resource
        return str(resource.getrlimit(resource.RLIMIT_CORE))

    def attention(self):
        raise AttentionError("who is it?", where="there", hint="Say so")

    swollen = []

    def swell_once(self):
        self.swollen.append(bytearray(150_000_000))
        return len(self.swollen)
"""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Register the odd reader as anybody registers theirs."""
    folder = tmp_path / "site"
    (folder / "odd-1.0.dist-info").mkdir(parents=True)
    (folder / "odd_reader.py").write_text(READER)
    (folder / "odd-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (folder / "odd-1.0.dist-info" / "entry_points.txt").write_text("[voc_pipeline.readers]\nodd = odd_reader:Reader\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def small(odd: Path) -> Iterator[Sandbox]:
    assert odd
    with Sandbox(Limits(memory_bytes=400_000_000, cpu_seconds=1, wall_seconds=60.0)) as sandbox:
        yield sandbox


def ask(sandbox: Sandbox, order: str) -> str:
    return sandbox.read(order.encode(), name="a.odd").utterances[0].text


def test_it_reads_what_the_reader_itself_reads() -> None:
    with Sandbox() as sandbox:
        assert sandbox.pid is None, "nothing starts before the first file"
        assert sandbox.read(TALK, name="a.txt") == read_transcript(TALK, name="a.txt")
        with pytest.raises(RefusedError) as caught:
            sandbox.read(b"", name="empty.txt")
        assert (caught.value.what, caught.value.where) == ("the file is empty", "empty.txt")
    assert sandbox.pid is None


def test_many_files_share_a_worker_and_a_worn_one_is_replaced(odd: Path) -> None:
    assert odd
    with Sandbox(Limits(files=3)) as sandbox:
        pids = [ask(sandbox, "pid") for _ in range(7)]
    assert [pids.index(pid) for pid in pids] == [0, 0, 0, 3, 3, 3, 6]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("loop", "reading it took more than 1 seconds of computing"),
        ("swell", "reading it took more than 400 MB of memory"),
        ("segfault", "the reader crashed on it"),
        ("exit", "the reader crashed on it"),
    ],
)
def test_a_file_that_ends_its_reader_is_refused_and_the_next_one_is_read(
    small: Sandbox, order: str, reason: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        ask(small, order)
    assert (caught.value.what, caught.value.where) == (reason, "a.odd")
    assert "Export the transcript again" in caught.value.hint
    assert ask(small, "hello") == "None"


def test_a_file_that_only_waits_is_refused_when_its_time_is_over(odd: Path) -> None:
    assert odd
    with Sandbox(Limits(wall_seconds=1.0)) as sandbox, pytest.raises(RefusedError, match="longer than 1 seconds"):
        ask(sandbox, "sleep")


def test_computing_is_counted_for_each_file_of_a_worker(small: Sandbox) -> None:
    assert {ask(small, "half a second") for _ in range(5)} == {"done"}, "2.5 s in all, with 1 s a file"


def test_memory_that_earlier_files_left_behind_is_no_fault_of_the_next(small: Sandbox) -> None:
    counts = [ask(small, "swell once") for _ in range(6)]
    assert counts.count("1") >= 2, "each time the memory is used up a fresh worker takes over"


@pytest.mark.parametrize("order", ["socket", "program"])
def test_a_reader_has_no_network_and_starts_no_program(small: Sandbox, order: str) -> None:
    with pytest.raises(RefusedError, match=r"the reader failed \(PermissionError\)"):
        ask(small, order)


def test_a_readers_fault_is_told_without_the_text_in_it(small: Sandbox) -> None:
    with pytest.raises(RefusedError) as caught:
        ask(small, "fault")
    assert caught.value.what == "the reader failed (KeyError)"
    assert "maintains the reader" in caught.value.hint
    with pytest.raises(RefusedError, match="crashed"):
        ask(small, "text")


def test_other_errors_that_readers_may_raise_come_back_as_they_were(small: Sandbox) -> None:
    with pytest.raises(AttentionError) as caught:
        ask(small, "attention")
    assert str(caught.value) == "there: who is it?. Say so"


def test_a_worker_imports_parsers_only(odd: Path) -> None:
    assert odd
    with Sandbox() as sandbox:
        sandbox.read(TALK, name="a.txt")
        modules = set(ask(sandbox, "say").split())
    heavy = {"torch", "spacy", "sqlalchemy", "prefect", "presidio_analyzer", "bertopic", "sklearn", "pandas", "typer"}
    assert modules & heavy == set()
    assert {name for name in modules if name.startswith("voc_pipeline.")} <= {
        name for name in modules if name.startswith("voc_pipeline.ingest")
    } | {f"voc_pipeline.{name}" for name in ("errors", "ids", "records", "protocols", "registry")}


def test_a_worker_has_a_folder_of_its_own_that_goes_with_it(odd: Path) -> None:
    assert odd
    with Sandbox() as sandbox:
        folder = Path(ask(sandbox, "folder"))
        assert folder.is_dir()
        assert folder != Path.cwd()
        assert ask(sandbox, "cores") == "(0, 0)"
    assert not folder.exists()


def test_secrets_of_the_environment_stay_out(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert odd
    monkeypatch.setenv("VOC_STORE__URL", "postgresql://user:password@host/db")
    monkeypatch.setenv("CLOUD_SECRET", "x")
    with Sandbox() as sandbox:
        names = ask(sandbox, "environment")
    assert "VOC_" not in names
    assert "CLOUD" not in names


def test_options_reach_the_reader(odd: Path) -> None:
    assert odd
    options = ReadingOptions(text_columns=("Spoken words",), milliseconds=True)
    with Sandbox() as sandbox:
        raw = sandbox.read(b"columns", name="a.odd", options=options)
    assert raw.utterances[0].text == "Spoken words"
    assert wire.load_request(wire.dump_request("a\udcff", options)) == ("a\udcff", options)


def test_a_server_that_died_is_started_again(odd: Path) -> None:
    assert odd
    with Sandbox() as sandbox:
        ask(sandbox, "hello")
        assert sandbox.pid is not None
        os.kill(sandbox.pid, signal.SIGKILL)
        with pytest.raises(LaterError, match="ended"):  # no verdict on the file
            ask(sandbox, "hello")
        assert ask(sandbox, "hello") == "None"


def test_a_server_that_does_not_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "_PROGRAM", "raise SystemExit(1)")
    with Sandbox() as sandbox, pytest.raises(VocError, match="can't be started") as caught:
        sandbox.read(TALK, name="a.txt")
    assert "voc doctor" in caught.value.hint


def test_threads_take_turns_and_a_thread_that_ends_ends_nothing(small: Sandbox) -> None:
    said: list[str] = []
    threads = [threading.Thread(target=lambda at=at: said.append(ask(small, f"{at}"))) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 8
    pid = small.pid
    assert ask(small, "hello") == "None"
    assert small.pid == pid


def test_a_process_has_one_sandbox() -> None:
    assert shared() is shared()


MAIN = """
import sys, time
from voc_pipeline.ingest.sandbox import shared
print(len(shared().read(b"Dana: hi there\\n\\nBen: ho\\n", name="a.txt").utterances), shared().pid, flush=True)
if "stay" in sys.argv:
    time.sleep(60)
"""


@pytest.mark.parametrize("how", ["stdin", "command", "file"])
def test_any_main_program_will_do(tmp_path: Path, how: str) -> None:
    (tmp_path / "main.py").write_text(MAIN)
    arguments = {"stdin": ["-"], "command": ["-c", MAIN], "file": ["main.py"]}[how]
    source = MAIN if how == "stdin" else None
    done = subprocess.run(
        [sys.executable, *arguments], input=source, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == "2"
    assert done.stderr == ""


def test_a_library_in_the_working_folder_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('shadow')")
    done = subprocess.run([sys.executable, "-P", "-c", MAIN], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "2"


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


def wait_until(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_server_and_worker_die_with_the_program_however_it_ends(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "stay"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        server = int(program.stdout.readline().split()[1])
        [worker] = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        program.kill()
    assert wait_until(lambda: gone(server) and gone(int(worker)))


def test_a_worker_dies_with_its_server(small: Sandbox) -> None:
    worker = int(ask(small, "pid"))
    assert small.pid is not None
    os.kill(small.pid, signal.SIGKILL)
    assert wait_until(lambda: gone(worker))


def test_a_transcript_survives_the_wire() -> None:
    raw = RawTranscript(
        (Utterance(None, "a\ud800\u202e\x00 ü"), Utterance("Dana", "", -1.5)),
        {"region": "EMEA"},
        LossReport(9, 8, (("blank", 1),), 2),
        ("careful",),
    )
    assert wire.load_transcript(wire.dump_transcript(raw)) == raw
    assert {field.name for field in fields(RawTranscript)} == {"utterances", "metadata", "loss", "warnings"}
    assert len(fields(LossReport)) == 4


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"null", b"[]", b"{", b"[" * 100_000, b"\xff", b'{"utterances": []}',
        b'{"utterances":[["a",1,null]],"metadata":{},"loss":[0,0,[],0],"warnings":[]}',
        b'{"utterances":[["a","b",true]],"metadata":{},"loss":[0,0,[],0],"warnings":[]}',
        b'{"utterances":[["a","b",1e999]],"metadata":{},"loss":[0,0,[],0],"warnings":[]}',
        b'{"utterances":[],"metadata":[],"loss":[0,0,[],0],"warnings":[]}',
        b'{"utterances":[],"metadata":{"a":1},"loss":[0,0,[],0],"warnings":[]}',
        b'{"utterances":[],"metadata":{},"loss":[0,"0",[],0],"warnings":[]}',
        b'{"utterances":[],"metadata":{},"loss":[0,0,[["a"]],0],"warnings":[]}',
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_a_transcript(sent: bytes) -> None:
    with pytest.raises(ValueError, match="sent no transcript") as caught:
        wire.load_transcript(sent)
    assert caught.value.__cause__ is None
