"""Publishing: tables, view, exports and manifest into a folder of their own, made visible in one step."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from voc_pipeline.errors import UsageError
from voc_pipeline.ids import digest, make_id
from voc_pipeline.operations import keys
from voc_pipeline.operations.code import speech_encoder, theme_coder
from voc_pipeline.operations.frames import Contents, contract_tables, load_contents
from voc_pipeline.operations.staging import new_staging, render, show
from voc_pipeline.operations.verify import require_proof
from voc_pipeline.protocols import current_progress
from voc_pipeline.report.csv_tables import write_tables
from voc_pipeline.report.inputs_json import write_inputs
from voc_pipeline.report.manifest import DRAFT, Latest, ManifestFacts, publish_folder, write_manifest
from voc_pipeline.report.view import ReportInputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.operations.study import Study
    from voc_pipeline.store import FileRow

_PACKAGES = (
    "voc-pipeline", "bertopic", "jinja2", "networkx", "numpy", "pandas", "prefect", "presidio-analyzer", "python-pptx",
    "scikit-learn", "scipy", "sentence-transformers", "spacy", "sqlalchemy", "statsmodels", "tokenizers", "torch",
    "xlsxwriter",
)  # fmt: skip


def publish(study: Study) -> Path:
    """Write a report of all that the store holds and make it the latest.

    The pages are made of the files of the run alone, read back, and proved before anybody can see them.

    Returns:
        The run's folder in ``reports/``.

    Raises:
        VocError: Nothing was read yet, or the report does not prove itself.
    """
    if not study.store.inbox.files():
        raise UsageError(
            "nothing has been read yet", where=str(study.paths.inbox), hint="Put transcripts there and run 'voc run'"
        )
    key = keys.publish_key(study)
    published_at = study.now()
    run_id = make_id("run", key, published_at)
    name = f"{published_at.replace(':', '')}-{key[:8]}"
    contents = load_contents(study)
    frames, attributes = contract_tables(study, contents)
    inputs = _inputs(study, contents, frames, run_id=run_id, published_at=published_at, attributes=attributes)
    staging = new_staging(study.paths.reports, name)
    write_tables(inputs.tables, staging)
    write_inputs(staging, inputs)
    render(staging)
    write_manifest(staging, _facts(study, inputs))
    require_proof(staging)
    folder = publish_folder(staging, study.paths.reports, name)
    show(study, Latest(name, published_at, DRAFT))
    study.store.ledger.save_run(run_id, key=key, folder=name, published_at=published_at)  # last: all before is redone
    current_progress.get().advance("publish")
    return folder


def _inputs(
    study: Study,
    contents: Contents,
    frames: Mapping[str, pd.DataFrame],
    *,
    run_id: str,
    published_at: str,
    attributes: tuple[str, ...],
) -> ReportInputs:
    examples = [
        contents.passages[name] for topic in contents.topics for name in topic.examples if name in contents.passages
    ]
    versions = sorted({f"{mention.coder} {mention.coder_version}" for mention in contents.mentions})
    return ReportInputs(
        title=study.title,
        run_id=run_id,
        published_at=published_at,
        status=DRAFT,
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
        rows={name: len(frame) for name, frame in inputs.tables.items()},
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
