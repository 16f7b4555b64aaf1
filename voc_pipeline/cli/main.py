"""The ``voc`` command: its subcommands, and the one place where errors become messages and exit codes.

Heavy modules are imported in command bodies: ``voc --help`` costs a fraction of a second.
"""

from __future__ import annotations

import sys

import typer

from voc_pipeline.cli import service, study
from voc_pipeline.errors import VocError

app = typer.Typer(
    name="voc",
    help="Voice-of-customer interviews in, a theme-by-segment report with evidence out. Nothing leaves this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback could show interview text
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="First steps: voc demo. Your own study: voc init DIR, put transcripts into DIR/inbox, voc run DIR.",
)
for command in (*study.COMMANDS, *service.COMMANDS):
    app.command()(command)


def main() -> None:
    """Run ``voc`` and end the process with an exit code of docs/operations.md."""
    try:
        app()
    except VocError as error:
        where = f"{error.where}: " if error.where else ""
        sys.stderr.write(f"voc: {where}{error.what}\n")
        if error.hint:
            sys.stderr.write(f"     {error.hint}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("voc: stopped; the next run goes on from here\n")
        sys.exit(130)
