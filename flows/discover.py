"""Finds topics in what the codebook does not cover."""

from pathlib import Path

from prefect import flow

from flows.silence import no_text
from voc_pipeline.operations import run


@flow(name="discover", persist_result=False)
def discover(study: str) -> int | None:
    """Find topics and count them; None when nothing changed since the last time."""
    with no_text():
        return run.discover_if_due(Path(study))
