"""Flows, watcher and children under one real Prefect server for the whole session."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.pipeline.conftest import FAST, Run
from voc_pipeline.cli import prefect_home
from voc_pipeline.cli.service import watch_inbox
from voc_pipeline.operations.run import due_work, run_directly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voc_pipeline.operations.watching import Task

pytestmark = [pytest.mark.models, pytest.mark.prefect, pytest.mark.xdist_group("flows")]
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

    def act(root: Path, task: Task) -> object:
        calls.append(list(task.paths))
        return call_nightly(root, task.paths, report=task.report)

    def pause(_seconds: float) -> None:
        if len(calls) == 1 and not (small / "inbox" / "two.txt").exists():
            (small / "inbox" / "two.txt").write_text(TALK.format("They remembered my daughter's name."))
        time.sleep(0.3)

    watch_inbox(small, call=act, pause=pause, rounds=14)
    assert calls == [["one.txt"], ["two.txt"]]
    assert sorted(row["source_file"] for row in Run(small).table("transcripts")) == ["one.txt", "two.txt"]


def test_the_watcher_goes_on_after_a_wrong_setting_is_mended(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small / "inbox" / "participants.csv").write_text("speaker\nAnna\n")

    def pause(_seconds: float) -> None:
        (small / "inbox" / "participants.csv").unlink(missing_ok=True)

    watch_inbox(small, call=do_directly, pause=pause, rounds=2)
    assert "waiting: " in capsys.readouterr().err
    assert not due_work(small)


def test_all_that_a_service_makes_first_is_its_owners_alone(tmp_path: Path) -> None:
    prefect_home.isolate(tmp_path / "data" / "prefect", {})
    assert [(tmp_path / part).stat().st_mode & 0o077 for part in ("data", "data/prefect")] == [0, 0]


def test_inherited_prefect_settings_and_profiles_are_ignored(tmp_path: Path) -> None:
    environ = {"PREFECT_API_URL": "http://stranger:4200/api", "PREFECT_PROFILE": "cloud", "PATH": "/bin"}
    environ["PREFECT_API_KEY"] = "secret"
    prefect_home.isolate(tmp_path / "home", environ)
    assert "PREFECT_API_URL" not in environ
    assert environ["PREFECT_API_KEY"] == ""  # a settings file can not set it then
    assert "PREFECT_PROFILE" not in environ
    assert environ["PREFECT_HOME"] == str((tmp_path / "home").resolve())
    assert environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environ["PATH"] == "/bin"


def test_hostile_settings_reach_no_stranger_and_a_killed_run_leaves_no_child(small: Path, tmp_path: Path) -> None:
    env, folder = hostile_settings(tmp_path)
    process = subprocess.Popen(
        [*VOC, "run", small], cwd=folder, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    note = small / "data" / "prefect" / "server.json"
    wait(note.exists, 60)
    data = json.loads(note.read_text())
    assert data["address"].startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait(lambda: not alive(data["pid"]), 10)
    code = (
        "import sys\nfrom pathlib import Path\nfrom voc_pipeline.cli import prefect_home, running\n"
        "with prefect_home.server(Path(sys.argv[1]) / 'data' / 'prefect'):\n"
        "    running.call_nightly(Path(sys.argv[1]))\n"
        "    from prefect.settings import get_current_settings\n"
        "    now = get_current_settings()\n"
        "    print(now.api.url, bool(now.api.key and now.api.key.get_secret_value()), now.client.custom_headers,\n"
        "          now.cloud.api_url, now.logging.level, now.profiles_path)\n"
    )
    command: list[str | Path] = [sys.executable, "-c", code, small]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("http://127.0.0.1:")
    home = small / "data" / "prefect"
    assert done.stdout.split()[1:] == [
        "False", "{}", "https://api.prefect.cloud/api", "CRITICAL", str(home / "profiles.toml")
    ]  # fmt: skip
    assert (home / "prefect.db").stat().st_size > 0
    assert [row["outcome"] for row in Run(small).table("transcripts")] == ["coded"]
    assert not note.exists()


def test_serve_runs_the_nightly_flow_on_time_and_ends_cleanly(small: Path) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=95)  # 36 to 95 s: a busy machine needs half a minute to schedule it
    (small / "voc.toml").write_text(f'{FAST}[schedule]\nnightly = "{soon:%H:%M}"\n')
    process = serve(small)
    try:
        wait((small / "reports" / "latest.json").exists, 60)
        server = noted(small)
        wait(lambda: nightly_runs(server) == ["COMPLETED"], 130)
        assert f"{soon.minute} {soon.hour} * * *" in str(post(server, "deployments/filter", {}))
        children = descendants(process.pid)
        assert server["pid"] in children
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=40)
        assert "Stopped." in output
        assert f"{soon:%H:%M} UTC" in output
        assert "Traceback" not in output
        assert [child for child in children if alive(child)] == []
        assert not (small / "data" / "prefect" / "server.json").exists()
    finally:
        process.kill()


def test_serve_starts_a_server_that_ended_again_a_run_uses_it_and_killed_it_leaves_nobody(small: Path) -> None:
    process = serve(small)
    try:
        wait((small / "reports" / "latest.json").exists, 60)
        first = noted(small)
        wait(
            lambda: set(states(first)) - {"SCHEDULED"} == {"COMPLETED"}, 20
        )  # a flow under way would try to reach it for a while
        os.kill(first["pid"], signal.SIGKILL)
        wait(lambda: noted(small).get("pid", first["pid"]) != first["pid"], 60)
        second = noted(small)
        assert second["address"] == first["address"]
        wait(lambda: prefect_home.is_ours(second["address"], auth_of(small)), 60)
        home = small / "data" / "prefect"
        with kept_environment(), prefect_home.server(home) as address:
            assert address == second["address"]
        assert noted(small) == second
        children = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        wait(lambda: not any(alive(child) for child in children), 10)
    finally:
        process.kill()


def test_two_commands_at_once_both_get_a_server_that_lives(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom voc_pipeline.cli import prefect_home\n"
        "server = prefect_home.Server(Path(sys.argv[1]), shared=sys.argv[2] == 'serve')\n"
        "server.start(attach=sys.argv[2] == 'run')\nprint(prefect_home.is_up(), flush=True)\nsys.stdin.read()\n"
        "print(prefect_home.is_up(), server.is_alive)\nserver.stop()\n"
    )
    pipe = subprocess.PIPE
    both = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path, kind], stdin=pipe, stdout=pipe, text=True)
        for kind in ("run", "serve")
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
    ends = [process.communicate("")[0] for process in both]
    assert ends[1] == "True True\n"  # who serves has its own, whoever came first
    assert ends[0].startswith("True ")


def test_a_run_whose_server_ends_goes_on_without(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from voc_pipeline.cli import running

    def gone(*_arguments: object) -> None:
        raise prefect_home.PrefectUnavailableError("Prefect's server has ended")

    @contextmanager
    def no_server(_home: Path) -> Iterator[str]:
        yield "http://127.0.0.1:9/api"

    monkeypatch.setattr(running, "call_nightly", gone)
    monkeypatch.setattr(prefect_home, "server", no_server)
    said = io.StringIO()
    running.run_flow(small, Console(file=said, width=200))
    assert "Prefect's server has ended. Going on without Prefect." in said.getvalue()
    assert not due_work(small)


@pytest.mark.usefixtures("prefect_server")
def test_an_error_of_a_dead_server_is_told_from_one_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    from voc_pipeline.cli import running

    with pytest.raises(ZeroDivisionError), running.while_the_server_lives():
        raise ZeroDivisionError
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(prefect_home.PrefectUnavailableError), running.while_the_server_lives():
        raise ZeroDivisionError


def test_an_unexpected_error_leaves_no_words_for_prefect_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.code import code_batch
    from flows.discover import discover
    from flows.ingest import ingest_batch
    from flows.publish import publish
    from voc_pipeline.errors import VocError
    from voc_pipeline.operations import run

    def quoting(*_: object) -> None:
        raise ValueError("could not parse 'what somebody said'")

    for name in ("code_batch", "ingest_batch", "discover_if_due", "publish_if_due"):
        monkeypatch.setattr(run, name, quoting)
    for call in (code_batch.fn, ingest_batch.fn):
        with pytest.raises(VocError, match="stopped by an unexpected ValueError") as raised:
            call("study", [])
        assert "somebody" not in f"{raised.value}{raised.value.__cause__}"
    for whole in (discover.fn, publish.fn):
        with pytest.raises(VocError, match="stopped by an unexpected ValueError"):
            whole("study")


def test_only_the_flow_that_holds_the_lease_is_deployed_and_it_is_there() -> None:
    root = Path(__file__).resolve().parents[2]
    deployments = yaml.safe_load((root / "prefect.yaml").read_text())["deployments"]
    assert [item["name"] for item in deployments] == ["nightly"]
    for item in deployments:
        path, _, name = item["entrypoint"].partition(":")
        assert f"\ndef {name}(" in (root / path).read_text()
        assert "schedules" not in item


def hostile_settings(folder: Path) -> tuple[dict[str, str], Path]:
    """Make an environment with a home, and a working directory, whose settings all point to a stranger."""
    url, stranger = "http://192.0.2.1:4200/api", "postgresql+asyncpg://u:p@192.0.2.1/db"
    home, work = folder / "home", folder / "work"
    (home / ".prefect").mkdir(parents=True)
    (home / ".prefect" / "profiles.toml").write_text(f'active = "cloud"\n[profiles.cloud]\nPREFECT_API_URL = "{url}"\n')
    work.mkdir()
    (work / "prefect.toml").write_text(
        f'[api]\nurl = "{url}"\nkey = "k"\n[server.database]\nconnection_url = "{stranger}"\n'
        '[client.custom_headers]\nx = "y"\n[cloud]\napi_url = "http://192.0.2.1/api"\n'
    )
    (work / "pyproject.toml").write_text('[tool.prefect.api]\nkey = "k"\n[tool.prefect.logging]\nlevel = "DEBUG"\n')
    (work / ".env").write_text("PREFECT_API_KEY=k\nPREFECT_PROFILES_PATH=/stranger\nPREFECT_UI_ENABLED=false\n")
    return {**os.environ, "HOME": str(home), "PREFECT_API_URL": url}, work


def do_directly(root: Path, task: Task) -> None:
    run_directly(root, task.paths, report=task.report)


def serve(root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*VOC, "serve", root, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def noted(root: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads((root / "data" / "prefect" / "server.json").read_text())
    except FileNotFoundError:
        return {}
    return {**data, "auth": auth_of(root)}


def auth_of(root: Path) -> str:
    return (root / "data" / "prefect" / "auth").read_text()


@contextmanager
def kept_environment() -> Iterator[None]:
    kept = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def nightly_runs(server: dict[str, Any]) -> list[str]:
    """States of the runs of the nightly deployment whose time has come."""
    return [state for state in states(server, of_deployments=True) if state != "SCHEDULED"]


def states(server: dict[str, Any], *, of_deployments: bool = False) -> list[str]:
    runs = post(server, "flow_runs/filter", {})
    return [run["state_type"] for run in runs if not of_deployments or run["deployment_id"]]


def post(server: dict[str, Any], path: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": "Basic " + base64.b64encode(server["auth"].encode()).decode()}
    request = urllib.request.Request(  # noqa: S310 (the study's own server on loopback)
        f"{server['address']}/{path}",
        data=json.dumps(body).encode(),
        headers={**headers, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (as above)
        return json.load(answer)


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
