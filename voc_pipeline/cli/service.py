"""Commands that stay: watch and serve."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc_pipeline.cli.study import StudyDir, print_summary
from voc_pipeline.errors import BusyError, ConfigError, VocError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from subprocess import Popen

_HERE = Path()


def watch(directory: StudyDir = _HERE) -> None:
    """Watch the inbox: read what is dropped there, keep the report fresh. Stop with Ctrl-C.

    Example: voc watch my-study
    """
    from voc_pipeline.cli import prefect_home
    from voc_pipeline.config import StudyPaths
    from voc_pipeline.operations.study import check_study

    paths, _ = check_study(directory)
    _end_on_sigterm()
    with suppress(KeyboardInterrupt), prefect_home.server(StudyPaths(directory).prefect):
        typer.echo(f"Watching {paths.inbox}. Stop with Ctrl-C.")
        watch_inbox(directory)
    typer.echo("Stopped.")


def serve(
    directory: StudyDir = _HERE,
    port: Annotated[int, typer.Option(help="Port of Prefect's pages on this machine; 0 takes a free one.")] = 4200,
) -> None:
    """Run everything: Prefect's server on this machine, the watcher, and the nightly run. Stop with Ctrl-C.

    Example: voc serve my-study
    """
    from voc_pipeline.cli import prefect_home
    from voc_pipeline.config import StudyPaths
    from voc_pipeline.operations.study import check_study

    paths, settings = check_study(directory)
    schedule = settings.schedule
    _end_on_sigterm()
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        address = stack.enter_context(prefect_home.server(StudyPaths(directory).prefect, port=port))
        runner = prefect_home.start_child(
            "-m", "flows.serve", str(directory.resolve()), schedule.nightly, schedule.time_zone
        )
        stack.callback(_end, runner)
        typer.echo(
            f"Watching {paths.inbox}; nightly run at {schedule.nightly} {schedule.time_zone}; "
            f"Prefect on {address.removesuffix('/api')}, name and password in {paths.prefect / 'auth'}. "
            "Stop with Ctrl-C."
        )
        watch_inbox(directory)
    typer.echo("Stopped.")


COMMANDS = (watch, serve)


def watch_inbox(
    root: Path,
    *,
    call: Callable[[Path, Sequence[str]], object] | None = None,
    pause: Callable[[float], None] = time.sleep,
    rounds: int | None = None,
) -> None:
    """Scan, and act on what is due, for ever.

    Args:
        root: The study's folder.
        call: Does what is due with the files that stand still; the nightly flow by default.
        pause: Waits between scans; tests inject their own.
        rounds: Number of scans; without end by default.
    """
    from voc_pipeline.cli.running import call_nightly
    from voc_pipeline.operations.run import summarise
    from voc_pipeline.operations.watching import Watcher

    act = call_nightly if call is None else call
    watcher = Watcher(root)
    done = 0
    while rounds is None or done < rounds:
        done += 1
        try:
            ready = watcher.due()
            if ready is not None:
                act(root, ready)
                typer.echo(time.strftime("%H:%M:%S ") + "The study is up to date.")
                print_summary(summarise(root), root)
        except (BusyError, ConfigError) as error:  # the next scan tries again: somebody is at work on it
            typer.echo(f"{time.strftime('%H:%M:%S')} waiting: {error}", err=True)
        except VocError as error:
            typer.echo(f"{time.strftime('%H:%M:%S')} failed: {error}", err=True)
        pause(watcher.scan_seconds)


def _end_on_sigterm() -> None:
    """Let a service manager's stop end us the way Ctrl-C does: children first, cleanly."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def _end(process: Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    with suppress(Exception):
        process.wait(timeout=10)
    if process.poll() is None:
        process.kill()
        process.wait()
