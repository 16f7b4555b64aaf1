"""The view as JSON, for programs: sorted keys, stable bytes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from voc_pipeline.report.shapes import ReportView

if TYPE_CHECKING:
    from pathlib import Path


class JsonExporter:
    """Writes report.json."""

    name = "json"

    def export(self, view: object, folder: Path) -> Path:
        """Write the view into the folder.

        Raises:
            TypeError: This is no ReportView.
        """
        if not isinstance(view, ReportView):
            raise TypeError(f"the json exporter prints a ReportView, not {type(view).__name__}")
        path = folder / "report.json"
        text = json.dumps(asdict(view), sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
        return path
