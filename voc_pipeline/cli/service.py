"""Commands that stay: watch and serve."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc_pipeline.cli.study import StudyDir, print_summary
from voc_pipeline.errors import BusyError, ConfigError, UsageError, VocError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from voc_pipeline.operations.watching import Task

_HERE = Path()
_BY_HAND = (BusyError, ConfigError, UsageError)
"""Errors that end by somebody's hand, a share that is mounted again among them: look again soon."""


def watch(directory: StudyDir = _HERE) -> None:
    """Watch the inbox: read what is dropped there, keep the report fresh. Stop with Ctrl-C.

    Example: voc watch my-study
    """
    from voc_pipeline.operations.run import only_watcher
    from voc_pipeline.operations.study import check_study

    paths, _ = check_study(directory)
    with only_watcher(directory), _until_stopped(Service(directory)) as service:
        service.start()
        typer.echo(f"Watching {paths.inbox}. Stop with Ctrl-C.")
        watch_inbox(directory, call=service.call, before=service.look_after)


def serve(
    directory: StudyDir = _HERE,
    port: Annotated[int, typer.Option(help="Port of Prefect's pages on this machine; 0 takes a free one.")] = 4200,
) -> None:
    """Run everything: Prefect's server on this machine, the watcher, and the nightly run. Stop with Ctrl-C.

    Example: voc serve my-study
    """
    from voc_pipeline.operations.run import only_watcher
    from voc_pipeline.operations.study import check_study

    paths, settings = check_study(directory)
    schedule = settings.schedule
    with only_watcher(directory), _until_stopped(Service(directory, port=port)) as service:
        address = service.start()
        if address is not None and service.schedule(schedule.nightly, schedule.time_zone):
            typer.echo(
                f"Nightly run at {schedule.nightly} {schedule.time_zone}; Prefect on {address.removesuffix('/api')}, "
                f"name and password in {paths.prefect / 'auth'}."
            )
        typer.echo(f"Watching {paths.inbox}. Stop with Ctrl-C.")
        watch_inbox(directory, call=service.call, before=service.look_after)


COMMANDS = (watch, serve)


class Service:
    """Does a watcher's work through Prefect while it has a server, and directly when it has none.

    Args:
        root: The study's folder.
        port: Port of the server; 0 takes a free one.
    """

    def __init__(self, root: Path, *, port: int = 0) -> None:
        from voc_pipeline.cli import prefect_home
        from voc_pipeline.config import StudyPaths

        self._root = root
        self._server = prefect_home.Server(StudyPaths(root).prefect, port=port, shared=True)
        self._with_prefect = False
        self._nightly: UUID | None = None

    def start(self) -> str | None:
        """Start our own server and give its address; None, and a line, when it does not start.

        Raises:
            UsageError: The port is in use.
        """
        from voc_pipeline.cli.prefect_home import PrefectUnavailableError

        try:
            address = self._server.start()
        except PrefectUnavailableError as error:
            _say(f"{error}. Going on without Prefect and its nightly run: the watcher does all that is due.")
            self._with_prefect = False
            return None
        self._with_prefect = True
        return address

    def schedule(self, clock: str, zone: str) -> bool:
        """Schedule the nightly run; False, and a line, when Prefect can't."""
        from voc_pipeline.cli import running
        from voc_pipeline.cli.prefect_home import PrefectUnavailableError

        try:
            self._nightly = running.register_nightly(self._root, clock, zone)
        except PrefectUnavailableError as error:
            _say(f"{error}. There is no nightly run: the watcher does all that is due.")
        return self._nightly is not None

    def look_after(self) -> None:
        """Start a server that ended once more, and run the nightly flow in this process when it is time."""
        from voc_pipeline.cli import running
        from voc_pipeline.cli.prefect_home import PrefectUnavailableError

        if not self._with_prefect:
            return
        if not self._server.is_alive:
            _say("Prefect's server has ended; starting it again.")
            try:
                if self.start() is None:
                    return
            except UsageError as error:  # somebody took the port meanwhile
                _say(f"{error}. Going on without Prefect.")
                self._with_prefect = False
                return
        if self._nightly is None:
            return
        try:
            if running.run_scheduled(self._nightly):
                _say("The nightly run is done.")
        except PrefectUnavailableError:
            self._server.stop()  # it hangs, or has just ended: the next look starts it again

    def call(self, root: Path, task: Task) -> None:
        """Do what a look at the inbox found to do."""
        from voc_pipeline.cli import running
        from voc_pipeline.cli.prefect_home import PrefectUnavailableError
        from voc_pipeline.operations.run import run_directly

        running.probe_writer(root)
        if self._with_prefect:
            try:
                running.call_nightly(root, task.paths, report=task.report)
            except PrefectUnavailableError as error:
                _say(f"{error}. Going on without it.")
                self._server.stop()  # the next look starts it again
            else:
                return
        run_directly(root, task.paths, report=task.report)

    def stop(self) -> None:
        """End our server."""
        self._server.stop()


def watch_inbox(
    root: Path,
    *,
    call: Callable[[Path, Task], object],
    before: Callable[[], object] = lambda: None,
    pause: Callable[[float], None] | None = None,
    rounds: int | None = None,
) -> None:
    """Scan, and act on what is due, for ever. Nothing but a stop ends it: what fails is tried again, later and later.

    Args:
        root: The study's folder.
        call: Does what a look found to do.
        before: What else there is to do before each scan.
        pause: Waits between scans; by default the watcher, who wakes early when a folder changes. Tests inject theirs.
        rounds: Number of scans; without end by default.
    """
    from voc_pipeline.operations.run import deliver_meanwhile, summarise, tell
    from voc_pipeline.operations.watching import Watcher

    watcher = Watcher(root)
    rest = pause or watcher.rest
    said, done = "", 0
    while rounds is None or done < rounds:
        done += 1
        try:
            before()
            task = watcher.due()
            if task is not None:
                call(root, task)
                _say("The study is up to date." if task.report else "The tables are up to date; the report follows.")
                print_summary(summarise(root), root)
            watcher.succeeded()
            deliver_meanwhile(root)
            tell(root)
            said = ""
        except Exception as error:  # noqa: BLE001 (a service that ends at night helps nobody)
            if not isinstance(error, _BY_HAND):
                watcher.failed()
            if (text := _in_words(error)) != said:
                _say(text)
                said = text
        rest(watcher.pause_seconds)


def _in_words(error: Exception) -> str:
    if isinstance(error, _BY_HAND):
        return f"waiting: {error}"
    if isinstance(error, VocError):
        return f"failed: {error}"
    return (
        f"failed: an unexpected {type(error).__name__}; it is tried again. Run 'voc doctor'"  # its text may be theirs
    )


def _say(text: str) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {text}", err=True)


@contextmanager
def _until_stopped(service: Service) -> Iterator[Service]:
    """Let Ctrl-C and a service manager's stop end the block alike: children first, cleanly."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    with suppress(KeyboardInterrupt):
        try:
            yield service
        finally:
            service.stop()
    typer.echo("Stopped.")
