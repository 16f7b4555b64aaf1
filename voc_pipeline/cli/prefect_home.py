"""Keeps Prefect inside the study: its home, its server on loopback, and nothing inherited from elsewhere."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import http.client
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.cli import child
from voc_pipeline.errors import UsageError, VocError

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

START_SECONDS = 120.0
_POLL_SECONDS = 0.2
_USER = "voc:"
_INHERITED = ("PREFECT_", "DO_NOT_TRACK")


class PrefectUnavailableError(VocError):
    """Prefect's server did not start in time; the same work can be done without it."""


def isolate(home: Path, environ: MutableMapping[str, str] | None = None) -> None:
    """Set Prefect's environment for one study. Call before the first import of prefect.

    Profiles, API addresses and keys that the shell, a profile or a settings file holds are dropped: nothing of a study
    may reach a stranger's server. What would reach one is set here even where it is Prefect's default, because the
    environment wins over every file.
    """
    target = os.environ if environ is None else environ
    for name in [name for name in target if name.startswith(_INHERITED)]:
        del target[name]
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # data/ may not exist yet: a mode is not inherited
    home.mkdir(exist_ok=True, mode=0o700)
    home = home.resolve()
    target.update(
        {
            "PREFECT_HOME": str(home),
            "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
            "PREFECT_API_KEY": "",
            "PREFECT_CLIENT_CUSTOM_HEADERS": "{}",
            "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # a server of ours, never one that outlives us
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
            "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
            "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
            "PREFECT_TASKS_DEFAULT_NO_CACHE": "true",
            "PREFECT_LOGGING_LEVEL": "CRITICAL",  # a failure is told once, by us, without a traceback
            "PREFECT_LOGGING_TO_API_ENABLED": "false",
            "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
        }
    )


def import_flows() -> None:
    """Import Prefect and the flows where no prefect.toml, pyproject.toml or .env of the working directory is seen.

    Call after `isolate` and before any other import of them: Prefect reads its settings when it is imported.

    Raises:
        PrefectUnavailableError: Prefect can't be imported.
    """
    try:
        with contextlib.chdir(os.environ["PREFECT_HOME"]):
            import flows.nightly
            import flows.serve  # noqa: F401 (both are imported for their effect: later imports find them)
    except ImportError as error:
        raise PrefectUnavailableError(f"Prefect can't be imported ({type(error).__name__})") from error


def is_up() -> bool:
    """Say whether the server that Prefect's environment names still answers, and is ours."""
    return is_ours(os.environ.get("PREFECT_API_URL", ""), os.environ.get("PREFECT_API_AUTH_STRING", ""))


@contextmanager
def server(home: Path, *, port: int = 0) -> Iterator[str]:
    """Give the address of a Prefect server for the block: that of `voc watch` or `voc serve`, else one of our own.

    Args:
        home: The study's Prefect home.
        port: Port on loopback; a free one by default.

    Raises:
        PrefectUnavailableError: It did not answer within START_SECONDS.
        UsageError: The port is in use.
    """
    own = Server(home, port=port)
    try:
        yield own.start(attach=True)
    finally:
        own.stop()


class Server:
    """A Prefect server of the study on loopback, owned by this process.

    Args:
        home: The study's Prefect home.
        port: Port on loopback; 0 takes a free one and keeps it.
        shared: Whether other commands may use it: they do as long as this process lives.
    """

    def __init__(self, home: Path, *, port: int = 0, shared: bool = False) -> None:
        self._home = home
        self._note = home / "server.json"
        self._port = port
        self._shared = shared
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        """Whether our own server's process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, attach: bool = False) -> str:
        """Start the server and wait until it answers. One command of a study at a time does this.

        Args:
            attach: Whether a shared server that runs will do as well.

        Returns:
            The address of its API; Prefect's environment names it from now on.

        Raises:
            PrefectUnavailableError: It did not answer within START_SECONDS.
            UsageError: The port is in use.
        """
        self.stop()
        isolate(self._home)
        auth = password(self._home)
        os.environ["PREFECT_SERVER_API_AUTH_STRING"] = os.environ["PREFECT_API_AUTH_STRING"] = auth
        with _lock(self._home / "lock"):
            running = find_shared(self._note, auth)
            if attach and running is not None:
                os.environ["PREFECT_API_URL"] = running
                return running
            self._port = _checked(self._port) if self._port else _free_port()
            address = os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{self._port}/api"
            try:
                lay_out_database(self._home)
                self._process = _start(self._home, self._port)
                self._write_note(address)
                import_flows()  # seconds of this process, while the other one needs seconds too
                _wait(self._process, address, auth)
            except BaseException:
                self.stop()
                raise
        return address

    def stop(self) -> None:
        """End our own server, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        noted = _noted(self._note)
        if noted is not None and noted["pid"] == process.pid:
            self._note.unlink(missing_ok=True)

    def _write_note(self, address: str) -> None:
        if self._process is None:
            return
        pid, owner = self._process.pid, os.getpid()
        facts = {"pid": pid, "born": born(pid), "owner": owner, "owner_born": born(owner)}
        _replace(self._note, json.dumps({**facts, "address": address, "shared": self._shared}))


def lay_out_database(home: Path) -> None:
    """Give a new study Prefect's empty tables, as its migrations leave them: those take it ten seconds.

    Only for the Prefect whose tables they are; any other one migrates by itself, as it does for a study that has some.
    """
    path = home / "prefect.db"
    schema = Path(__file__).with_name("prefect_tables.sql").read_text(encoding="utf-8")
    if path.exists() or not schema.startswith(f"-- prefect {metadata.version('prefect')}\n"):
        return
    # Where this fails, Prefect's own attempt says why.
    with contextlib.suppress(OSError, sqlite3.Error), tempfile.TemporaryDirectory(dir=home) as folder:
        fresh = Path(folder) / path.name
        with contextlib.closing(sqlite3.connect(fresh)) as connection:
            connection.executescript(schema)
        fresh.replace(path)


def start_child(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start our interpreter with arguments, working in ``home``, in a process that dies with this one."""
    command = [sys.executable, "-P", child.__file__, str(os.getpid()), sys.executable, "-P", *arguments]
    return subprocess.Popen(  # noqa: S603 (our own interpreter and modules)
        command,
        stdin=subprocess.DEVNULL,
        cwd=home,
        process_group=0,  # Ctrl-C is ours to handle: the flow tells the server how it ended, then we end the server
    )


def _start(home: Path, port: int) -> subprocess.Popen[bytes]:
    app = "prefect.server.api.server:create_app"
    return start_child(
        home, "-m", "uvicorn", "--factory", app, "--host", "127.0.0.1", "--port", str(port), "--log-level", "critical"
    )


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Let one command at a time look for a server and start one; the lock ends with its holder."""
    until = time.monotonic() + START_SECONDS
    with path.open("a") as stream:
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise PrefectUnavailableError(
                        "Prefect's server could not be started: another command is starting one", where=str(path)
                    ) from None
                time.sleep(_POLL_SECONDS)
        yield


def _wait(process: subprocess.Popen[bytes], address: str, auth: str) -> None:
    until = time.monotonic() + START_SECONDS
    while not (is_ours(address, auth) and process.poll() is None):
        if process.poll() is not None or time.monotonic() > until:
            ended = f"it ended with {process.returncode}" if process.returncode is not None else "it did not answer"
            raise PrefectUnavailableError(f"Prefect's server could not be started: {ended}", where=address)
        time.sleep(_POLL_SECONDS)


def is_ours(address: str, auth: str) -> bool:
    """Say whether the server there opens with our password, and only with it."""
    return _status(address, "") == 401 and _status(address, auth) == 200  # noqa: PLR2004 (HTTP Unauthorized, OK)


def _status(address: str, auth: str) -> int:
    try:
        request = urllib.request.Request(f"{address}/admin/version")  # noqa: S310 (loopback, see Server)
    except ValueError:
        return 0
    if auth:
        request.add_header("Authorization", "Basic " + base64.b64encode(auth.encode()).decode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback goes through nobody's proxy
    try:
        with opener.open(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):
        return 0


def find_shared(note: Path, auth: str) -> str | None:
    """Find the shared server that the study's note names; one whose owner is dead is ended."""
    noted = _noted(note)
    if noted is None:
        return None
    pid = int(noted["pid"])
    if born(pid) != noted["born"]:
        note.unlink(missing_ok=True)
        return None
    if born(int(noted["owner"])) != noted["owner_born"]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        note.unlink(missing_ok=True)
        return None
    address = str(noted["address"])
    return address if noted.get("shared") and is_ours(address, auth) else None


def _noted(note: Path) -> dict[str, int | str | bool] | None:
    try:
        data = json.loads(note.read_text())
        return data if {"pid", "born", "owner", "owner_born", "address"} <= data.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def born(pid: int) -> int:
    """Start time of a process in clock ticks since boot, 0 if there is none: with the pid it names one process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[19])


def _checked(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection that just ended is no hindrance
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise UsageError(
                f"port {port} is in use", where="--port", hint="Try --port 0: it takes a free one"
            ) from None
    return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def password(home: Path) -> str:
    """Give the server's own password: a page in a browser on this machine must not be able to call it."""
    path = home / "auth"
    with _lock(home / "lock"):
        if not path.exists() or len(path.read_text()) <= len(_USER):  # cut short by a full disk
            _replace(path, _USER + secrets.token_urlsafe(24))
        return path.read_text()


def _replace(path: Path, text: str) -> None:
    """Write a file for this account alone, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
