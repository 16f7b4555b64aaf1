"""Reading files of the inbox: bytes, turns, roles, pseudonyms, store. One bad file never stops the others."""

from __future__ import annotations

import functools
import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voc_pipeline.errors import AttentionError, LaterError, RefusedError, VocError
from voc_pipeline.ids import ParticipantId, transcript_id
from voc_pipeline.ingest import inbox, languages, taking
from voc_pipeline.ingest.labels import is_generic_label
from voc_pipeline.ingest.metadata import collect_metadata, column_key
from voc_pipeline.ingest.sandbox import shared
from voc_pipeline.ingest.speakers import assign_roles
from voc_pipeline.operations import keys
from voc_pipeline.operations.delays import postpone
from voc_pipeline.operations.hashes import first_paths, source_hash
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


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to read: the key is made before its roster, sidecar and bytes are used, so it can't be too new."""

    study: Study
    source: SourceFile
    key: str


def ingest(study: Study, paths: Sequence[str]) -> list[FileOutcome]:
    """Read files into the store, each in a transaction of its own.

    Args:
        study: The study.
        paths: Posix paths relative to the inbox, as ``scan`` gives them.

    Returns:
        One outcome a file, in the same order. A path that is gone from the inbox is retired and left out.
    """
    progress = current_progress.get()
    there = {found.path: found for found in inbox.scan(study.paths.inbox, study.settings.inbox)}
    first = _first_of_each(study, paths, there)
    outcomes = []
    for path in paths:
        if path in there:
            try:
                outcome = _ingest_file(study, there[path], first)
            except LaterError as error:
                postpone(study, error, path)
                outcome = None
            outcomes += [outcome] if outcome else []
        else:
            study.store.inbox.retire(path, reason="the file was moved or removed")
        progress.advance("ingest")
    return outcomes


def _first_of_each(study: Study, paths: Sequence[str], there: Mapping[str, inbox.Found]) -> dict[str, str]:
    """Map each hash in the inbox to the first path that holds it. What is not to be read now stands in the store."""
    hashes = {}
    for item in (there[path] for path in paths if path in there):
        with suppress(FileNotFoundError, LaterError):
            hashes[item.path] = source_hash(study.paths.inbox, item)
    return first_paths(hashes, study.store.inbox.files(), there)


def _ingest_file(study: Study, found: inbox.Found, first: Mapping[str, str]) -> FileOutcome | None:
    try:
        source, data = read_source(study.paths.inbox, found)
    except FileNotFoundError:
        return None
    original = first.get(source.sha256, source.path)
    job = _Job(study, source, keys.ingest_key(study, source.path, source.sha256, original=original))
    if original != source.path:
        same = RefusedError(f"the same bytes as {_published_path(study, original)}")
        return _save_problem(job, Outcome.DUPLICATE, same)
    if isinstance(data, RefusedError):
        return _save_problem(job, Outcome.REFUSED, data)
    return _read_and_save(job, data)


def _read_and_save(job: _Job, data: bytes) -> FileOutcome:
    study, path = job.study, job.source.path
    labels: tuple[str, ...] = ()
    try:
        raw = read_raw(study, path, data)
        labels = tuple(utterance.speaker for utterance in raw.utterances if utterance.speaker)
        metadata = collect_metadata(study.paths.inbox, path, raw.metadata, study.settings.segments.folders)
        metadata = _without_names(study, metadata)
        _refuse_foreign(job, raw, metadata)
        cast = cast_of(study, path, raw, metadata=metadata)
        _save_transcript(job, raw, cast=cast, metadata=metadata)
    except languages.ForeignLanguageError as error:
        return _save_problem(job, Outcome.REFUSED, error, names=labels, language=error.language)
    except RefusedError as error:
        return _save_problem(job, Outcome.REFUSED, error)
    except AttentionError as error:
        return _save_problem(job, Outcome.ATTENTION, error, names=labels)
    except VocError:
        raise
    except Exception as error:  # noqa: BLE001 (no file may stop the others, whatever it brings to light)
        if isinstance(error, OSError) and (passing := taking.later(error, where=path)):  # a full disk is no verdict
            raise passing from None
        hint = "Remove the file, or tell whoever maintains voc-pipeline"
        return _save_problem(job, Outcome.REFUSED, RefusedError(f"reading failed ({type(error).__name__})", hint=hint))
    return FileOutcome(path, Outcome.CODED)


def read_raw(study: Study, path: str, data: bytes) -> RawTranscript:
    """Read a file's bytes with the study's readers, in a process of its own. Raises what `Sandbox.read` does."""
    return shared().read(data, name=path, options=study.settings.formats.options())


def cast_of(study: Study, path: str, raw: RawTranscript, *, metadata: Metadata) -> Cast:
    """Tell who plays which part in a file. Raises what `assign_roles` does."""
    return assign_roles(raw, path=path, roster=study.roster, settings=study.settings.speakers, metadata=metadata)


def _refuse_foreign(job: _Job, raw: RawTranscript, metadata: Metadata) -> None:
    """Refuse what is not English, judged on what respondents say, or on all that is said while nobody knows who is who.

    Raises:
        ForeignLanguageError: Clearly another language, and nobody says otherwise.
    """
    said = {column_key(name): value.casefold() for name, value in metadata.attributes.items()}
    if said.get("language", "").startswith(languages.ENGLISH):  # en, en-GB, English
        return
    try:
        cast = cast_of(job.study, job.source.path, raw, metadata=metadata)
        heard = [piece.text for piece in raw.utterances if cast.role(piece.speaker or "") is Role.PARTICIPANT]
    except AttentionError:
        heard = [piece.text for piece in raw.utterances]
    languages.refuse_foreign(" ".join(heard), where=job.source.path)


def _without_names(study: Study, metadata: Metadata) -> Metadata:
    """Pseudonymise what front matter and sidecar say of a participant; dates of interviews stay."""
    open_fields = {name: value for name, value in metadata.attributes.items() if name != "interview_date"}
    if not open_fields:
        return metadata
    names = [*study.roster.names, *metadata.names]
    replaced = _pseudonymiser(study.key, study.keep).pseudonymise(list(open_fields.values()), names=names)
    cleaned = {name: text for name, (text, _) in zip(open_fields, replaced, strict=True)}
    return replace(metadata, attributes={**metadata.attributes, **cleaned})


def _save_transcript(job: _Job, raw: RawTranscript, *, cast: Cast, metadata: Metadata) -> None:
    study, source = job.study, job.source
    people = _people(study, source, raw, cast)
    names = [*study.roster.names, *cast.names, *metadata.names]
    (published, _), *replaced = _pseudonymiser(study.key, study.keep).pseudonymise(
        [_spoken_path(source.path), *(utterance.text for utterance in raw.utterances)], names=names
    )
    row = _row(job, Outcome.CODED, published=published)
    transcript = Transcript(
        transcript_id=transcript_id(source.sha256),
        source_file=published,
        sha256=source.sha256,
        turns=turns_of(study, source, raw=raw, replaced=replaced, cast=cast),
        version=row.version,
        interview_date=cast.attribute("interview_date") or metadata.interview_date,
        loss=raw.loss,
    )
    attributes: dict[ParticipantId, dict[str, str]] = {}
    for label, person in people.items():  # one person may have two labels: a call that was cut and came back
        if person is not None:
            attributes[person] = {**cast.attributes(label), **attributes.get(person, {})}
    participants = [Participant(person, values) for person, values in attributes.items()]
    study.store.inbox.save(row, transcript=transcript, participants=participants)


def _people(study: Study, source: SourceFile, raw: RawTranscript, cast: Cast) -> dict[str, ParticipantId | None]:
    """Map each label, in order of speech, to its participant's id; None for others."""
    labels = dict.fromkeys(utterance.speaker or "" for utterance in raw.utterances)
    return {label: _participant_id(study, source, label, cast) for label in labels}


def turns_of(
    study: Study,
    source: SourceFile,
    *,
    raw: RawTranscript,
    replaced: Sequence[tuple[str, tuple[ReplacedSpan, ...]]],
    cast: Cast,
) -> tuple[Turn, ...]:
    """Give each utterance its speaker, who that is, and its place in the text of record.

    Args:
        study: The study.
        source: The file.
        raw: What was read of it.
        replaced: The text of record of each utterance, with the spans of its placeholders.
        cast: Who plays which part.
    """
    people = _people(study, source, raw, cast)
    name = _pseudonymiser(study.key, study.keep).placeholder
    speakers = {label: label if is_generic_label(label) else name("PERSON", label) for label in people}
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


def _published_path(study: Study, path: str, names: Sequence[str] = ()) -> str:
    """File names are personal data too: they pass the pseudonymiser."""
    known = [*study.roster.names, *(name for name in names if not is_generic_label(name))]
    [(text, _)] = _pseudonymiser(study.key, study.keep).pseudonymise([_spoken_path(path)], names=known)
    return text


def _row(
    job: _Job, outcome: Outcome, *, published: str, problem: VocError | None = None, language: str = ""
) -> FileRow:
    known = job.study.store.inbox.files_at(job.source.path)
    again = [row for row in known if row.sha256 == job.source.sha256]
    return FileRow(
        path=job.source.path,
        sha256=job.source.sha256,
        published_path=published,
        size=job.source.size,
        version=again[0].version if again else 1 + max((row.version for row in known), default=0),
        outcome=outcome,
        reason=problem.what if problem else "",
        hint=problem.hint if problem else "",
        work_key=job.key,
        first_seen=again[0].first_seen if again else job.study.now(),
        language=language,
    )


def _save_problem(
    job: _Job, outcome: Outcome, problem: VocError, *, names: Sequence[str] = (), language: str = ""
) -> FileOutcome:
    published = _published_path(job.study, job.source.path, names)
    job.study.store.inbox.save(_row(job, outcome, published=published, problem=problem, language=language))
    return FileOutcome(job.source.path, outcome, problem.what, problem.hint)
