"""Flows, watcher and children under one real Prefect server for the whole session."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pipeline.conftest import FAST, Run
from voc_pipeline.cli import prefect_home
from voc_pipeline.cli.service import watch_inbox
from voc_pipeline.operations.run import due_work, run_directly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

pytestmark = [pytest.mark.models, pytest.mark.prefect]
VOC = [sys.executable, "-m", "voc_pipeline"]
TALK = "Interviewer: What happened then?\n\nRespondent: {}\n"


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    kept = dict(os.environ)
    with prefect_home.server(tmp_path_factory.mktemp("prefect")) as address:
        yield address
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture
def small(study: Path) -> Path:
    (study / "voc.toml").write_text(FAST)
    (study / "inbox" / "one.txt").write_text(TALK.format("Once we had paid, nobody ever rang us again."))
    return study


@pytest.mark.usefixtures("prefect_server")
def test_the_nightly_flow_publishes_and_a_second_one_has_nothing_to_do(small: Path) -> None:
    from flows.nightly import nightly

    folder = nightly(str(small))
    assert folder is not None
    assert Run(small).folder.name == folder
    assert [row["outcome"] for row in Run(small).table("transcripts")] == ["coded"]
    assert nightly(str(small)) is None


@pytest.mark.usefixtures("prefect_server")
def test_the_watcher_takes_a_dropped_file_once_it_stands_still_and_refreshes_the_report(small: Path) -> None:
    from voc_pipeline.cli.running import call_nightly

    (small / "voc.toml").write_text(FAST.replace("stable_seconds = 0.0", "stable_seconds = 1.0"))
    calls: list[list[str]] = []

    def act(root: Path, ready: Sequence[str]) -> object:
        calls.append(list(ready))
        return call_nightly(root, ready)

    def pause(_seconds: float) -> None:
        if len(calls) == 1 and not (small / "inbox" / "two.txt").exists():
            (small / "inbox" / "two.txt").write_text(TALK.format("They remembered my daughter's name."))
        time.sleep(0.3)

    watch_inbox(small, call=act, pause=pause, rounds=14)
    assert calls == [["one.txt"], ["one.txt", "two.txt"]]
    assert sorted(row["source_file"] for row in Run(small).table("transcripts")) == ["one.txt", "two.txt"]


def test_the_watcher_goes_on_after_a_wrong_setting_is_mended(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small / "inbox" / "participants.csv").write_text("speaker\nAnna\n")

    def pause(_seconds: float) -> None:
        (small / "inbox" / "participants.csv").unlink(missing_ok=True)

    watch_inbox(small, call=run_directly, pause=pause, rounds=2)
    assert "waiting: " in capsys.readouterr().err
    assert not due_work(small)


def test_inherited_prefect_settings_and_profiles_are_ignored(tmp_path: Path) -> None:
    environ = {"PREFECT_API_URL": "http://stranger:4200/api", "PREFECT_PROFILE": "cloud", "PATH": "/bin"}
    environ["PREFECT_API_KEY"] = "secret"
    prefect_home.isolate(tmp_path / "home", environ)
    assert "PREFECT_API_URL" not in environ
    assert "PREFECT_API_KEY" not in environ
    assert "PREFECT_PROFILE" not in environ
    assert environ["PREFECT_HOME"] == str((tmp_path / "home").resolve())
    assert environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environ["PATH"] == "/bin"


def test_a_hostile_profile_reaches_no_stranger_and_a_killed_run_leaves_no_child(small: Path, tmp_path: Path) -> None:
    home = tmp_path / "hostile"
    (home / ".prefect").mkdir(parents=True)
    profile = 'active = "cloud"\n[profiles.cloud]\nPREFECT_API_URL = "http://192.0.2.1:4200/api"\n'
    (home / ".prefect" / "profiles.toml").write_text(profile)
    env = {**os.environ, "HOME": str(home), "PREFECT_API_URL": "http://192.0.2.1:4200/api"}
    process = subprocess.Popen([*VOC, "run", small], env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    note = small / "data" / "prefect" / "server.json"
    wait(note.exists, 60)
    data = json.loads(note.read_text())
    assert data["address"].startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait(lambda: not alive(data["pid"]), 10)
    done = subprocess.run([*VOC, "run", small, "--json"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcomes"] == {"coded": 1}
    assert not note.exists()


def test_serve_watches_schedules_the_nightly_run_and_ends_cleanly(small: Path) -> None:
    process = subprocess.Popen(
        [*VOC, "serve", small, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait((small / "reports" / "latest.json").exists, 150)
        note = json.loads((small / "data" / "prefect" / "server.json").read_text())
        auth = (small / "data" / "prefect" / "auth").read_text()
        wait(lambda: "10 4 * * *" in schedules(note["address"], auth), 60)
        children = descendants(process.pid)
        assert len(children) >= 2
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=40)
        assert "Stopped." in output
        assert [child for child in children if alive(child)] == []
        assert "10 4 * * *" in output or "04:10 UTC" in output
    finally:
        process.kill()


def schedules(address: str, auth: str) -> str:
    import base64
    import urllib.request

    request = urllib.request.Request(  # noqa: S310 (the study's own server on loopback)
        f"{address}/deployments/filter", data=b"{}", headers={"Content-Type": "application/json"}
    )
    request.add_header("Authorization", "Basic " + base64.b64encode(auth.encode()).decode())
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (as above)
        text: str = answer.read().decode()
    return text


def descendants(pid: int) -> list[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, frontier = [], {pid}
    while frontier:
        frontier = {child for child, parent in parents.items() if parent in frontier}
        found += sorted(frontier)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait(ready: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)
