from __future__ import annotations

import io

from rich.console import Console

from voc_pipeline.cli.progress import RichProgress
from voc_pipeline.operations.run import stage
from voc_pipeline.protocols import SilentProgress, current_progress


def test_a_stage_is_one_line_in_a_log_and_one_of_nothing_is_none() -> None:
    out = io.StringIO()
    progress = RichProgress(Console(file=out, force_terminal=False, width=80))
    with progress.shown():
        with stage("ingest", 3):
            current_progress.get().advance("ingest", 3)
        with stage("code", 0):
            pass
    assert out.getvalue().startswith("Reading: 3 in 0.0 s")
    assert "Coding" not in out.getvalue()


def test_a_terminal_shows_count_and_rate() -> None:
    out = io.StringIO()
    progress = RichProgress(Console(file=out, force_terminal=True, width=100))
    with progress.shown(), stage("ingest", 4):
        current_progress.get().advance("ingest", 4)
    assert "4/4" in out.getvalue()


def test_progress_ends_with_its_block() -> None:
    with RichProgress(Console(file=io.StringIO())).shown():
        assert isinstance(current_progress.get(), RichProgress)
    assert isinstance(current_progress.get(), SilentProgress)
