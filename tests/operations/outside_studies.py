"""Invented studies of any size for the outside edition, released into a study folder, and its files read back."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from voc_pipeline import tables
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.ids import mention_id, transcript_id
from voc_pipeline.manifests import file_sha256
from voc_pipeline.operations.study import open_study
from voc_pipeline.report.csv_tables import write_tables
from voc_pipeline.report.inputs import ReportInputs
from voc_pipeline.report.inputs_json import write_inputs
from voc_pipeline.report.manifest import ManifestFacts, Sanction, write_manifest
from voc_pipeline.store import Release

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.operations.study import Study

RUN = "2026-11-22T041000Z-0f3a9c1e"
THEMES = tuple((theme.theme_id, theme.name) for theme in load_codebook().themes)
WORDS = (
    "the rep", "our lab", "the form", "every order", "a ticket", "the service", "training", "the manual", "my boss",
    "waited for", "asked about", "kept", "lost", "fixed", "liked", "never got", "had to explain", "again", "for weeks",
    "and nobody called", "which was fine", "so we gave up", "with patience", "without a word", "as promised",
)  # fmt: skip


@dataclass(frozen=True)
class Invented:
    """Who is in it, with which attributes, and who speaks of what."""

    people: Mapping[str, Mapping[str, str]]
    speakers: Mapping[str, frozenset[str]]

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes, in order."""
        return tuple(next(iter(self.people.values()), {}))

    def members(self, attribute: str, value: str) -> frozenset[str]:
        """Who has this value."""
        return frozenset(who for who, values in self.people.items() if values[attribute] == value)


def invent(seed: int, size: int | None = None) -> Invented:
    """Make a random study of 15 to 120 people, 1 to 4 attributes and 21 themes of any prevalence."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    size = size or chance.randint(15, 120)
    weights = {
        f"attribute_{letter}": [chance.random() ** chance.choice([0, 1, 3]) for _ in range(chance.randint(2, 6))]
        for letter in "pqrs"[: chance.randint(1, 4)]
    }
    people = {
        f"P-{number:03}": {
            name: f"{name[-1]}{chr(ord('a') + chance.choices(range(len(weight)), weight)[0])}"
            for name, weight in weights.items()
        }
        for number in range(1, size + 1)
    }
    speakers: dict[str, frozenset[str]] = {}
    for theme, _ in THEMES:
        prevalence, lean = chance.random(), chance.choice(["", *weights])
        biased = {value for value in ("pa", "qa", "ra", "sa") if chance.random() < 0.5}
        speakers[theme] = frozenset(
            who
            for who, values in people.items()
            if chance.random() < (1 - prevalence if lean and values[lean] in biased else prevalence)
        )
    return Invented(people, speakers)


def frames(study: Invented) -> dict[str, pd.DataFrame]:
    """Make the tables of the contract that an outside edition is made of; the others are empty."""
    chance = random.Random(len(study.people))  # noqa: S311 (no secret)
    turns: list[dict[str, Any]] = []
    mentions: list[dict[str, Any]] = []
    transcripts: list[dict[str, Any]] = []
    for number, who in enumerate(sorted(study.people), start=1):
        transcript = transcript_id(f"{number:064x}")
        file = f"wave one/interview-{number:03}.docx"
        place = {"transcript_id": transcript, "source_file": file}
        for turn, (theme, name) in enumerate(THEMES, start=1):
            if who not in study.speakers.get(theme, ()):
                continue
            quote = sentence(chance)
            turns.append(
                place
                | {"turn": turn, "speaker": who, "role_in_call": "participant", "participant_id": who}
                | {"start_seconds": 61.0 * turn, "record_start": 0, "text": quote}
            )
            mentions.append(
                place
                | {"mention_id": mention_id(transcript, turn, theme), "participant_id": who, "turn": turn, "start": 0}
                | {"end": len(quote), "quote": quote, "theme_id": theme, "theme_name": name, "coder": "heads"}
                | {"coder_version": "1", "score": round(chance.uniform(0.5, 1), 2), "status": "machine"}
                | {"sentiment": chance.choice(["negative", "neutral", "positive", "mixed"]), "sentiment_score": 0.0}
                | {"stage": "use", "type": "fact", "prompted": chance.random() < 0.3}
            )
        transcripts.append(
            place
            | {"sha256": f"{number:064x}", "version": 1, "interview_date": "2026-10-14", "language": "en"}
            | {"turns": len(THEMES), "words": 900, "outcome": "coded", "reason": ""}
        )
    made = {
        "transcripts": tables.TRANSCRIPTS.frame(transcripts),
        "turns": tables.TURNS.frame(turns),
        "mentions": tables.MENTIONS.frame(mentions),
        "participants": tables.PARTICIPANTS.frame(
            {"participant_id": who, **values} for who, values in study.people.items()
        ),
    }
    return made | {spec.name: spec.frame([]) for spec in tables.CONTRACT_TABLES if spec.name not in made}


def sentence(chance: random.Random) -> str:
    """Make a sentence of a few common words, so that its words pass the screen; seldom one that does not."""
    if chance.random() < 0.2:
        return chance.choice(
            ["We paid 40 for it.", "[PERSON_7F3A9C] called me.", "I mean, well, Initech.", "I said “no” to it."]
        )
    words = " ".join(chance.sample(WORDS, 5))
    return f"I mean, well, {words}."


def release(study: Study, made: Mapping[str, pd.DataFrame], attributes: Sequence[str], run: str = RUN) -> Path:
    """Put a released report into the study: what the outside edition is made of, without the pages."""
    folder = study.paths.reports / f"{run}-released"
    folder.mkdir(parents=True)
    inputs = ReportInputs(
        title="What labs say after the sale",
        run_id="run_5c1f0e6b7a2d4c3e9f8a7b6c5d4e3f2a",
        published_at="2026-11-22T04:10:00Z",
        status="released",
        codebook=load_codebook(),
        tables=made,
        attributes=tuple(attributes),
        small_base=5,
        quotes_per_theme=4,
        replaced=3,
        released_by="Ada Moreau",
        released_at="2026-11-23T09:00:00Z",
    )
    write_tables(made, folder)
    write_inputs(folder, inputs)
    sanction = Sanction("Ada Moreau", "2026-11-23T09:00:00Z", run)
    facts = ManifestFacts(inputs.run_id, inputs.published_at, "released", inputs={"a.docx": "0" * 64}, settings_hash="")
    path = write_manifest(folder, replace(facts, sanction=sanction))
    study.store.releases.add(
        Release(run, folder.name, sanction.released_by, sanction.released_at, "", file_sha256(path))
    )
    return folder


def opened(root: Path, settings: str = "") -> Iterator[Study]:
    """Open a study with these settings; a generator for ``contextlib.contextmanager`` and fixtures."""
    (root / "inbox").mkdir(parents=True, exist_ok=True)
    (root / "voc.toml").write_text(settings, encoding="utf-8")
    with open_study(root) as study:
        yield study


def read_shares(folder: Path) -> list[dict[str, Any]]:
    """Read theme_by_segment.csv of an outside folder, numbers as numbers, with the standard library's reader."""
    with (folder / "theme_by_segment.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        row
        | {name: int(row[name]) if row[name] else None for name in ("participants", "base")}
        | {"shown": row["shown"] == "true"}
        for row in rows
    ]


def read_view(folder: Path) -> dict[str, Any]:
    """Read report.json of an outside folder."""
    view: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return view
