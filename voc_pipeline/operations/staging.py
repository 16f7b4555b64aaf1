"""What publishing and releasing share: a hidden folder to work in, pages from tables, proof, and the step into view."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from voc_pipeline import registry
from voc_pipeline.report.index_page import write_index
from voc_pipeline.report.inputs_json import read_inputs
from voc_pipeline.report.manifest import Released, read_latest, write_latest
from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from pathlib import Path

    from voc_pipeline.operations.study import Study
    from voc_pipeline.protocols import Exporter
    from voc_pipeline.report.manifest import Latest

_STAGING = ".staging-"


def new_staging(reports: Path, name: str) -> Path:
    """Make a hidden folder for the files of a run; what a killed process left there goes first."""
    reports.mkdir(exist_ok=True)
    for left in reports.glob(f"{_STAGING}*"):
        shutil.rmtree(left)
    staging = reports / f"{_STAGING}{name}"
    staging.mkdir()
    return staging


def render(folder: Path) -> None:
    """Make every page of a report from the tables and inputs.json in its folder, and from nothing else."""
    view = build_view(read_inputs(folder))
    for plugin in registry.plugins("exporters"):
        exporter: Exporter = plugin.load()()
        exporter.export(view, folder)


def newest_release(study: Study) -> Released | None:
    """Give the release that was decided last and is still there."""
    for release in reversed(study.store.releases.first().values()):
        if (study.paths.reports / release.folder).is_dir():
            return Released(release.folder, release.released_by, release.released_at)
    return None


def show(study: Study, latest: Latest) -> None:
    """Point latest.json at a complete report, name the released one beside it, and write the index over all runs."""
    write_latest(study.paths.reports, replace(latest, released=newest_release(study)))
    write_index(study.paths.reports, study.title)


def shown(study: Study) -> Latest | None:
    """Give what latest.json says, if the report that it names is there."""
    latest = read_latest(study.paths.reports)
    return latest if latest and (study.paths.reports / latest.run).is_dir() else None
