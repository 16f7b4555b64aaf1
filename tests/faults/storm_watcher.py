"""One watcher of the storm: ``python -m tests.faults.storm_watcher STUDY``. It is killed at any moment."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.faults import stand_ins
from voc_pipeline.errors import BusyError
from voc_pipeline.operations.run import run_directly, tell
from voc_pipeline.operations.watching import Watcher


def main() -> None:
    """Watch for ever, as `voc watch` does without Prefect, and print what goes wrong."""
    root = Path(sys.argv[1])
    stand_ins.install()
    watcher = Watcher(root)
    while True:
        try:
            task = watcher.due()
            if task is not None:
                run_directly(root, task.paths, report=task.report)
            watcher.succeeded()
            tell(root)
        except BusyError:
            pass  # the other watcher is at it
        except Exception as error:  # noqa: BLE001 (whatever it is, the storm counts it)
            watcher.failed()
            sys.stdout.write(f"{type(error).__name__}: {error}\n")
            sys.stdout.flush()
        time.sleep(min(watcher.pause_seconds, 1.0))


if __name__ == "__main__":
    main()
