"""Everything that is due, in order, under the study's writer lease. Idempotent: a second run finds nothing to do."""

from pathlib import Path

from prefect import flow

from flows.code import code
from flows.discover import discover
from flows.ingest import ingest
from flows.publish import publish
from voc_pipeline.operations import run


@flow(name="nightly", persist_result=False)
def nightly(
    study: str,
    paths: list[str] | None = None,
    wait_seconds: float = 0.0,
    *,
    report: bool = True,
) -> str | None:
    """Bring a study up to date and name the folder of the new report, if there is one.

    Args:
        study: The study's folder.
        paths: The files a watcher knows to stand still; by default those whose last change is old enough.
        wait_seconds: How long to wait for another process that writes to the study.
        report: Whether topics and report are made as well, or only files read and coded.
    """
    root = Path(study)
    with run.writer(root, wait_seconds=wait_seconds):
        due = run.due_work(root, paths)
        if due.ingest or due.later:
            ingest(study, paths)
        if run.code_batches(root):
            code(study)
        folder = None
        if report and run.due_work(root, paths).discover:
            discover(study)
        if report and run.due_work(root, paths).publish:
            folder = publish(study)
        run.deliver_reports(root)
        run.tell(root)
        return folder
