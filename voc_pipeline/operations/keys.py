"""Keys of work: the same key means the same result, so the work need not be done again.

Raise a stage's version by hand when its output changes. Nothing here loads a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline import manifests, registry
from voc_pipeline.ids import digest
from voc_pipeline.ingest.metadata import sidecar_fingerprint
from voc_pipeline.store import CODE_STAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.operations.study import Study
    from voc_pipeline.store import FileRow

STAGE_VERSIONS = {"ingest": 1, "code": 1, "discover": 1, "publish": 1}


def ingest_key(study: Study, path: str, sha256: str) -> str:
    """Key of reading one file: its bytes, who speaks, what is pseudonymised and with which key."""
    return digest(
        STAGE_VERSIONS["ingest"],
        sha256,
        study.settings.fingerprint("speakers", "segments", "inbox"),
        study.roster.fingerprint_for(path),
        sidecar_fingerprint(study.paths.inbox / path),
        *study.roster.names,
        "keep",
        *study.keep,
        study.key,
    )


def model_facts(study: Study) -> dict[str, str]:
    """Name and hash of what codes: encoder, theme coder, sentiment engine, topic model."""
    coding = study.settings.coding
    parts: Sequence[tuple[str, registry.Group, str]] = (
        ("encoder", "encoders", coding.encoder),
        ("theme coder", "theme_coders", coding.theme_coder),
        ("sentiment engine", "sentiment_engines", coding.sentiment_engine),
        ("topic model", "topic_models", study.settings.discovery.topic_model),
    )
    facts = {}
    for label, group, name in parts:
        part = registry.plugin(group, name)
        facts[label] = f"{name} ({part.entry_point.value}, {part.origin})"
    return facts


def model_hashes() -> dict[str, str]:
    """SHA-256 of the shipped manifests, which in turn name the SHA-256 of every weight that is loaded."""
    shipped = manifests.models_dir()
    paths = [shipped / "encoders.toml", *sorted((shipped / "coders").rglob("manifest.json"))]
    return {path.relative_to(shipped).as_posix(): manifests.file_sha256(path) for path in paths}


def code_settings_key(study: Study) -> str:
    """Key of all that shapes the coding of any transcript."""
    return digest(
        STAGE_VERSIONS["code"],
        study.codebook.sha256,
        *model_hashes().values(),
        *model_facts(study).values(),
    )


def code_key(settings_key: str, row: FileRow) -> str:
    """Key of coding one transcript."""
    return digest(settings_key, row.sha256, row.work_key)


def discover_key(study: Study) -> str:
    """Key of the study's topics: all that was coded, and how topics are found."""
    done = study.store.codings.work_keys(CODE_STAGE)
    current = {row.transcript_id for row in study.store.inbox.files() if row.current}
    parts = [part for subject in sorted(done) if subject in current for part in (subject, done[subject])]
    return digest(STAGE_VERSIONS["discover"], study.settings.fingerprint("discovery"), *parts)


def publish_key(study: Study) -> str:
    """Key of the report: all outcomes, all codings and topics, and how the report is made."""
    rows = [
        part
        for row in study.store.inbox.files()
        for part in (row.published_path, row.sha256, row.version, row.outcome, row.reason, row.hint, row.work_key)
    ]
    return digest(
        STAGE_VERSIONS["publish"],
        discover_key(study),
        study.title,
        study.settings.fingerprint("segments", "report", "discovery"),
        *rows,
    )
