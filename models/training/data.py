"""Reads the training statements and the validation interviews, and cuts them as the product cuts transcripts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc_pipeline.ids import ParticipantId, TranscriptId
from voc_pipeline.passages.segment import Segmenter
from voc_pipeline.records import CodingUnit, Role, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FOLDER = Path(__file__).parent
EXEMPLARS = FOLDER / "exemplars"
HELD_OUT = FOLDER / "held_out"
VALIDATION = FOLDER / "validation"
TRAPS = FOLDER / "traps.jsonl"


@dataclass(frozen=True, slots=True)
class Code:
    """A theme in a text, with the span that carries it (the whole text where its author marked none)."""

    theme: str
    sentiment: str
    stage: str
    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A coded text: a training statement, or a participant's turn of a validation interview.

    ``group`` is what is held out together: the author (``p4``) or the interview (``val-01``).
    """

    group: str
    number: int
    unit: CodingUnit
    codes: tuple[Code, ...]

    @property
    def themes(self) -> frozenset[str]:
        """The themes it carries."""
        return frozenset(code.theme for code in self.codes)


def load_exemplars(folder: Path = EXEMPLARS) -> list[Statement]:
    """Read ``part*.jsonl``, in the order of parts and lines."""
    rows = []
    for path in sorted(folder.glob("part*.jsonl"), key=lambda path: int(path.stem.removeprefix("part"))):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            group, _, number = entry["id"].partition("-")
            codes = [
                _code(
                    entry["text"],
                    code,
                    quote=code.get("evidence"),
                    stage=code.get("stage", entry["stage"]),
                    kind=code.get("type", entry["type"]),
                )
                for code in entry["codes"]
            ]
            rows.append((group, int(number), entry["question"], entry["text"], codes))
    return statements_of(rows)


def load_validation(folder: Path = VALIDATION) -> list[Statement]:
    """Read the participants' turns of ``val-*.json``."""
    rows = []
    for path in sorted(folder.glob("*.json")):
        interview = json.loads(path.read_text(encoding="utf-8"))
        question = None
        for turn in interview["turns"]:
            if turn["speaker"] == "Interviewer":
                question = turn["text"]
                continue
            codes = [
                _code(turn["text"], code, quote=code["quote"], stage=code["stage"], kind=code["type"])
                for code in interview["codes"]
                if code["turn"] == turn["n"]
            ]
            rows.append((interview["id"], turn["n"], question, turn["text"], codes))
    return statements_of(rows)


@dataclass(frozen=True, slots=True)
class Trap:
    """A statement in which some themes are wrong, though it sounds like them; ``wrong`` holds ``*`` for all."""

    kind: str
    unit: CodingUnit
    wrong: frozenset[str]

    def is_wrong(self, theme: str) -> bool:
        """Say whether a theme is wrong here."""
        return theme in self.wrong or "*" in self.wrong


def load_traps(path: Path = TRAPS) -> list[Trap]:
    """Read the traps, one a line; nothing is ever trained on them."""
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    statements = statements_of(
        [("traps", number, one["question"], one["text"], ()) for number, one in enumerate(entries)]
    )
    return [
        Trap(entry["kind"], statement.unit, frozenset(entry["wrong"]))
        for entry, statement in zip(entries, statements, strict=True)
    ]


def data_hash(*folders: Path) -> str:
    """Hash the names and bytes of all files in folders (64 hex digits)."""
    sha = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.iterdir()):
            sha.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()


def _code(text: str, code: dict[str, Any], *, quote: str | None, stage: str | None, kind: str | None) -> Code:
    start = text.find(quote) if quote else 0
    if start < 0:
        msg = f"evidence of {code['theme']} is not in its text"
        raise ValueError(msg)
    end = start + len(quote) if quote else len(text)
    return Code(code["theme"], code["sentiment"], stage or "", kind or "", start, end)


def statements_of(rows: Iterable[tuple[str, int, str | None, str, Sequence[Code]]]) -> list[Statement]:
    """Make statements of rows of group, number, question, text and codes, cut as the product cuts a turn."""
    rows = list(rows)
    transcript, person = TranscriptId("tr_training"), ParticipantId("training")
    turns, position = [], 0
    for number, (*_, text, _codes) in enumerate(rows, start=1):
        turns.append(Turn(number, "", Role.PARTICIPANT, text, position, participant_id=person))
        position += len(text) + 1
    passages: dict[int, list[Any]] = {}
    for passage in Segmenter().segment(transcript, turns):
        passages.setdefault(passage.turn, []).append(passage)
    return [
        Statement(
            group,
            own_number,
            CodingUnit(transcript, turn.number, person, text, tuple(passages.get(turn.number, ())), question),
            tuple(codes),
        )
        for turn, (group, own_number, question, text, codes) in zip(turns, rows, strict=True)
    ]
