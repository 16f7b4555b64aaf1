"""A guess at who plays which part, for a person to confirm: never used to code anything by itself."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.ingest import labels
from voc_pipeline.ingest.roster import CORE_COLUMNS, HELPER_COLUMNS
from voc_pipeline.records import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.ingest.roster import Roster
    from voc_pipeline.records import RawTranscript

_SENTENCE_END = re.compile("([.!?\u2026\u3002\uff1f\uff01\u061f]+)")
_QUESTION = frozenset("?\uff1f\u061f")
_ASKS_MUCH = 0.2  # share of questions above which the one who asks most is proposed as the interviewer
_CLEARLY_MORE = 1.5


@dataclass(frozen=True, slots=True)
class Proposal:
    """A speaker of a transcript: label, words said, share of sentences that ask (0..1), and the part proposed."""

    label: str
    words: int
    question_share: float
    proposed_role: Role | None


def propose_roles(raw: RawTranscript) -> list[Proposal]:
    """Propose a part for every label, in the order in which they first speak.

    Labels that name a part keep it. Of the others, the one who asks clearly most is the interviewer, the rest are
    participants; where nobody does, all stay open.
    """
    texts: dict[str, list[str]] = {}
    for utterance in raw.utterances:
        texts.setdefault(utterance.speaker or labels.UNLABELLED, []).append(utterance.text)
    shares = {label: _question_share(spoken) for label, spoken in texts.items()}
    roles = {label: labels.role_of_label(label, texts) for label in texts}
    open_labels = [label for label, role in roles.items() if role is None and label != labels.UNLABELLED]
    roles.update(_guess(open_labels, shares, asked=Role.INTERVIEWER in roles.values()))
    return [
        Proposal(label, sum(len(text.split()) for text in spoken), round(shares[label], 2), roles[label])
        for label, spoken in texts.items()
    ]


def _question_share(texts: Sequence[str]) -> float:
    ends: list[str] = []
    for text in texts:
        parts = [*_SENTENCE_END.split(text), ""]
        ends += [end for words, end in zip(parts[::2], parts[1::2], strict=True) if words.strip()]
    return sum(bool(_QUESTION & set(end)) for end in ends) / len(ends) if ends else 0.0


def _guess(open_labels: Sequence[str], shares: Mapping[str, float], *, asked: bool) -> dict[str, Role]:
    if asked:
        return dict.fromkeys(open_labels, Role.PARTICIPANT)
    ranked = sorted(open_labels, key=lambda label: -shares[label])
    if len(ranked) < 2 or shares[ranked[0]] < max(_ASKS_MUCH, _CLEARLY_MORE * shares[ranked[1]]):  # noqa: PLR2004 (two)
        return {}
    return {ranked[0]: Role.INTERVIEWER} | dict.fromkeys(ranked[1:], Role.PARTICIPANT)


def roster_line(*cells: str) -> str:
    """Write one row of a roster, every cell quoted."""
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def roster_csv(proposals: Mapping[str, Sequence[Proposal]], existing: Roster) -> str:
    """Write participants.csv, prefilled: the rows and columns that are there, then what is missing.

    Args:
        proposals: For each file (posix path relative to the inbox), the proposals for its speakers.
        existing: The roster that there is; none of its cells is changed.

    Returns:
        CSV text. A speaker whom a row covers already gets no second one.
    """
    helpers = [column for column in HELPER_COLUMNS if column not in existing.columns]
    own = existing.columns or CORE_COLUMNS
    columns = [*own, *(column for column in CORE_COLUMNS if column not in own), *helpers]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(row.cells) for row in existing.rows)
    for path in sorted(proposals):
        for proposal in proposals[path]:
            if _is_covered(existing, path, proposal):
                continue
            role = proposal.proposed_role
            speaker = proposal.label if proposal.label != labels.UNLABELLED else ""
            row = {"file": path, "speaker": speaker, "role_in_call": role.value if role else ""}
            writer.writerow(row | {"words": str(proposal.words), "question_share": f"{proposal.question_share:.2f}"})
    return stream.getvalue()


def _is_covered(existing: Roster, path: str, proposal: Proposal) -> bool:
    if existing.match(path, proposal.label) is not None:
        return True
    respondent = existing.match(path, "") is not None
    return respondent and (proposal.label == labels.UNLABELLED or proposal.proposed_role is Role.PARTICIPANT)
