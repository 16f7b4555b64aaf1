"""Question by question: what each respondent answered, how it begins and which themes are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.conversation import TurnIndex, text_parts
from voc_pipeline.report.panels import GridCell, GridPanel, GridRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import QuestionRow

EXCERPT = 140
GUIDE = "guide"
LEAST_ASKED, MOST_QUESTIONS = 2, 40
_EMPTY = GridCell("", (), ())


def grid_panel(material: Material) -> GridPanel | None:
    """Lay questions out by respondents; None if the study has no guide and no question was asked of two."""
    asked: dict[str, list[QuestionRow]] = {}
    for row in material.tables.questions:
        asked.setdefault(row.question_id, []).append(row)
    shared = [rows for rows in asked.values() if rows[0].source == GUIDE or _people(rows) >= LEAST_ASKED]
    shown = shared[:MOST_QUESTIONS]
    if not shown:
        return None
    heard = {row.participant_id for rows in shown for row in rows}
    participants = tuple(person for person in material.tables.attributes if person in heard)
    maker = _Cells(material)
    return GridPanel(
        note=_note(
            guided=shown[0][0].source == GUIDE, asked_once=len(asked) - len(shared), cut=len(shared) - len(shown)
        ),
        participants=participants,
        rows=tuple(
            GridRow(
                text_parts(rows[0].question),
                f"answered by {_people(rows)} of {material.tables.base}",
                tuple(maker.make([row for row in rows if row.participant_id == person]) for person in participants),
            )
            for rows in shown
        ),
    )


class _Cells:
    """Makes cells of one run."""

    def __init__(self, material: Material) -> None:
        self._links = material.links
        self._turns = TurnIndex(material.tables.turns)
        self._themes: dict[tuple[str, int, str], set[str]] = {}
        for mention in material.tables.mentions:
            place = (mention.transcript_id, mention.turn, mention.participant_id)
            self._themes.setdefault(place, set()).add(mention.theme_id)

    def make(self, rows: Sequence[QuestionRow]) -> GridCell:
        """Show the first answer of one participant; the themes are those of all their answers to the question."""
        answers = [
            (row.transcript_id, number)
            for row in rows
            if row.first_answer is not None and row.last_answer is not None
            for number in range(row.first_answer, row.last_answer + 1)
        ]
        own = rows[0].participant_id if rows else ""
        spoken = [place for place in answers if self._is_of(place, own)]
        if not spoken:
            return _EMPTY
        first = self._turns.turn(*spoken[0])
        found = {theme for place in spoken for theme in self._themes.get((*place, own), ())}
        return GridCell(
            turn_key=self._turns.key(*spoken[0]),
            excerpt=text_parts(wording.cut(first.text, EXCERPT)) if first is not None else (),
            themes=tuple(link for theme, link in self._links.items() if theme in found),
        )

    def _is_of(self, place: tuple[str, int], participant: str) -> bool:
        turn = self._turns.turn(*place)
        return turn is not None and turn.participant_id == participant


def _people(rows: Sequence[QuestionRow]) -> int:
    return len({row.participant_id for row in rows if row.participant_id})


def _note(*, guided: bool, asked_once: int, cut: int) -> str:
    if guided:
        told = ["A machine matched what the interviewers asked to the questions of the study's guide."]
    else:
        told = ["A machine grouped what the interviewers asked by how alike it is; a group bears one of its questions."]
    if asked_once:
        told.append(f"{wording.counted(asked_once, 'question')} that one participant alone answered: not shown.")
    if cut:
        told.append(f"{wording.counted(cut, 'further question')}: see questions.csv.")
    return " ".join(told)
