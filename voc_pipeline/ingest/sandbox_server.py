"""The process that forks reading workers: imports the readers once, then forks, feeds, watches and replaces workers.

Started by ``sandbox.Sandbox``, never imported by it. It touches no file's content itself: it only hands bytes on.
Its owner's death reaches it as the end of their channel, or as a new parent. (A signal by PR_SET_PDEATHSIG would
also come when only the thread ends that started it.) Its workers get that signal: they have one thread's parent.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from dataclasses import dataclass
from typing import NoReturn

from voc_pipeline.errors import AttentionError, ConfigError, RefusedError
from voc_pipeline.ingest import reading, wire
from voc_pipeline.ingest.sandbox_limits import Limits, confine, start_clock

_LOOK_SECONDS = 1.0
_OUT_OF_MEMORY = 3
_PASSED_ON = (RefusedError, AttentionError, ConfigError)


class _OwnerGoneError(Exception):
    """Nobody asks any more."""


def main(channel_number: int, parent: int, limits: Limits) -> None:
    """Serve readings until the owner is gone."""
    owner = _Owner(socket.socket(fileno=channel_number), parent)
    keeper = _Keeper(owner, limits)
    reading.known_suffixes()  # imports every registered reader: what a worker inherits
    try:
        wire.send(owner.channel, b"ready")
        while True:
            owner.wait_for(owner.channel, until=None)
            request = wire.receive(owner.channel), wire.receive(owner.channel)
            wire.send(owner.channel, keeper.read(*request))
    except (_OwnerGoneError, EOFError, OSError):
        pass  # which is how this ends
    finally:
        keeper.end_worker()


@dataclass
class _Owner:
    """The process that asks."""

    channel: socket.socket
    parent: int

    def wait_for(self, source: socket.socket, *, until: float | None) -> None:
        """Wait until ``source`` can be read, at most to a time in monotonic seconds.

        Raises:
            _OwnerGoneError: The owner is gone.
            TimeoutError: The time has come.
        """
        sources = [source] if source is self.channel else [source, self.channel]
        while True:
            left = _LOOK_SECONDS if until is None else min(_LOOK_SECONDS, until - time.monotonic())
            if left <= 0:
                raise TimeoutError
            ready = select.select(sources, [], [], left)[0]
            if source in ready:
                return
            if ready or os.getppid() != self.parent:  # it never speaks out of turn: what came is its end
                raise _OwnerGoneError


@dataclass
class _Worker:
    pid: int
    channel: socket.socket
    folder: str
    files: int = 0


class _Keeper:
    """Keeps one worker alive."""

    def __init__(self, owner: _Owner, limits: Limits) -> None:
        self._owner = owner
        self._limits = limits
        self._worker: _Worker | None = None

    def read(self, header: bytes, data: bytes) -> bytes:
        """Have a file read and give the reply. A worn worker's crash proves nothing: then a fresh one tries again."""
        fresh = self._worker is None
        reply = self._attempt(header, data)
        if not fresh and reply[:1] in {wire.Kind.CRASH, wire.Kind.MEMORY}:
            reply = self._attempt(header, data)
        return reply

    def _attempt(self, header: bytes, data: bytes) -> bytes:
        worker = self._worker = self._worker or self._fork()
        until = time.monotonic() + self._limits.wall_seconds
        try:
            worker.channel.settimeout(self._limits.wall_seconds)
            wire.send(worker.channel, header)
            wire.send(worker.channel, data)
            self._owner.wait_for(worker.channel, until=until)
            reply = wire.receive(worker.channel, until=until)
        except TimeoutError:
            self.end_worker()
            return wire.Kind.WALL
        except (EOFError, OSError):
            return self._post_mortem()
        worker.files += 1
        if reply[:1] == wire.Kind.MEMORY or worker.files >= self._limits.files:
            self.end_worker()
        return reply

    def _post_mortem(self) -> bytes:
        status = self.end_worker()
        if os.WIFSIGNALED(status):
            return wire.Kind.CPU if os.WTERMSIG(status) == signal.SIGXCPU else wire.Kind.CRASH
        return wire.Kind.MEMORY if os.WEXITSTATUS(status) == _OUT_OF_MEMORY else wire.Kind.CRASH

    def end_worker(self) -> int:
        """End the worker, if there is one, remove its folder and give its wait status: its own if it had ended."""
        if self._worker is None:
            return 0
        worker, self._worker = self._worker, None
        worker.channel.close()
        os.kill(worker.pid, signal.SIGKILL)
        _, status = os.waitpid(worker.pid, 0)
        shutil.rmtree(worker.folder, ignore_errors=True)
        return status

    def _fork(self) -> _Worker:
        ours, theirs = socket.socketpair()
        folder = tempfile.mkdtemp(prefix="voc-reading-")
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._owner.channel.close()
            _work(theirs, folder, server=server, limits=self._limits)
        theirs.close()
        return _Worker(pid, ours, folder)


def _work(channel: socket.socket, folder: str, *, server: int, limits: Limits) -> NoReturn:
    """Read files until the server hangs up. Leaves without a trace, whatever happens: a trace could quote a file."""
    try:
        os.chdir(folder)
        confine(limits, parent=server)
        while True:
            header, data = wire.receive(channel), wire.receive(channel)
            start_clock(limits)
            wire.send(channel, _answer(header, data))
            del header, data
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    except BaseException:  # noqa: BLE001 (nothing may leave this process but by its channel)
        os._exit(1)
    os._exit(0)


def _answer(header: bytes, data: bytes) -> bytes:
    try:
        name, options = wire.load_request(header)
        raw = reading.read_transcript(data, name=name, options=options)
        return wire.Kind.READ + wire.dump_transcript(raw)
    except _PASSED_ON as error:
        fields = [type(error).__name__, error.what, error.where, error.hint]
        return wire.Kind.ERROR + json.dumps(fields).encode("ascii")
    except MemoryError:
        return wire.Kind.MEMORY
    except Exception as error:  # noqa: BLE001 (a reader may be anybody's; only the kind of its fault is told)
        return wire.Kind.FAILED + type(error).__name__.encode("ascii", "replace")
