"""One idempotent look at the inbox: which files are new, changed or waiting, and which work is due.

Imports no model and no Prefect: a run with nothing to do is told so at once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.errors import LaterError
from voc_pipeline.ids import TranscriptId
from voc_pipeline.ingest import inbox
from voc_pipeline.operations import delays, keys
from voc_pipeline.operations.hashes import first_paths, source_hash
from voc_pipeline.records import Outcome
from voc_pipeline.report.manifest import LATEST
from voc_pipeline.store import CODE_STAGE, DISCOVER_STAGE, WHOLE_STUDY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from voc_pipeline.operations.study import Study
    from voc_pipeline.store import FileRow


@dataclass(frozen=True, slots=True)
class Due:
    """The work that is due now. ``waiting`` counts files that have not stood still long enough.

    ``later`` holds files whose reading was tried and failed for now; those whose next try is ahead are in no list.
    """

    ingest: tuple[str, ...]
    code: tuple[TranscriptId, ...]
    discover: bool
    publish: bool
    waiting: int
    later: tuple[LaterError, ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.brings_new or self.discover or self.publish)

    @property
    def brings_new(self) -> bool:
        """Say whether files or transcripts are due: what a report is made of, not the report."""
        return bool(self.ingest or self.later or self.code)


def scan(study: Study, *, stable: Iterable[str] | None = None) -> Due:
    """Compare the inbox with the store.

    Args:
        study: The study.
        stable: Paths that a watcher knows to stand still; by default the files whose last change is old enough.

    Raises:
        UsageError: The inbox, or the marker that guards it, is gone: nothing follows from what is missing there.
    """
    found = inbox.scan(study.paths.inbox, study.settings.inbox)
    if stable is None:
        ready = inbox.settled(found, study.settings.inbox.stable_seconds, now=time.time())
    else:
        wanted = set(stable)
        ready = [item for item in found if item.path in wanted or item.kind is not inbox.Kind.FILE]
    ingest, later = _due_paths(study, ready, there={item.path for item in found})
    return Due(
        ingest=tuple(ingest),
        code=due_for_coding(study),
        discover=topics_are_due(study),
        publish=publish_is_due(study),
        waiting=len(found) - len(ready),
        later=tuple(later),
    )


def _due_paths(
    study: Study, ready: Sequence[inbox.Found], *, there: Collection[str]
) -> tuple[list[str], list[LaterError]]:
    """List paths whose state in the store is not what the inbox says now, those that are gone among them.

    Files with the same bytes are one transcript: the first by path is read, the others are its duplicates, whichever
    came first.
    """
    rows = {row.path: row for row in study.store.inbox.files() if row.current}
    waits = study.store.delays.all()
    now = delays.epoch()
    trying = [item for item in ready if item.path not in waits or waits[item.path].is_due(now)]
    hashes, later = _hashes(study, trying)
    first = first_paths(hashes, rows.values(), there)
    due = [
        path
        for path, sha256 in hashes.items()
        if path in waits or not _is_up_to_date(study, rows.get(path), path, sha256=sha256, original=first[sha256])
    ]
    gone = {path for path, row in rows.items() if path not in there and _is_to_retire(row, first)}
    gone |= {path for path in waits if path not in there}
    return sorted({*due, *gone}), later


def _hashes(study: Study, ready: Sequence[inbox.Found]) -> tuple[dict[str, str], list[LaterError]]:
    hashes, later = {}, []
    for item in ready:
        try:
            hashes[item.path] = source_hash(study.paths.inbox, item)
        except FileNotFoundError:
            continue  # vanished or changed since it was found
        except LaterError as error:
            later.append(LaterError(error.what, where=item.path, hint=error.hint))
    return hashes, later


def _is_up_to_date(study: Study, row: FileRow | None, path: str, *, sha256: str, original: str) -> bool:
    if row is None or row.sha256 != sha256:
        return False
    return row.work_key == keys.ingest_key(study, path, sha256, original=original)


def _is_to_retire(row: FileRow, present: Mapping[str, str]) -> bool:
    """What was coded stays when its file vanishes, unless the same bytes stand elsewhere now: it was moved."""
    return row.outcome is not Outcome.CODED or row.sha256 in present


def topics_are_due(study: Study) -> bool:
    """Say whether anything that topics are made of has changed."""
    done = study.store.codings.work_keys(DISCOVER_STAGE).get(WHOLE_STUDY)
    return bool(study.store.inbox.contents()) and done != keys.discover_key(study)


def due_for_coding(study: Study) -> tuple[TranscriptId, ...]:
    """List the current transcripts that have not been coded under today's key."""
    done = study.store.codings.work_keys(CODE_STAGE)
    return tuple(TranscriptId(name) for name, key in sorted(keys.code_keys(study).items()) if done.get(name) != key)


def publish_is_due(study: Study) -> bool:
    """Say whether the newest report still shows what the store holds, and is still there."""
    last = study.store.ledger.last_run()
    if last is None:
        return bool(study.store.inbox.files())
    key, folder = last
    whole = (study.paths.reports / folder / "manifest.json").is_file() and (study.paths.reports / LATEST).is_file()
    return not whole or key != keys.publish_key(study)


def batches(items: Sequence[str], size: int) -> list[list[str]]:
    """Cut a list into batches, so that one task does enough work to be worth its cost."""
    return [list(items[first : first + size]) for first in range(0, len(items), size)]
