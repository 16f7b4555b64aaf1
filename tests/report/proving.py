"""A run's folder of the invented study, as publishing writes it: everything in it follows from what was recorded."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from voc_pipeline import ids, registry, tables
from voc_pipeline.analysis.derived import derived_tables
from voc_pipeline.analysis.questions import questions, texts_to_encode
from voc_pipeline.analysis.scores import score_table
from voc_pipeline.operations.verdicts import records
from voc_pipeline.report.csv_tables import write_tables
from voc_pipeline.report.inputs_json import read_inputs, write_inputs
from voc_pipeline.report.manifest import ManifestFacts, Sanction, read_manifest, write_manifest
from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.operations.verdicts import Fault, Verdict
    from voc_pipeline.report.inputs import ReportInputs


def genuine(inputs: ReportInputs) -> ReportInputs:
    """Give the study ids that follow from its contents, a spoken score, questions, and tables that are computed."""
    rows = {name: list(records(frame)) for name, frame in inputs.tables.items()}
    for number, row in enumerate(rows["transcripts"]):
        row["transcript_id"] = ids.transcript_id(row["sha256"])
        row["version"] = 1 + number % 2
    said: dict[str, dict[str, Any]] = {row["mention_id"]: row for row in rows["mentions"]}
    first = rows["mentions"][0]
    roster = {row["participant_id"]: f"{row['score']:g}" for row in rows["scores"] if row["source"] == "roster"}
    people = [row | {"nps": roster.get(row["participant_id"], "")} for row in rows["participants"]]
    spoken = {name: first[name] for name in ("participant_id", "transcript_id", "turn", "start", "end", "quote")}
    participants = tables.PARTICIPANTS.frame(people)
    made: dict[str, pd.DataFrame] = dict(inputs.tables) | {
        "transcripts": tables.TRANSCRIPTS.frame(rows["transcripts"]),
        "participants": participants,
        "review_queue": tables.REVIEW_QUEUE.frame(_waiting(inputs, said)),
        "scores": score_table(tables.SCORES.frame([spoken | {"score": 8.0, "source": "speech"}]), participants),
        "questions": _questions(inputs.tables["turns"]),
    }
    made |= derived_tables(made, inputs.codebook, inputs.attributes, small_base=inputs.small_base)
    return dataclasses.replace(inputs, tables=made)


def small(inputs: ReportInputs, people: int = 5, themes: int = 5) -> ReportInputs:
    """Keep the first people of a study and what they speak of most: proved in no time, with rows in every table."""
    kept = set(list(inputs.tables["participants"]["participant_id"])[:people])
    turns = inputs.tables["turns"]
    files = set(turns[turns["participant_id"].isin(kept)]["transcript_id"])
    cut = {
        name: frame[frame["transcript_id"].isin(files)].reset_index(drop=True)
        for name, frame in inputs.tables.items()
        if name in {"transcripts", "turns", "mentions", "review_queue"}
    }
    for name in ("participants", "scores"):
        frame = inputs.tables[name]
        cut[name] = frame[frame["participant_id"].isin(kept)].reset_index(drop=True)
    examples = {name: place for name, place in inputs.topics_examples.items() if place[0] in files}
    [topic] = records(inputs.tables["topics"])
    cut["topics"] = tables.TOPICS.frame([topic | {"examples": " ".join(examples)}])
    heard = Counter(cut["mentions"]["theme_id"])
    known = {theme for theme, _ in heard.most_common(themes)}
    kept_themes = tuple(theme for theme in inputs.codebook.themes if theme.theme_id in known)
    codebook = dataclasses.replace(inputs.codebook, themes=kept_themes)
    cut["mentions"] = cut["mentions"][cut["mentions"]["theme_id"].isin(known)].reset_index(drop=True)
    changed = dataclasses.replace(
        inputs, tables={**inputs.tables, **cut}, topics_examples=examples, codebook=codebook, attributes=("role",)
    )
    return genuine(changed)


def _waiting(inputs: ReportInputs, said: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for row in list(said.values())[:3]:
        other = next(
            theme
            for theme in inputs.codebook.themes
            if ids.mention_id(row["transcript_id"], row["turn"], theme.theme_id) not in said
        )
        name = ids.mention_id(row["transcript_id"], row["turn"], other.theme_id)
        found.append(row | {"mention_id": name, "theme_id": other.theme_id, "theme_name": other.name, "score": 0.41})
    return found


def _questions(turns: pd.DataFrame) -> pd.DataFrame:
    """Group the questions by their first two words: the study has no encoder."""
    texts = texts_to_encode(turns)
    openings = sorted({_opening(text) for text in texts})
    vectors = {text: np.eye(len(openings), dtype=np.float32)[openings.index(_opening(text))] for text in texts}
    return questions(turns, vectors)


def _opening(text: str) -> str:
    return " ".join(text.split()[:2])


def publish_into(folder: Path, inputs: ReportInputs) -> Path:
    """Write a run's folder in the order of publishing: tables, inputs, pages made from those, manifest."""
    folder.mkdir(parents=True)
    write_tables(inputs.tables, folder)
    write_inputs(folder, inputs)
    view = build_view(read_inputs(folder))
    for plugin in registry.plugins("exporters"):
        plugin.load()().export(view, folder)
    write_manifest(folder, facts_of(inputs))
    return folder


def facts_of(inputs: ReportInputs) -> ManifestFacts:
    rows = list(records(inputs.tables["transcripts"]))
    return ManifestFacts(
        run_id=inputs.run_id,
        published_at=inputs.published_at,
        status=inputs.status,
        inputs={row["source_file"]: row["sha256"] for row in rows},
        settings_hash="0" * 64,
        model_hashes={"encoders.toml": "1" * 64},
        stage_versions={"ingest": 2},
        package_versions={"voc-pipeline": "0.1.0"},
        coverage=dict(Counter(row["outcome"] for row in rows)),
        rows={name: len(frame) for name, frame in inputs.tables.items()},
        sanction=Sanction(inputs.released_by, inputs.released_at, "draft") if inputs.released_by else None,
    )


def rehash(folder: Path) -> None:
    """Do what a forger does: write the manifest again, so that every hash and its seal fit."""
    write_manifest(folder, read_manifest(folder).facts)


def edit_json(path: Path, place: tuple[str | int, ...], value: object) -> None:
    """Change one value of a JSON file, and leave its layout as it is."""
    data = json.loads(path.read_text(encoding="utf-8"))
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def faults(verdict: Verdict) -> list[Fault]:
    return [fault for check in verdict.checks for fault in check.faults]


def places(verdict: Verdict) -> list[str]:
    return [fault.where for fault in faults(verdict)]
