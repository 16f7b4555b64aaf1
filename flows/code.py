"""Codes new and changed transcripts, a batch of transcripts a task."""

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.silence import no_text
from voc_pipeline.operations import run


@task(name="code-batch", cache_policy=NO_CACHE, persist_result=False)
def code_batch(study: str, transcripts: list[str]) -> int:
    """Code some transcripts; count them."""
    with no_text():
        return run.code_batch(Path(study), transcripts)


@flow(name="code", persist_result=False)
def code(study: str) -> int:
    """Code what is due; count transcripts."""
    due = run.code_batches(Path(study))
    with run.stage("code", sum(map(len, due))):
        return sum(code_batch(study, batch) for batch in due)
