"""Commands on one study that run and end: init, run, roster, status, doctor, demo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc_pipeline.errors import UsageError
from voc_pipeline.operations.status_page import printable

if TYPE_CHECKING:
    from voc_pipeline.operations.run import Problem, Summary

StudyDir = Annotated[Path, typer.Argument(help="The study's folder; it holds inbox/.", show_default="this folder")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
HERE = Path()


def init(directory: StudyDir = HERE) -> None:
    """Make a study: inbox/, and a voc.toml that explains every setting.

    Example: voc init my-study
    """
    from voc_pipeline.operations.setup import init_study

    for path in init_study(directory):
        typer.echo(f"made {path}")
    typer.echo(f"Now put transcripts into {directory / 'inbox'} and run: voc run {directory}")


def run(
    directory: StudyDir = HERE,
    as_json: AsJson = False,
    without_prefect: Annotated[bool, typer.Option("--without-prefect", help="Call the stages directly.")] = False,
) -> None:
    """Read what is new, code it, find topics, publish a report. Does only what is due.

    Example: voc run my-study
    """
    from voc_pipeline.cli.running import bring_up_to_date

    summary, changed = bring_up_to_date(directory, quiet=as_json, without_prefect=without_prefect)
    if as_json:
        typer.echo(json.dumps(_as_data(summary, changed=changed), indent=1, ensure_ascii=False))
    else:
        if not changed and not summary.waiting:
            typer.echo("Nothing has changed since the last run.")
        print_summary(summary, directory)
    raise typer.Exit(1 if summary.problems else 0)


def roster(
    directory: StudyDir = HERE,
    force: Annotated[bool, typer.Option("--force", help="Write even if it adds nothing.")] = False,
) -> None:
    """Write inbox/participants.csv, filled in with every file and speaker and a proposed role for you to confirm.

    Rows that are there stay as they are.

    Example: voc roster my-study
    """
    from voc_pipeline.operations.setup import write_roster

    path, added = write_roster(directory, force=force)
    typer.echo(f"{path}: {added} rows added." if added else f"{path}: every file and speaker is there already.")
    if added:
        typer.echo("Look at role_in_call in each new row, add columns such as role or region, then: voc run")


def status(directory: StudyDir = HERE, as_json: AsJson = False) -> None:
    """List every file ever seen, what became of it and what to do.

    Example: voc status my-study --json
    """
    from dataclasses import asdict

    from voc_pipeline.operations.run import delivery_problem
    from voc_pipeline.operations.status import file_statuses

    rows = file_statuses(directory)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
        return
    for row in rows:
        version = f" (version {row.version})" if row.version > 1 else ""
        typer.echo(f"{row.outcome:<10} {printable(row.path)}{version}")
        for line in f"{row.reason}\n{row.hint}".splitlines():
            if line:
                typer.echo(f"{'':<10}   {line}")
    if not rows:
        typer.echo(f"No file has been seen yet. Put transcripts into {directory / 'inbox'}.")
    print_undelivered(delivery_problem(directory))


def doctor(
    directory: Annotated[Path | None, typer.Argument(help="A study's folder to look at as well.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check Python, models and their hashes, plugins, and a study's settings, database and write access.

    Example: voc doctor my-study
    """
    from dataclasses import asdict

    from voc_pipeline.operations.status import examine

    checks = examine(directory)
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], indent=1))
    else:
        for check in checks:
            typer.echo(f"{'ok' if check.ok else 'WRONG':<6} {check.name:<18} {check.found}")
            if check.hint:
                typer.echo(f"{'':<6} {'':<18} {check.hint}")
    raise typer.Exit(0 if all(check.ok for check in checks) else 3)


def demo(
    directory: Annotated[Path, typer.Argument(help="Where the sample study is copied to.")] = Path("demo"),
) -> None:
    """Run the pipeline on a copy of the sample study that comes with voc.

    Example: voc demo
    """
    from voc_pipeline.cli.running import bring_up_to_date
    from voc_pipeline.operations.setup import copy_sample

    copy_sample(directory)
    typer.echo(f"The sample study stands in {directory}: 12 interviews, and two problems on purpose.\n")
    summary, _ = bring_up_to_date(directory)
    print_summary(summary, directory)
    if summary.report is None:
        raise UsageError("the sample study gave no report", where=str(directory), hint="Run 'voc doctor'")


COMMANDS = (init, run, roster, status, doctor, demo)


def print_summary(summary: Summary, directory: Path) -> None:
    """Say what there is, what needs a person, and where the report stands."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(summary.outcomes.items()))
    typer.echo(f"Files: {counts or 'none yet'}")
    if summary.waiting:
        files = "1 file is" if summary.waiting == 1 else f"{summary.waiting} files are"
        typer.echo(f"{files} still being written: run again")
    if summary.problems:
        typer.echo("\nThese need you:")
    for problem in summary.problems:
        typer.echo(f"  {problem.outcome}: {printable(problem.path)}\n    {problem.reason}")
        for line in problem.hint.splitlines():
            typer.echo(f"    {line}")
    if summary.delayed:
        typer.echo("\nThese can't be read for now and are tried again:")
    for wait in summary.delayed:
        typer.echo(f"  {printable(wait.path)}\n    {wait.reason}\n    {wait.hint}")
    if summary.unused_rows:
        rows = ", ".join(map(str, summary.unused_rows))
        typer.echo(f"\nRows of the roster that match no file: {rows}. Is a file name misspelt?")
    if summary.report is not None:
        typer.echo(f"\nReport: {summary.report / 'report.html'}")
    else:
        typer.echo(f"\nNo report yet: put transcripts into {directory / 'inbox'}")
    print_undelivered(summary.undelivered)


def print_undelivered(problem: Problem | None) -> None:
    """Say why reports did not get to where they are delivered to, if they did not."""
    if problem is not None:
        typer.echo(f"\nReports are not delivered to {printable(problem.path)}:\n  {problem.reason}\n  {problem.hint}")


def _as_data(summary: Summary, *, changed: bool) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "changed": changed,
        "outcomes": summary.outcomes,
        "waiting": summary.waiting,
        "problems": [
            {"path": item.path, "outcome": item.outcome, "reason": item.reason, "hint": item.hint}
            for item in summary.problems
        ],
        "delayed": [{"path": item.path, "reason": item.reason, "hint": item.hint} for item in summary.delayed],
        "unused_roster_rows": list(summary.unused_rows),
        "report": str(summary.report) if summary.report else None,
        "undelivered": asdict(summary.undelivered) if summary.undelivered else None,
    }
