"""The ``voc`` command: its subcommands, and the one place where errors become messages and exit codes.

Heavy modules are imported in command bodies: ``voc --help`` costs a fraction of a second.
"""

from __future__ import annotations

import os
import sys

import typer

from voc_pipeline.cli import codebook, explain, publishing, service, study, verify
from voc_pipeline.errors import VocError

_INTERRUPTED = 130

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
for command in (*study.COMMANDS, *publishing.COMMANDS, *verify.COMMANDS, *explain.COMMANDS, *service.COMMANDS):
    app.command()(command)
app.add_typer(codebook.app)


def main() -> None:
    """Run ``voc`` and end the process with an exit code of docs/operations.md."""
    try:
        app()
    except SystemExit as end:
        if end.code == _INTERRUPTED:  # Typer makes this of a KeyboardInterrupt
            sys.stderr.write("voc: stopped; the next run goes on from here\n")
        raise
    except VocError as error:
        where = f"{error.where}: " if error.where else ""
        sys.stderr.write(f"voc: {where}{error.what}\n")
        if error.hint:
            sys.stderr.write(f"     {error.hint}\n")
        sys.exit(error.exit_code)
    except Exception as error:
        if os.environ.get("VOC_DEBUG") == "1":
            raise
        # Neither its text nor a traceback: both may quote an interview.
        sys.stderr.write(f"voc: stopped by an unexpected {type(error).__name__}; what was finished is kept\n")
        sys.stderr.write(
            "     Run 'voc doctor', then try again. VOC_DEBUG=1 shows where it failed, perhaps with text\n"
        )
        sys.exit(3)
