"""Publishes the report."""

from pathlib import Path

from prefect import flow

from flows.silence import no_text
from voc_pipeline.operations import run


@flow(name="publish", persist_result=False)
def publish(study: str) -> str | None:
    """Publish a report and name its folder; None when the newest one still shows what there is."""
    with no_text():
        return run.publish_if_due(Path(study))
