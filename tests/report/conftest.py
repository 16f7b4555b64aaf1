"""A small invented study for the report's tests: 12 people, 2 attributes, quotes written for it (study.txt)."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from voc_pipeline import tables
from voc_pipeline.analysis.derived import derived_tables
from voc_pipeline.analysis.questions import questions, texts_to_encode
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.ids import ThemeId, mention_id, passage_id, transcript_id
from voc_pipeline.report.view import ReportInputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt
    import pandas as pd
    from playwright.sync_api import Browser

    from voc_pipeline.ids import PassageId

CHROMIUM = Path("/usr/bin/chromium")
ATTRIBUTES, SMALL_BASE = ("role", "region"), 5
SUBJECTS = ("recommend", "something breaks|is support|is the service", "paperwork|the process|contracting|lose time")
VALUES = ("$210,000", "95000", "1.2m", "", "60000", "", "450000", "380000", "120000", "30000", "75000", "40000")
STUDY = Path(__file__).parent / "study.txt"
People = tuple[str, str, str, str, tuple[str, ...]]


def people() -> list[People]:
    """Read the study: role, region, file, roster score and the turns of each person."""
    found = []
    for block in STUDY.read_text(encoding="utf-8").split("\n## ")[1:]:
        head, *talk = block.strip().splitlines()
        role, region, file, score = (part.strip() for part in head.split("|"))
        found.append((role, region, file, score, tuple(talk)))
    return found


@dataclass
class Built:
    """Rows of the study's tables while they are made."""

    transcripts: list[dict[str, Any]]
    turns: list[dict[str, Any]]
    mentions: list[dict[str, Any]]
    participants: list[dict[str, Any]]
    scores: list[dict[str, Any]]


@pytest.fixture(scope="session")
def study() -> Callable[..., ReportInputs]:
    """Makes the whole study as report inputs; any field may be replaced."""
    return make_study


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    if not CHROMIUM.exists():
        pytest.skip("needs Debian package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def make_study(**changes: Any) -> ReportInputs:
    return dataclasses.replace(whole_study(), **changes)


@cache
def whole_study() -> ReportInputs:
    codebook = load_codebook()
    built = Built([], [], [], [], [])
    for number, person in enumerate(people(), start=1):
        _add_person(built, number, person, {theme.theme_id: theme.name for theme in codebook.themes})
    built.transcripts += _problem_files()
    waiting = [row | {"mention_id": f"{row['mention_id']}w", "score": 0.41} for row in built.mentions[:3]]
    examples = _topic_examples(built)
    frames = {
        "transcripts": tables.TRANSCRIPTS.frame(built.transcripts),
        "turns": tables.TURNS.frame(built.turns),
        "mentions": tables.MENTIONS.frame(built.mentions),
        "review_queue": tables.REVIEW_QUEUE.frame(waiting),
        "participants": tables.PARTICIPANTS.frame(built.participants),
        "topics": tables.TOPICS.frame([_topic(examples)]),
        "scores": tables.SCORES.frame(built.scores),
    }
    frames |= derived_tables(frames, codebook, ATTRIBUTES, small_base=SMALL_BASE)
    frames["questions"] = questions(frames["turns"], question_vectors(frames["turns"]))
    return ReportInputs(
        title="Flow cytometry and therapy customers: what the relationship feels like after the sale",
        run_id="run_5c1f0e6b7a2d4c3e9f8a7b6c5d4e3f2a",
        published_at="2026-11-22T04:10:00+00:00",
        status="draft",
        codebook=codebook,
        tables=frames,
        attributes=ATTRIBUTES,
        small_base=SMALL_BASE,
        quotes_per_theme=4,
        replaced=87,
        topics_examples=examples,
        method={
            "codebook": "cx-life-sciences, version 1",
            "Encoder": "all-MiniLM-L6-v2",
            "Theme coder": "heads 1.0.0",
            "Sentiment": "heads 1.0.0",
        },
    )


def _add_person(built: Built, number: int, person: People, names: dict[ThemeId, str]) -> None:
    role, region, file, score, talk = person
    sha = f"{number:064x}"
    transcript = transcript_id(sha)
    participant = f"P-{number:02}"
    place = {"transcript_id": transcript, "source_file": file}
    start = 0
    for turn, raw in enumerate(talk, start=1):
        asks = raw.startswith("? ")
        text, mentions = (raw[2:], []) if asks else _parse(raw[2:])
        seconds = None if file.endswith((".txt", ".csv")) else 14.0 + 97.5 * turn
        speaker, part, who = ("Interviewer", "interviewer", "") if asks else (participant, "participant", participant)
        built.turns.append(
            place
            | {"turn": turn, "speaker": speaker, "role_in_call": part, "participant_id": who}
            | {"start_seconds": seconds, "record_start": start, "text": text}
        )
        start += len(text) + 1
        for found in mentions:
            theme = ThemeId(found.pop("theme_id"))
            built.mentions.append(
                place
                | {"mention_id": mention_id(transcript, turn, theme), "participant_id": participant, "turn": turn}
                | {"theme_id": theme, "theme_name": names[theme], "coder": "heads", "coder_version": "1.0.0"}
                | {"status": "machine"}
                | found
            )
    words = sum(len(row["text"].split()) for row in built.turns if row["transcript_id"] == transcript)
    built.transcripts.append(
        place
        | {"sha256": sha, "version": 1, "interview_date": "2026-10-14", "language": "en", "turns": len(talk)}
        | {"words": words, "outcome": "coded", "reason": ""}
    )
    built.participants.append(
        {"participant_id": participant, "role": role, "region": region, "site": "NA"}
        | {"account_value_usd": VALUES[number - 1]}
    )
    if score.isdigit():
        built.scores.append(
            {"participant_id": participant, "transcript_id": transcript, "turn": None, "start": None, "end": None}
            | {"quote": "", "score": float(score), "source": "roster"}
        )


def _parse(raw: str) -> tuple[str, list[dict[str, Any]]]:
    """Read ``text **quote** text {theme:sentiment:stage:type[:p]:score}`` into the text and its mentions."""
    words, _, rest = raw.partition("{")
    before, quote, after = words.rstrip().split("**")
    found = []
    for tag in ("{" + rest).replace("{", "").split("}"):
        if not tag.strip():
            continue
        theme, sentiment, stage, kind, *more = tag.strip().split(":")
        found.append(
            {"theme_id": theme, "sentiment": sentiment, "stage": stage, "type": kind, "prompted": "p" in more}
            | {"score": float(more[-1]), "quote": quote, "start": len(before), "end": len(before) + len(quote)}
            | {"sentiment_score": {"negative": -0.8, "positive": 0.8}.get(sentiment, 0.0)}
        )
    return before + quote + after, found


def _problem_files() -> list[dict[str, Any]]:
    common = {"version": 1, "interview_date": "", "language": "", "turns": None, "words": None}
    problems = (
        ("interview-13.docx", "refused", "The file is not a Word document: it ends after 2,048 bytes."),
        ("interview-14.txt", "attention", "It can't be told who asks and who answers: Speaker 1, Speaker 2."),
        ("copy of interview-01.docx", "duplicate", "Same content as interview-01.docx."),
    )
    return [
        common
        | {"transcript_id": f"tr_{number}", "source_file": name, "sha256": f"{number:064x}"}
        | {"outcome": outcome, "reason": reason}
        for number, (name, outcome, reason) in enumerate(problems, start=100)
    ]


def _topic_examples(built: Built) -> dict[PassageId, tuple[str, int, int, int]]:
    found = {}
    for row in built.turns:
        for sentence in ("We sort of got used to being on our own.", "Honestly, I keep a spreadsheet just for that."):
            start = row["text"].find(sentence)
            if start >= 0:
                end = start + len(sentence)
                place = (row["transcript_id"], row["turn"], start, end)
                found[passage_id(*place)] = place
    return found


def _topic(examples: dict[PassageId, tuple[str, int, int, int]]) -> dict[str, Any]:
    return {
        "topic_id": "tp_1", "label": "Home-made workarounds", "passages": 6, "participants": 4, "stability": 0.82,
        "terms": "spreadsheet, own, workaround, used, keep", "examples": " ".join(examples),
    }  # fmt: skip


def question_vectors(turns: pd.DataFrame) -> dict[str, npt.NDArray[np.float32]]:
    """Stand-in vectors: questions on one of these subjects are the same, all others are like nothing else."""
    texts = texts_to_encode(turns)
    vectors = {}
    for place, text in enumerate(texts):
        subject = next((number for number, words in enumerate(SUBJECTS) if re.search(words, text.lower())), None)
        vectors[text] = np.zeros(len(SUBJECTS) + len(texts), dtype=np.float32)
        vectors[text][len(SUBJECTS) + place if subject is None else subject] = 1
    return vectors
