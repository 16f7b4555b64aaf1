"""The view as slides: native charts and tables for people who present it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report.office import moment
from voc_pipeline.report.shapes import ReportView

if TYPE_CHECKING:
    from pathlib import Path


class SlidesExporter:
    """Writes report.pptx: nothing is a picture, sources stand in the notes, the same bytes for the same view."""

    name = "pptx"

    def export(self, view: object, folder: Path) -> Path:
        """Write the slides into the folder.

        Raises:
            TypeError: This is no ReportView.
        """
        if not isinstance(view, ReportView):
            raise TypeError(f"the pptx exporter prints a ReportView, not {type(view).__name__}")
        from voc_pipeline.report import slide_pages as pages  # noqa: PLC0415 (loads python-pptx)
        from voc_pipeline.report.deck import Deck  # noqa: PLC0415 (loads python-pptx)
        from voc_pipeline.report.slide_findings import finding_pages  # noqa: PLC0415 (loads python-pptx)

        deck = Deck(view.title, status=view.status, run_id=view.run_id, created=moment(view.published_at))
        for add in (
            pages.title_page, pages.summary_page, pages.decision_pages, pages.reach_pages, pages.heat_pages,
            finding_pages, pages.method_pages,
        ):  # fmt: skip
            add(deck, view)
        path = folder / "report.pptx"
        path.write_bytes(deck.finish())
        return path
