"""Keys of work: the same key means the same result, so the work need not be done again.

Raise a stage's version by hand when its output changes. Nothing here loads a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline import manifests, registry
from voc_pipeline.coding import unseen
from voc_pipeline.ids import digest
from voc_pipeline.ingest.metadata import sidecar_fingerprint
from voc_pipeline.passages import language
from voc_pipeline.passages.pseudonyms import PresidioPseudonymiser
from voc_pipeline.store import CODE_STAGE, DISCOVER_STAGE, WHOLE_STUDY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.config import StudySettings
    from voc_pipeline.operations.study import Study

_OURS = "voc-pipeline "
STAGE_VERSIONS = {"ingest": 3, "code": 5, "discover": 1, "publish": 4}


def ingest_key(study: Study, path: str, sha256: str, *, original: str) -> str:
    """Key of reading one file: its bytes, who speaks, what is pseudonymised, by which parts and with which key.

    ``original`` is the first path with these bytes; if it is another one, that is all there is to tell of this file.
    """
    settings = study.settings
    return digest(
        STAGE_VERSIONS["ingest"],
        sha256,
        settings.fingerprint("speakers", "formats"),
        settings.inbox.max_file_mb,
        *settings.segments.folders,
        study.roster.fingerprint_for(path),
        sidecar_fingerprint(study.paths.inbox / path),
        study.reading_key,
        *(("the bytes of", original) if original != path else ()),
    )


def reading_key(study: Study) -> str:
    """Key of what is the same for every file: names, products, readers, models, the study's own key."""
    return digest(
        PresidioPseudonymiser.version,
        language.VERSION,
        *parts_of("readers"),
        "names",
        *study.roster.names,
        "keep",
        *study.keep,
        study.key,
    )


def parts_of(group: registry.Group, *names: str) -> list[str]:
    """Describe registered parts; a foreign one with its version, since only ours carry versions of their own."""
    return [
        f"{part.name} {part.entry_point.value} {'' if part.origin.startswith(_OURS) else part.origin}"
        for part in registry.plugins(group)
        if not names or part.name in names
    ]


def model_hashes() -> dict[str, str]:
    """SHA-256 of the shipped manifests, which in turn name the SHA-256 of every weight that is loaded."""
    shipped = manifests.models_dir()
    paths = [shipped / "encoders.toml", *sorted((shipped / "coders").rglob("manifest.json"))]
    return {path.relative_to(shipped).as_posix(): manifests.file_sha256(path) for path in paths}


def trained_themes(settings: StudySettings) -> tuple[str, ...]:
    """List the themes that the study's coder goes by its training for; none where the coder is somebody else's."""
    part = registry.plugin("theme_coders", settings.coding.theme_coder)
    return manifests.coder_themes(settings.coding.profile) if part.origin.startswith(_OURS) else ()


def codebook_key(study: Study) -> str:
    """Key of what shapes coding in the codebook.

    Of a theme with a trained head, that is its id; of any other, all its words and examples. Of the rest of the file
    it is the ids of journey stages and statement types. Comments, layout, families, lenses and names of trained
    themes shape the report only.
    """
    trained, codebook = trained_themes(study.settings), study.codebook
    parts: list[str | int] = ["stages", *codebook.journey_stages, "types", *codebook.statement_types]
    for theme in sorted(codebook.themes, key=lambda theme: theme.theme_id):
        parts += ["theme", theme.theme_id]
        if theme.theme_id not in trained:
            parts += [theme.name, theme.definition, "include", *theme.include, "exclude", *theme.exclude]
            parts += [part for one in theme.examples for part in ("example", one.text, int(one.code), one.kind)]
    return digest(unseen.VERSION, *parts)


def code_settings_key(study: Study) -> str:
    """Key of all that shapes the coding of any transcript."""
    coding = study.settings.coding
    return digest(
        STAGE_VERSIONS["code"],
        codebook_key(study),
        language.VERSION,
        *model_hashes().values(),
        *parts_of("encoders", coding.encoder),
        *parts_of("speech_encoders", coding.profile),
        *parts_of("theme_coders", coding.theme_coder),
        *parts_of("sentiment_engines", coding.sentiment_engine),
    )


def code_keys(study: Study) -> dict[str, str]:
    """Map each current transcript to the key of coding it today: what it says, and how it is coded."""
    settings_key = code_settings_key(study)
    return {name: digest(settings_key, name, content) for name, content in study.store.inbox.contents().items()}


def discover_key(study: Study) -> str:
    """Key of the study's topics: all that was coded, and how topics are found."""
    current = study.store.inbox.contents()
    done = study.store.codings.work_keys(CODE_STAGE)
    parts = [part for name in sorted(current) for part in (name, done.get(name, ""))]
    return digest(
        STAGE_VERSIONS["discover"],
        study.settings.fingerprint("discovery"),
        *parts_of("topic_models", study.settings.discovery.topic_model),
        *parts,
    )


def publish_key(study: Study) -> str:
    """Key of the report: all outcomes, all codings, the topics that are due and those there are, how it is made."""
    rows = [
        part
        for row in study.store.inbox.files()
        for part in (row.published_path, row.sha256, row.version, row.outcome, row.reason, row.hint, row.work_key)
    ]
    return digest(
        STAGE_VERSIONS["publish"],
        discover_key(study),
        study.store.codings.work_keys(DISCOVER_STAGE).get(WHOLE_STUDY, ""),
        code_settings_key(study),
        study.codebook.sha256,
        study.title,
        study.settings.fingerprint("segments", "report", "discovery"),
        *parts_of("exporters"),
        len(study.guide),
        *study.guide,
        *rows,
    )


def described_parts(study: Study) -> dict[str, str]:
    """Name what coded: encoder, theme coder, sentiment engine and topic model, each with its origin."""
    coding = study.settings.coding
    chosen: Sequence[tuple[str, registry.Group, str]] = (
        ("profile", "speech_encoders", coding.profile),
        ("encoder of topics", "encoders", coding.encoder),
        ("theme coder", "theme_coders", coding.theme_coder),
        ("sentiment engine", "sentiment_engines", coding.sentiment_engine),
        ("topic model", "topic_models", study.settings.discovery.topic_model),
    )
    return {label: f"{name} ({registry.plugin(group, name).origin})" for label, group, name in chosen}
