"""Bringing a study up to date from the command line: plan without Prefect, then the flow, else the plain stages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console

from voc_pipeline.cli import prefect_home
from voc_pipeline.cli.progress import RichProgress
from voc_pipeline.config import StudyPaths
from voc_pipeline.operations.run import Summary, due_work, run_directly, summarise
from voc_pipeline.operations.study import check_study

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def bring_up_to_date(root: Path, *, quiet: bool = False, without_prefect: bool = False) -> tuple[Summary, bool]:
    """Do all that is due in a study.

    Returns:
        Where the study stands, and whether anything was due.

    Raises:
        VocError: Wrong settings, a busy study, or a stage that failed.
    """
    _, settings = check_study(root)
    console = Console(stderr=True, quiet=quiet)
    due = due_work(root)
    if due.waiting:
        seconds = settings.inbox.stable_seconds
        console.print(f"{due.waiting} files were changed just now: waiting {seconds:g} s until they stand still")
        time.sleep(seconds)
        due = due_work(root)
    if not due:
        return summarise(root), False
    if not quiet:
        console.print(f"Due: {len(due.ingest)} files to read. Starting up takes some seconds.", highlight=False)
    with RichProgress(console).shown():
        if without_prefect:
            run_directly(root)
        else:
            _run_flow(root, console)
    return summarise(root), True


def _run_flow(root: Path, console: Console) -> None:
    try:
        with prefect_home.server(StudyPaths(root).prefect):
            call_nightly(root)
    except prefect_home.PrefectUnavailableError as error:
        console.print(f"{error}. Going on without Prefect.", highlight=False)
        run_directly(root)


def call_nightly(root: Path, paths: Sequence[str] | None = None) -> str | None:
    """Call the nightly flow in this process; the study's server must be up."""
    from flows.nightly import nightly

    return nightly(str(root), list(paths) if paths is not None else None)
