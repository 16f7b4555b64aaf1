"""``voc verify``: a report proves itself."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 (Typer reads annotations when it runs)
from typing import TYPE_CHECKING, Annotated

import typer

from voc_pipeline.cli.study import HERE, AsJson
from voc_pipeline.operations.status_page import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voc_pipeline.operations.verdicts import Fault, Verdict

_NOT_PROVED = 3
_SHOWN = 5
_COUNTED = ("quotes", "numbers", "files")


def verify(
    report: Annotated[
        Path, typer.Argument(help="A report's folder, or a study: then its newest report.", show_default="this folder")
    ] = HERE,
    sources: Annotated[
        bool, typer.Option("--sources", help="Read the files of the inbox again and compare every turn with them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Prove a report: compute every quote and number again, and make every page again, from its folder alone.

    Example: voc verify my-study --sources
    """
    from voc_pipeline.operations.verify import verify as prove

    verdict = prove(report, with_sources=sources)
    if as_json:
        typer.echo(json.dumps(_as_data(verdict), indent=1, ensure_ascii=False))
    else:
        for line in _lines(verdict):
            typer.echo(printable(line))
    raise typer.Exit(0 if verdict.ok else _NOT_PROVED)


COMMANDS = (verify,)


def _lines(verdict: Verdict) -> Iterator[str]:
    if verdict.ok:
        counted = [f"{verdict.checked(name):,} {name}" for name in _COUNTED if verdict.checked(name)]
        yield f"{verdict.folder.name}: {', '.join(counted)}: all as recomputed"
        if verdict.checked("sources"):
            yield f"{verdict.checked('sources'):,} turns: all as in the files of the inbox"
    else:
        yield from _faults(verdict)
    yield "Not checked:"
    for reason in verdict.unchecked:
        yield f"  {reason}"


def _faults(verdict: Verdict) -> Iterator[str]:
    """Show the first fault of each check, then others as far as there is room."""
    first = [check.faults[0] for check in verdict.checks if check.faults]
    rest = [fault for check in verdict.checks for fault in check.faults[1:]]
    count = len(first) + len(rest) + sum(check.more for check in verdict.checks)
    yield f"{verdict.folder.name}: NOT PROVED, {'1 fault' if count == 1 else f'{count:,} faults'}"
    shown = [*first, *rest][:_SHOWN]
    for fault in shown:
        yield f"  {fault.where}: {fault.what}"
    for hint in dict.fromkeys(fault.hint for fault in shown):
        yield f"    {hint}"
    if count > len(shown):
        yield f"  and {count - len(shown):,} more: --json lists them"


def _as_data(verdict: Verdict) -> dict[str, object]:
    return {
        "report": str(verdict.folder),
        "proved": verdict.ok,
        "checks": [
            {
                "name": check.name,
                "ok": check.ok,
                "checked": check.checked,
                "faults": [_fault_data(fault) for fault in check.faults],
                "further_faults": check.more,
            }
            for check in verdict.checks
        ],
        "unchecked": list(verdict.unchecked),
    }


def _fault_data(fault: Fault) -> dict[str, str]:
    return {"where": fault.where, "what": fault.what, "hint": fault.hint}
