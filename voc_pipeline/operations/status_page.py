"""The page that tells a researcher, in the inbox itself, what became of every file. Plain data in, HTML out."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.records import Outcome, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import LossReport, Transcript

MARKER = "<!doctype html><!-- status page of voc_pipeline -->"
"""First line of every page of ours: no other file is ever overwritten or removed."""
WAITING = "waiting"
_STATE = re.compile(r'<meta name="voc-state" content="([0-9a-f]*)">')
_TEMPLATES = Path(__file__).parent / "templates"
_GROUPS = (
    ("These need you", (Outcome.ATTENTION, Outcome.REFUSED), False),
    ("These wait", (WAITING,), False),
    ("Read and coded", (Outcome.CODED,), False),
    ("Copies of others", (Outcome.DUPLICATE,), True),
    ("Older versions, and what was moved or removed", (Outcome.SUPERSEDED,), True),
)


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file as the page shows it. ``words`` is None where no transcript was made of it."""

    path: str
    outcome: str
    reason: str = ""
    hint: str = ""
    words: int | None = None
    speakers: tuple[str, ...] = ()
    loss: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Files of the same kind. ``folded`` ones are shown when somebody asks."""

    title: str
    files: tuple[PageFile, ...]
    folded: bool
    needs_you: bool


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. ``state`` is a hash of what it was made of: the same state needs no new page."""

    title: str
    state: str
    changed_at: str
    counts: str
    groups: tuple[Group, ...]


def make_page(title: str, files: Sequence[PageFile], *, state: str, changed_at: str) -> Page:
    """Sort files into groups, those that need a person first."""
    groups = (
        Group(name, tuple(file for file in files if file.outcome in kinds), folded, Outcome.REFUSED in kinds)
        for name, kinds, folded in _GROUPS
    )
    counts = Counter(str(file.outcome) for file in files)
    return Page(
        title=title,
        state=state,
        changed_at=changed_at,
        counts=", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())),
        groups=tuple(group for group in groups if group.files),
    )


def of_transcript(transcript: Transcript) -> tuple[int, tuple[str, ...], str]:
    """Give words, speakers with their parts and words, and the loss report in words."""
    spoken: Counter[tuple[str, str]] = Counter()
    for turn in transcript.turns:
        part = f"participant {turn.participant_id}" if turn.role_in_call is Role.PARTICIPANT else turn.role_in_call
        spoken[turn.speaker or "(no label)", part] += len(turn.text.split())
    speakers = tuple(f"{speaker}, {part}: {count} words" for (speaker, part), count in spoken.items())
    return transcript.words, speakers, loss_in_words(transcript.loss)


def loss_in_words(loss: LossReport) -> str:
    """Say what the reader did with the file's lines."""
    dropped = sum(count for _, count in loss.dropped)
    why = ", ".join(f"{count} {reason}" for reason, count in loss.dropped)
    text = f"Lines: {loss.lines_seen} seen, {loss.lines_attributed} attributed, {dropped} dropped"
    text += f" ({why})" if why else ""
    return text + f"; speakers inferred for {loss.inferred_speakers}" * bool(loss.inferred_speakers) + "."


def with_warning(reason: str, others: Sequence[str]) -> str:
    """Add to a file's reason that others have nearly its name."""
    names = ", ".join(map(printable, others))
    warning = f"named alike but for capitals or the encoding of accents: {names}. Is one of them an old copy?"
    return "; ".join(filter(None, (reason, warning if others else "")))


def printable(path: str) -> str:
    """Show a file name anywhere: control characters, undecodable bytes and turned directions are escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in path
    )


def state_of(html: str) -> str:
    """Give the state that a page was made of; empty if it tells none."""
    found = _STATE.search(html)
    return found[1] if found else ""


def render(page: Page) -> str:
    """Print the page: self-contained, under a policy that allows its own style and nothing else."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (only a changed page needs it)

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    css = environment.get_template("status.css").render()
    style = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    return environment.get_template("status.html").render(page=page, policy=policy)
