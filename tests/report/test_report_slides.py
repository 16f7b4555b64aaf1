"""report.pptx: native charts and tables, sources in the notes, text that fits, the same bytes each time."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped] # (no stubs)

from voc_pipeline.report import fitting, palette
from voc_pipeline.report.panels import Decision, Finding, FindingsPanel, ThemeLink
from voc_pipeline.report.quoted import all_quotes
from voc_pipeline.report.shapes import HeatGroup, ReportView
from voc_pipeline.report.slides import SlidesExporter
from voc_pipeline.report.view import ReportInputs, build_view
from voc_pipeline.report.workbook import WorkbookExporter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOFFICE = shutil.which("soffice")
PAYLOADS = (
    "=1+1", "<a:t>x</a:t>", "]]>", "&amp;&", "_x0041_", "a\x00b\x0bc", "a\ud800b", "\ufffe", "line\none", "\r\n", "\t",
    "\u202eabc", "x" * 400, "word " * 400, "http://example.org", "{0}", "%s", "\N{GRINNING FACE}" * 50, "",
)  # fmt: skip
REASON = "They told us it would take a week. It took two months, and nobody called. "


@pytest.fixture(scope="module")
def view(study: Callable[..., ReportInputs]) -> ReportView:
    return with_findings(build_view(study()))


@pytest.fixture(scope="module")
def made(view: ReportView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slides of the view, made once."""
    return SlidesExporter().export(view, tmp_path_factory.mktemp("slides"))


@pytest.fixture(scope="module")
def deck(made: Path) -> Any:
    from pptx import Presentation

    return Presentation(str(made))


def with_findings(view: ReportView) -> ReportView:
    """Let two findings stand and two patterns wait, on quotes of the study."""
    themes = [theme for family in view.families for theme in family.themes if len(theme.quotes) >= 2][:4]
    made = [
        Finding(
            ThemeLink(theme.name, theme.anchor), "segment", f"raised by {theme.reach.text}, the fifth of it unasked",
            f"q = 0.0{number + 1}", tuple(quote.quote_id for quote in theme.quotes[:2]), (),
            "" if number < 2 else "would take about 40",
        )
        for number, theme in enumerate(themes)
    ]  # fmt: skip
    panel = FindingsPanel("Two findings stand after correction.", tuple(made[:2]), "Worth a test.", tuple(made[2:]))
    decisions = tuple(Decision(f"File {number} waits.", f"Name who speaks in {number}.", "") for number in range(7))
    return dataclasses.replace(view, findings=panel, decisions=decisions, status_note="Nobody has released it yet.")


def export(view: ReportView, folder: Path) -> Any:
    from pptx import Presentation

    return Presentation(str(SlidesExporter().export(view, folder)))


def titles(deck: Any) -> list[str]:
    return [slide.shapes.title.text for slide in deck.slides]


def words(slide: Any) -> str:
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    for shape in slide.shapes:
        if shape.has_table:
            texts += [cell.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(texts)


def notes(slide: Any) -> str:
    text: str = slide.notes_slide.notes_text_frame.text
    return text


def test_it_prints_nothing_but_a_view(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="the pptx exporter prints a ReportView, not dict"):
        SlidesExporter().export({}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_slides_stand_in_the_order_of_a_talk(view: ReportView, deck: Any) -> None:
    found = titles(deck)
    assert found[:2] == [view.title, "What the study can say"]
    assert view.findings.sentence in words(deck.slides[1])
    assert found[2:5] == ["What needs a decision", "What needs a decision (2)", "Themes by reach"]
    order = ("Themes by reach", "Themes by Role", "Themes by Region", view.findings.findings[0].theme.name, "Method")
    first = [next(number for number, title in enumerate(found) if title.startswith(start)) for start in order]
    assert first == sorted(first)
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=1e-3)


def test_the_status_and_a_number_stand_on_each_slide_and_the_run_in_its_notes(view: ReportView, deck: Any) -> None:
    for slide in deck.slides:
        kinds = {shape.placeholder_format.idx: shape for shape in slide.placeholders}
        assert kinds[11].text_frame.text.startswith("DRAFT")
        assert 'type="slidenum"' in slide.shapes.element.xml
        assert notes(slide).startswith(f"Run {view.run_id}")


def test_nothing_is_a_picture_and_nothing_tells_of_its_maker(made: Path, deck: Any) -> None:
    names = zipfile.ZipFile(made).namelist()
    assert not [name for name in names if re.search(r"media|thumbnail|printer|\.(png|jpe?g|emf)$", name)]
    about = deck.core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert about.created.isoformat() == about.modified.isoformat() == "2026-11-22T04:10:00"
    assert len(deck.slide_layouts) == 1


def test_the_same_view_gives_the_same_bytes(view: ReportView, made: Path, tmp_path: Path) -> None:
    again = SlidesExporter().export(view, tmp_path)
    assert made.read_bytes() == again.read_bytes()
    archive = zipfile.ZipFile(made)
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_chart_holds_the_numbers_of_the_view(view: ReportView, deck: Any) -> None:
    names: list[str] = []
    shares: list[float] = []
    for slide in deck.slides:
        charts = [shape.chart for shape in slide.shapes if shape.has_chart]
        if charts:
            assert len(charts) == 2
            names += list(charts[0].plots[0].categories)
            shares += list(charts[0].plots[0].series[0].values)
            book = load_workbook(BytesIO(charts[0].part.chart_workbook.xlsx_part.blob))
            behind = [tuple(cell.value for cell in row) for row in book.active.iter_rows(min_row=2)]
            assert behind == list(zip(charts[0].plots[0].categories, charts[0].plots[0].series[0].values, strict=True))
    assert names == [f"{row.theme} ({row.reach.text})" for row in view.ranking]
    assert shares == [row.reach.point for row in view.ranking]


def test_the_tables_hold_the_heat_map_in_readable_colours(view: ReportView, deck: Any) -> None:
    found: dict[str, list[list[str]]] = {}
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_table:
                rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
                attribute = slide.shapes.title.text.removeprefix("Themes by ").split(" (")[0]
                found.setdefault(attribute, []).extend(row for row in rows[1:] if row[1])
                assert len(rows) <= 20
    for table in view.heat_tables:
        themes = [row for group in table.groups for row in group.rows]
        assert found[table.attribute] == [
            [row.theme, *(f"{cell.participants} of {cell.base}" for cell in row.cells)] for row in themes
        ]
    for level, fill in enumerate(palette.HEAT):
        assert contrast(fill, palette.on_heat(level)) >= 4.5
    for level in range(-5, 6):
        assert contrast(palette.tone(level), palette.INK) >= 4.5


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_many_themes_and_segments_go_on_further_slides(view: ReportView, tmp_path: Path) -> None:
    table = view.heat_tables[0]
    rows = table.groups[0].rows
    many = tuple(
        dataclasses.replace(rows[0], theme=f"Theme {number}", cells=(*rows[0].cells, *rows[0].cells, *rows[0].cells))
        for number in range(40)
    )
    wide = dataclasses.replace(
        table, columns=table.columns * 3, groups=(HeatGroup("One", many[:20]), HeatGroup("Two", many[20:]))
    )
    deck = export(dataclasses.replace(view, heat_tables=(wide,), ranking=view.ranking * 3), tmp_path)
    shown = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    themes = [row.cells[0].text for made in shown for row in made.rows]
    assert [theme for theme in themes if themes.count(theme) != 2 and theme.startswith("Theme ")] == []
    assert all(len(made.columns) <= 10 for made in shown)
    assert sum(shape.has_chart for slide in deck.slides for shape in slide.shapes) >= 8


def test_a_finding_has_its_quotes_and_where_they_were_said(view: ReportView, deck: Any) -> None:
    said = {item.quote.quote_id: item for item in all_quotes(view)}
    for finding in view.findings.findings:
        (slide,) = [one for one in deck.slides if one.shapes.title.text == f"{finding.theme.name} {finding.text}"]
        for key in finding.quotes:
            item = said[key]
            assert item.quote.text in words(slide)
            assert item.who in words(slide)
            for part in (key, item.quote.source_file, f"turn {item.quote.turn}", item.quote.time, item.quote.text):
                assert part in notes(slide)


def test_without_a_finding_the_honest_sentence_and_the_patterns_stand(view: ReportView, tmp_path: Path) -> None:
    panel = dataclasses.replace(view.findings, sentence="Nothing stands with 12 people.", findings=())
    deck = export(dataclasses.replace(view, findings=panel), tmp_path)
    summary = deck.slides[1]
    assert "Nothing stands with 12 people." in words(summary)
    assert panel.patterns_note in words(summary)
    for pattern in panel.patterns:
        assert pattern.text in words(summary)
        assert f"{pattern.theme.name} {pattern.text}" in titles(deck)
    assert any("PATTERN TO TEST 1 OF 2" in words(slide) for slide in deck.slides)


def test_a_quote_that_is_too_long_is_cut_at_a_sentence_and_whole_in_the_notes(view: ReportView, tmp_path: Path) -> None:
    theme = view.families[0].themes[0]
    long = dataclasses.replace(theme.quotes[0], text=REASON * 40)
    family = dataclasses.replace(
        view.families[0],
        themes=(dataclasses.replace(theme, quotes=(long, *theme.quotes[1:])), *view.families[0].themes[1:]),
    )
    finding = dataclasses.replace(view.findings.findings[0], quotes=(long.quote_id,), text="raised by all")
    panel = dataclasses.replace(view.findings, findings=(finding,))
    deck = export(dataclasses.replace(view, families=(family, *view.families[1:]), findings=panel), tmp_path)
    (slide,) = [one for one in deck.slides if one.shapes.title.text.endswith("raised by all")]
    (shown,) = re.findall("\u201c(.*)", words(slide))
    assert shown.endswith("called. \u2026")
    assert len(shown) < len(long.text)
    assert REASON * 40 in notes(slide)


def test_every_text_fits_its_box_and_every_box_its_slide(view: ReportView, deck: Any, tmp_path: Path) -> None:
    long = dataclasses.replace(view, title="A long title of a long study " * 12, coverage_sentence="Words " * 200)
    for shown in (deck, export(long, tmp_path)):
        for slide in shown.slides:
            for shape in slide.shapes:
                assert shape.left >= 0
                assert shape.top >= 0
                assert shape.left + shape.width <= shown.slide_width
                assert shape.top + shape.height <= shown.slide_height
                if shape.has_text_frame and shape.text_frame.text:
                    assert text_height(shape) <= shape.height / 914_400 + 0.02, shape.text_frame.text[:60]


def text_height(shape: Any) -> float:
    total = 0.0
    for paragraph in shape.text_frame.paragraphs:
        if paragraph.runs and paragraph.runs[0].font.size:
            text = "".join(run.text for run in paragraph.runs)
            size = max(run.font.size.pt for run in paragraph.runs)
            serif = paragraph.runs[0].font.name is not None
            total += fitting.height(text, size, shape.width / 914_400, serif=serif)
            total += (paragraph.space_after.pt if paragraph.space_after else 0) / 72
    return total


@pytest.mark.parametrize("text", PAYLOADS)
def test_no_text_breaks_the_slides(view: ReportView, tmp_path: Path, text: str) -> None:
    def poison(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fixed = {"published_at", "kind", "anchor", "quote_id", "tone"}
            names = [field.name for field in dataclasses.fields(value) if field.name not in fixed]
            return dataclasses.replace(value, **{name: poison(getattr(value, name)) for name in names})
        if isinstance(value, tuple):
            return tuple(poison(item) for item in value)
        return text if isinstance(value, str) else value

    small = dataclasses.replace(view, heat_tables=view.heat_tables[1:], findings=dataclasses.replace(
        view.findings, findings=view.findings.findings[:1]))  # fmt: skip
    deck = export(poison(small), tmp_path)
    assert len(deck.slides) >= 8
    for name in zipfile.ZipFile(tmp_path / "report.pptx").namelist():
        if name.endswith(".xlsx"):
            book = load_workbook(BytesIO(zipfile.ZipFile(tmp_path / "report.pptx").read(name)))
            assert {cell.data_type for row in book.active.iter_rows(min_col=1, max_col=1) for cell in row} <= {"s", "n"}


def test_a_study_without_themes_still_gets_its_slides(view: ReportView, tmp_path: Path) -> None:
    bare = dataclasses.replace(
        view, ranking=(), families=(), heat_tables=(), topics=(), standouts=(), decisions=(), key_figures=(),
        findings=FindingsPanel("Nothing was heard.", (), "", ()),
    )  # fmt: skip
    assert titles(export(bare, tmp_path)) == [
        view.title, "What the study can say", "Nothing waits for a decision", "Method and limits",
    ]  # fmt: skip


def test_without_a_pattern_the_summary_says_what_was_heard(view: ReportView, tmp_path: Path) -> None:
    panel = FindingsPanel("Nothing stands.", (), "", ())
    summary = export(dataclasses.replace(view, findings=panel), tmp_path).slides[1]
    assert view.standouts[0].items[0].text in words(summary)
    assert "none of it a finding" in notes(summary)


def test_a_text_is_made_smaller_before_it_is_cut() -> None:
    assert fitting.fitted("Short", (5, 1), (20, 12)) == ("Short", 20)
    text, size = fitting.fitted(REASON * 3, (5, 1), (20, 12))
    assert (text, size) == (REASON * 3, 12)
    text, size = fitting.fitted(REASON * 30, (5, 1), (20, 12))
    assert size == 12
    assert text.endswith("\u2026")
    assert fitting.height(text, 12, 5) <= 1


def test_widths_know_wide_and_combining_letters() -> None:
    assert fitting.em_width("\u4e2d") == 1.0
    assert fitting.em_width("e\u0301") == fitting.em_width("e")
    assert fitting.line_count("x" * 100, 10) == 5
    assert fitting.line_count("one\ntwo", 10) == 2


@pytest.mark.skipif(SOFFICE is None, reason="needs Debian packages libreoffice-calc and libreoffice-impress")
def test_libreoffice_opens_both_and_prints_the_findings(view: ReportView, tmp_path: Path) -> None:
    from pypdf import PdfReader

    for exporter in (WorkbookExporter(), SlidesExporter()):
        path = exporter.export(view, tmp_path)
        home = f"-env:UserInstallation=file://{tmp_path}/home"
        command = [str(SOFFICE), home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=280)
        printed = PdfReader(tmp_path / "report.pdf").pages
        text = " ".join(" ".join(page.extract_text() for page in printed).split())
        for finding in view.findings.findings:
            assert finding.text in text
            assert finding.theme.name in text
        (tmp_path / "report.pdf").unlink()
