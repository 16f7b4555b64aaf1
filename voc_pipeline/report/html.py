"""The view as one self-contained page under a strict content security policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.report.page_data import PageData, opened_quotes
from voc_pipeline.report.page_links import recording
from voc_pipeline.report.shapes import ReportView

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


class HtmlExporter:
    """Writes report.html: no request, no inline style, no script but ours, the same bytes for the same view."""

    name = "html"

    def export(self, view: object, folder: Path) -> Path:
        """Write the page into the folder.

        Raises:
            TypeError: This is no ReportView.
        """
        if not isinstance(view, ReportView):
            raise TypeError(f"the html exporter prints a ReportView, not {type(view).__name__}")
        path = folder / "report.html"
        path.write_text(render(view), encoding="utf-8", newline="\n")
        return path


def render(view: ReportView) -> str:
    """Print the view as a page."""
    environment = _environment()
    return environment.get_template("report.html").render(
        view=view, quotes=opened_quotes(view), data=PageData(view).island(), policy=_policy(environment)
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (only a report needs it)

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,  # the policy's hashes are of the templates as they were first read
    )
    environment.filters["recording"] = recording
    return environment


@cache
def _policy(environment: Environment) -> str:
    """Allow exactly the style and the script that the page includes."""
    style, script = (_source(environment, name) for name in ("report.css", "report.js"))
    sources = f"style-src {style}; script-src {script}; img-src data:"
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


def _source(environment: Environment, name: str) -> str:
    included = environment.get_template(name).render()
    digest = hashlib.sha256(included.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
