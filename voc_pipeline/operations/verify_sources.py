"""Proves turns.csv against the files of the inbox: each is read again and its stored replacements are put in.

What can't be read the same way any more is no fault of the report: it is listed as unchecked.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from voc_pipeline.errors import AttentionError, LaterError, RefusedError
from voc_pipeline.ingest import inbox
from voc_pipeline.ingest.metadata import collect_metadata
from voc_pipeline.operations import keys
from voc_pipeline.operations.hashes import source_hash
from voc_pipeline.operations.ingest import cast_of, read_raw, turns_of
from voc_pipeline.operations.sources import read_source
from voc_pipeline.operations.verdicts import Tally, described, records
from voc_pipeline.records import Outcome
from voc_pipeline.report.csv_tables import shortest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    import pandas as pd

    from voc_pipeline.ingest.inbox import Found
    from voc_pipeline.operations.study import Study
    from voc_pipeline.operations.verdicts import Check
    from voc_pipeline.records import SourceFile, Transcript, Turn

_HINT = "The file is as it was when it was read, so the report was changed, or what the study stores of it"


class _UncheckableError(Exception):
    """A file can't be compared; says why."""


@dataclass(frozen=True, slots=True)
class _Difference:
    """Where a turn is not what its file says, and how."""

    turn: int
    what: str


def check_sources(study: Study, frames: Mapping[str, pd.DataFrame]) -> tuple[Check, list[str]]:
    """Compare every coded transcript of a report with its file.

    Returns:
        The check, which counts turns, and what could not be compared, with the reason.
    """
    tally, unchecked = Tally("sources"), ["attributes in participants.csv: the roster may change after a run"]
    said: dict[str, list[Mapping[str, Any]]] = {}
    for row in records(frames["turns"]):
        said.setdefault(row["transcript_id"], []).append(row)
    stored = {transcript.transcript_id: transcript for transcript in study.store.inbox.transcripts()}
    there = _there(study)
    for row in records(frames["transcripts"]):
        if row["outcome"] != Outcome.CODED:
            continue
        name = row["transcript_id"]
        try:
            differences = list(_compare(study, there.get(row["sha256"]), stored.get(name), said.get(name, [])))
        except _UncheckableError as reason:
            unchecked.append(f"{row['source_file']}: {reason}")
            continue
        tally.checked += len(said.get(name, []))
        for one in differences:
            tally.fault(one.what, f"turns.csv, {name}, turn {one.turn}", _HINT)
    return tally.check(), unchecked


def _there(study: Study) -> dict[str, Found]:
    """Find the files of the inbox by their hash; where two have the same bytes, the first by path was read."""
    found: dict[str, Found] = {}
    for item in sorted(inbox.scan(study.paths.inbox, study.settings.inbox), key=lambda item: item.path):
        with suppress(FileNotFoundError, LaterError):
            found.setdefault(source_hash(study.paths.inbox, item), item)
    return found


def _compare(
    study: Study, found: Found | None, stored: Transcript | None, said: Sequence[Mapping[str, Any]]
) -> Iterator[_Difference]:
    if found is None:
        raise _UncheckableError("its file is gone from the inbox, or has changed since")
    if stored is None:
        raise _UncheckableError("the study no longer stores which of its words were replaced")
    source, data = _taken(study, found)
    as_it_was = _is_read_as_it_was(study, source)
    try:
        differences = list(_differences(said, _read_again(study, source, data, stored=stored)))
    except (RefusedError, AttentionError) as error:
        differences = [_Difference(1, f"the file gives no transcript any more: {error.what}")]
    if differences and not as_it_was:
        raise _UncheckableError("readers, settings or roster have changed since it was read, and it reads differently")
    yield from differences


def _taken(study: Study, found: Found) -> tuple[SourceFile, bytes]:
    try:
        source, data = read_source(study.paths.inbox, found)
    except (FileNotFoundError, LaterError):
        raise _UncheckableError("its file can't be read now") from None
    if isinstance(data, RefusedError):
        raise _UncheckableError("its file can't be read now")
    return source, data


def _is_read_as_it_was(study: Study, source: SourceFile) -> bool:
    """Say whether all that shapes reading is as it was when the file was read last."""
    key = keys.ingest_key(study, source.path, source.sha256, original=source.path)
    return any(row.work_key == key for row in study.store.inbox.files_at(source.path) if row.sha256 == source.sha256)


def _read_again(study: Study, source: SourceFile, data: bytes, *, stored: Transcript) -> tuple[Turn, ...]:
    """Read a file as ingest does, and put the stored replacements in.

    Raises:
        RefusedError: It can't be read, or what was read is not what was stored.
        AttentionError: It can't be told who speaks.
        _UncheckableError: It can't be read now.
    """
    try:
        raw = read_raw(study, source.path, data)
    except LaterError:
        raise _UncheckableError("its file can't be read now") from None
    metadata = collect_metadata(study.paths.inbox, source.path, raw.metadata, study.settings.segments.folders)
    cast = cast_of(study, source.path, raw, metadata=metadata)
    if len(raw.utterances) != len(stored.turns):
        raise RefusedError(f"it has {len(raw.utterances)} turns, {len(stored.turns)} are stored")
    for utterance, turn in zip(raw.utterances, stored.turns, strict=True):
        if not _fits(utterance.text, turn):
            raise RefusedError(f"the words of turn {turn.number} are not those that are stored")
    replaced = [(turn.text, turn.replaced) for turn in stored.turns]
    return turns_of(study, source, raw=raw, replaced=replaced, cast=cast)


def _fits(raw: str, turn: Turn) -> bool:
    """Say whether a raw text gives the text of record once something in it is put for each stored placeholder.

    Only the places of placeholders are stored, not how long the words were: what stands between them must be found in
    the raw text in the same order, from its first character to its last, with something, whatever it is, in every gap.
    """
    edges = [0, *(edge for span in turn.replaced for edge in (span.start, span.end)), len(turn.text)]
    pieces = [turn.text[start:end] for start, end in list(pairwise(edges))[::2]]
    if len(pieces) == 1:
        return raw == turn.text
    first, *middle, last = pieces
    if not raw.startswith(first):
        return False
    position = len(first)
    for piece in middle:  # the earliest place leaves most room for the rest
        position = raw.find(piece, position + 1)
        if position < 0:
            return False
        position += len(piece)
    return raw.endswith(last) and position + 1 <= len(raw) - len(last)


def _differences(said: Sequence[Mapping[str, Any]], turns: Sequence[Turn]) -> Iterator[_Difference]:
    if len(said) != len(turns):
        yield _Difference(min(len(said), len(turns)) + 1, f"{len(said)} turns, the file gives {len(turns)}")
    for row, turn in zip(said, turns, strict=False):
        if row["text"] != turn.text:
            what = f"the words ({described(row['text'])}) are not those of the file ({described(turn.text)})"
            yield _Difference(turn.number, what)
        for name in ("speaker", "role_in_call", "participant_id", "record_start", "start_seconds"):
            if _as_written(row[name]) != _as_written(getattr(turn, name)):
                yield _Difference(turn.number, f"{name} is not what the file and the study give")


def _as_written(value: object) -> str:
    return shortest(value) if isinstance(value, int | float) else str(value or "")
