"""Serves the nightly deployment of one study (``python -m flows.serve STUDY HH:MM ZONE``); ``voc serve`` starts it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from prefect import serve
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.nightly import nightly

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

_WAIT_FOR_WATCHER = 600.0


def serve_nightly(study: Path, clock: str, zone: str) -> None:
    """Run the nightly flow every day at ``clock`` (HH:MM) in the time zone ``zone``, until stopped.

    One run at a time; a stopped server leaves the schedule on (Prefect's default switches it off).
    """
    hour, minute = clock.split(":")
    deployment = nightly.to_deployment(
        "nightly",
        schedule=Cron(f"{int(minute)} {int(hour)} * * *", timezone=zone),
        parameters={"study": str(study), "wait_seconds": _WAIT_FOR_WATCHER},
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    serve(cast("RunnerDeployment", deployment), pause_on_shutdown=False, limit=1, print_starting_message=False)


if __name__ == "__main__":
    serve_nightly(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
