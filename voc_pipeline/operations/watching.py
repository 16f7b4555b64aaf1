"""The watcher's judgement: which files stand still, and whether it is time to act."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.config import StudyPaths, load_settings
from voc_pipeline.ingest import inbox
from voc_pipeline.operations.run import due_work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_BACK_OFF_SECONDS = (5.0, 300.0)
_GLANCE_SECONDS = 0.5
_SHORTEST_PAUSE = 0.1
_LONGEST_QUIET = 10
"""A report waits at most this many quiet periods after the first file that it lacks."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done now: these files that stand still, whatever else is to be coded, and perhaps the report."""

    paths: tuple[str, ...]
    report: bool


class Watcher:
    """Looks at an inbox again and again. The scan is the truth; nothing depends on file events.

    Args:
        root: The study's folder. Its settings are read at every look, so an edit counts at once.
        clock: Monotonic seconds; tests inject their own.
    """

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._clock = clock
        settings = load_settings(root).inbox
        self._scan_seconds, self._quiet_seconds = settings.scan_seconds, settings.quiet_seconds
        self._stable_seconds = settings.stable_seconds
        self._gate = inbox.StabilityGate(settings.stable_seconds, clock)
        self._folders = {StudyPaths(root).inbox}
        self._times = self._folder_times()
        self._failures = 0
        self._bringing_new = False
        self._last_new = -math.inf
        self._unreported_since: float | None = None

    @property
    def pause_seconds(self) -> float:
        """Time to wait before the next look: scan_seconds as last read, longer the more looks in a row failed.

        A file that moved lately is looked at as soon as it may count as stable.
        """
        if not self._failures:
            soon = self._gate.next_seconds
            return self._scan_seconds if soon is None else min(self._scan_seconds, max(soon, _SHORTEST_PAUSE))
        first, longest = _BACK_OFF_SECONDS
        return max(self._scan_seconds, min(longest, first * 2.0 ** min(self._failures - 1, 16)))

    def rest(self, seconds: float) -> None:
        """Wait so long, or until something comes into or leaves a folder of the last look.

        Only a folder's time of change is asked for, so this works on any file system, and nothing depends on it.
        """
        until = self._clock() + seconds
        while (left := until - self._clock()) > 0:
            before, self._times = self._times, self._folder_times()
            if self._times != before:  # since the last look began: a file that came during it is seen soon
                return
            time.sleep(min(left, _GLANCE_SECONDS))

    def _folder_times(self) -> dict[Path, int]:
        times = {}
        for folder in self._folders:
            with suppress(OSError):
                times[folder] = folder.stat().st_mtime_ns
        return times

    def failed(self) -> None:
        """Note that a look, or what came of it, failed: the next one comes later."""
        self._failures += 1

    def succeeded(self) -> None:
        """Note that all is well again, and that what was due is done."""
        self._failures = 0
        if self._bringing_new:
            self._bringing_new = False
            self._last_new = self._clock()

    def due(self) -> Task | None:
        """Look once. Files are read and coded at once; the report follows when no new ones came for a while.

        Returns:
            What to do now; None when there is nothing.

        Raises:
            UsageError: The inbox, or its marker, is gone.
        """
        work = due_work(self._root, self._still())
        now = self._clock()
        if work.brings_new:
            self._bringing_new = True
            if self._unreported_since is None:
                self._unreported_since = now
        report = bool(work) and self._is_quiet(now)
        if report:
            self._unreported_since = None
        paths = (*work.ingest, *(error.where for error in work.later))  # whoever reads postpones the latter
        return Task(paths, report) if work.brings_new or report else None

    def _is_quiet(self, now: float) -> bool:
        if self._bringing_new and self._unreported_since is not None:  # no quiet, but nobody waits for ever
            return now - self._unreported_since >= _LONGEST_QUIET * self._quiet_seconds
        return now - self._last_new >= self._quiet_seconds

    def _still(self) -> Sequence[str]:
        settings = load_settings(self._root).inbox
        self._scan_seconds, self._quiet_seconds = settings.scan_seconds, settings.quiet_seconds
        if settings.stable_seconds != self._stable_seconds:
            self._stable_seconds = settings.stable_seconds
            self._gate = inbox.StabilityGate(settings.stable_seconds, self._clock)
        place = StudyPaths(self._root).inbox
        before = self._folder_times()
        found = inbox.scan(place, settings)
        self._folders = {place, *((place / item.path).parent for item in found)}
        self._times = self._folder_times() | before
        return [item.path for item in self._gate.stable(found)]
