"""Commands on codebooks: test, lint, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voc_pipeline.cli.study import AsJson  # noqa: TC001 (Typer reads annotations when it runs)
from voc_pipeline.operations.status_page import printable

app = typer.Typer(
    name="codebook",
    help="Try out, check or take over a codebook.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
Place = Annotated[
    Path, typer.Argument(help="A study's folder, or a codebook file.", show_default="this folder", metavar="PATH")
]
_HERE = Path()


@app.command(name="lint")
def lint_(place: Place = _HERE, as_json: AsJson = False) -> None:
    """Find weak spots: empty include or exclude, definitions that overlap, missing or contradictory examples.

    Ends with 1 if anything is found, with 2 if the file can't be read as a codebook.

    Example: voc codebook lint my-study
    """
    from voc_pipeline.operations.codebooks import lint_codebook

    file, findings = lint_codebook(place)
    if as_json:
        _print_json([_as_dict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(f"{printable(str(file.path))}, line {finding.line}: {finding.theme_id}: {finding.what}")
            typer.echo(f"     {finding.mend}")
        if not findings:
            typer.echo(f"{printable(str(file.path))}: {len(file.codebook.themes)} themes, nothing to mend.")
    raise typer.Exit(1 if findings else 0)


@app.command(name="test")
def try_out(place: Place = _HERE, as_json: AsJson = False) -> None:
    """Code each theme's own examples with the study's coder; name what it gets wrong and the pairs it confuses.

    Ends with 1 if any example comes out wrong.

    Example: voc codebook test my-study
    """
    from voc_pipeline.cli.running import counted
    from voc_pipeline.operations.codebooks import run_codebook_test

    outcome = run_codebook_test(place)
    wrong = [result for result in outcome.results if not result.right]
    if as_json:
        _print_json(
            {
                "examples": [{**_as_dict(result), "right": result.right} for result in outcome.results],
                "confused": [
                    {"wanted": wanted, "found": found, "times": times} for wanted, found, times in outcome.confused
                ],
            }
        )
        raise typer.Exit(1 if wrong else 0)
    for theme in dict.fromkeys(result.theme_id for result in outcome.results):
        own = [result for result in outcome.results if result.theme_id == theme]
        typer.echo(f"{sum(result.right for result in own):3d} of {len(own):<3d} right  {theme}")
    for result in wrong:
        found = f"found instead: {', '.join(result.found)}" if result.found else "nothing was found"
        what = (
            f"not coded {result.theme_id}; {found}"
            if result.code
            else f"coded {result.theme_id}, though applies: false"
        )
        typer.echo(f"line {result.line} ({result.kind}): {what}")
    for wanted, other, times in outcome.confused:
        typer.echo(f"confused: {wanted} taken for {other}, {counted(times, 'time')}")
    raise typer.Exit(1 if wrong else 0)


@app.command(name="import")
def import_(
    source: Annotated[Path, typer.Argument(help="A REFI-QDA codebook.", metavar="FILE.qdc")],
    to: Annotated[Path, typer.Option("--to", help="File to write, or a study's folder.")] = Path("codebook.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write the codes of a REFI-QDA file (.qdc, as NVivo, MAXQDA, ATLAS.ti export it) as a codebook.yaml.

    Example: voc codebook import codes.qdc --to my-study
    """
    from voc_pipeline.cli.running import counted
    from voc_pipeline.codebooks.lint import PLACEHOLDER
    from voc_pipeline.operations.codebooks import import_qdc

    codebook = import_qdc(source, to, force=force)
    path = to / "codebook.yaml" if to.is_dir() else to
    bare = sum(theme.definition.startswith(PLACEHOLDER) for theme in codebook.themes)
    families = "1 family" if len(codebook.families) == 1 else f"{len(codebook.families)} families"
    typer.echo(f"{path}: {counted(len(codebook.themes), 'theme')} in {families}.")
    if bare:
        typer.echo(f"{counted(bare, 'theme')} without a description: write the definitions.")
    typer.echo(f"Then: voc codebook lint {path}")


def _as_dict(record: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(record)  # type: ignore[call-overload, no-any-return]  # our frozen dataclasses


def _print_json(data: object) -> None:
    import json

    typer.echo(json.dumps(data, indent=1, ensure_ascii=False))
