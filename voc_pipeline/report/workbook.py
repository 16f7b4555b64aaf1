"""The view as a workbook: typed cells for people who sort, filter and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report.office import moment
from voc_pipeline.report.shapes import ReportView

if TYPE_CHECKING:
    from pathlib import Path


class WorkbookExporter:
    """Writes report.xlsx: no formula from text, nobody's name in its properties, the same bytes for the same view."""

    name = "xlsx"

    def export(self, view: object, folder: Path) -> Path:
        """Write the workbook into the folder.

        Raises:
            TypeError: This is no ReportView.
        """
        if not isinstance(view, ReportView):
            raise TypeError(f"the xlsx exporter prints a ReportView, not {type(view).__name__}")
        from voc_pipeline.report import workbook_sheets as sheets  # noqa: PLC0415 (loads xlsxwriter)
        from voc_pipeline.report import workbook_themes as on_themes  # noqa: PLC0415 (loads xlsxwriter)
        from voc_pipeline.report.cells import Book  # noqa: PLC0415 (loads xlsxwriter)

        book = Book(view.title, view.status.capitalize(), moment(view.published_at))
        summary = sheets.start_summary(book)
        for write in (
            on_themes.themes, on_themes.heat, on_themes.quotes, sheets.journey, sheets.statements, sheets.lenses,
            sheets.advocacy, sheets.accounts, sheets.saturation, sheets.coverage, sheets.method,
        ):  # fmt: skip
            write(book, view)
        sheets.write_summary(summary, view, book.names[1:])
        path = folder / "report.xlsx"
        path.write_bytes(book.finish())
        return path
