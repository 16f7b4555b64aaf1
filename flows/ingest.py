"""Reads new and changed files of the inbox, a batch of files a task."""

from collections import Counter
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.silence import no_text
from voc_pipeline.operations import run


@task(name="ingest-batch", cache_policy=NO_CACHE, persist_result=False)
def ingest_batch(study: str, paths: list[str]) -> dict[str, int]:
    """Read some files; count them by outcome."""
    with no_text():
        return run.ingest_batch(Path(study), paths)


@flow(name="ingest", persist_result=False)
def ingest(study: str, paths: list[str] | None = None) -> dict[str, int]:
    """Read what is due, or those of ``paths`` that are due; count files by outcome."""
    due = run.ingest_batches(Path(study), paths)
    outcomes: Counter[str] = Counter()
    with run.stage("ingest", sum(map(len, due))):
        for batch in due:
            outcomes.update(ingest_batch(study, batch))
    return dict(outcomes)
