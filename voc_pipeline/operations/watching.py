"""The watcher's judgement: which files stand still, and whether it is time to act."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from voc_pipeline.config import StudyPaths, load_settings
from voc_pipeline.ingest import inbox
from voc_pipeline.operations.run import due_work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_BACK_OFF_SECONDS = (5.0, 300.0)


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
        self._scan_seconds = settings.scan_seconds
        self._stable_seconds = settings.stable_seconds
        self._gate = inbox.StabilityGate(settings.stable_seconds, clock)
        self._failures = 0

    @property
    def pause_seconds(self) -> float:
        """Time to wait before the next look: scan_seconds as last read, longer the more looks in a row failed."""
        if not self._failures:
            return self._scan_seconds
        first, longest = _BACK_OFF_SECONDS
        return max(self._scan_seconds, min(longest, first * 2.0 ** min(self._failures - 1, 16)))

    def failed(self) -> None:
        """Note that a look, or what came of it, failed: the next one comes later."""
        self._failures += 1

    def succeeded(self) -> None:
        """Note that all is well again."""
        self._failures = 0

    def due(self) -> list[str] | None:
        """Look once.

        Returns:
            The paths to read, when there is anything to do, be it only a report; None when there is not.
        """
        ready = self._still()
        due = due_work(self._root, ready)
        return list(due.ingest) if due else None

    def _still(self) -> Sequence[str]:
        settings = load_settings(self._root).inbox
        self._scan_seconds = settings.scan_seconds
        if settings.stable_seconds != self._stable_seconds:
            self._stable_seconds = settings.stable_seconds
            self._gate = inbox.StabilityGate(settings.stable_seconds, self._clock)
        found = inbox.scan(StudyPaths(self._root).inbox, settings)
        return [item.path for item in self._gate.stable(found)]
