"""Stages in their order, as plain calls. Flows wrap the same stages in Prefect; both end in the same tables."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.errors import BusyError
from voc_pipeline.operations.code import code
from voc_pipeline.operations.delays import in_words, postpone
from voc_pipeline.operations.delivery import deliver, delivery, delivery_is_due
from voc_pipeline.operations.discover import discover
from voc_pipeline.operations.feedback import give_feedback
from voc_pipeline.operations.ingest import ingest
from voc_pipeline.operations.publish import publish
from voc_pipeline.operations.release import ReleaseOutcome, release
from voc_pipeline.operations.scan import Due, batches, due_for_coding, publish_is_due, scan, topics_are_due
from voc_pipeline.operations.study import open_study
from voc_pipeline.protocols import current_progress
from voc_pipeline.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from voc_pipeline.operations.study import Study
    from voc_pipeline.store import Delivery

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
    now, and ``unused_rows`` numbers the roster's rows that match no file: a slip of the pen, mostly. ``undelivered``
    says why reports did not get to where they are delivered to.
    """

    outcomes: dict[str, int]
    problems: tuple[Problem, ...]
    report: Path | None
    waiting: int = 0
    unused_rows: tuple[int, ...] = ()
    delayed: tuple[Problem, ...] = ()
    undelivered: Problem | None = None


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


def publish_now(root: Path) -> str:
    """Publish a report, even if nothing changed since the newest one, and name its folder.

    Raises:
        BusyError: Another process writes to the study.
        VocError: Nothing was read yet, or the report does not prove itself.
    """
    with writer(root), open_study(root) as study:
        with stage("publish", 1):
            folder = publish(study)
        _deliver_if_due(study, retry_now=True)
        return folder.name


def publish_outside_now(root: Path) -> tuple[Path, str]:
    """Make the outside edition of the released report; see `operations.outside.publish_outside`.

    Returns:
        Its folder, and what is unusual about its settings in a sentence, empty if nothing is.

    Raises:
        BusyError: Another process writes to the study.
        UsageError: No report is released, or another edition of it stands there.
        VocError: It would tell too much, or the released report was changed.
    """
    from voc_pipeline.operations.outside import caution, publish_outside  # noqa: PLC0415 (only this needs it)

    with writer(root), open_study(root) as study:
        return publish_outside(study), caution(study)


def release_run(root: Path, run: str | None = None, *, by: str, note: str = "") -> ReleaseOutcome:
    """Release a run; see `operations.release.release`.

    Raises:
        BusyError: Another process writes to the study.
        UsageError: No such run, one made by another version of the contract, or a name that is none.
        VocError: The run does not prove itself.
    """
    with writer(root), open_study(root) as study:
        outcome = release(study, run, by=by, note=note)
        _deliver_if_due(study, retry_now=True)
        return outcome


def deliver_reports(root: Path) -> None:
    """Copy reports to where they are delivered to, if any lack there. The writer lease is held."""
    with open_study(root) as study:
        _deliver_if_due(study)


def deliver_meanwhile(root: Path, *, retry_now: bool = False) -> None:
    """Do the same while nobody holds the writer lease; whoever holds it delivers.

    Args:
        root: The study's folder.
        retry_now: Whether what failed a moment ago is tried again at once.
    """
    with open_study(root) as study:
        if delivery_is_due(study, retry_now=retry_now):
            with suppress(BusyError), study.store.ledger.writer():
                deliver(study)


def _deliver_if_due(study: Study, *, retry_now: bool = False) -> None:
    if delivery_is_due(study, retry_now=retry_now):
        deliver(study)


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
        deliver_reports(root)
        tell(root)


def summarise(root: Path) -> Summary:
    """Say where the study stands."""
    with open_study(root) as study:
        rows = [row for row in study.store.inbox.files() if row.current]
        last = study.store.ledger.last_run()
        report = study.paths.reports / last[1] if last else None
        waiting = scan(study).waiting
        delays = study.store.delays.all().values()
        place = delivery(study)
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
        undelivered=_undelivered(place),
    )


def delivery_problem(root: Path) -> Problem | None:
    """Say why reports did not get to where they are delivered to; None if they did, or are delivered nowhere."""
    with open_study(root) as study:
        return _undelivered(delivery(study))


def _undelivered(place: Delivery | None) -> Problem | None:
    if place is None or not place.reason:
        return None
    return Problem(place.place, "not delivered", in_words(place), place.hint)
