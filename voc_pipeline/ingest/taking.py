"""Taking a file's bytes: whole, of one moment and within a time; or the reason, and whether it may pass by itself."""

from __future__ import annotations

import errno
import os
import stat
import threading
from typing import TYPE_CHECKING

from voc_pipeline.errors import LaterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAIT_SECONDS = 30.0
_PASSING = {
    errno.EBUSY: "another program has it locked",
    errno.ETXTBSY: "another program has it locked",
    errno.EAGAIN: "another program has it locked",
    errno.EDEADLK: "it is not on this machine yet, or locked",
    errno.ENOLCK: "it can't be locked for now",
    errno.EIO: "the disk or the share failed while it was read",
    errno.EREMOTEIO: "the disk or the share failed while it was read",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full",
    errno.ENOMEM: "the machine is short of memory",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EINTR: "reading it was interrupted",
}
_SHARE_GONE = (
    errno.ESTALE, errno.ENOTCONN, errno.ECONNRESET, errno.ECONNABORTED, errno.ECONNREFUSED, errno.EHOSTDOWN,
    errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH, errno.ENETRESET, errno.ETIMEDOUT, errno.ENODEV,
    errno.ENXIO, errno.ESHUTDOWN, errno.ENOLINK, errno.ECOMM, errno.EPROTO,
)  # fmt: skip
_PASSING |= dict.fromkeys(_SHARE_GONE, "the share or disk it lies on is gone")
_ALL_RIGHT = "Nothing to do if that passes: it is tried again by itself"

_blocked: dict[Path, threading.Thread] = {}


def later(error: OSError, *, where: str) -> LaterError | None:
    """Tell faults that pass by themselves from those that need a person (None): a right that lacks, a name too long."""
    reason = _PASSING.get(error.errno or 0)
    return LaterError(f"the file can't be read now: {reason}", where=where, hint=_ALL_RIGHT) if reason else None


def take(path: Path, *, name: str, wait_seconds: float = WAIT_SECONDS) -> tuple[bytes, os.stat_result]:
    """Read a file without following links or opening devices, twice, so that no mixture of two versions is taken.

    Args:
        path: Where it is.
        name: Its name for messages.
        wait_seconds: How long it may take. A file in the cloud blocks until it has come, which may be never.

    Returns:
        Its bytes and what the system says of it.

    Raises:
        FileNotFoundError: It vanished, or changed while it was read.
        LaterError: It takes too long, or a fault keeps it back that may pass.
        OSError: It can't be read until somebody does something.
    """
    stuck = _blocked.get(path)
    if stuck is not None and stuck.is_alive():  # one thread a file is enough to wait with
        raise _slow(name)
    _blocked.pop(path, None)
    outcome: list[tuple[bytes, os.stat_result] | OSError] = []
    reader = threading.Thread(target=_keep, args=(outcome, lambda: _read(path)), name="voc-take", daemon=True)
    reader.start()
    reader.join(wait_seconds)
    if not outcome:
        _blocked[path] = reader
        raise _slow(name)
    if isinstance(outcome[0], OSError):
        raise later(outcome[0], where=name) or outcome[0]
    return outcome[0]


def _slow(name: str) -> LaterError:
    return LaterError(
        "the file does not come: it may be in the cloud still, or its share does not answer",
        where=name,
        hint="Let the sync program keep it on this machine; it is tried again by itself",
    )


def _keep(
    outcome: list[tuple[bytes, os.stat_result] | OSError], work: Callable[[], tuple[bytes, os.stat_result]]
) -> None:
    try:
        outcome.append(work())
    except OSError as error:
        outcome.append(error)


def _read(path: Path) -> tuple[bytes, os.stat_result]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):  # it was a file when it was listed
            raise FileNotFoundError(errno.ENOENT, "changed while it was read", str(path))
        data = stream.read()
        stream.seek(0)
        same = stream.read() == data
        after = os.fstat(descriptor)
    if not same or _facts(before) != _facts(after) or len(data) != after.st_size:
        raise FileNotFoundError(errno.ENOENT, "changed while it was read", str(path))
    return data, after


def _facts(status: os.stat_result) -> tuple[int, ...]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
