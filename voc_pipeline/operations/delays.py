"""Postponing files that can't be read now: nothing is given up, and each try comes later than the one before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc_pipeline.errors import LaterError
    from voc_pipeline.operations.study import Study
    from voc_pipeline.store import Delay, Delivery


def epoch() -> float:
    """The time in seconds since the epoch; tests put another clock in its place."""
    return time.time()


def postpone(study: Study, error: LaterError, path: str) -> None:
    """Note that reading a file failed for now. Reading it, or its going, ends the wait."""
    study.store.delays.note(path, error.what, hint=error.hint, at=study.now(), now=epoch())


def in_words(delay: Delay | Delivery) -> str:
    """Say since when a file or a delivery waits, how often it was tried and when it is tried again."""
    times = "once" if delay.tried == 1 else f"{delay.tried} times"
    again = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(delay.next_try))
    return f"{delay.reason}; waiting since {delay.since}, tried {times}, next try {again}"
