"""Who plays which part in a call. Where that can't be told, the file waits for a person and nothing is coded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voc_pipeline.errors import AttentionError
from voc_pipeline.ingest import labels
from voc_pipeline.ingest.metadata import Metadata
from voc_pipeline.ingest.proposals import Proposal, propose_roles, roster_csv, roster_line
from voc_pipeline.records import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voc_pipeline.config import SpeakersSection
    from voc_pipeline.ingest.roster import Roster, RosterRow
    from voc_pipeline.records import RawTranscript

__all__ = ["Cast", "Part", "Proposal", "assign_roles", "propose_roles", "roster_csv"]

_SHOWN = 12  # labels in one message


@dataclass(frozen=True, slots=True)
class Part:
    """A speaker's part, the roster's participant id (None: none given) and a participant's attributes."""

    role: Role
    participant_id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cast:
    """The part of every label of a transcript; "" stands for text without a label."""

    parts: Mapping[str, Part]

    def role(self, label: str) -> Role:
        """Part that a label plays."""
        return self.parts[label].role

    def participant(self, label: str) -> str | None:
        """Participant id that the roster or front matter gives; None where there is none."""
        return self.parts[label].participant_id

    def attributes(self, label: str) -> Mapping[str, str]:
        """Attributes of a participant; empty for others."""
        return self.parts[label].attributes

    def attribute(self, name: str) -> str:
        """Value of an attribute that all participants of the transcript share; else empty."""
        values = {part.attributes.get(name, "") for part in self.parts.values() if part.role is Role.PARTICIPANT}
        return next(iter(values)) if len(values) == 1 else ""

    @property
    def names(self) -> tuple[str, ...]:
        """Labels that are names of persons, sorted."""
        return tuple(sorted(label for label in self.parts if not labels.is_generic_label(label)))


def assign_roles(
    raw: RawTranscript, *, path: str, roster: Roster, settings: SpeakersSection, metadata: Metadata | None = None
) -> Cast:
    """Tell interviewer, participants and observers apart.

    In this order: the roster's rows, sidecar and front matter, voc.toml, labels that say it by themselves, the roster's
    row without a label for the only one left; then, if all but one speaker are settled as others, that one is the
    participant, and if one participant, no interviewer and one speaker is left, that one is the interviewer.

    Args:
        raw: The transcript.
        path: Posix path relative to the inbox.
        roster: The study's roster.
        settings: Labels with the same part in every transcript.
        metadata: Front matter, sidecar and folders.

    Raises:
        AttentionError: A speaker's part can't be told, or nobody is a participant. The hint holds rows to paste.
    """
    known = Metadata() if metadata is None else metadata
    present = list(dict.fromkeys(utterance.speaker or "" for utterance in raw.utterances))
    rows = {label: roster.match(path, label or labels.UNLABELLED) for label in present}
    roles = {label: _told(label, present, row=rows[label], settings=settings, known=known) for label in present}
    respondent = roster.match(path, "")
    _infer(roles, alone=respondent is not None)
    if None in roles.values():
        what = "it can't be told who is interviewer and who is participant" + _silent(roster, path, present)
        raise _attention(raw, path, roles, what)
    participants = [label for label, role in roles.items() if role is Role.PARTICIPANT]
    if not participants:
        raise _attention(raw, path, roles, "none of its speakers is a participant")
    if respondent is not None and len(participants) > 1 and not all(rows[label] for label in participants):
        what = f"the roster's row {respondent.number} is about its only respondent, but there are {len(participants)}"
        raise _attention(raw, path, roles, what)
    only = respondent if len(participants) == 1 else None
    parts = {
        label: _part(role, [row for row in (only, rows[label]) if row], known, alone=len(participants) == 1)
        for label, role in roles.items()
        if role is not None
    }
    return Cast(parts)


def _told(
    label: str, present: list[str], *, row: RosterRow | None, settings: SpeakersSection, known: Metadata
) -> Role | None:
    """Take the first source that says a label's part."""
    if row is not None and row.role is not None:
        return row.role
    key = labels.key_of(label)
    if key in known.roles:
        return known.roles[key]
    for role in Role:
        if key in map(labels.key_of, getattr(settings, role.value)):
            return role
    return labels.role_of_label(label, present) if label else None


def _infer(roles: dict[str, Role | None], *, alone: bool) -> None:
    """Settle the one speaker who is left, in place. Text without a label beside labelled speech is never coded."""
    if "" in roles and len(roles) > 1 and roles[""] is None:
        roles[""] = Role.OBSERVER
    left = [label for label, role in roles.items() if role is None]
    participants = [role for role in roles.values() if role is Role.PARTICIPANT]
    if len(left) != 1:
        return
    [label] = left
    named = not labels.is_anonymous(label) or alone
    if not participants and named and (alone or len(roles) > 1):
        roles[label] = Role.PARTICIPANT
    elif len(participants) == 1 and Role.INTERVIEWER not in roles.values() and not labels.is_anonymous(label):
        roles[label] = Role.INTERVIEWER


def _part(role: Role, rows: list[RosterRow], known: Metadata, *, alone: bool) -> Part:
    """Gather a participant's id and attributes; later rows win over earlier ones, and rows over metadata."""
    if role is not Role.PARTICIPANT:
        return Part(role)
    attributes = dict(known.attributes)
    participant_id = known.participant_id if alone else ""
    for row in rows:
        attributes.update(row.attributes)
        participant_id = row.participant_id or participant_id
    return Part(role, participant_id or None, attributes)


def _attention(raw: RawTranscript, path: str, roles: Mapping[str, Role | None], what: str) -> AttentionError:
    proposals = propose_roles(raw)[:_SHOWN]
    speakers = "; ".join(f"{one.label!r}: {one.words} words, {one.question_share:.0%} questions" for one in proposals)
    lines = []
    for one in proposals:
        label = "" if one.label == labels.UNLABELLED else one.label
        role = Role.PARTICIPANT if not label else roles.get(label) or one.proposed_role
        lines.append(roster_line(f"inbox/{path}", label, "", role.value if role else ""))
    # The reason is published, so it names nobody; the hint is for the person at the study.
    return AttentionError(
        what,
        where=path,
        hint=f"Its speakers: {speakers}.\n"
        "Say it in inbox/participants.csv: add these rows under the header file,speaker,participant_id,"
        "role_in_call and check the last column (interviewer, participant or observer):\n" + "\n".join(lines),
    )


def _silent(roster: Roster, path: str, present: list[str]) -> str:
    """Name the labels of the roster's rows about this very file who say nothing in it: a slip of the pen, mostly."""
    spoken = {labels.key_of(label) for label in present}
    rows = [row for row in roster.about(path) if row.names_one_file and row.speaker]
    missing = [row for row in rows if labels.key_of(row.speaker) not in spoken]
    return "".join(f"; the roster's row {row.number} names somebody who says nothing here" for row in missing)
