"""Starts a program that dies with its parent, however that one ends (``python child.py PARENT_PID PROGRAM ...``).

Linux only: elsewhere the program runs unguarded. Run by its path: the folder it starts in need not know the package.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies.

    Args:
        parent: The parent's process id, as the parent knows it: it may be dead before our first line.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 (our own interpreter with our own arguments)
