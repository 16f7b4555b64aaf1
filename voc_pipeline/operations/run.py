"""Stages in their order, as plain calls. Flows wrap the same stages in Prefect; both end in the same tables."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.operations.code import code
from voc_pipeline.operations.delays import in_words, postpone
from voc_pipeline.operations.discover import discover
from voc_pipeline.operations.feedback import give_feedback
from voc_pipeline.operations.ingest import ingest
from voc_pipeline.operations.publish import publish
from voc_pipeline.operations.scan import Due, batches, due_for_coding, publish_is_due, scan, topics_are_due
from voc_pipeline.operations.study import open_study
from voc_pipeline.protocols import current_progress
from voc_pipeline.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

INGEST_BATCH = 16
CODE_BATCH = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that needs a person: real path, outcome, what is wrong and what to do."""

    path: str
    outcome: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Where a study stands: files by outcome, files that need a person, and the newest report's folder.

    ``waiting`` counts files that were changed too recently to be read, ``delayed`` names those that can't be read for
    now, and ``unused_rows`` numbers the roster's rows that match no file: a slip of the pen, mostly.
    """

    outcomes: dict[str, int]
    problems: tuple[Problem, ...]
    report: Path | None
    waiting: int = 0
    unused_rows: tuple[int, ...] = ()
    delayed: tuple[Problem, ...] = ()


@contextmanager
def stage(name: str, total: int) -> Iterator[None]:
    """Show a stage of ``total`` items while it runs."""
    progress = current_progress.get()
    progress.begin(name, total)
    try:
        yield
    finally:
        progress.end(name)


@contextmanager
def writer(root: Path, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the study's writer lease.

    Raises:
        BusyError: Another process holds it for longer than ``wait_seconds``.
    """
    with open_study(root) as study, study.store.ledger.writer(wait_seconds=wait_seconds):
        yield


@contextmanager
def only_watcher(root: Path) -> Iterator[None]:
    """Be the study's only watcher.

    Raises:
        BusyError: Another process watches it.
    """
    with open_study(root) as study, study.store.ledger.watcher():
        yield


def due_work(root: Path, paths: Sequence[str] | None = None) -> Due:
    """Plan: what is due now. With ``paths``, a watcher names the files that stand still."""
    with open_study(root) as study:
        return scan(study, stable=paths)


def ingest_batches(root: Path, paths: Sequence[str] | None = None) -> list[list[str]]:
    """Plan the reading of new and changed files, and postpone those that can't be read now."""
    with open_study(root) as study:
        due = scan(study, stable=paths)
        for error in due.later:
            postpone(study, error, error.where)
    return batches(due.ingest, INGEST_BATCH)


def ingest_batch(root: Path, paths: Sequence[str]) -> dict[str, int]:
    """Read some files; count them by outcome."""
    with open_study(root) as study:
        return dict(Counter(str(outcome.outcome) for outcome in ingest(study, paths)))


def code_batches(root: Path) -> list[list[str]]:
    """Plan the coding of transcripts."""
    with open_study(root) as study:
        return batches(due_for_coding(study), CODE_BATCH)


def code_batch(root: Path, transcripts: Sequence[str]) -> int:
    """Code some transcripts; count them."""
    with open_study(root) as study:
        return code(study, transcripts)


def discover_if_due(root: Path) -> int | None:
    """Find topics; None when nothing changed since the last time."""
    with open_study(root) as study:
        if not topics_are_due(study):
            return None
        with stage("discover", 1):
            return discover(study)


def publish_if_due(root: Path) -> str | None:
    """Publish a report and name its folder; None when the newest one still shows what there is."""
    with open_study(root) as study:
        if not publish_is_due(study):
            return None
        with stage("publish", 1):
            return publish(study).name


def tell(root: Path) -> None:
    """Tell the researcher, in the inbox, what became of each file. Says nothing that was said already."""
    with open_study(root) as study:
        give_feedback(study)


def run_directly(root: Path, paths: Sequence[str] | None = None, *, report: bool = True) -> None:
    """Do all that is due without Prefect.

    Args:
        root: The study's folder.
        paths: The files a watcher knows to stand still; by default those whose last change is old enough.
        report: Whether topics and report are made as well, or only files read and coded.
    """
    with writer(root):
        to_read = ingest_batches(root, paths)
        with stage("ingest", sum(map(len, to_read))):
            for batch in to_read:
                ingest_batch(root, batch)
        to_code = code_batches(root)
        with stage("code", sum(map(len, to_code))):
            for batch in to_code:
                code_batch(root, batch)
        if report:
            discover_if_due(root)
            publish_if_due(root)
        tell(root)


def summarise(root: Path) -> Summary:
    """Say where the study stands."""
    with open_study(root) as study:
        rows = [row for row in study.store.inbox.files() if row.current]
        last = study.store.ledger.last_run()
        report = study.paths.reports / last[1] if last else None
        waiting = scan(study).waiting
        delays = study.store.delays.all().values()
        unused = tuple(row.number for row in study.roster.unused(row.path for row in rows))
    return Summary(
        outcomes=dict(Counter(str(row.outcome) for row in rows)),
        problems=tuple(
            Problem(row.path, str(row.outcome), row.reason, row.hint)
            for row in rows
            if row.outcome in {Outcome.ATTENTION, Outcome.REFUSED}
        ),
        report=report,
        waiting=waiting,
        unused_rows=unused,
        delayed=tuple(Problem(delay.path, "waiting", in_words(delay), delay.hint) for delay in delays),
    )
