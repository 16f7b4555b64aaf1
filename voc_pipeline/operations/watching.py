"""The watcher's judgement: which files stand still, and whether it is time to act."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from voc_pipeline.config import StudyPaths, load_settings
from voc_pipeline.ingest import inbox
from voc_pipeline.operations.run import due_work

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Watcher:
    """Looks at an inbox again and again. The scan is the truth; nothing depends on file events.

    Args:
        root: The study's folder. Its settings are read at every look, so an edit counts at once.
        clock: Monotonic seconds; tests inject their own.
    """

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._gate = inbox.StabilityGate(load_settings(root).inbox.stable_seconds, clock)

    @property
    def scan_seconds(self) -> float:
        """Time to wait before the next look."""
        return load_settings(self._root).inbox.scan_seconds

    def due(self) -> list[str] | None:
        """Look once.

        Returns:
            The paths that stand still, when there is something to do with them; None when there is not.
        """
        found = inbox.scan(StudyPaths(self._root).inbox, load_settings(self._root).inbox)
        ready = [item.path for item in self._gate.stable(found)]
        due = due_work(self._root, ready)
        return ready if due else None
