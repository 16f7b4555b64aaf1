"""Keeps Prefect inside the study: its home, its server on loopback, and nothing inherited from elsewhere."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.errors import VocError

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

START_SECONDS = 120.0
_POLL_SECONDS = 0.2
_INHERITED = ("PREFECT_", "DO_NOT_TRACK")


class PrefectUnavailableError(VocError):
    """Prefect's server did not start in time; the same work can be done without it."""


def isolate(home: Path, environ: MutableMapping[str, str] | None = None) -> None:
    """Set Prefect's environment for one study. Call before the first import of prefect.

    Profiles, API addresses and keys that the shell or a profile file holds are dropped: nothing of a study may reach
    a stranger's server.
    """
    target = os.environ if environ is None else environ
    for name in [name for name in target if name.startswith(_INHERITED)]:
        del target[name]
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.update(
        {
            "PREFECT_HOME": str(home.resolve()),
            "PREFECT_PROFILES_PATH": str(home.resolve() / "profiles.toml"),
            "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # a server of ours, never one that outlives us
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
            "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
            "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
            "PREFECT_TASKS_DEFAULT_NO_CACHE": "true",
            "PREFECT_RUNNER_PROCESS_LIMIT": "1",
            "PREFECT_LOGGING_LEVEL": "ERROR",
            "PREFECT_LOGGING_TO_API_ENABLED": "false",
            "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        }
    )


@contextmanager
def server(home: Path, *, port: int = 0) -> Iterator[str]:
    """Give the address of the study's Prefect server: the one that runs, else one of our own for the block.

    Args:
        home: The study's Prefect home.
        port: Port on loopback; a free one by default.

    Raises:
        PrefectUnavailableError: It did not answer within START_SECONDS.
    """
    isolate(home)
    os.environ["PREFECT_SERVER_API_AUTH_STRING"] = os.environ["PREFECT_API_AUTH_STRING"] = _auth(home)
    note = home / "server.json"
    running = _running(note)
    if running is not None:
        os.environ["PREFECT_API_URL"] = running
        yield running
        return
    port = port or _free_port()
    address = f"http://127.0.0.1:{port}/api"
    os.environ["PREFECT_API_URL"] = address
    process = _start(port)
    try:
        owner = os.getpid()
        facts = {"pid": process.pid, "born": _born(process.pid), "owner": owner, "owner_born": _born(owner)}
        note.write_text(json.dumps({**facts, "address": address}))
        _wait(process, address)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        note.unlink(missing_ok=True)


def start_child(*arguments: str) -> subprocess.Popen[bytes]:
    """Start our interpreter with arguments, in a process that dies with this one."""
    command = [sys.executable, "-m", "voc_pipeline.cli.child", sys.executable, *arguments]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 (our own interpreter and modules)


def _start(port: int) -> subprocess.Popen[bytes]:
    app = "prefect.server.api.server:create_app"
    return start_child(
        "-m", "uvicorn", "--factory", app, "--host", "127.0.0.1", "--port", str(port), "--log-level", "critical"
    )


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while not _answers(address):
        if process.poll() is not None or time.monotonic() > until:
            ended = f"it ended with {process.returncode}" if process.returncode is not None else "it did not answer"
            raise PrefectUnavailableError(f"Prefect's server could not be started: {ended}", where=address)
        time.sleep(_POLL_SECONDS)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/ready", timeout=2) as answer:  # noqa: S310 (loopback, see server)
            return bool(answer.status == 200)  # noqa: PLR2004 (HTTP OK)
    except urllib.error.HTTPError as error:
        return error.code == 401  # noqa: PLR2004 (it is up and asks who we are)
    except OSError:
        return False


def _running(note: Path) -> str | None:
    """Find the server that the study's note names; one whose owner died is ended, not used."""
    try:
        data = json.loads(note.read_text())
        pid, born, address = int(data["pid"]), int(data["born"]), str(data["address"])
        owned = _born(int(data["owner"])) == int(data["owner_born"])
    except (OSError, ValueError, KeyError):
        return None
    if _born(pid) != born:
        note.unlink(missing_ok=True)
        return None
    if not owned or not _answers(address):
        os.kill(pid, signal.SIGKILL)
        note.unlink(missing_ok=True)
        return None
    return address


def _born(pid: int) -> int:
    """Start time of a process in clock ticks since boot, 0 if there is none: with the pid it names one process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[19])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _auth(home: Path) -> str:
    """Give the server's own password: a page in a browser on this machine must not be able to call it."""
    path = home / "auth"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as stream:
            stream.write(f"voc:{secrets.token_urlsafe(24)}")
    return path.read_text()
