"""What is known of an interview besides its words: front matter, a sidecar file, the folders it lies in.

Precedence: roster (see roster.py), sidecar, front matter, folders. All values are strings: "007" and "NA" stay.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import yaml

from voc_pipeline.errors import AttentionError, LaterError, RefusedError
from voc_pipeline.ids import digest
from voc_pipeline.ingest import labels, zips
from voc_pipeline.records import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAX_YAML_CHARS = 64_000
_MAX_FRONT_LINES = 200
_MAX_DEPTH = 4
SPEAKER_PREFIX = "speakers."
"""In flat metadata, ``speakers.Dana = "participant"`` stands for ``speakers: {Dana: participant}``."""
LIST_MARK = "\n"  # between the names of a list: no label holds a line end

PERSONAL_COLUMNS = frozenset((
    "name", "full_name", "fullname", "first_name", "firstname", "last_name", "lastname", "surname",
    "family_name", "given_name", "respondent_name",
    "participant_name", "speaker_name", "interviewee", "interviewee_name", "contact", "contact_name", "email",
    "e_mail", "mail", "email_address", "phone", "telephone", "mobile", "phone_number", "address", "street",
    "linkedin", "date_of_birth",
))  # fmt: skip
"""Fields and roster columns that identify a person: never attributes. `is_personal` knows more spellings."""

_ROLE_FIELDS = {
    "interviewer": Role.INTERVIEWER, "interviewers": Role.INTERVIEWER, "moderator": Role.INTERVIEWER,
    "participant": Role.PARTICIPANT, "participants": Role.PARTICIPANT, "respondent": Role.PARTICIPANT,
    "respondents": Role.PARTICIPANT, "interviewee": Role.PARTICIPANT,
    "observer": Role.OBSERVER, "observers": Role.OBSERVER,
}  # fmt: skip
_NAMED_THINGS = frozenset((
    "brand", "business", "city", "clinic", "company", "country", "department", "device", "dir", "employer", "facility",
    "file", "folder", "guide", "hospital", "industry", "institution", "instrument", "interview", "lab", "laboratory",
    "language", "market", "meeting", "model", "module", "organisation", "organization", "plan", "product", "project",
    "recording", "region", "role", "segment", "session", "site", "software", "state", "study", "supplier", "system",
    "team", "tool", "topic", "university", "vendor",
))  # fmt: skip
_KEY = re.compile(r"[^\W\d][\w .-]{0,60}")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What front matter, sidecar and folders say. ``roles`` maps a label's key (`labels.key_of`) to its part."""

    roles: Mapping[str, Role] = field(default_factory=dict)
    participant_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @property
    def interview_date(self) -> str:
        """The day of the interview as it was written; empty when nobody gave it."""
        return self.attributes.get("interview_date", "")


class _Strings(yaml.BaseLoader):
    """YAML whose scalars all stay strings; without aliases, which make a small file huge."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not accepted")
        return super().compose_node(parent, index)


def column_key(name: str) -> str:
    """Bring a field or column name into one spelling: ``Full Name`` and ``full-name`` are ``full_name``."""
    return re.sub(r"[\s-]+", "_", name.strip().casefold())


def is_personal(name: str) -> bool:
    """Tell fields whose values identify a person: contacts, parts in the call, names of all but things."""
    key = column_key(name)
    if key in PERSONAL_COLUMNS or key in _ROLE_FIELDS or "email" in key or "e_mail" in key or "phone" in key:
        return True
    bearer = next((key.removesuffix(ending) for ending in ("_name", "_names") if key.endswith(ending)), "")
    return bearer != "" and bearer.rpartition("_")[2] not in _NAMED_THINGS


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """Take YAML front matter off the head of a text.

    Returns:
        Its fields, flat, and the text below; no fields and the whole text where there is no front matter. A block
        that is no mapping of field names, or with nothing below it, is text.
    """
    lines = text.lstrip("\ufeff").split("\n")
    if lines[0].rstrip() != "---":
        return {}, text
    end = next((at for at, line in enumerate(lines[:_MAX_FRONT_LINES]) if at and line.rstrip() in {"---", "..."}), 0)
    body = "\n".join(lines[end + 1 :])
    if not end or not body.strip():
        return {}, text
    try:
        return parse_fields("\n".join(lines[1:end])), body
    except ValueError:
        return {}, text


def parse_fields(text: str) -> dict[str, str]:
    """Read a YAML mapping of fields to texts, lists of texts, and ``speakers: {label: part}``.

    Raises:
        ValueError: Not YAML, too large, aliases, a field twice, or another shape. The message holds no value.
    """
    if len(text) > MAX_YAML_CHARS:
        msg = f"it has more than {MAX_YAML_CHARS:,} characters"
        raise ValueError(msg)
    loader = _Strings(text)
    try:
        node = loader.get_single_node()
        _check_node(node)
        data = loader.construct_document(node) if node is not None else {}
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        msg = f"it is not YAML{f' (line {mark.line + 1})' if mark else ''}"
        raise ValueError(msg) from None
    finally:
        loader.dispose()
    return _flat(data)


def _check_node(node: yaml.Node | None, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        msg = f"it is nested deeper than {_MAX_DEPTH} levels"
        raise ValueError(msg)
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(keys) != len(set(keys)) or len(keys) != len(node.value):
            msg = f"line {node.start_mark.line + 1}: every field is a word and stands once"
            raise ValueError(msg)
        for _, value in node.value:
            _check_node(value, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _check_node(value, depth + 1)


def _flat(data: object) -> dict[str, str]:
    if not isinstance(data, dict):
        msg = "it is no mapping of fields ('region: EMEA')"
        raise ValueError(msg)  # noqa: TRY004 (callers take one kind of error)
    fields: dict[str, str] = {}
    for name, value in data.items():
        if not _KEY.fullmatch(name):
            msg = "a field's name begins with a letter and has at most 60 letters, digits, blanks, - and _"
            raise ValueError(msg)
        if column_key(name) == "speakers" and isinstance(value, dict):
            fields.update({f"{SPEAKER_PREFIX}{label}": str(part) for label, part in value.items()})
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            mark = LIST_MARK if column_key(name) in _ROLE_FIELDS else ", "
            fields[name.strip()] = mark.join(value)
        elif isinstance(value, str):
            fields[name.strip()] = value.strip()
        else:
            msg = f"field {name!r} holds neither a text nor a list of texts"
            raise ValueError(msg)
    return fields


def sidecar_of(file: Path) -> Path | None:
    """Find the sidecar of a transcript: ``a.txt.yaml``, else ``a.yaml`` (or ``.yml``), beside it or in its archive."""
    for base in (file.name, file.stem):
        for suffix in (".yaml", ".yml"):
            path = file.with_name(base + suffix)
            with suppress(OSError):  # a name so long that no sidecar's name could be
                if (path.is_file() and not path.is_symlink()) or _member(path):
                    return path
    return None


def _member(path: Path) -> zips.Member | None:
    """Find a file that lies in an archive, if there is such a one and it can be taken."""
    place = zips.inside(path)
    if place is not None:
        archive, name = place
        with suppress(OSError, RefusedError, LaterError):
            return next((item for item in zips.members(archive) if item.name == name and not item.problem), None)
    return None


def _sidecar_bytes(path: Path) -> bytes:
    place = zips.inside(path)
    return zips.member_bytes(*place) if place else path.read_bytes()


def sidecar_fingerprint(file: Path) -> str:
    """Hash the sidecar of a transcript: part of the key of reading it. Empty when there is none."""
    path = sidecar_of(file)
    try:
        if path is None:
            return ""
        member = _member(path)
        return digest(path.name, member.sha256 if member else path.read_bytes())
    except OSError:
        return "unreadable"


def load_sidecar(file: Path) -> dict[str, str]:
    """Read the sidecar of a transcript as flat fields; empty when there is none.

    Raises:
        AttentionError: It can't be read, or is not YAML of the accepted shape.
        LaterError: The archive it lies in can't be read now.
    """
    path = sidecar_of(file)
    if path is None:
        return {}
    hint = "Write one 'field: value' a line, 'interviewer: Name', or 'speakers: {Name: participant}'"
    try:
        return parse_fields(_sidecar_bytes(path)[: 4 * MAX_YAML_CHARS + 4].decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise AttentionError("its sidecar is not UTF-8", hint="Save it as UTF-8") from None
    except OSError as error:
        raise AttentionError(f"its sidecar can't be read: {error.strerror}", hint=hint) from None
    except ValueError as error:
        raise AttentionError("its sidecar is wrong", hint=f"{error}. {hint}") from None


def collect_metadata(inbox: Path, path: str, front: Mapping[str, str], folders: Sequence[str] = ()) -> Metadata:
    """Merge what is known of a transcript from sidecar, front matter and folders, in this order of precedence.

    Args:
        inbox: The inbox folder.
        path: The transcript's posix path relative to it.
        front: Flat fields that its reader found in the file (`front_matter`).
        folders: Attribute that each level of folders stands for, outermost first; an empty name skips a level.

    Raises:
        AttentionError: The sidecar is wrong, or a speaker's part is none of the three.
    """
    levels = PurePosixPath(path).parts[:-1]
    fields = {name: level for name, level in zip(folders, levels, strict=False) if name}
    layers = (front, load_sidecar(inbox / path))
    roles: dict[str, Role] = {}
    names: list[str] = []
    attributes = dict(fields)
    participant_id = ""
    for layer in layers:
        roles.update(_roles(layer, path))
        for name, value in layer.items():
            key = column_key(name)
            if name.startswith(SPEAKER_PREFIX):
                continue
            if is_personal(name):
                names.extend(item for item in value.split(LIST_MARK) if item and not labels.is_generic_label(item))
            elif key == "participant_id":
                participant_id = value
            elif value and key not in {"file", "role_in_call"}:
                attributes[key if key == "interview_date" else name] = value
    return Metadata(roles, participant_id, attributes, tuple(dict.fromkeys(names)))


def _roles(fields: Mapping[str, str], path: str) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    for name, value in fields.items():
        if name.startswith(SPEAKER_PREFIX):
            roles[labels.key_of(name.removeprefix(SPEAKER_PREFIX))] = _role(value, path)
        elif (role := _ROLE_FIELDS.get(column_key(name))) is not None:
            roles.update({labels.key_of(item): role for item in value.split(LIST_MARK) if item.strip()})
    return roles


def _role(value: str, path: str) -> Role:
    role = _ROLE_FIELDS.get(column_key(value))
    if role is None:
        raise AttentionError(
            "'speakers' in its front matter or sidecar gives a part that is none of the three",
            where=path,
            hint=f"Found {value[:30]!r}, accepted: {', '.join(Role)}",
        )
    return role
