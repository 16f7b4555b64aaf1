"""Native charts and tables on slides: their data can be edited, nothing is a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from voc_pipeline.report import palette
from voc_pipeline.report.cells import chart_book
from voc_pipeline.report.deck import rgb
from voc_pipeline.report.office import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pptx.chart.chart import Chart

    from voc_pipeline.report.deck import Box, Page, Run

_MARGIN, _THIN = "36576", "18288"  # inside a cell, in EMU


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a bar chart; ``spans`` are the low and high end of each value's interval."""

    name: str
    values: tuple[float, ...]
    colour: str
    spans: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table: its text and look; ``span`` columns wide."""

    run: Run
    fill: str = palette.PAPER
    centred: bool = False
    span: int = 1


def bars(page: Page, box: Box, categories: Sequence[str], series: Sequence[Series], *, alt: str) -> Chart:
    """Add a horizontal bar chart, the first category on top; several series share one bar of 100 %."""
    names = [printable(name) for name in categories]
    data: Any = CategoryChartData(number_format="0")  # type: ignore[no-untyped-call] # it ships no types for this
    data.categories = names
    for one in series:
        data.add_series(one.name, one.values)
    kind = XL_CHART_TYPE.BAR_STACKED_100 if len(series) > 1 else XL_CHART_TYPE.BAR_CLUSTERED
    place = (Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height))
    frame: Any = page.slide.shapes.add_chart(kind, *place, data)
    describe(frame.element, alt)
    chart = frame.chart
    # python-pptx's own workbook carries the hour and would take a name such as "=1+1" for a formula
    chart.part.chart_workbook.update_from_xlsx_blob(chart_book(names, [(one.name, one.values) for one in series]))
    chart.has_title = False
    chart.font.size, chart.font.color.rgb = Pt(11), rgb(palette.INK)
    _axes(chart, named=len(series) == 1)
    for drawn, one in zip(chart.plots[0].series, series, strict=True):
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = rgb(one.colour)
        drawn.invert_if_negative = False
        if one.spans:
            _error_bars(drawn._element, one)  # noqa: SLF001 (python-pptx has no error bars)
    _legend(chart, shown=len(series) > 1)
    made: Chart = chart
    return made


def _axes(chart: Chart, *, named: bool) -> None:
    chart.plots[0].gap_width = 55
    across, down = chart.value_axis, chart.category_axis
    down.reverse_order = True
    down.major_tick_mark = XL_TICK_MARK.NONE
    down.format.line.color.rgb = rgb(palette.LINE)
    down.has_major_gridlines = False
    if not named:
        down.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    across.minimum_scale, across.maximum_scale, across.major_unit = 0, (100 if named else 1), (25 if named else 0.5)
    across.major_tick_mark = XL_TICK_MARK.NONE
    across.tick_label_position = XL_TICK_LABEL_POSITION.HIGH  # with the first category on top, high is below
    across.tick_labels.number_format, across.tick_labels.number_format_is_linked = ('0"%"' if named else "0%"), False
    across.tick_labels.font.size, across.tick_labels.font.color.rgb = Pt(10), rgb(palette.MUTED)
    across.format.line.fill.background()
    across.has_major_gridlines = True
    across.major_gridlines.format.line.color.rgb = rgb(palette.LINE)


def _legend(chart: Chart, *, shown: bool) -> None:
    chart.has_legend = shown
    if shown and chart.legend is not None:
        chart.legend.position = XL_LEGEND_POSITION.TOP
        chart.legend.include_in_layout = False
        chart.legend.font.size, chart.legend.font.color.rgb = Pt(10), rgb(palette.MUTED)


def set_plot(chart: Chart, *, left: float, top: float, width: float, height: float) -> None:
    """Fix where the bars stand inside the chart (0..1), so that two charts side by side line up."""
    area = chart._chartSpace.find(f"{qn('c:chart')}/{qn('c:plotArea')}")  # noqa: SLF001 (python-pptx has no layout)
    old = area.find(qn("c:layout"))
    if old is not None:
        area.remove(old)
    layout = etree.Element(qn("c:layout"))
    manual = etree.SubElement(layout, qn("c:manualLayout"))
    for tag, value in (
        ("layoutTarget", "inner"), ("xMode", "edge"), ("yMode", "edge"), ("x", left), ("y", top), ("w", width),
        ("h", height),
    ):  # fmt: skip
        etree.SubElement(manual, qn(f"c:{tag}")).set("val", str(value))
    area.insert(0, layout)


def _error_bars(drawn: etree._Element, series: Series) -> None:
    bars_ = etree.Element(qn("c:errBars"))
    for tag, value in (("errBarType", "both"), ("errValType", "cust"), ("noEndCap", "1")):
        etree.SubElement(bars_, qn(f"c:{tag}")).set("val", value)
    pairs = list(zip(series.values, series.spans, strict=True))
    for tag, lengths in (
        ("plus", [max(0.0, high - value) for value, (_, high) in pairs]),
        ("minus", [max(0.0, value - low) for value, (low, _) in pairs]),
    ):
        numbers = etree.SubElement(etree.SubElement(bars_, qn(f"c:{tag}")), qn("c:numLit"))
        etree.SubElement(numbers, qn("c:formatCode")).text = "General"
        etree.SubElement(numbers, qn("c:ptCount")).set("val", str(len(lengths)))
        for index, length in enumerate(lengths):
            point = etree.SubElement(numbers, qn("c:pt"))
            point.set("idx", str(index))
            etree.SubElement(point, qn("c:v")).text = f"{length:.2f}"
    look = etree.SubElement(etree.SubElement(bars_, qn("c:spPr")), qn("a:ln"))
    look.set("w", "15875")
    _solid(look, palette.INK)
    categories = drawn.find(qn("c:cat"))
    if categories is not None:
        categories.addprevious(bars_)


def table(page: Page, box: Box, rows: Sequence[Sequence[TableCell]], widths: Sequence[float], *, alt: str) -> None:
    """Add a table; ``box`` gives place and height, ``widths`` the columns in inches."""
    place = (Inches(box.left), Inches(box.top), Inches(sum(widths)), Inches(box.height))
    frame = page.slide.shapes.add_table(len(rows), len(widths), *place)
    describe(frame.element, alt)
    made: Any = frame.table  # columns and fills of it have no types
    made.horz_banding, made.first_row = False, True
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Inches(width)
    cells = [list(row.iter(qn("a:tc"))) for row in frame.element.iter(qn("a:tr"))]
    for number, row in enumerate(rows):
        column_number = 0
        for cell in row:
            if cell.span > 1:
                made.cell(number, column_number).merge(made.cell(number, column_number + cell.span - 1))
            _write_cell(cells[number][column_number], cell)
            column_number += cell.span


def _write_cell(cell: etree._Element, wanted: TableCell) -> None:
    """Fill an ``a:tc``; by hand, since python-pptx takes 5 ms a cell."""
    for old in list(cell):
        cell.remove(old)
    body = etree.SubElement(cell, qn("a:txBody"))
    etree.SubElement(body, qn("a:bodyPr"))
    paragraph = etree.SubElement(body, qn("a:p"))
    etree.SubElement(paragraph, qn("a:pPr")).set("algn", "ctr" if wanted.centred else "l")
    run = wanted.run
    for number, line in enumerate(printable(run.text).split("\n")):
        if number:
            _solid(_properties(etree.SubElement(paragraph, qn("a:br")), run), run.colour)
        piece = etree.SubElement(paragraph, qn("a:r"))
        _solid(_properties(piece, run), run.colour)
        etree.SubElement(piece, qn("a:t")).text = line
    look = etree.SubElement(cell, qn("a:tcPr"))
    for side in ("marL", "marR", "marT", "marB"):
        look.set(side, _MARGIN if side in ("marL", "marR") else _THIN)
    look.set("anchor", "ctr")
    _solid(look, wanted.fill)


def _properties(parent: etree._Element, run: Run) -> etree._Element:
    made = etree.SubElement(parent, qn("a:rPr"))
    made.set("sz", str(round(run.size * 100)))
    made.set("b", "1" if run.bold else "0")
    return made


def _solid(parent: etree._Element, colour: str) -> None:
    etree.SubElement(etree.SubElement(parent, qn("a:solidFill")), qn("a:srgbClr")).set("val", colour.upper())


def describe(element: etree._Element, text: str) -> None:
    """Say in words what a chart or table shows, for those who don't see it."""
    for properties in element.iter(qn("p:cNvPr")):
        properties.set("descr", printable(text))
