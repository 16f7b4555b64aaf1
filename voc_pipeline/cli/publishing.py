"""Commands on reports: publish, release."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads annotations when it runs)
from typing import TYPE_CHECKING, Annotated

import typer

from voc_pipeline.cli.study import HERE, StudyDir, print_undelivered
from voc_pipeline.operations.status_page import printable

if TYPE_CHECKING:
    from voc_pipeline.operations.release import ReleaseOutcome


def publish(
    directory: StudyDir = HERE,
    outside: Annotated[
        bool, typer.Option("--outside", help="Make the edition for readers outside, of the released report.")
    ] = False,
) -> None:
    """Make a report of what has been read and coded, now, even if nothing changed. It is a draft.

    Example: voc publish my-study
    """
    from voc_pipeline.config import StudyPaths
    from voc_pipeline.operations.run import delivery_problem, publish_now, publish_outside_now

    if outside:
        edition, caution = publish_outside_now(directory)
        typer.echo(f"Outside edition: {edition}")
        if caution:
            typer.echo(f"Take care: {caution}")
        return
    folder = StudyPaths(directory).reports / publish_now(directory)
    typer.echo(f"Draft: {folder / 'report.html'}")
    typer.echo(f"Read it, then: voc release {folder.name} --study {directory} --by 'Your Name'")
    print_undelivered(delivery_problem(directory))


def release(
    by: Annotated[str, typer.Option("--by", help="Who releases: a person's name.", metavar="NAME")],
    run: Annotated[
        str | None, typer.Argument(help="Folder of the draft in reports/.", show_default="the newest", metavar="RUN")
    ] = None,
    study: Annotated[Path, typer.Option("--study", help="The study's folder.", show_default="this folder")] = HERE,
    note: Annotated[str, typer.Option("--note", help="What readers should know; the index shows it.")] = "",
) -> None:
    """Release a draft: the same tables become a report of their own that names who released it. It is never changed.

    Example: voc release 2026-11-22T041000Z-0f3a9c1e --study my-study --by 'Ada Moreau'
    """
    from voc_pipeline.operations.run import delivery_problem, release_run

    outcome = release_run(study, run, by=by, note=note)
    _confirm(outcome)
    print_undelivered(delivery_problem(study))


COMMANDS = (publish, release)


def _confirm(outcome: ReleaseOutcome) -> None:
    done = outcome.sanction
    if outcome.again:
        typer.echo(f"{done.release_of} was released already, by {printable(done.released_by)} on {done.released_at}.")
        typer.echo("Your decision is noted beside that one; the report stays as it is.")
    else:
        typer.echo(f"Released {done.release_of}, by {printable(done.released_by)} on {done.released_at}.")
    if outcome.remarks:
        typer.echo("This kept nobody from releasing it, and should be known:")
    for remark in outcome.remarks:
        typer.echo(f"  {remark}")
    typer.echo(f"Report: {outcome.folder / 'report.html'}")
