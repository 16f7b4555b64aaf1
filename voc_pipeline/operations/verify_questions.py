"""Proves questions.csv against the turns: where each question was asked, who answered it, and from where to where."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.analysis.questions import GUIDE, SIMILARITY, answers, label, question_sentence
from voc_pipeline.ids import make_id
from voc_pipeline.operations.verdicts import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from voc_pipeline.operations.verdicts import Check
    from voc_pipeline.operations.verify_evidence import Evidence, Row


def check_questions(evidence: Evidence, turns: pd.DataFrame) -> Check:
    """Prove ids, wording and answers. Which turns ask the same is the encoder's judgement, and is not made again."""
    tally = Tally("questions")
    rows = evidence.tables["questions"]
    expected = answers(turns)
    for row in rows:
        where = f"questions.csv, {row['question_id']}, {row['transcript_id']}, turn {row['turn']}"
        found = (row["first_answer"], row["last_answer"])
        answered = expected.get((row["transcript_id"], row["turn"]), {}).get(row["participant_id"])
        right = f"{answered[0]} to {answered[1]}" if answered else "none of this participant"
        what = f"the answer is given as {found[0]} to {found[1]}; after this turn it is {right}"
        tally.require(found == answered, what, where)
        tally.require(row["source"] in {GUIDE, SIMILARITY}, "the source is none of the contract's", where)
    for place, count in Counter((row["transcript_id"], row["turn"]) for row in rows).items():
        given, where = len(expected.get(place, {})), f"questions.csv, {place[0]}, turn {place[1]}"
        tally.require(count == given, f"{count} answers are listed, there are {given}", where)
    _check_wording(tally, evidence, rows)
    return tally.check()


def _check_wording(tally: Tally, evidence: Evidence, rows: Sequence[Row]) -> None:
    """An id follows from its question; what was grouped by likeness is called by the words of one of its turns."""
    members: dict[str, list[Row]] = {}
    for row in rows:
        members.setdefault(row["question_id"], []).append(row)
    named: Counter[str] = Counter()
    for name, group in members.items():
        where = f"questions.csv, {name}"
        question = group[0]["question"]
        named[question] += 1
        tally.require(name == make_id("qu", question, named[question]), "the id is not that of the question", where)
        same = all((row["question"], row["source"]) == (question, group[0]["source"]) for row in group)
        tally.require(same, "its rows do not ask the same", where)
        if group[0]["source"] == SIMILARITY:
            tally.require(question in _labels(evidence.turns, group), "none of its turns asks in these words", where)


def _labels(turns: Mapping[tuple[str, int], Row], group: Sequence[Row]) -> set[str]:
    asked = (turns.get((row["transcript_id"], row["turn"])) for row in group)
    return {label(question_sentence(turn["text"])) for turn in asked if turn}
