"""Questions: interviewers' turns that ask the same, and where each participant answers."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from voc_pipeline.ids import make_id
from voc_pipeline.records import Role
from voc_pipeline.tables import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd

    from voc_pipeline.protocols import FloatMatrix

FARTHEST = 0.5
"""Cosine distance up to which two questions ask the same. Chosen by reading the groups that it makes of the sample
study's 12 interviews (MiniLM): above it they begin to mix different questions, at 0.45 fewer turns find a group."""
NEAR_IDENTICAL = 0.05  # the same question again, in the same words
LONGEST_LABEL = 160
FEWEST_WORDS = 4  # an interviewer's shorter turn ("Right. And then?") keeps an answer going
_FEWEST_WORDS_ALONE = 3  # "Okay?" is not what the turn asks
_APART = 2.0  # the largest cosine distance there is
_FEW_TRANSCRIPTS = 8
_DECIMALS = 5  # a machine's last bits decide nothing
_STAND_IN = "them"
_SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\w))+[.!?]*")
GUIDE, SIMILARITY = "guide", "similarity"


class Turn(NamedTuple):
    """A turn, as far as questions and answers go."""

    transcript: str
    number: int
    role: str
    participant: str
    text: str

    @property
    def asks(self) -> bool:
        """Whether an interviewer asks for something here."""
        return self.role == Role.INTERVIEWER.value and len(self.text.split()) >= FEWEST_WORDS


class Asked(NamedTuple):
    """An interviewer's turn that asks: ``position`` in its interview is in 0..1, ``text`` is what is compared."""

    turn: Turn
    position: float
    question: str
    text: str


class Group(NamedTuple):
    """Turns that ask the same."""

    question: str
    source: str
    members: tuple[Asked, ...]


def texts_to_encode(turns: pd.DataFrame, *, names: Sequence[str] = (), guide: Sequence[str] = ()) -> list[str]:
    """Give the texts whose vectors `questions` wants, each once, in a stable order.

    Args:
        turns: Table ``TURNS`` in any order.
        names: Names of vendors and products.
        guide: The study's own questions.
    """
    found = asked(turns, names=names)
    return sorted({one.text for one in found} | set(guide)) if found else []


def questions(
    turns: pd.DataFrame,
    vectors: Mapping[str, npt.NDArray[np.float32]],
    *,
    names: Sequence[str] = (),
    guide: Sequence[str] = (),
) -> pd.DataFrame:
    """Group interviewers' turns by what they ask, and say where each participant answers.

    A turn is compared by its question sentence, in which a name that more than half of the interviews ask about reads
    "them": what all questions share tells none apart. Without a guide, groups are those of complete-linkage
    agglomerative clustering (Defays 1977) on cosine distance up to ``FARTHEST``, so that any two members are that
    near. Two turns of one interview are in one group only if they are nearly identical. A group is kept if it is heard
    in two interviews, of more than eight in three; its name is the question sentence of its medoid. With a guide, a
    turn belongs to the nearest of its questions, if that is as near.

    An answer is all that a participant says up to the interviewer's next turn of four words or more.

    Args:
        turns: Table ``TURNS`` in any order.
        vectors: Unit vectors, float32 of shape (dimension,), by text: all of `texts_to_encode`.
        names: Names of vendors and products.
        guide: The study's own questions in their order.

    Returns:
        Table ``QUESTIONS``: a row for each participant who answers a turn. Questions in the order of the guide, else
        by their mean place in the interviews; then by transcript, turn and participant.
    """
    found = asked(turns, names=names)
    groups = _guided(found, vectors, guide) if guide else _similar(found, vectors)
    answered = _answers(_turns(turns))
    named: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    for group in groups:
        named[group.question] += 1
        rows += _rows(group, make_id("qu", group.question, named[group.question]), answered)
    return QUESTIONS.frame(rows)


def _rows(
    group: Group, question_id: str, answered: Mapping[tuple[str, int], Mapping[str, Sequence[int]]]
) -> Iterator[dict[str, object]]:
    for one in group.members:
        place = one.turn.transcript, one.turn.number
        for participant, numbers in sorted(answered[place].items()):
            yield {
                "question_id": question_id,
                "question": group.question,
                "source": group.source,
                "transcript_id": place[0],
                "turn": place[1],
                "participant_id": participant,
                "first_answer": min(numbers),
                "last_answer": max(numbers),
            }


def asked(turns: pd.DataFrame, *, names: Sequence[str] = ()) -> list[Asked]:
    """List the interviewers' turns that ask, by transcript and turn."""
    spoken = _turns(turns)
    last = {turn.transcript: turn.number for turn in spoken}
    asking = [(turn, question_sentence(turn.text)) for turn in spoken if turn.asks]
    worn = _worn([(turn.transcript, question) for turn, question in asking], names)
    return [
        Asked(turn, turn.number / last[turn.transcript], question, worn.sub(_STAND_IN, question) if worn else question)
        for turn, question in asking
    ]


def question_sentence(text: str) -> str:
    """Give the last sentence that asks, the whole text if none does."""
    sentences = [found.group().strip() for found in _SENTENCE.finditer(text)]
    asking = [one for one in sentences if "?" in one and len(one.split()) >= _FEWEST_WORDS_ALONE]
    return asking[-1] if asking else " ".join(text.split())


def answers(turns: pd.DataFrame) -> dict[tuple[str, int], dict[str, tuple[int, int]]]:
    """Map each turn that asks, by transcript and number, to the first and last turn of each participant's answer.

    Args:
        turns: Table ``TURNS`` in any order.
    """
    return {
        place: {participant: (min(numbers), max(numbers)) for participant, numbers in found.items()}
        for place, found in _answers(_turns(turns)).items()
    }


def label(question: str) -> str:
    """Shorten a question to 160 characters, cut at a word."""
    if len(question) <= LONGEST_LABEL:
        return question
    cut = question[:LONGEST_LABEL]  # the last place is the ellipsis's
    words = cut[: cut.rfind(" ")] if " " in cut else cut[:-1]
    return f"{words.rstrip(' ,;:')}\u2026"


def _turns(turns: pd.DataFrame) -> list[Turn]:
    columns = ("transcript_id", "turn", "role_in_call", "participant_id", "text")
    rows = zip(*(turns[name].tolist() for name in columns), strict=True)
    return sorted(Turn(str(a), int(b), str(c), str(d), str(e)) for a, b, c, d, e in rows)


def _worn(asking: Sequence[tuple[str, str]], names: Sequence[str]) -> re.Pattern[str] | None:
    """Find the names that more than half of the interviews ask about, longest first."""
    interviews = len({transcript for transcript, _ in asking})
    worn = []
    for name in sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name)):
        pattern = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
        if 2 * len({transcript for transcript, question in asking if pattern.search(question)}) > interviews:
            worn.append(re.escape(name))
    return re.compile(rf"\b(?:{'|'.join(worn)})\b", re.IGNORECASE) if worn else None


def _similar(found: Sequence[Asked], vectors: Mapping[str, npt.NDArray[np.float32]]) -> list[Group]:
    """Group turns by complete linkage; groups in the order in which they are asked."""
    transcripts = {one.turn.transcript for one in found}
    fewest = 3 if len(transcripts) > _FEW_TRANSCRIPTS else 2
    if len(transcripts) < fewest:
        return []
    distances = _distances(found, np.stack([vectors[one.text] for one in found]))
    groups = []
    for members in _clusters(distances):
        ours = [found[member] for member in members]
        if len({one.turn.transcript for one in ours}) >= fewest:
            medoid = members[int(distances[np.ix_(members, members)].sum(axis=1).argmin())]
            groups.append(Group(label(found[medoid].question), SIMILARITY, tuple(ours)))
    return sorted(groups, key=_place)


def _distances(found: Sequence[Asked], vectors: FloatMatrix) -> FloatMatrix:
    """Give cosine distances; two different turns of one transcript are as far apart as can be."""
    distances = np.clip((1 - vectors @ vectors.T).round(_DECIMALS), 0, _APART)
    distances = np.minimum(distances, distances.T)
    for _, block in groupby(range(len(found)), key=lambda place: found[place].turn.transcript):
        own = list(block)
        rows = np.ix_(own, own)
        distances[rows] = np.where(distances[rows] > NEAR_IDENTICAL, _APART, distances[rows])
    np.fill_diagonal(distances, 0)
    return np.asarray(distances, dtype=np.float32)


def _clusters(distances: FloatMatrix) -> Iterator[list[int]]:
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 (only a report needs it)
    from scipy.spatial.distance import squareform  # noqa: PLC0415 (as above)

    tree = linkage(squareform(distances, checks=False), method="complete")
    labels = fcluster(tree, FARTHEST, criterion="distance")
    places = np.argsort(labels, kind="stable").tolist()
    for _, members in groupby(places, key=lambda place: int(labels[place])):
        yield list(members)


def _place(group: Group) -> tuple[float, str, str, int]:
    mean = sum(one.position for one in group.members) / len(group.members)
    first = group.members[0].turn
    return round(mean, _DECIMALS), group.question, first.transcript, first.number


def _guided(
    found: Sequence[Asked], vectors: Mapping[str, npt.NDArray[np.float32]], guide: Sequence[str]
) -> list[Group]:
    """Give each turn to the guide's question that is nearest to it, if any is near."""
    if not found:
        return []
    order = list(dict.fromkeys(guide))
    near = np.stack([vectors[one.text] for one in found]) @ np.stack([vectors[text] for text in order]).T
    near = near.round(_DECIMALS)
    members: dict[int, list[Asked]] = {}
    for one, similarities in zip(found, near, strict=True):
        best = int(similarities.argmax())
        if similarities[best] >= 1 - FARTHEST:
            members.setdefault(best, []).append(one)
    return [Group(label(order[place]), GUIDE, tuple(members[place])) for place in sorted(members)]


def _answers(spoken: Sequence[Turn]) -> dict[tuple[str, int], dict[str, list[int]]]:
    """Map each turn that asks to the turns of each participant who answers it."""
    answers: dict[tuple[str, int], dict[str, list[int]]] = {}
    for transcript, turns in groupby(spoken, key=lambda turn: turn.transcript):
        current: dict[str, list[int]] = {}
        for turn in turns:
            if turn.asks:
                current = answers.setdefault((transcript, turn.number), {})
            elif turn.role == Role.PARTICIPANT.value:
                current.setdefault(turn.participant, []).append(turn.number)
    return answers
