"""Bringing a study up to date from the command line: plan without Prefect, then the flow, else the plain stages."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from voc_pipeline.cli import prefect_home
from voc_pipeline.cli.progress import RichProgress
from voc_pipeline.config import StudyPaths
from voc_pipeline.errors import VocError
from voc_pipeline.operations.run import Summary, deliver_meanwhile, due_work, run_directly, summarise, tell, writer
from voc_pipeline.operations.study import check_study

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from voc_pipeline.operations.scan import Due


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
        files = counted(due.waiting, "file") + (" was" if due.waiting == 1 else " were")
        console.print(f"{files} changed just now: waiting {seconds:g} s for a change to end", highlight=False)
        time.sleep(seconds)
        due = due_work(root)
    if not due:
        deliver_meanwhile(root, retry_now=True)
        tell(root)
        return summarise(root), False
    if not quiet:
        console.print(f"Due: {in_words(due)}. Starting up takes some seconds.", highlight=False)
    with RichProgress(console).shown():
        if without_prefect:
            run_directly(root)
        else:
            run_flow(root, console)
    return summarise(root), True


def in_words(due: Due) -> str:
    """Say what there is to do."""
    parts = (
        (len(due.ingest), counted(len(due.ingest), "file") + " to read"),
        (len(due.code), counted(len(due.code), "interview") + " to code"),
        (due.discover, "topics"),
        (due.publish, "a report"),
    )
    return ", ".join(words for wanted, words in parts if wanted)


def counted(count: int, noun: str) -> str:
    """Count things in words: 1 file, 2 files."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def run_flow(root: Path, console: Console) -> None:
    """Do all that is due through Prefect; without it, and with a line that says so, where it fails.

    Raises:
        BusyError: Another process writes to the study.
    """
    probe_writer(root)
    try:
        with prefect_home.server(StudyPaths(root).prefect):
            call_nightly(root)
    except prefect_home.PrefectUnavailableError as error:
        console.print(f"{error}. Going on without Prefect.", highlight=False)
        run_directly(root)


def probe_writer(root: Path) -> None:
    """Ask whether the study is free: a busy one is told at once, not as a failed flow after a server's start.

    Raises:
        BusyError: Another process writes to it.
    """
    with writer(root):
        pass


def call_nightly(root: Path, paths: Sequence[str] | None = None, *, report: bool = True) -> str | None:
    """Call the nightly flow in this process; the study's server must be up.

    Raises:
        PrefectUnavailableError: The server ended meanwhile. What was done is kept.
    """
    with while_the_server_lives():
        from flows.nightly import nightly

        return nightly(str(root), list(paths) if paths is not None else None, report=report)


def register_nightly(root: Path, clock: str, zone: str) -> UUID:
    """Schedule the study's nightly run in Prefect; see `flows.serve.register_nightly`."""
    with while_the_server_lives():
        from flows.serve import register_nightly

        return register_nightly(str(root.resolve()), clock, zone)


def run_scheduled(deployment: UUID) -> int:
    """Run in this process what Prefect has scheduled up to now, and count it."""
    with while_the_server_lives():
        from flows.serve import run_scheduled

        return run_scheduled(deployment)


@contextmanager
def while_the_server_lives() -> Iterator[None]:
    """Tell errors of a server that has ended from those of the work.

    Raises:
        PrefectUnavailableError: The block failed, and the server does not answer any more.
    """
    prefect_home.import_flows()
    try:
        yield
    except VocError:
        raise
    except Exception as error:
        if prefect_home.is_up():
            raise
        raise prefect_home.PrefectUnavailableError("Prefect's server has ended") from error
