"""Builds the frozen view of a run. Every number and sentence of the report is made here, none in a renderer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voc_pipeline.records import Outcome, Role
from voc_pipeline.report import appendix, wording
from voc_pipeline.report.heat import heat_table
from voc_pipeline.report.quotes import QuoteMaker
from voc_pipeline.report.rows import Tables
from voc_pipeline.report.sections import ThemeSections, ranking_row
from voc_pipeline.report.shapes import Fact, FamilySection, HeatTable, RankingRow, ReportView
from voc_pipeline.report.standouts import standouts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from voc_pipeline.ids import PassageId
    from voc_pipeline.records import Codebook, Theme

NOT_SCREENED = "not screened"
Heard = tuple[tuple["Theme", str], ...]


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """Everything a report is made of.

    Args:
        title: Title of the study.
        run_id: The run that made the tables.
        published_at: ISO moment with its zone; injected, so that the same inputs give the same bytes.
        status: ``draft`` or ``released``.
        codebook: What the themes mean, in which order.
        tables: Every contract table by name, as ``voc_pipeline.tables`` describes them.
        attributes: Participant attributes that make segments, in the order to show.
        small_base: Segments of fewer participants are marked.
        quotes_per_theme: Quotes of a theme that stand open.
        replaced: How many spans were replaced by placeholders.
        topics_examples: Transcript id, turn, start and end of each passage that ``topics.examples`` names.
        uncovered: Ids of themes of the codebook that the coder does not know.
        method: Facts to print as they are: codebook, encoder, coder version, stage versions.
        notes: Further sentences on limits of this run.
        adverse_events: What was done about adverse events.
    """

    title: str
    run_id: str
    published_at: str
    status: str
    codebook: Codebook
    tables: Mapping[str, pd.DataFrame]
    attributes: tuple[str, ...]
    small_base: int
    quotes_per_theme: int
    replaced: int
    topics_examples: Mapping[PassageId, appendix.Place] = field(default_factory=dict)
    uncovered: tuple[str, ...] = ()
    method: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    adverse_events: str = NOT_SCREENED


def build_view(inputs: ReportInputs) -> ReportView:
    """Compute the report.

    Raises:
        VocError: A table or column is missing, or a mention's offsets do not give its quote.
    """
    tables = Tables(inputs.tables)
    anchors = wording.Anchors()
    quotes = QuoteMaker(tables, inputs.attributes)
    heard = _heard(inputs, tables, anchors)
    families = _families(inputs, tables, heard, anchors=anchors, quotes=quotes)
    unheard = _unheard(inputs, heard)
    found_topics = appendix.topics(tables, inputs.topics_examples, quotes)
    sentence, gap = appendix.coverage_sentences(tables.transcripts, tables.base)
    names = {theme.theme_id: (theme.name, anchor) for _, themes in heard for theme, anchor in themes}
    return ReportView(
        title=inputs.title,
        run_id=inputs.run_id,
        published=wording.long_date(inputs.published_at),
        published_at=inputs.published_at,
        status=inputs.status,
        coverage_sentence=sentence,
        coverage_gap=gap,
        adverse_events=inputs.adverse_events,
        key_figures=_key_figures(inputs, tables, len(names)),
        standouts=standouts(tables, names, inputs.attributes),
        ranking=_ranking(families),
        heat_tables=_heat_tables(inputs, tables, heard, anchors),
        families=families,
        unheard=unheard,
        unheard_note=f"{wording.label(wording.zero_note(tables.base))}." if unheard else "",
        uncovered=tuple(theme.name for theme in inputs.codebook.themes if theme.theme_id in inputs.uncovered),
        topics=found_topics,
        topics_note=appendix.topics_note(found_topics),
        scores=appendix.scores(tables.scores),
        coverage=appendix.coverage(tables.transcripts),
        principles=appendix.principles(
            small_base=inputs.small_base, waiting=len(tables.waiting), replaced=inputs.replaced
        ),
        facts=_facts(inputs),
        notes=inputs.notes,
    )


def _heard(inputs: ReportInputs, tables: Tables, anchors: wording.Anchors) -> tuple[tuple[str, Heard], ...]:
    """Group the themes that were heard by family, the codebook's order of families, most heard first in each."""
    position = {theme.theme_id: number for number, theme in enumerate(inputs.codebook.themes)}
    found: dict[str, list[Theme]] = {key: [] for key in inputs.codebook.families}
    for theme in inputs.codebook.themes:
        total = tables.totals.get(theme.theme_id)
        if total is not None and total.participants > 0:
            found.setdefault(theme.family, []).append(theme)

    def order(theme: Theme) -> tuple[int, int, int]:
        total = tables.totals[theme.theme_id]
        return (-total.participants, -total.mentions, position[theme.theme_id])

    return tuple(
        (
            inputs.codebook.families.get(key, key) or "Themes",
            tuple((theme, anchors.make("theme", theme.theme_id)) for theme in sorted(themes, key=order)),
        )
        for key, themes in found.items()
        if themes
    )


def _unheard(inputs: ReportInputs, heard: Sequence[tuple[str, Heard]]) -> tuple[str, ...]:
    known = {theme.theme_id for _, themes in heard for theme, _ in themes} | set(inputs.uncovered)
    return tuple(theme.name for theme in inputs.codebook.themes if theme.theme_id not in known)


def _families(
    inputs: ReportInputs,
    tables: Tables,
    heard: Sequence[tuple[str, Heard]],
    *,
    anchors: wording.Anchors,
    quotes: QuoteMaker,
) -> tuple[FamilySection, ...]:
    sections = ThemeSections(
        tables,
        inputs.codebook,
        attributes=inputs.attributes,
        quotes=quotes,
        quotes_per_theme=inputs.quotes_per_theme,
        small_base=inputs.small_base,
    )
    return tuple(
        FamilySection(
            name, anchors.make("family", name), tuple(sections.make(theme, anchor) for theme, anchor in themes)
        )
        for name, themes in heard
    )


def _ranking(families: Sequence[FamilySection]) -> tuple[RankingRow, ...]:
    rows = [(section, family.name) for family in families for section in family.themes]
    rows.sort(key=lambda pair: -pair[0].reach.point)  # stable: ties keep the codebook's order
    return tuple(ranking_row(section, family) for section, family in rows)


def _heat_tables(
    inputs: ReportInputs, tables: Tables, heard: Sequence[tuple[str, Heard]], anchors: wording.Anchors
) -> tuple[HeatTable, ...]:
    return tuple(
        heat_table(
            attribute,
            tables.by_attribute[attribute],
            tables.totals,
            families=heard,
            anchor=anchors.make("segments", attribute),
            small_base=inputs.small_base,
        )
        for attribute in inputs.attributes
        if heard and attribute in tables.by_attribute
    )


def _key_figures(inputs: ReportInputs, tables: Tables, heard: int) -> tuple[Fact, ...]:
    spoken = sum(len(turn.text.split()) for turn in tables.turns if turn.role_in_call == Role.PARTICIPANT)
    interviews = sum(row.outcome == Outcome.CODED for row in tables.transcripts)
    prompted = Counter(mention.prompted for mention in tables.mentions)
    volunteered = wording.percent(prompted[False] / prompted.total()) if prompted else ""
    figures = (
        Fact("Participants", wording.whole_number(tables.base), f"in {wording.counted(interviews, 'interview')}"),
        Fact("Words they spoke", wording.whole_number(spoken), "interviewers not counted"),
        Fact("Themes heard", f"{heard} of {len(inputs.codebook.themes)}", "of the codebook"),
        Fact("Mentions", wording.whole_number(prompted.total()), "one theme in one turn"),
        Fact("Volunteered", volunteered, "of mentions, without being asked"),
    )
    return tuple(figure for figure in figures if figure.value)


def _facts(inputs: ReportInputs) -> tuple[Fact, ...]:
    return (
        Fact("Run", inputs.run_id),
        *(Fact(wording.label(key), value) for key, value in inputs.method.items()),
    )
