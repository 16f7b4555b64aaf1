"""The frozen view of a run: all that a renderer prints, numbers and sentences already made.

Shares, positions and widths of charts are in percent (0..100); everything else that reads as a number is text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc_pipeline.report.panels import (
        AccountsPanel,
        AdvocacyPanel,
        Checklist,
        Decision,
        FindingsPanel,
        GridPanel,
        JourneyStage,
        Lens,
        SaturationPanel,
        SpokenTurn,
        StatementGroup,
    )


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of verbatim text: ``lead + body + tail``.

    A placeholder such as ``[PERSON_7F3A9C]`` is split into ``[``, ``PERSON`` and ``_7F3A9C]``.
    """

    body: str
    lead: str = ""
    tail: str = ""
    placeholder: bool = False


@dataclass(frozen=True, slots=True)
class SegmentValue:
    """A participant's value of one attribute."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a participant with all that is needed to find them again.

    ``quote_id`` is the mention's id (a topic's passage id), short enough for a fragment; ``turn_key`` names its turn in
    ``ReportView.turns`` and ``start``, ``end`` its place there (code points). ``recording`` is a link to that second,
    empty without one.
    """

    quote_id: str
    text: str
    parts: tuple[TextPart, ...]
    participant_id: str
    segments: tuple[SegmentValue, ...]
    source_file: str
    turn: int
    time: str
    sentiment: str
    remarks: tuple[str, ...]
    stage: str
    type: str
    prompted: bool
    turn_key: str
    start: int
    end: int
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a bar that adds up to 100."""

    kind: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Reach:
    """How many participants: ``text`` is ``10 of 12``; the rest places a dot and its interval on 0..100."""

    text: str
    share: str
    interval: str
    point: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class StandoutItem:
    """One sentence about a theme: its name (a link), what is said of it, and how far to trust it."""

    theme: str
    anchor: str
    text: str
    hedge: str = ""


@dataclass(frozen=True, slots=True)
class Standout:
    """What stands out under one heading."""

    kicker: str
    items: tuple[StandoutItem, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class HeatColumn:
    """A segment."""

    value: str
    base: str
    small: bool


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One theme in one segment, in three measures; ``quotes`` (ids) are what stands behind it.

    ``level`` 0..10 colours the share, ``volunteered_level`` the share that spoke of it unasked, ``tone_level`` -5..5
    the net sentiment (None when nobody spoke); ``note`` is what the number is worth.
    """

    value: str
    participants: int
    base: int
    level: int
    small: bool
    note: str
    volunteered: int
    volunteered_level: int
    net_sentiment: str
    tone_level: int | None
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One theme over the segments of an attribute; the first cell is everyone."""

    theme: str
    anchor: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatGroup:
    """A family of themes."""

    family: str
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True, slots=True)
class HeatTable:
    """Themes by the segments of one attribute."""

    attribute: str
    anchor: str
    columns: tuple[HeatColumn, ...]
    groups: tuple[HeatGroup, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One theme in one segment, in full."""

    attribute: str
    value: str
    reach: Reach
    small: bool
    sentiment: str
    q_value: str
    note: str


@dataclass(frozen=True, slots=True)
class Together:
    """Another theme that the same participants raise; ``note`` says whether that is more than chance gives."""

    theme: str
    anchor: str
    participants: str
    note: str


@dataclass(frozen=True, slots=True)
class ThemeSection:
    """Everything about a theme that was heard. ``against`` are ids of quotes that speak against its prevailing tone."""

    theme_id: str
    anchor: str
    name: str
    definition: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    reach: Reach
    volunteered: str
    mentions: str
    sentiments: tuple[Slice, ...]
    net_sentiment: str
    net_interval: str
    tone: str
    stages: tuple[Fact, ...]
    types: tuple[Fact, ...]
    segments: tuple[SegmentLine, ...]
    quotes: tuple[Quote, ...]
    more_quotes: tuple[Quote, ...]
    more_label: str
    against: tuple[str, ...]
    against_note: str
    together: tuple[Together, ...]
    waiting: str


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One theme in the ranking by reach."""

    theme: str
    anchor: str
    family: str
    reach: Reach
    volunteered: str
    sentiments: tuple[Slice, ...]
    net_sentiment: str
    tone: str


@dataclass(frozen=True, slots=True)
class FamilySection:
    """A family and its themes that were heard, most heard first."""

    name: str
    anchor: str
    themes: tuple[ThemeSection, ...]


@dataclass(frozen=True, slots=True)
class TopicSection:
    """A topic that was discovered outside the codebook."""

    label: str
    terms: str
    size: str
    stability: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class ScoreColumn:
    """How many participants gave one score; ``height`` is relative to the fullest column."""

    score: int
    count: int
    height: float
    group: str


@dataclass(frozen=True, slots=True)
class ScoreSection:
    """Likelihood to recommend, one score a participant."""

    sentence: str
    columns: tuple[ScoreColumn, ...]
    groups: tuple[Fact, ...]
    note: str


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """What became of one file."""

    source_file: str
    outcome: str
    kind: str
    size: str
    reason: str
    action: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """The whole report. Renderers print it and decide nothing."""

    title: str
    run_id: str
    published: str
    published_at: str
    status: str
    status_note: str
    coverage_sentence: str
    coverage_gap: str
    adverse_events: str
    key_figures: tuple[Fact, ...]
    findings: FindingsPanel
    decisions: tuple[Decision, ...]
    standouts: tuple[Standout, ...]
    ranking: tuple[RankingRow, ...]
    heat_tables: tuple[HeatTable, ...]
    families: tuple[FamilySection, ...]
    unheard: tuple[str, ...]
    unheard_note: str
    uncovered: tuple[str, ...]
    journey: tuple[JourneyStage, ...]
    statements: tuple[StatementGroup, ...]
    lenses: tuple[Lens, ...]
    topics: tuple[TopicSection, ...]
    topics_note: str
    scores: ScoreSection | None
    advocacy: AdvocacyPanel | None
    accounts: AccountsPanel | None
    grid: GridPanel | None
    saturation: SaturationPanel | None
    turns: tuple[SpokenTurn, ...]
    coverage: tuple[CoverageLine, ...]
    principles: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    checklists: tuple[Checklist, ...]
    notes: tuple[str, ...]
