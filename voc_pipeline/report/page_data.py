"""What the page's script works with: every quote and turn once, and which quotes stand behind a number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from markupsafe import Markup

from voc_pipeline.report.page_links import recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voc_pipeline.report.panels import SpokenTurn
    from voc_pipeline.report.shapes import Fact, HeatCell, Quote, ReportView, TextPart, ThemeSection

Row = list[object]
Facts = list[list[str]]
# < and > can end or open markup, & starts an entity, the two separators end a line of script
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"}


def opened_quotes(view: ReportView) -> dict[str, Quote]:
    """Give every quote of the view by its id."""
    return {quote.quote_id: quote for _, quote in _quotes(view)}


def island(data: object) -> Markup:
    """Write data as JSON that can stand in a script element: it holds no ``<``, so nothing in it ends the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(_ESCAPES))  # noqa: S704 (no <, > or & is left in it)


class PageData:
    """Makes the page's data. Whatever repeats is kept once and named by its place in a list.

    Args:
        view: The report.
    """

    def __init__(self, view: ReportView) -> None:
        self._view = view
        self._turns = {turn.key: place for place, turn in enumerate(view.turns)}
        self._places: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._segments: list[Facts] = []
        self._shared: dict[tuple[str, ...], int] = {}

    def island(self) -> Markup:
        """Write turns, quotes and sets of quotes as the content of a script element."""
        quotes = [self._quote(theme, quote) for theme, quote in self._numbered_quotes()]
        sets = {
            key: [*head, [self._places[one] for one in ids if one in self._places]] for key, head, ids in self._sets()
        }
        return island(
            {
                "themes": [[theme.name, theme.anchor] for theme in _themes(self._view)],
                "people": [[person, self._segments[place]] for person, place in self._people.items()],
                "shared": list(self._shared),
                "quotes": quotes,
                "sets": sets,
                "turns": [_turn(turn) for turn in self._view.turns],
            }
        )

    def _numbered_quotes(self) -> Iterator[tuple[int, Quote]]:
        for theme, quote in _quotes(self._view):
            if quote.quote_id not in self._places:
                self._places[quote.quote_id] = len(self._places)
                yield theme, quote

    def _quote(self, theme: int, quote: Quote) -> Row:
        turn = self._turns.get(quote.turn_key)
        place: Row = [turn, quote.start, quote.end] if turn is not None else [-1, _parts(quote.parts)]
        said = (quote.sentiment, *quote.remarks)
        source = (quote.source_file, str(quote.turn), quote.time, recording(quote.recording))
        asked = int(quote.prompted)
        return [quote.quote_id, theme, self._person(quote), self._share(said), self._share(source), asked, *place]

    def _person(self, quote: Quote) -> int:
        if quote.participant_id not in self._people:
            self._people[quote.participant_id] = len(self._people)
            self._segments.append([[segment.attribute, segment.value] for segment in quote.segments])
        return self._people[quote.participant_id]

    def _share(self, texts: tuple[str, ...]) -> int:
        return self._shared.setdefault(texts, len(self._shared))

    def _sets(self) -> Iterator[tuple[str, Row, Sequence[str]]]:
        yield from _heat_sets(self._view)
        yield from _stage_sets(self._view)
        yield from _statement_sets(self._view)
        yield from _account_sets(self._view)


def _themes(view: ReportView) -> list[ThemeSection]:
    return [theme for family in view.families for theme in family.themes]


def _quotes(view: ReportView) -> Iterator[tuple[int, Quote]]:
    """Give each quote with the number of its theme, -1 for a topic's."""
    for number, theme in enumerate(_themes(view)):
        for quote in (*theme.quotes, *theme.more_quotes):
            yield number, quote
    for topic in view.topics:
        for quote in topic.quotes:
            yield -1, quote


def _turn(turn: SpokenTurn) -> Row:
    return [turn.key, turn.role or turn.speaker, _parts(turn.parts)]


def _parts(parts: Sequence[TextPart]) -> Row:
    return [[part.lead, part.body, part.tail] if part.placeholder else part.body for part in parts]


def _heat_sets(view: ReportView) -> Iterator[tuple[str, Row, Sequence[str]]]:
    for place, table in enumerate(view.heat_tables):
        for group, heat_group in enumerate(table.groups):
            for line, row in enumerate(heat_group.rows):
                for column, cell in enumerate(row.cells):
                    kicker = f"{table.attribute}: {cell.value}" if column else "All participants"
                    yield (
                        f"heat-{place}-{group}-{line}-{column}",
                        [kicker, row.theme, _cell_facts(cell), cell.note],
                        cell.quotes,
                    )


def _cell_facts(cell: HeatCell) -> Facts:
    facts = [["Raised it", f"{cell.participants} of {cell.base}"]]
    if cell.participants:
        facts += [["Unasked", f"{cell.volunteered} of {cell.base}"], ["Net sentiment", cell.net_sentiment]]
    return facts


def _stage_sets(view: ReportView) -> Iterator[tuple[str, Row, Sequence[str]]]:
    for place, stage in enumerate(view.journey):
        for line, row in enumerate(stage.themes):
            facts = [["Participants", row.participants], ["Net sentiment", row.net_sentiment]]
            yield f"stage-{place}-{line}", [f"Journey stage: {stage.name}", row.theme.name, facts, ""], row.quotes


def _statement_sets(view: ReportView) -> Iterator[tuple[str, Row, Sequence[str]]]:
    for place, group in enumerate(view.statements):
        for line, row in enumerate(group.themes):
            facts = [["Participants", row.participants], ["Mentions", row.mentions]]
            yield f"statement-{place}-{line}", [group.name, row.theme.name, facts, ""], row.quotes


def _account_sets(view: ReportView) -> Iterator[tuple[str, Row, Sequence[str]]]:
    for place, line in enumerate(view.accounts.lines if view.accounts else ()):
        facts = [
            ["Account value", line.value],
            *map(_signal, (line.goodwill, line.political_capital, line.abandonment)),
        ]
        told = [fact for fact in facts if fact[1]]
        yield f"account-{place}", ["Account", line.participant_id, told, ""], line.quotes


def _signal(fact: Fact) -> list[str]:
    return [fact.label, fact.value]
