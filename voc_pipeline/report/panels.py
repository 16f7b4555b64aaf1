"""The frozen parts of the view beyond themes: findings, journey, statements, lenses, advocacy, accounts, grid, method.

As in ``shapes``: shares, positions and widths are in percent (0..100), everything else that reads as a number is text,
an empty text means that there is nothing to say. ``anchor`` names the theme's section; ``quotes`` are quote ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc_pipeline.report.shapes import Fact, Reach, SegmentValue, Slice, TextPart


@dataclass(frozen=True, slots=True)
class ThemeLink:
    """A theme's name and the fragment id of its section."""

    name: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence with its numbers and how far to trust it; ``text`` reads on after the theme's name.

    ``quotes`` are up to two that show it, ``against`` up to one against it; no quote stands in two findings.
    """

    theme: ThemeLink
    kind: str
    text: str
    hedge: str
    quotes: tuple[str, ...]
    against: tuple[str, ...]
    needed: str = ""


@dataclass(frozen=True, slots=True)
class FindingsPanel:
    """The first screen: what stands, and if little does, the patterns worth testing and what that would take."""

    sentence: str
    findings: tuple[Finding, ...]
    patterns_note: str
    patterns: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that waits for a person; ``target`` is a fragment id or empty."""

    text: str
    action: str
    target: str


@dataclass(frozen=True, slots=True)
class StageTheme:
    """One theme in one journey stage."""

    theme: ThemeLink
    participants: str
    level: int
    tone: str
    net_sentiment: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JourneyStage:
    """One stage of the customer's journey with the themes heard in it, most heard first."""

    name: str
    definition: str
    reach: Reach
    sentiments: tuple[Slice, ...]
    net_sentiment: str
    tone: str
    themes: tuple[StageTheme, ...]


@dataclass(frozen=True, slots=True)
class StatementTheme:
    """What was said on one theme as one kind of statement."""

    theme: ThemeLink
    participants: str
    mentions: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementGroup:
    """Problems, desired outcomes or solution requests, each apart from the others."""

    kind: str
    name: str
    note: str
    themes: tuple[StatementTheme, ...]


@dataclass(frozen=True, slots=True)
class LensPart:
    """One part of a lens: the themes that make it and how it stands."""

    name: str
    themes: tuple[ThemeLink, ...]
    reach: Reach
    sentiments: tuple[Slice, ...]
    net_sentiment: str
    tone: str


@dataclass(frozen=True, slots=True)
class Lens:
    """A way to read several themes together."""

    name: str
    parts: tuple[LensPart, ...]


@dataclass(frozen=True, slots=True)
class AdvocacyRow:
    """A theme among promoters and among detractors."""

    theme: ThemeLink
    promoters: Reach
    detractors: Reach
    net_promoters: str
    net_detractors: str
    note: str


@dataclass(frozen=True, slots=True)
class AdvocacyPanel:
    """The net promoter score with its interval, and what either side speaks of."""

    nps: str
    interval: str
    sentence: str
    rows: tuple[AdvocacyRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account; signals are net sentiments as text with their tone, empty when not heard."""

    participant_id: str
    segments: tuple[SegmentValue, ...]
    value: str
    goodwill: Fact
    political_capital: Fact
    abandonment: Fact
    strain: str
    level: int
    value_at_stake: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountsPanel:
    """Accounts by what is at stake; ``formula`` says how."""

    formula: str
    total: str
    lines: tuple[AccountLine, ...]
    note: str


@dataclass(frozen=True, slots=True)
class GridCell:
    """One participant's answer: where it begins, how it begins, and the themes in it. Empty when not asked."""

    turn_key: str
    excerpt: tuple[TextPart, ...]
    themes: tuple[ThemeLink, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One question and the answers to it, a cell a participant in the grid's order."""

    question: tuple[TextPart, ...]
    asked: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class GridPanel:
    """Questions by respondents."""

    note: str
    participants: tuple[str, ...]
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True)
class SaturationLine:
    """How much the last interviews of a segment still added; ``level`` 0..10 colours the share of new themes."""

    attribute: str
    value: str
    interviews: str
    themes: str
    new_information: str
    level: int
    next_interview: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SaturationPanel:
    """Saturation over all and by segment, and where one more interview is expected to add most."""

    sentence: str
    lines: tuple[SaturationLine, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item of a reporting guideline; ``answer`` is empty where a person must write it."""

    number: str
    item: str
    answer: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """COREQ or SRQR, filled in from the run as far as a machine can."""

    name: str
    source: str
    items: tuple[ChecklistItem, ...]


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A turn that quotes stand in or beside. ``key`` is ``t3-17``: the third transcript's turn 17.

    Turns of one transcript follow each other by number; the turns around a quote are those of its key's neighbours.
    """

    key: str
    speaker: str
    role: str
    parts: tuple[TextPart, ...]
