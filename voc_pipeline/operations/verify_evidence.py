"""Proves what was recorded against itself: files, turns, people, and every quote against its turn, by its offsets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voc_pipeline import ids
from voc_pipeline.operations.verdicts import Tally, described, records
from voc_pipeline.records import MentionStatus, Outcome, Role, Sentiment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from voc_pipeline.operations.verdicts import Check
    from voc_pipeline.report.inputs import ReportInputs
    from voc_pipeline.report.manifest import Manifest

_HIGHEST_SCORE = 10.0
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows that a report rests on, and its turns by transcript and number."""

    tables: Mapping[str, Sequence[Row]]
    turns: Mapping[tuple[str, int], Row]
    people: frozenset[str]

    @classmethod
    def of(cls, frames: Mapping[str, pd.DataFrame]) -> Evidence:
        """Read the rows of the tables that are recorded, not computed."""
        names = ("transcripts", "turns", "mentions", "review_queue", "participants", "scores", "questions", "topics")
        tables = {name: list(records(frames[name])) for name in names}
        return cls(
            tables,
            {(row["transcript_id"], row["turn"]): row for row in tables["turns"]},
            frozenset(row["participant_id"] for row in tables["participants"]),
        )


def check_transcripts(evidence: Evidence, manifest: Manifest) -> Check:
    """Prove ids, sizes and outcomes of the files, and that the manifest names the same ones."""
    tally = Tally("transcripts")
    rows = evidence.tables["transcripts"]
    words = Counter[str]()
    for turn in evidence.tables["turns"]:
        words[turn["transcript_id"]] += len(turn["text"].split())
    turns = Counter(turn["transcript_id"] for turn in evidence.tables["turns"])
    for row in rows:
        where = f"transcripts.csv, {row['transcript_id']}"
        tally.require(row["transcript_id"] == ids.transcript_id(row["sha256"]), "the id is not that of the hash", where)
        tally.require(row["outcome"] in set(Outcome), "the outcome is none of the contract's", where)
        if row["outcome"] == Outcome.CODED:
            for name, counted in (("turns", turns), ("words", words)):
                found, expected = row[name], counted[row["transcript_id"]]
                tally.require(found == expected, f"{name}: found {found}, turns.csv has {expected}", where)
    coded = {row["transcript_id"] for row in rows if row["outcome"] == Outcome.CODED}
    for transcript in sorted(set(turns) - coded):
        tally.fault("turns of a transcript that is not coded", f"turns.csv, {transcript}")
    _require_same_files(tally, rows, manifest)
    return tally.check()


def _require_same_files(tally: Tally, rows: Sequence[Row], manifest: Manifest) -> None:
    """Files that are not superseded are the manifest's inputs; where names tie, the manifest numbers them."""
    current = [row for row in rows if row["outcome"] != Outcome.SUPERSEDED]
    named = dict(manifest.facts.inputs)
    for row in current:
        fits = [
            name
            for name, sha256 in named.items()
            if sha256 == row["sha256"] and (name == row["source_file"] or name.startswith(f"{row['source_file']} ("))
        ]
        where = f"transcripts.csv, {row['transcript_id']}"
        tally.require(fits, "the manifest has no input of this name and hash", where)
        if fits:
            del named[min(fits, key=len)]
    for name in named:
        tally.fault("an input that transcripts.csv does not list", f"manifest.json, inputs, {name!r}")
    same = Counter(row["outcome"] for row in current) == manifest.facts.coverage  # as mappings: a zero is no count
    tally.require(same, "the counts of outcomes are not those of transcripts.csv", "manifest.json, coverage")


def check_turns(evidence: Evidence) -> Check:
    """Prove that turns count from 1, follow each other in the record, and belong to known files and people."""
    tally = Tally("turns")
    files = {
        row["transcript_id"]: row["source_file"]
        for row in evidence.tables["transcripts"]
        if row["outcome"] == Outcome.CODED
    }
    expected: dict[str, tuple[int, int]] = {}
    for row in evidence.tables["turns"]:
        transcript = row["transcript_id"]
        number, start = expected.get(transcript, (1, 0))
        where = f"turns.csv, {transcript}, turn {row['turn']}"
        tally.require(row["turn"] == number, f"turn {number} should follow here", where)
        found = row["record_start"]
        tally.require(found == start, f"record_start is {found}, the turns before it end at {start}", where)
        tally.require(row["source_file"] == files.get(transcript), "the file is not that of transcripts.csv", where)
        is_participant = row["role_in_call"] == Role.PARTICIPANT
        tally.require(row["role_in_call"] in set(Role), "the role is none of the contract's", where)
        known = row["participant_id"] in evidence.people if is_participant else not row["participant_id"]
        tally.require(known, "the participant is not that of the role, or not in participants.csv", where)
        expected[transcript] = (number + 1, start + len(row["text"]) + 1)
    return tally.check()


def check_people(evidence: Evidence) -> Check:
    """Prove that each participant stands once in the table and speaks."""
    tally = Tally("participants")
    counts = Counter(row["participant_id"] for row in evidence.tables["participants"])
    speaking = {row["participant_id"] for row in evidence.tables["turns"]}
    for person, count in counts.items():
        where = f"participants.csv, {person}"
        tally.require(count == 1, f"the participant stands {count} times", where)
        tally.require(person in speaking, "the participant has no turn", where)
    return tally.check()


def check_mentions(evidence: Evidence, inputs: ReportInputs) -> Check:
    """Prove ids, themes and judgements of all mentions, those that wait for review among them."""
    tally = Tally("mentions")
    codebook = inputs.codebook
    themes: dict[str, str] = {theme.theme_id: theme.name for theme in codebook.themes}
    known: dict[str, set[str]] = {
        "status": {str(status) for status in MentionStatus},
        "sentiment": {str(sentiment) for sentiment in Sentiment},
        "stage": {"", *codebook.journey_stages},
        "type": {"", *codebook.statement_types},
    }
    seen: set[str] = set()
    for table in ("mentions", "review_queue"):
        for row in evidence.tables[table]:
            where = f"{table}.csv, {row['mention_id']}"
            expected = ids.mention_id(row["transcript_id"], row["turn"] or 0, row["theme_id"])
            tally.require(row["mention_id"] == expected, "the id is not that of its turn and theme", where)
            tally.require(row["mention_id"] not in seen, "the mention stands twice", where)
            seen.add(row["mention_id"])
            tally.require(
                themes.get(row["theme_id"]) == row["theme_name"], "the theme is not so in the codebook", where
            )
            for name, values in known.items():
                tally.require(row[name] in values, f"{name} is none of the codebook's or contract's", where)
            scores_fit = _within(row["score"], 0.0, 1.0) and _within(row["sentiment_score"], -1.0, 1.0)
            tally.require(scores_fit, "score or sentiment_score is out of bounds", where)
    return tally.check()


def check_quotes(evidence: Evidence, inputs: ReportInputs) -> Check:
    """Prove every quote against the text of its turn, and that the turn is of the participant who is named."""
    tally = Tally("quotes")
    for table in ("mentions", "review_queue", "scores"):
        for row in evidence.tables[table]:
            if table == "scores" and row["source"] == "roster":
                continue
            _require_quote(tally, evidence, row, f"{table}.csv, {row.get('mention_id') or _place(row)}")
    for row in evidence.tables["scores"]:
        where = f"scores.csv, {row['participant_id']}"
        tally.require(row["participant_id"] in evidence.people, "the participant is not in participants.csv", where)
        tally.require(_within(row["score"], 0.0, _HIGHEST_SCORE), "the score is not in 0 to 10", where)
    _check_examples(tally, evidence, inputs)
    return tally.check()


def _require_quote(tally: Tally, evidence: Evidence, row: Row, where: str) -> None:
    turn = evidence.turns.get((row["transcript_id"], row["turn"]))
    tally.require(turn is not None, "the turn that is quoted is not in turns.csv", where)
    if turn is None:
        return
    start, end, quote = row["start"], row["end"], row["quote"]
    placed = start is not None and end is not None and 0 <= start < end <= len(turn["text"])
    words = turn["text"][start:end] if placed else ""
    same = f"found {described(quote)}; the turn has {described(words)} at {start}:{end}"
    tally.require(placed and words == quote, f"the words at the offsets are not the quote: {same}", where)
    owner = (turn["role_in_call"], turn["participant_id"], turn["source_file"])
    named = (Role.PARTICIPANT, row["participant_id"], row.get("source_file", turn["source_file"]))
    tally.require(owner == named, "the turn is not of this participant and file", where)


def _check_examples(tally: Tally, evidence: Evidence, inputs: ReportInputs) -> None:
    """Topics' examples are named by the places of their passages; their ids follow from those."""
    named = {name for row in evidence.tables["topics"] for name in row["examples"].split()}
    for name, (transcript, number, start, end) in inputs.topics_examples.items():
        where = f"inputs.json, topics_examples, {name}"
        expected = ids.passage_id(ids.TranscriptId(transcript), number, start, end)
        tally.require(name == expected, "the id is not that of its place", where)
        turn = evidence.turns.get((transcript, number))
        tally.require(turn and 0 <= start < end <= len(turn["text"]), f"no turn has words at {start}:{end}", where)
    missing = sorted(named ^ set(inputs.topics_examples))
    tally.require(not missing, f"{len(missing)} examples of topics and their places don't pair up", "topics.csv")


def _place(row: Row) -> str:
    return f"{row['transcript_id']}, turn {row['turn']}"


def _within(value: float | None, least: float, most: float) -> bool:
    return value is not None and least <= value <= most
