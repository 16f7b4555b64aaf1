"""Shows how a run gets on: a line a stage with count, rate and time left."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from voc_pipeline.protocols import current_progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.progress import Task, TaskID

_LABELS = {"ingest": "Reading", "code": "Coding", "discover": "Topics", "publish": "Report"}
_UNITS = {"ingest": "files", "code": "interviews"}


class _Rate(ProgressColumn):
    """Items a second or a minute, whichever reads better."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        unit = _UNITS.get(str(task.fields.get("stage", "")))
        if not speed or not unit:
            return Text("")
        return Text(f"{speed:.1f} {unit}/s" if speed >= 1 else f"{speed * 60:.0f} {unit}/min", style="dim")


class RichProgress:
    """Draws progress on a terminal; on a pipe or in a log it prints one line a finished stage."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._started: dict[str, tuple[float, int]] = {}

    def begin(self, stage: str, total: int) -> None:
        """Start a stage of ``total`` items; one of none is not shown."""
        if total:
            self._started[stage] = (time.monotonic(), total)
            self._tasks[stage] = self._bars.add_task(_LABELS.get(stage, stage), total=total, stage=stage)

    def advance(self, stage: str, count: int = 1) -> None:
        """Report ``count`` more items done."""
        if stage in self._tasks:
            self._bars.advance(self._tasks[stage], count)

    def end(self, stage: str) -> None:
        """Finish a stage."""
        if stage in self._started and not self._console.is_terminal:
            started, total = self._started[stage]
            seconds = time.monotonic() - started
            self._console.print(f"{_LABELS.get(stage, stage)}: {total} in {seconds:.1f} s", highlight=False)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Make this the progress of the block."""
        token = current_progress.set(self)
        try:
            with self._bars:
                yield
        finally:
            current_progress.reset(token)
