"""Reading files of the inbox: bytes, turns, roles, pseudonyms, store. One bad file never stops the others."""

from __future__ import annotations

import functools
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.errors import AttentionError, RefusedError
from voc_pipeline.ids import ParticipantId, transcript_id
from voc_pipeline.ingest import inbox
from voc_pipeline.ingest.labels import is_generic_label
from voc_pipeline.ingest.metadata import collect_metadata
from voc_pipeline.ingest.reading import read_transcript
from voc_pipeline.ingest.speakers import assign_roles
from voc_pipeline.operations import keys
from voc_pipeline.operations.sources import read_source
from voc_pipeline.passages.pseudonyms import PresidioPseudonymiser
from voc_pipeline.protocols import current_progress
from voc_pipeline.records import Outcome, Participant, Role, Transcript, Turn
from voc_pipeline.store import FileRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.ingest.metadata import Metadata
    from voc_pipeline.ingest.speakers import Cast
    from voc_pipeline.operations.study import Study
    from voc_pipeline.protocols import Pseudonymiser
    from voc_pipeline.records import RawTranscript, ReplacedSpan, SourceFile


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of a file: its real path (for the person at this study), outcome, reason and what to do."""

    path: str
    outcome: Outcome
    reason: str = ""
    hint: str = ""


def ingest(study: Study, paths: Sequence[str]) -> list[FileOutcome]:
    """Read files into the store, each in a transaction of its own.

    Args:
        study: The study.
        paths: Posix paths relative to the inbox, as ``scan`` gives them.

    Returns:
        One outcome a file, in the same order. A file that vanished meanwhile is left out.
    """
    progress = current_progress.get()
    there = {found.path: found for found in inbox.scan(study.paths.inbox, study.settings.inbox)}
    outcomes = []
    for path in paths:
        outcome = _ingest_file(study, there[path]) if path in there else None
        if outcome is not None:
            outcomes.append(outcome)
        progress.advance("ingest")
    return outcomes


def _ingest_file(study: Study, found: inbox.Found) -> FileOutcome | None:
    try:
        source, data = read_source(study.paths.inbox, found)
        if isinstance(data, RefusedError):
            return _save_problem(study, source, Outcome.REFUSED, error=data)
        original = _original_of(study, source)
        if original is not None:
            text = f"the same bytes as {original}"
            study.store.inbox.save(_row(study, source, Outcome.DUPLICATE, reason=text))
            return FileOutcome(found.path, Outcome.DUPLICATE, text)
        return _read_and_save(study, source, data)
    except FileNotFoundError:
        return None


def _read_and_save(study: Study, source: SourceFile, data: bytes) -> FileOutcome:
    path, settings = source.path, study.settings
    try:
        raw = read_transcript(data, name=path)
        metadata = collect_metadata(study.paths.inbox, path, raw.metadata, settings.segments.folders)
        cast = assign_roles(raw, path=path, roster=study.roster, settings=settings.speakers, metadata=metadata)
        _save_transcript(study, source, raw, cast=cast, metadata=metadata)
    except RefusedError as error:
        return _save_problem(study, source, Outcome.REFUSED, error=error)
    except AttentionError as error:
        return _save_problem(study, source, Outcome.ATTENTION, error=error)
    return FileOutcome(path, Outcome.CODED)


def _original_of(study: Study, source: SourceFile) -> str | None:
    """Find another file of the inbox that holds the same bytes, was read before, and still stands there."""
    for row in study.store.inbox.files():
        same = row.sha256 == source.sha256 and row.path != source.path and row.current
        if same and row.outcome is not Outcome.DUPLICATE and (study.paths.inbox / row.path).is_file():
            return row.path
    return None


def _save_transcript(study: Study, source: SourceFile, raw: RawTranscript, *, cast: Cast, metadata: Metadata) -> None:
    labels = list(dict.fromkeys(utterance.speaker or "" for utterance in raw.utterances))
    people = {label: _participant_id(study, source, label, cast) for label in labels}
    pseudonymiser = _pseudonymiser(study.key, study.keep)
    names = [*study.roster.names, *cast.names, *metadata.names]
    (published, _), *replaced = pseudonymiser.pseudonymise(
        [_spoken_path(source.path), *(utterance.text for utterance in raw.utterances)], names=names
    )
    speakers = {
        label: label if is_generic_label(label) else pseudonymiser.placeholder("PERSON", label) for label in labels
    }
    row = _row(study, source, Outcome.CODED, published=published)
    transcript = Transcript(
        transcript_id=transcript_id(source.sha256),
        source_file=published,
        sha256=source.sha256,
        turns=_turns(raw, replaced, cast, speakers=speakers, people=people),
        version=row.version,
        interview_date=cast.attribute("interview_date") or metadata.interview_date,
        loss=raw.loss,
    )
    participants = [
        Participant(person, dict(cast.attributes(label))) for label, person in people.items() if person is not None
    ]
    study.store.inbox.save(row, transcript=transcript, participants=participants)


def _turns(
    raw: RawTranscript,
    replaced: Sequence[tuple[str, tuple[ReplacedSpan, ...]]],
    cast: Cast,
    *,
    speakers: Mapping[str, str],
    people: Mapping[str, ParticipantId | None],
) -> tuple[Turn, ...]:
    """Give each utterance its place in the text of record."""
    turns, position = [], 0
    for number, (utterance, (text, spans)) in enumerate(zip(raw.utterances, replaced, strict=True), start=1):
        label = utterance.speaker or ""
        turns.append(
            Turn(
                number=number,
                speaker=speakers[label],
                role_in_call=cast.role(label),
                text=text,
                record_start=position,
                participant_id=people[label],
                start_seconds=utterance.start_seconds,
                replaced=spans,
            )
        )
        position += len(text) + 1
    return tuple(turns)


def _participant_id(study: Study, source: SourceFile, label: str, cast: Cast) -> ParticipantId | None:
    """The roster's id, else a keyed hash: of a name (the same person in two files), of file and label otherwise."""
    if cast.role(label) is not Role.PARTICIPANT:
        return None
    given = cast.participant(label)
    if given:
        return ParticipantId(given)
    value = f"{source.sha256}:{label}" if is_generic_label(label) else " ".join(label.casefold().split())
    return ParticipantId("P-" + hmac.new(study.key, value.encode(), hashlib.sha256).hexdigest()[:8].upper())


@functools.lru_cache(maxsize=4)
def _pseudonymiser(key: bytes, keep: tuple[str, ...]) -> Pseudonymiser:
    return PresidioPseudonymiser(key, keep)


def _spoken_path(path: str) -> str:
    """Write a path so that names in it can be found: an underscore stands for a space."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("_", " ")


def _published_path(study: Study, path: str) -> str:
    """File names are personal data too: they pass the pseudonymiser."""
    [(text, _)] = _pseudonymiser(study.key, study.keep).pseudonymise([_spoken_path(path)], names=study.roster.names)
    return text


def _row(
    study: Study, source: SourceFile, outcome: Outcome, *, reason: str = "", hint: str = "", published: str = ""
) -> FileRow:
    known = [row for row in study.store.inbox.files() if row.path == source.path]
    again = [row for row in known if row.sha256 == source.sha256]
    return FileRow(
        path=source.path,
        sha256=source.sha256,
        published_path=published or _published_path(study, source.path),
        size=source.size,
        version=again[0].version if again else 1 + max((row.version for row in known), default=0),
        outcome=outcome,
        reason=reason,
        hint=hint,
        work_key=keys.ingest_key(study, source.path, source.sha256),
        first_seen=again[0].first_seen if again else study.now(),
    )


def _save_problem(
    study: Study, source: SourceFile, outcome: Outcome, *, error: RefusedError | AttentionError
) -> FileOutcome:
    study.store.inbox.save(_row(study, source, outcome, reason=error.what, hint=error.hint))
    return FileOutcome(source.path, outcome, error.what, error.hint)
