"""The invented study's view with every panel filled by hand, so that the page's tests see all of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from voc_pipeline.report import panels, shapes
from voc_pipeline.report.panels import Finding, ThemeLink
from voc_pipeline.report.shapes import Fact, TextPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.shapes import Quote, ReportView, ThemeSection

RECORDING = "https://recordings.example/call.mp3#t=111"
STAGES = ("Discover", "Evaluate", "Purchase", "Onboard", "Use", "Support", "Renew")
QUESTIONS = ("Tell me about the months after it arrived.", "And when something breaks?", "Would you recommend them?")


def filled(view: ReportView) -> ReportView:
    """Fill every panel."""
    families = tuple(
        dataclasses.replace(family, themes=tuple(_theme(theme) for theme in family.themes)) for family in view.families
    )
    view = dataclasses.replace(view, families=families)
    themes = themes_of(view)
    return dataclasses.replace(
        view,
        status_note="A machine applied the codebook and nobody has signed this report yet.",
        findings=_findings(themes),
        decisions=(
            panels.Decision("1 file needs somebody to say who asks and who answers.", "Name the speakers", "coverage"),
            panels.Decision("3 mentions stand below the confidence floor.", "voc review", ""),
        ),
        journey=tuple(_stage(name, themes[place : place + 8]) for place, name in enumerate(STAGES)),
        statements=(
            panels.StatementGroup("problem", "Problems", "What is not working.", _statements(themes[:5])),
            panels.StatementGroup(
                "desired_outcome", "Desired outcomes", "A better end state.", _statements(themes[5:8])
            ),
            panels.StatementGroup("solution_request", "Solution requests", "Guesses at an answer.", ()),
        ),
        lenses=(panels.Lens("Six fits", tuple(_lens_part(theme) for theme in themes[:6])),),
        advocacy=_advocacy(themes),
        accounts=_accounts(themes),
        grid=_grid(themes),
        saturation=_saturation(),
        checklists=_checklists(),
    )


def themes_of(view: ReportView) -> list[ThemeSection]:
    """List the view's themes in the order of the page."""
    return [theme for family in view.families for theme in family.themes]


def quotes_of(theme: ThemeSection) -> tuple[Quote, ...]:
    """List all quotes of a theme."""
    return (*theme.quotes, *theme.more_quotes)


def _ids(theme: ThemeSection) -> tuple[str, ...]:
    return tuple(quote.quote_id for quote in quotes_of(theme))


def _link(theme: ThemeSection) -> ThemeLink:
    return ThemeLink(theme.name, theme.anchor)


def _theme(theme: ThemeSection) -> ThemeSection:
    """Give a theme a recording, a companion and, if it has three quotes, one against it."""
    first = dataclasses.replace(theme.quotes[0], recording=RECORDING)
    against = _ids(theme)[-1:] if len(_ids(theme)) > 2 else ()
    return dataclasses.replace(
        theme,
        quotes=(first, *theme.quotes[1:]),
        against=against,
        against_note="" if against else "Nobody spoke against it.",
        together=(shapes.Together(theme.name, theme.anchor, "3 of 12", "no more than chance gives"),),
    )


def _findings(themes: Sequence[ThemeSection]) -> panels.FindingsPanel:
    busiest = max(themes, key=lambda theme: len(_ids(theme)))
    found = Finding(
        _link(busiest), "reach", "was raised by 9 of 12 participants (75%, 95% interval 47\N{EN DASH}91%).",
        "Even the lower end is close to half.", _ids(busiest)[:2], _ids(busiest)[-1:],
    )  # fmt: skip
    pattern = Finding(
        _link(themes[0]), "segment", "was raised by 2 of 3 physicians and 2 of 9 others.", "q = 0.81.",
        _ids(themes[0])[:1], (), "About 14 interviews in each group would show it.",
    )  # fmt: skip
    return panels.FindingsPanel("One finding stands.", (found,), "Worth asking about next.", (pattern,))


def _stage(name: str, themes: Sequence[ThemeSection]) -> panels.JourneyStage:
    rows = tuple(
        panels.StageTheme(_link(theme), str(place + 1), place, theme.tone, theme.net_sentiment, _ids(theme)[:3])
        for place, theme in enumerate(themes)
    )
    first = themes[0]
    return panels.JourneyStage(
        name, "what happens there", first.reach, first.sentiments, first.net_sentiment, first.tone, rows
    )


def _statements(themes: Sequence[ThemeSection]) -> tuple[panels.StatementTheme, ...]:
    return tuple(panels.StatementTheme(_link(theme), theme.reach.text, theme.mentions, _ids(theme)) for theme in themes)


def _lens_part(theme: ThemeSection) -> panels.LensPart:
    return panels.LensPart(theme.name, (_link(theme),), theme.reach, theme.sentiments, theme.net_sentiment, theme.tone)


def _advocacy(themes: Sequence[ThemeSection]) -> panels.AdvocacyPanel:
    rows = tuple(
        panels.AdvocacyRow(_link(theme), theme.reach, theme.reach, "+0.50", "\N{MINUS SIGN}0.75", "q = 0.80")
        for theme in themes[:4]
    )
    return panels.AdvocacyPanel(
        "\N{MINUS SIGN}10",
        "\N{MINUS SIGN}55 to +35",
        "3 promoters and 4 detractors among 10.",
        rows,
        "Fisher's exact test.",
    )


def _accounts(themes: Sequence[ThemeSection]) -> panels.AccountsPanel:
    lines = tuple(
        panels.AccountLine(
            quote.participant_id, quote.segments, "USD 100,000", Fact("Goodwill", "\N{MINUS SIGN}0.40", "negative"),
            Fact("Political capital", ""), Fact("Abandonment", "+0.30", "positive"), "0.70", 10 - place, "USD 70,000",
            (quote.quote_id,),
        )
        for place, quote in enumerate(theme.quotes[0] for theme in themes[:6])
    )  # fmt: skip
    return panels.AccountsPanel(
        "Value at stake = value times strain.", "USD 420,000 in all.", lines, "One participant each."
    )


def _grid(themes: Sequence[ThemeSection]) -> panels.GridPanel:
    firsts = {quote.participant_id: quote for theme in themes for quote in theme.quotes}
    cells = tuple(
        panels.GridCell(quote.turn_key, (TextPart(quote.text[:60]),), (_link(themes[0]),)) for quote in firsts.values()
    )
    unasked = panels.GridCell("", (), ())
    rows = tuple(
        panels.GridRow((TextPart(question),), "asked of 11 of 12", (*cells[:place], unasked, *cells[place + 1 :]))
        for place, question in enumerate(QUESTIONS, start=1)
    )
    return panels.GridPanel("Questions that ask the same stand together.", tuple(firsts), rows)


def _saturation() -> panels.SaturationPanel:
    lines = (
        panels.SaturationLine("", "All", "12", "19 of 20", "5%", 1, "0.3", "Close to saturated."),
        panels.SaturationLine("Role", "Procurement", "3", "8 of 20", "50%", 5, "2.1", "One more adds most here."),
    )
    return panels.SaturationPanel("The last 3 interviews brought 1 new theme.", lines, "Guest, Namey and Chen (2020).")


def _checklists() -> tuple[panels.Checklist, ...]:
    items = (
        panels.ChecklistItem("1", "Which author conducted the interview?", ""),
        panels.ChecklistItem("12", "How many participants were in the study?", "12"),
    )
    return (panels.Checklist("COREQ", "Tong, Sainsbury and Craig 2007", items),)
