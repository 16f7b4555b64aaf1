"""Publishing: tables, view, exports and manifest into a folder of their own, made visible in one step."""

from __future__ import annotations

import shutil
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from voc_pipeline import registry
from voc_pipeline.ids import digest, make_id
from voc_pipeline.operations import keys
from voc_pipeline.operations.code import speech_encoder, theme_coder
from voc_pipeline.operations.frames import Contents, contract_tables, load_contents
from voc_pipeline.protocols import current_progress
from voc_pipeline.report.csv_tables import write_tables
from voc_pipeline.report.manifest import ManifestFacts, publish_folder, write_manifest
from voc_pipeline.report.view import ReportInputs, build_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.operations.study import Study
    from voc_pipeline.protocols import Exporter
    from voc_pipeline.store import FileRow

_DRAFT = "draft"
_STAGING = ".staging-"
_PACKAGES = (
    "voc-pipeline", "bertopic", "networkx", "numpy", "pandas", "prefect", "presidio-analyzer", "scikit-learn", "scipy",
    "sentence-transformers", "spacy", "sqlalchemy", "statsmodels", "tokenizers", "torch",
)  # fmt: skip


def publish(study: Study) -> Path:
    """Write a report of all that the store holds and make it the latest.

    Returns:
        The run's folder in ``reports/``.
    """
    key = keys.publish_key(study)
    published_at = study.now()
    run_id = make_id("run", key, published_at)
    name = f"{published_at.replace(':', '')}-{key[:8]}"
    contents = load_contents(study)
    frames, attributes = contract_tables(study, contents)
    inputs = _inputs(study, contents, frames, run_id=run_id, published_at=published_at, attributes=attributes)
    folder = publish_folder(
        _stage(study, name, inputs), study.paths.reports, name, published_at=published_at, status=_DRAFT
    )
    study.store.ledger.save_run(run_id, key=key, folder=name, published_at=published_at)
    current_progress.get().advance("publish")
    return folder


def _stage(study: Study, name: str, inputs: ReportInputs) -> Path:
    """Write all files of a run into a hidden folder; what a killed run left there goes first."""
    study.paths.reports.mkdir(exist_ok=True)
    for left in study.paths.reports.glob(f"{_STAGING}*"):
        shutil.rmtree(left)
    staging = study.paths.reports / f"{_STAGING}{name}"
    staging.mkdir()
    write_tables(inputs.tables, staging)
    view = build_view(inputs)
    for plugin in registry.plugins("exporters"):
        exporter: Exporter = plugin.load()()
        exporter.export(view, staging)
    write_manifest(staging, _facts(study, inputs))
    return staging


def _inputs(
    study: Study,
    contents: Contents,
    frames: Mapping[str, pd.DataFrame],
    *,
    run_id: str,
    published_at: str,
    attributes: tuple[str, ...],
) -> ReportInputs:
    examples = [contents.passages[name] for topic in contents.topics for name in topic.examples]
    versions = sorted({f"{mention.coder} {mention.coder_version}" for mention in contents.mentions})
    return ReportInputs(
        title=study.title,
        run_id=run_id,
        published_at=published_at,
        status=_DRAFT,
        codebook=study.codebook,
        tables=frames,
        attributes=attributes,
        small_base=study.settings.segments.small_base,
        quotes_per_theme=study.settings.report.quotes_per_theme,
        replaced=sum(len(turn.replaced) for transcript in contents.transcripts for turn in transcript.turns),
        topics_examples={
            passage.passage_id: (passage.transcript_id, passage.turn, passage.start, passage.end)
            for passage in examples
        },
        uncovered=theme_coder(study, speech_encoder(study.settings.coding.profile)).uncovered,
        method={
            "codebook": f"{study.codebook.name}, version {study.codebook.version}",
            "coded by": ", ".join(versions) or "nothing coded yet",
            **keys.described_parts(study),
        },
    )


def _facts(study: Study, inputs: ReportInputs) -> ManifestFacts:
    current = [row for row in study.store.inbox.files() if row.current]
    sections = ("study", "inbox", "speakers", "segments", "privacy", "coding", "discovery", "report")
    return ManifestFacts(
        run_id=inputs.run_id,
        published_at=inputs.published_at,
        status=inputs.status,
        inputs=_inputs_by_name(current),
        settings_hash=digest(study.settings.fingerprint(*sections)),
        model_hashes=keys.model_hashes(),
        stage_versions=keys.STAGE_VERSIONS,
        package_versions=_package_versions(),
        coverage=Counter(str(row.outcome) for row in current),
        adverse_events=inputs.adverse_events,
    )


def _inputs_by_name(rows: Sequence[FileRow]) -> dict[str, str]:
    """Map published names to hashes; where two files have one published name, the later ones are numbered."""
    inputs: dict[str, str] = {}
    for row in rows:
        name, number = row.published_path, 2
        while name in inputs:
            name, number = f"{row.published_path} ({number})", number + 1
        inputs[name] = row.sha256
    return inputs


def _package_versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
