"""A small invented study for the report's tests: 12 people, 2 attributes, quotes written for it (study.txt)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline import tables
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.ids import ThemeId, mention_id, passage_id, transcript_id
from voc_pipeline.report.view import ReportInputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser

    from voc_pipeline.ids import PassageId

CHROMIUM = Path("/usr/bin/chromium")
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
        "theme_by_segment": tables.THEME_BY_SEGMENT.frame(
            shares(built, [(theme.theme_id, theme.name) for theme in codebook.themes])
        ),
        "topics": tables.TOPICS.frame([_topic(examples)]),
        "scores": tables.SCORES.frame(built.scores),
    }
    return ReportInputs(
        title="Flow cytometry and therapy customers: what the relationship feels like after the sale",
        run_id="run_5c1f0e6b7a2d4c3e9f8a7b6c5d4e3f2a",
        published_at="2026-11-22T04:10:00+00:00",
        status="draft",
        codebook=codebook,
        tables=frames,
        attributes=("role", "region"),
        small_base=5,
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
    built.participants.append({"participant_id": participant, "role": role, "region": region, "site": "NA"})
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


def shares(built: Built, themes: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Theme by segment, computed by SciPy and statsmodels rather than by the package."""
    persons = {row["participant_id"]: row for row in built.participants}
    segments = {(tables.ALL_SEGMENTS, tables.ALL_SEGMENTS): set(persons)}
    for attribute in ("role", "region"):
        for person, row in persons.items():
            segments.setdefault((attribute, row[attribute]), set()).add(person)
    rows = [_share(built, members, segment=key, theme=theme) for key, members in segments.items() for theme in themes]
    for attribute in ("role", "region"):
        _correct([row for row in rows if row["segment_attribute"] == attribute])
    return rows


def _share(built: Built, members: set[str], *, segment: tuple[str, str], theme: tuple[str, str]) -> dict[str, Any]:
    import numpy as np
    from scipy.stats import binomtest, fisher_exact

    mentions = [row for row in built.mentions if row["theme_id"] == theme[0]]
    inside = [row for row in mentions if row["participant_id"] in members]
    voices = sorted({row["participant_id"] for row in inside})
    others = {row["participant_id"] for row in mentions} - members
    interval = binomtest(len(voices), len(members)).proportion_ci(method="wilson")
    rest = {row["participant_id"] for row in built.participants} - members
    table = np.array([[len(voices), len(members) - len(voices)], [len(others), len(rest) - len(others)]])
    net = [_net([row for row in inside if row["participant_id"] == voice]) for voice in voices]
    mean = sum(net) / len(net) if net else None
    spread = None if mean is None or len(net) < 3 else 1.96 * (1 - mean**2) ** 0.5 / len(net) ** 0.5
    return {
        "segment_attribute": segment[0], "segment_value": segment[1], "theme_id": theme[0], "theme_name": theme[1],
        "participants": len(voices), "base": len(members), "share": len(voices) / len(members),
        "ci_low": float(interval.low), "ci_high": float(interval.high), "mentions": len(inside),
        "volunteered_participants": len({row["participant_id"] for row in inside if not row["prompted"]}),
        "net_sentiment": mean,
        "sentiment_ci_low": None if mean is None or spread is None else max(-1.0, mean - spread),
        "sentiment_ci_high": None if mean is None or spread is None else min(1.0, mean + spread),
        "p_value": float(fisher_exact(table)[1]) if rest else None, "q_value": None, "small_base": len(members) < 5,
    }  # fmt: skip


def _net(mentions: Sequence[dict[str, Any]]) -> float:
    stances = [row["sentiment"] for row in mentions]
    return (stances.count("positive") - stances.count("negative")) / len(stances)


def _correct(rows: Sequence[dict[str, Any]]) -> None:
    from scipy.stats import false_discovery_control

    for row, q_value in zip(rows, false_discovery_control([row["p_value"] for row in rows]), strict=True):
        row["q_value"] = float(q_value)
