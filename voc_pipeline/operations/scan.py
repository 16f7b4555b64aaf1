"""One idempotent look at the inbox: which files are new, changed or waiting, and which work is due.

Imports no model and no Prefect: a run with nothing to do is told so at once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.ingest import inbox
from voc_pipeline.operations import keys
from voc_pipeline.operations.sources import read_source
from voc_pipeline.records import Outcome
from voc_pipeline.store import CODE_STAGE, DISCOVER_STAGE, WHOLE_STUDY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voc_pipeline.ids import TranscriptId
    from voc_pipeline.operations.study import Study
    from voc_pipeline.store import FileRow


@dataclass(frozen=True, slots=True)
class Due:
    """The work that is due now. ``waiting`` counts files that have not stood still long enough."""

    ingest: tuple[str, ...]
    code: tuple[TranscriptId, ...]
    discover: bool
    publish: bool
    waiting: int

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.ingest or self.code or self.discover or self.publish)


def scan(study: Study, *, stable: Iterable[str] | None = None) -> Due:
    """Compare the inbox with the store.

    Args:
        study: The study.
        stable: Paths that a watcher knows to stand still; by default the files whose last change is old enough.
    """
    found = inbox.scan(study.paths.inbox, study.settings.inbox)
    if stable is None:
        ready = inbox.settled(found, study.settings.inbox.stable_seconds, now=time.time())
    else:
        known = set(stable)
        ready = [item for item in found if item.path in known]
    files = study.store.inbox.files()
    return Due(
        ingest=tuple(item.path for item in ready if _is_due(study, item, files)),
        code=due_for_coding(study),
        discover=topics_are_due(study),
        publish=publish_is_due(study),
        waiting=len(found) - len(ready),
    )


def topics_are_due(study: Study) -> bool:
    """Say whether anything that topics are made of has changed."""
    done = study.store.codings.work_keys(DISCOVER_STAGE).get(WHOLE_STUDY)
    return bool(study.store.inbox.files()) and done != keys.discover_key(study)


def due_for_coding(study: Study) -> tuple[TranscriptId, ...]:
    """List the current transcripts that have not been coded under today's key."""
    done = study.store.codings.work_keys(CODE_STAGE)
    settings_key = keys.code_settings_key(study)
    return tuple(
        row.transcript_id
        for row in study.store.inbox.files()
        if row.current
        and row.outcome is Outcome.CODED
        and done.get(row.transcript_id) != keys.code_key(settings_key, row)
    )


def publish_is_due(study: Study) -> bool:
    """Say whether the newest report still shows what the store holds, and is still there."""
    last = study.store.ledger.last_run()
    if last is None:
        return bool(study.store.inbox.files())
    key, folder = last
    whole = (study.paths.reports / folder / "manifest.json").is_file()
    return not whole or key != keys.publish_key(study)


def batches(items: Sequence[str], size: int) -> list[list[str]]:
    """Cut a list into batches, so that one task does enough work to be worth its cost."""
    return [list(items[first : first + size]) for first in range(0, len(items), size)]


def _is_due(study: Study, item: inbox.Found, files: Sequence[FileRow]) -> bool:
    """A file is due unless these very bytes were read at this path under today's key."""
    known = [row for row in files if row.path == item.path and row.current]
    if not known:
        return True
    try:
        source, _ = read_source(study.paths.inbox, item)
    except FileNotFoundError:
        return False  # vanished since the scan
    return known[-1].sha256 != source.sha256 or known[-1].work_key != keys.ingest_key(study, item.path, source.sha256)
