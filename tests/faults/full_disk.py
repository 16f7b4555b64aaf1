"""A watcher whose disk fills up and gets room again: ``python -m tests.faults.full_disk STUDY tmpfs|limit``.

Prints what the watcher said, then each file of the store with its outcome. Nobody does anything for the file.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults import stand_ins
from voc_pipeline.cli.service import watch_inbox
from voc_pipeline.operations import run
from voc_pipeline.operations.study import open_study

if TYPE_CHECKING:
    from voc_pipeline.operations.watching import Task

TALK = "Interviewer: What happened?\n\nRespondent: {} is what happened to us.\n"
SETTINGS = f"[inbox]\nstable_seconds = 0.0\nquiet_seconds = 3600.0\n{stand_ins.SETTINGS}"
FULL_ROUNDS = 3


class Disk:
    """The disk of a study: a small one that a file fills, or a limit on the length of every file."""

    def __init__(self, root: Path, *, tmpfs: bool) -> None:
        self._filler = root / "filler"
        self._tmpfs = tmpfs

    def fill(self) -> None:
        """Leave no room."""
        if not self._tmpfs:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            return
        with self._filler.open("ab", buffering=0) as stream:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while stream.write(bytes(size)):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Give the room back."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self._filler.unlink(missing_ok=True)


def main() -> None:
    """Read one file, fill the disk in the midst of the second, free it after three looks, look on."""
    root = Path(sys.argv[1])
    disk = Disk(root, tmpfs=sys.argv[2] == "tmpfs")
    stand_ins.install()
    (root / "inbox").mkdir(parents=True)
    (root / "voc.toml").write_text(SETTINGS)
    (root / "inbox" / "a.txt").write_text(TALK.format("Rain"))
    run.run_directly(root, report=False)
    (root / "inbox" / "b.txt").write_text(TALK.format("Snow" * 2000))
    looks: list[float] = []
    read = run.ingest_batch

    def read_on_a_full_disk(study: Path, paths: list[str]) -> dict[str, int]:
        if len(looks) < FULL_ROUNDS:  # the writer's lease is held already
            disk.fill()
        return read(study, paths)

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == FULL_ROUNDS:
            disk.free()

    def work(study: Path, task: Task) -> None:
        run.run_directly(study, task.paths, report=task.report)

    setattr(run, "ingest_batch", read_on_a_full_disk)  # noqa: B010 (where the disk fills up)
    watch_inbox(root, call=work, pause=pause, rounds=FULL_ROUNDS + 2)
    with open_study(root) as study:
        rows = [f"{row.path} {row.outcome}" for row in study.store.inbox.files()]
    sys.stdout.write("\n".join([f"pauses {looks}", *rows]) + "\n")


if __name__ == "__main__":
    main()
