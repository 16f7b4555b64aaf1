"""report.xlsx: every figure is a number that shows what the page shows; what is no figure stays as it is."""

from __future__ import annotations

import dataclasses
import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.report.figures import count_of, figure, pair
from voc_pipeline.report.panels import AccountsPanel
from voc_pipeline.report.shapes import Fact, ReportView
from voc_pipeline.report.view import ReportInputs, build_view
from voc_pipeline.report.workbook import WorkbookExporter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MINUS = "\N{MINUS SIGN}"
COUNT, SHARE, NET, MONEY = "#,##0", "0%", f'+0.00;"{MINUS}"0.00;0.00', '"$"#,##0'
TALLIES = {"Negative": COUNT, "Mixed": COUNT, "Neutral": COUNT, "Positive": COUNT}
PEOPLE = {"Participants": COUNT, "Of": COUNT}
REACH = PEOPLE | {"Share": SHARE, "From": SHARE, "To": SHARE}
SHEETS: Mapping[str, Mapping[str, str]] = {
    "Themes": REACH | TALLIES | {"Unasked": COUNT, "Mentions": COUNT, "Net": NET, "Net from": NET, "Net to": NET},
    "Journey": REACH | TALLIES | {"Net": NET},
    "Statements": PEOPLE | {"Mentions": COUNT},
    "Lenses": REACH | TALLIES | {"Net": NET},
    "Advocacy": {
        "Promoters": COUNT, "Of promoters": COUNT, "Share of promoters": SHARE, "Detractors": COUNT,
        "Of detractors": COUNT, "Share of detractors": SHARE, "Net of promoters": NET, "Net of detractors": NET,
    },
    "Accounts": {
        "Account value": MONEY, "Goodwill": NET, "Political capital": NET, "Abandonment": NET, "Strain": "0.00",
        "Value at stake": MONEY,
    },
    "Saturation": {"Interviews": COUNT, "Themes": COUNT, "New information": SHARE, "Next interview": "0.0"},
}  # fmt: skip
WORDS = ("Definition", "Definition of the stage", "Tone", "In their words", "Quotes", "What it is worth", "In words")
NO_FIGURES = (
    "not shown", "no one asked", "12 of 12", "9 mentions", "-1.00", "1e5", "007", "1,23", "1,2345", "1.", ".5", "=1+1",
    "\uff11\uff12", "++1", "$", "%", "1 ", "\u0661", "nan", "inf", "1_000", "+", MINUS, "negative", "",
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")  # openpyxl and data bars
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def view(study: Callable[..., ReportInputs]) -> ReportView:
    return build_view(study())


def book_of(view: ReportView, folder: Path) -> Any:
    from openpyxl import load_workbook  # type: ignore[import-untyped] # (no stubs)

    return load_workbook(BytesIO(WorkbookExporter().export(view, folder).read_bytes()))


def table(sheet: Any) -> Rows:
    """Read a sheet's cells by column title; its header is the first row with every cell filled."""
    rows = list(sheet.iter_rows())
    top = next(number for number, row in enumerate(rows) if all(cell.value for cell in row))
    titles = [cell.value for cell in rows[top]]
    assert len(set(titles)) == len(titles)  # a pivot table asks for that
    return [dict(zip(titles, row, strict=True)) for row in rows[top + 1 :]]


def shown(cell: Any) -> str:
    """Write a cell as its number format does."""
    value, style = cell.value, cell.number_format
    if value is None:
        return ""
    assert cell.data_type == "n"
    if style == NET:
        return f"{'+' if value > 0 else MINUS if value < 0 else ''}{abs(value):.2f}"
    forms = {COUNT: f"{value:,}", SHARE: f"{value:.0%}", MONEY: f"${value:,}", "0.00": f"{value:.2f}"}
    return (forms | {"0.0": f"{value:.1f}"})[style]


def column(rows: Rows, title: str) -> list[str]:
    return [shown(row[title]) for row in rows]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+0.12", 0.12), (f"{MINUS}0.22", -0.22), ("0.00", 0.0), ("0", 0), ("12", 12), ("1,234,567", 1_234_567),
        ("$340,000", 340_000), ("$0", 0), ("58%", 0.58), ("0%", 0.0), ("100%", 1.0), ("0.67", 0.67), ("2.7", 2.7),
    ],
)  # fmt: skip
def test_a_text_that_shows_a_number_gives_it(text: str, number: float) -> None:
    assert figure(text) == number


def test_counts_and_money_are_whole_numbers() -> None:
    assert [type(figure(text)) for text in ("12", "1,234", "$340,000")] == [int, int, int]


@pytest.mark.parametrize("text", NO_FIGURES)
def test_a_text_that_shows_no_number_stays_as_it_is(text: str) -> None:
    assert figure(text) == text
    if text != "9 mentions":
        assert count_of(text) == text
    if text != "12 of 12":
        assert pair(text, " of ") == (text, None)


def test_two_numbers_in_a_text_are_taken_apart() -> None:
    assert pair("4 of 12", " of ") == (4, 12)
    assert pair(f"{MINUS}0.21 to +0.46", " to ") == (-0.21, 0.46)
    assert pair("4 of many", " of ") == ("4 of many", None)
    assert pair("4 of 12 of 13", " of ") == ("4 of 12 of 13", None)
    assert count_of("9 mentions") == 9
    assert count_of("1,204 mentions") == 1204


@pytest.mark.parametrize("name", SHEETS)
def test_every_figure_of_a_sheet_is_a_number_with_its_format(view: ReportView, tmp_path: Path, name: str) -> None:
    rows = table(book_of(view, tmp_path)[name])
    assert rows
    for title, form in SHEETS[name].items():
        cells = [row[title] for row in rows]
        assert {cell.number_format for cell in cells} == {form}, title
        filled = [cell for cell in cells if cell.value is not None]
        assert filled, title
        assert {cell.data_type for cell in filled} == {"n"}, title
    texts = [str(cell.value) for row in rows for title, cell in row.items() if title not in {*SHEETS[name], *WORDS}]
    assert not [text for text in texts if re.search(r"\d (of|mention)|\d\.\d|\$\d|\d%", text)]


def test_the_segments_net_sentiments_are_numbers(view: ReportView, tmp_path: Path) -> None:
    book = book_of(view, tmp_path)
    for heat in view.heat_tables:
        width = len(heat.columns)
        rows = [row for row in book[heat.attribute].iter_rows() if isinstance(row[2].value, int)]
        wanted = [[cell.net_sentiment for cell in row.cells] for group in heat.groups for row in group.rows]
        cells = [row[2 + 3 * width :] for row in rows]
        assert [[shown(cell) for cell in row] for row in cells] == wanted
        assert {cell.number_format for row in cells for cell in row} == {NET}
        assert any(text == "" for row in wanted for text in row)  # nobody spoke of it: no number is made up


def test_the_themes_show_what_the_page_shows(view: ReportView, tmp_path: Path) -> None:
    bare = dataclasses.replace(view, heat_tables=())  # a study without attributes: the counts come from the ranking
    sections = {theme.anchor: theme for family in view.families for theme in family.themes}
    for told in (view, bare):
        rows = table(book_of(told, tmp_path)["Themes"])
        assert column(rows, "Net") == [row.net_sentiment for row in view.ranking]
        ends = [
            " to ".join(filter(None, pair))
            for pair in zip(column(rows, "Net from"), column(rows, "Net to"), strict=True)
        ]
        assert ends == [sections[row.anchor].net_interval for row in view.ranking]
        assert [f"{row['Participants'].value} of {row['Of'].value}" for row in rows] == [
            row.reach.text for row in view.ranking
        ]
        assert [f"{row['Unasked'].value} of {row['Participants'].value}" for row in rows] == [
            row.volunteered for row in view.ranking
        ]


def test_journey_lenses_and_statements_show_what_the_page_shows(view: ReportView, tmp_path: Path) -> None:
    book = book_of(view, tmp_path)
    people = {
        name: [f"{row['Participants'].value} of {row['Of'].value}" for row in table(book[name])]
        for name in ("Journey", "Lenses", "Statements")
    }
    nets = [
        text for stage in view.journey for text in (stage.net_sentiment, *(item.net_sentiment for item in stage.themes))
    ]
    parts = [part for lens in view.lenses for part in lens.parts]
    said = [item for group in view.statements for item in group.themes]
    assert people["Journey"] == [
        text for stage in view.journey for text in (stage.reach.text, *(item.participants for item in stage.themes))
    ]
    assert people["Lenses"] == [part.reach.text for part in parts]
    assert people["Statements"] == [item.participants for item in said]
    assert column(table(book["Journey"]), "Net") == nets
    assert column(table(book["Lenses"]), "Net") == [part.net_sentiment for part in parts]
    assert [row["Mentions"].value for row in table(book["Statements"])] == [len(item.quotes) for item in said]


def test_advocacy_and_saturation_show_what_the_page_shows(view: ReportView, tmp_path: Path) -> None:
    book = book_of(view, tmp_path)
    assert view.advocacy
    rows = table(book["Advocacy"])
    for side in ("promoters", "detractors"):
        sides = [f"{row[side.capitalize()].value} of {row[f'Of {side}'].value}" for row in rows]
        assert sides == [getattr(row, side).text for row in view.advocacy.rows]
        assert column(rows, f"Share of {side}") == [getattr(row, side).share for row in view.advocacy.rows]
        assert column(rows, f"Net of {side}") == [getattr(row, f"net_{side}") for row in view.advocacy.rows]
    assert view.saturation
    lines, rows = view.saturation.lines, table(book["Saturation"])
    for title, field in (("Interviews", "interviews"), ("Themes", "themes"), ("New information", "new_information")):
        assert column(rows, title) == [getattr(line, field) for line in lines]
    assert column(rows, "Next interview") == [line.next_interview for line in lines]
    assert "" in column(rows, "New information")  # too few interviews to tell: no number is made up


def test_accounts_show_what_the_page_shows_and_tones_stand_apart(view: ReportView, tmp_path: Path) -> None:
    assert view.accounts
    lines, rows = view.accounts.lines, table(book_of(view, tmp_path)["Accounts"])
    for title, field in (("Account value", "value"), ("Strain", "strain"), ("Value at stake", "value_at_stake")):
        assert column(rows, title) == [getattr(line, field) for line in lines]
    for title, field in (("Goodwill", "goodwill"), ("Political capital", "political_capital")):
        assert column(rows, title) == [getattr(line, field).value for line in lines]
        assert [row[f"{title} tone"].value or "" for row in rows] == [getattr(line, field).note for line in lines]
    assert "" in column(rows, "Account value")
    assert "" in column(rows, "Goodwill")


def test_values_without_a_currency_have_none(view: ReportView, tmp_path: Path) -> None:
    assert view.accounts
    lines = tuple(
        dataclasses.replace(line, value=line.value.lstrip("$"), value_at_stake=line.value_at_stake.lstrip("$"))
        for line in view.accounts.lines
    )
    panel = dataclasses.replace(view.accounts, lines=lines)
    rows = table(book_of(dataclasses.replace(view, accounts=panel), tmp_path)["Accounts"])
    assert {row[title].number_format for row in rows for title in ("Account value", "Value at stake")} == {COUNT}
    assert column(rows, "Account value") == [line.value for line in lines]


def test_what_is_not_shown_is_no_number(view: ReportView, tmp_path: Path) -> None:
    assert view.accounts
    hidden = Fact("Goodwill", "not shown")
    line = dataclasses.replace(view.accounts.lines[0], goodwill=hidden, strain="", value="not shown", value_at_stake="")
    (row,) = table(
        book_of(dataclasses.replace(view, accounts=AccountsPanel("", "", (line,), "")), tmp_path)["Accounts"]
    )
    assert (row["Account value"].value, row["Goodwill"].value) == ("not shown", "not shown")
    assert [row[title].value for title in ("Goodwill tone", "Strain", "Value at stake")] == [None, None, None]
    hidden_reach = dataclasses.replace(view.lenses[0].parts[0].reach, text="not shown")
    part = dataclasses.replace(view.lenses[0].parts[0], reach=hidden_reach, net_sentiment="")
    lens = dataclasses.replace(view.lenses[0], parts=(part,))
    (row,) = table(book_of(dataclasses.replace(view, lenses=(lens,)), tmp_path)["Lenses"])
    assert [row[title].value for title in ("Participants", "Of", "Net")] == ["not shown", None, None]
