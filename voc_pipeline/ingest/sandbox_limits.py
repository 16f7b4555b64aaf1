"""What a reading process may use, and what it must never do. Linux."""

from __future__ import annotations

import ctypes
import math
import os
import resource
import signal
import sys
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "ctypes.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on reading one file: address space in bytes, seconds of computing, seconds on the clock.

    ``files`` says after how many files a worker is replaced, so that none grows old.
    """

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    files: int = 200


def confine(limits: Limits, *, parent: int) -> None:
    """Take this process's rights away, for good: memory, core dumps, large files, network, programs, output.

    Args:
        limits: How much memory it keeps.
        parent: Process id of the process that forked it: with it, it dies.

    Raises:
        OSError: A limit can't be set.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)  # no network at all; some machines forbid it: then the hook stands
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.memory_bytes, limits.memory_bytes))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write over the limit is an error like a full disk
    sys.addaudithook(_forbid)


def _forbid(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        msg = f"a reader may not use {event}"
        raise PermissionError(msg)


def start_clock(limits: Limits) -> None:
    """Give this process its seconds of computing from now on, whatever it has used for earlier files."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
