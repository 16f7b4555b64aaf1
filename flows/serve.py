"""The nightly deployment of one study: ``voc serve`` registers it, and runs it in its own warm process in time."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.exceptions import Abort
from prefect.flow_engine import run_flow
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.nightly import nightly

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

_WAIT_FOR_WRITER = 600.0


def register_nightly(study: str, clock: str, zone: str) -> UUID:
    """Schedule the nightly flow every day at ``clock`` (HH:MM) in the time zone ``zone``, and give its deployment."""
    hour, minute = clock.split(":")
    deployment = cast(
        "RunnerDeployment",
        nightly.to_deployment(
            "nightly",
            schedule=Cron(f"{int(minute)} {int(hour)} * * *", timezone=zone),
            parameters={"study": study, "wait_seconds": _WAIT_FOR_WRITER},
            entrypoint_type=EntrypointType.MODULE_PATH,
        ),
    )
    return cast("UUID", deployment.apply())


def run_scheduled(deployment: UUID) -> int:
    """Run in this process what Prefect has scheduled up to now, and count it.

    A run that was missed while nobody served is made up for; what finds nothing to do costs a look.
    """
    with get_client(sync_client=True) as client:
        due = client.get_scheduled_flow_runs_for_deployments([deployment], scheduled_before=datetime.now(UTC))
        for run in due:
            with suppress(Abort):  # another process took it
                run_flow(nightly, flow_run=client.read_flow_run(run.id))
    return len(due)
