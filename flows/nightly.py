"""Everything that is due, in order, under the study's writer lease. Idempotent: a second run finds nothing to do."""

from pathlib import Path

from prefect import flow

from flows.code import code
from flows.discover import discover
from flows.ingest import ingest
from flows.publish import publish
from voc_pipeline.operations import run


@flow(name="nightly", persist_result=False)
def nightly(study: str, paths: list[str] | None = None, wait_seconds: float = 0.0) -> str | None:
    """Bring a study up to date and name the folder of the new report, if there is one.

    Args:
        study: The study's folder.
        paths: The files a watcher knows to stand still; by default those whose last change is old enough.
        wait_seconds: How long to wait for another process that writes to the study.
    """
    root = Path(study)
    with run.writer(root, wait_seconds=wait_seconds):
        if run.due_work(root, paths).ingest:
            ingest(study, paths)
        if run.due_work(root, paths).code:
            code(study)
        if run.due_work(root, paths).discover:
            discover(study)
        return publish(study) if run.due_work(root, paths).publish else None
