"""Builds the frozen view of a run. Every number and sentence of the report is made here, none in a renderer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.records import Outcome, Role
from voc_pipeline.report import appendix, wording
from voc_pipeline.report.accounts import accounts_panel
from voc_pipeline.report.advocacy import advocacy_panel
from voc_pipeline.report.checklists import checklists
from voc_pipeline.report.conversation import TurnIndex, spoken_turns
from voc_pipeline.report.decisions import decisions, status_note
from voc_pipeline.report.findings import findings_panel
from voc_pipeline.report.grid import grid_panel
from voc_pipeline.report.heat import HeatTables
from voc_pipeline.report.inputs import ReportInputs
from voc_pipeline.report.journey import journey_stages
from voc_pipeline.report.lenses import lenses
from voc_pipeline.report.material import Material
from voc_pipeline.report.panels import ThemeLink
from voc_pipeline.report.quotes import QuoteMaker
from voc_pipeline.report.rows import Tables
from voc_pipeline.report.saturation import saturation_panel
from voc_pipeline.report.sections import ThemeSections, ranking_row
from voc_pipeline.report.shapes import Fact, FamilySection, HeatTable, RankingRow, ReportView
from voc_pipeline.report.standouts import standouts
from voc_pipeline.report.statements import statement_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import Codebook, Theme
    from voc_pipeline.report.panels import GridPanel, SpokenTurn
    from voc_pipeline.report.shapes import TopicSection

__all__ = ["ReportInputs", "build_view"]

Heard = tuple[tuple[str, tuple["Theme", ...]], ...]


def build_view(inputs: ReportInputs) -> ReportView:
    """Compute the report.

    Raises:
        VocError: A table or column is missing, or a mention's offsets do not give its quote.
    """
    tables = Tables(inputs.tables)
    anchors = wording.Anchors()
    heard = _heard(inputs.codebook, tables)
    material = _material(inputs, tables, heard, anchors)
    families = _families(material, heard, anchors, quotes_per_theme=inputs.quotes_per_theme)
    return _view(inputs, material, families, heat_tables=_heat_tables(material, heard, anchors))


def _view(
    inputs: ReportInputs, material: Material, families: tuple[FamilySection, ...], *, heat_tables: tuple[HeatTable, ...]
) -> ReportView:
    tables = material.tables
    topics = appendix.topics(tables, inputs.topics_examples, material.quotes)
    grid, findings, unheard = grid_panel(material), findings_panel(material), _unheard(inputs, material)
    sentence, gap = appendix.coverage_sentences(tables.transcripts, tables.base)
    return ReportView(
        title=inputs.title,
        run_id=inputs.run_id,
        published=wording.long_date(inputs.published_at),
        published_at=inputs.published_at,
        status=inputs.status,
        status_note=status_note(material, inputs),
        coverage_sentence=sentence,
        coverage_gap=gap,
        adverse_events=inputs.adverse_events,
        key_figures=_key_figures(inputs, tables, len(material.links)),
        findings=findings,
        decisions=decisions(material, inputs),
        standouts=standouts(tables, material.links),
        ranking=_ranking(families),
        heat_tables=heat_tables,
        families=families,
        unheard=unheard,
        unheard_note=f"{wording.label(wording.zero_note(tables.base))}." if unheard else "",
        uncovered=tuple(one.name for one in inputs.codebook.themes if one.theme_id in inputs.uncovered),
        journey=journey_stages(material),
        statements=statement_groups(material),
        lenses=lenses(material),
        topics=topics,
        topics_note=appendix.topics_note(topics),
        scores=appendix.scores(tables.scores),
        advocacy=advocacy_panel(material),
        accounts=accounts_panel(material),
        grid=grid,
        saturation=saturation_panel(material),
        turns=_turns(tables, families, topics, grid),
        coverage=appendix.coverage(tables.transcripts),
        principles=_principles(inputs, tables),
        facts=_facts(inputs),
        checklists=checklists(material, inputs, findings.sentence),
        notes=inputs.notes,
    )


def _principles(inputs: ReportInputs, tables: Tables) -> tuple[Fact, ...]:
    return appendix.principles(small_base=inputs.small_base, waiting=len(tables.waiting), replaced=inputs.replaced)


def _material(inputs: ReportInputs, tables: Tables, heard: Heard, anchors: wording.Anchors) -> Material:
    themes = [theme for _, family in heard for theme in family]
    return Material(
        tables=tables,
        codebook=inputs.codebook,
        attributes=inputs.attributes,
        small_base=inputs.small_base,
        quotes=QuoteMaker(tables, inputs.attributes),
        links={theme.theme_id: ThemeLink(theme.name, anchors.make("theme", theme.theme_id)) for theme in themes},
    )


def _heard(codebook: Codebook, tables: Tables) -> Heard:
    """Group the themes that were heard by family, the codebook's order of families, most heard first in each."""
    position = {theme.theme_id: number for number, theme in enumerate(codebook.themes)}
    found: dict[str, list[Theme]] = {key: [] for key in codebook.families}
    for theme in codebook.themes:
        total = tables.totals.get(theme.theme_id)
        if total is not None and total.participants > 0:
            found.setdefault(theme.family, []).append(theme)

    def order(theme: Theme) -> tuple[int, int, int]:
        total = tables.totals[theme.theme_id]
        return (-total.participants, -total.mentions, position[theme.theme_id])

    return tuple(
        (codebook.families.get(key, key) or "Themes", tuple(sorted(themes, key=order)))
        for key, themes in found.items()
        if themes
    )


def _unheard(inputs: ReportInputs, material: Material) -> tuple[str, ...]:
    known = {*material.links, *inputs.uncovered}
    return tuple(theme.name for theme in inputs.codebook.themes if theme.theme_id not in known)


def _families(
    material: Material, heard: Heard, anchors: wording.Anchors, *, quotes_per_theme: int
) -> tuple[FamilySection, ...]:
    sections = ThemeSections(material, quotes_per_theme=quotes_per_theme)
    return tuple(
        FamilySection(name, anchors.make("family", name), tuple(sections.make(theme) for theme in themes))
        for name, themes in heard
    )


def _turns(
    tables: Tables, families: Sequence[FamilySection], found_topics: Sequence[TopicSection], grid: GridPanel | None
) -> tuple[SpokenTurn, ...]:
    themes = [theme for family in families for theme in family.themes]
    cells = [cell for row in grid.rows for cell in row.cells] if grid is not None else []
    return spoken_turns(
        TurnIndex(tables.turns),
        [quote.turn_key for part in (themes, found_topics) for section in part for quote in section.quotes],
        [quote.turn_key for theme in themes for quote in theme.more_quotes],
        answers=[cell.turn_key for cell in cells if cell.turn_key],
    )


def _heat_tables(material: Material, heard: Heard, anchors: wording.Anchors) -> tuple[HeatTable, ...]:
    maker = HeatTables(material, heard)
    return tuple(
        maker.make(attribute, anchors.make("segments", attribute))
        for attribute in material.attributes
        if heard and attribute in material.tables.by_attribute
    )


def _ranking(families: Sequence[FamilySection]) -> tuple[RankingRow, ...]:
    rows = [(section, family.name) for family in families for section in family.themes]
    rows.sort(key=lambda pair: -pair[0].reach.point)  # stable: ties keep the codebook's order
    return tuple(ranking_row(section, family) for section, family in rows)


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
