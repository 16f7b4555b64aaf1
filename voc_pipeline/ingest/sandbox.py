"""Reads transcripts in a process of its own, which may crash, loop or swell: a file can hurt only itself."""

from __future__ import annotations

import atexit
import functools
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Self

import voc_pipeline
from voc_pipeline.errors import AttentionError, ConfigError, LaterError, RefusedError, VocError
from voc_pipeline.ingest import wire
from voc_pipeline.ingest.sandbox_limits import Limits
from voc_pipeline.records import NO_OPTIONS

if TYPE_CHECKING:
    from voc_pipeline.records import RawTranscript, ReadingOptions

# Our own package and no other version of it that may be installed, but nothing else from the folder that it lies in.
_PROGRAM = """\
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("voc_pipeline", sys.argv[1])
sys.modules["voc_pipeline"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
from voc_pipeline.ingest.sandbox_limits import Limits
from voc_pipeline.ingest.sandbox_server import main
main(int(sys.argv[2]), int(sys.argv[3]), Limits(**json.loads(sys.argv[4])))
"""
_ENVIRONMENT = ("PATH", "PYTHON", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LANG", "LC_", "TZ", "TMPDIR")
_START_SECONDS = 120.0
_SPARE_SECONDS = 30.0
_ERRORS = {error.__name__: error for error in (RefusedError, AttentionError, ConfigError)}
_SIMPLER = "Export the transcript again, as .vtt or .txt if you can, or split it"


class Sandbox:
    """A reading process that is started when the first file comes, and again whenever it died.

    Safe to use from several threads; they take turns. Use it as a context manager, or `shared` and never close it.

    Args:
        limits: What reading one file may cost.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the server, None while there is none."""
        return self._server.pid if self._server else None

    def read(self, data: bytes, *, name: str, options: ReadingOptions = NO_OPTIONS) -> RawTranscript:
        """Read a transcript as ``reading.read_transcript`` does, in the other process.

        Args:
            data: The file's bytes.
            name: Its path or name.
            options: How the study's tables and JSON files are laid out.

        Raises:
            RefusedError: The reader's own, or: it took too long or too much memory, or the reader failed on it.
            LaterError: The reading process ended, or the machine stood still: no verdict on the file.
            VocError: The reading process can't be started.
        """
        header = wire.dump_request(name, options)
        with self._lock:
            try:
                reply = self._ask(header, data)
            except BaseException:  # a reply may be on its way still: nobody must take it for the next file's
                self._end()
                raise
        return self._understand(reply, name)

    def close(self) -> None:
        """End the process; the next file starts another."""
        with self._lock:
            self._end()

    def _ask(self, header: bytes, data: bytes) -> bytes:
        channel = self._channel or self._start()
        channel.settimeout(2 * self._limits.wall_seconds + _SPARE_SECONDS)
        try:
            wire.send(channel, header)
            wire.send(channel, data)
            return wire.receive(channel)
        except TimeoutError:  # the server holds to the time: this is a machine that stands still
            self._end()
            raise LaterError(
                "the machine was too busy to read it", hint="It is tried again; look at what else runs there"
            ) from None
        except (EOFError, OSError):  # files only ever hurt a worker: the server was ended, or had no memory or disk
            self._end()
            raise LaterError(
                "the process that reads files ended", hint="It is tried again; see that memory and disk are not full"
            ) from None

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        package = str(Path(voc_pipeline.__file__).resolve())
        arguments = (package, str(theirs.fileno()), str(os.getpid()), json.dumps(asdict(self._limits)))
        with theirs:
            self._server = subprocess.Popen(  # noqa: S603 (our own interpreter with our own program)
                [sys.executable, "-P", "-c", _PROGRAM, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for us: we end it
            )
        self._channel = ours
        try:
            ours.settimeout(_START_SECONDS)
            wire.receive(ours)
        except (EOFError, OSError):
            raise VocError(
                "the process that reads files can't be started",
                hint="Run 'voc doctor'; on a busy machine, run again",
            ) from None
        return ours

    def _end(self) -> None:
        if self._channel:
            self._channel.close()
        if self._server:
            with suppress(subprocess.TimeoutExpired):  # it ends by itself and takes its worker's folder with it
                self._server.wait(_SPARE_SECONDS)
            self._server.kill()
            self._server.wait()
        self._channel = self._server = None

    def _understand(self, reply: bytes, name: str) -> RawTranscript:
        kind, body = reply[:1], reply[1:]
        try:
            if kind == wire.Kind.READ:
                return wire.load_transcript(body)
            if kind == wire.Kind.ERROR:
                error, what, where, hint = json.loads(body)
                raise _ERRORS[error](str(what), where=str(where), hint=str(hint))
        except (ValueError, KeyError, TypeError, RecursionError):
            kind = wire.Kind.CRASH
        if kind == wire.Kind.FAILED:
            what = f"the reader failed ({body.decode('ascii', 'replace')[:80]})"
            raise RefusedError(what, where=name, hint="Remove the file, or tell whoever maintains the reader")
        limits = self._limits
        what = {
            bytes(wire.Kind.WALL): f"reading it took longer than {limits.wall_seconds:g} seconds",
            bytes(wire.Kind.CPU): f"reading it took more than {limits.cpu_seconds} seconds of computing",
            bytes(wire.Kind.MEMORY): f"reading it took more than {limits.memory_bytes // 1_000_000:,} MB of memory",
        }.get(bytes(kind), "the reader crashed on it")
        raise RefusedError(what, where=name, hint=_SIMPLER)


def _environment() -> dict[str, str]:
    """Keep what a Python needs to run: passwords and keys in the environment are none of a parser's business."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_ENVIRONMENT)}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # idle threads would count as address space


def shared() -> Sandbox:
    """Give this process's own sandbox: made once, warm as long as the process lives, gone with it."""
    return _shared(os.getpid())


@functools.cache
def _shared(_process: int) -> Sandbox:  # a forked child inherits the cache: it must not talk to its parent's server
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox
