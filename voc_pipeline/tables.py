"""One column and dtype specification per data frame and per CSV file of the output contract.

``CONTRACT_VERSION`` rises when a file of ``reports/<run>/`` changes its columns or their meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

CONTRACT_VERSION = 3
ALL_SEGMENTS = "(all)"
NOT_GIVEN = "(not given)"

Dtype = Literal["text", "int", "float", "bool"]
PANDAS_DTYPES = {"text": "object", "int": "Int64", "float": "float64", "bool": "bool"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``float`` may be missing (NaN), ``int`` may be missing (NA), ``text`` is never missing (empty)."""

    name: str
    dtype: Dtype = "text"


@dataclass(frozen=True, slots=True)
class TableSpec:
    """The columns of a table, in order. ``open_ended`` tables may carry further text columns."""

    name: str
    columns: tuple[Column, ...]
    open_ended: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def frame(self, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
        """Build a frame with exactly these columns and dtypes, from rows given as mappings.

        Raises:
            ValueError: A row lacks a column, or has one that the spec doesn't know (unless open-ended).
        """
        import pandas as pd  # noqa: PLC0415 (pandas costs 0.3 s; specs are read by commands that need none of it)

        records: Sequence[Mapping[str, object]] = list(rows)
        extra = self._extra_columns(records)
        data = {}
        for column in self.columns:
            values = [row[column.name] for row in records]
            data[column.name] = pd.Series(values, dtype=PANDAS_DTYPES[column.dtype])
        for name in extra:
            data[name] = pd.Series([row.get(name, "") for row in records], dtype="object")
        return pd.DataFrame(data, columns=[*self.names, *extra])

    def _extra_columns(self, records: Sequence[Mapping[str, object]]) -> list[str]:
        known = set(self.names)
        extra = list(dict.fromkeys(name for row in records for name in row if name not in known))
        missing = sorted({name for row in records for name in known - row.keys()})
        if missing or (extra and not self.open_ended):
            msg = f"{self.name}: missing columns {missing}, unknown columns {extra}"
            raise ValueError(msg)
        return extra


def _spec(name: str, *columns: str | tuple[str, Dtype], open_ended: bool = False) -> TableSpec:
    made = tuple(Column(column) if isinstance(column, str) else Column(*column) for column in columns)
    return TableSpec(name, made, open_ended=open_ended)


TRANSCRIPTS = _spec(
    "transcripts", "transcript_id", "source_file", "sha256", ("version", "int"), "interview_date", "language",
    ("turns", "int"), ("words", "int"), "outcome", "reason",
)  # fmt: skip
TURNS = _spec(
    "turns", "transcript_id", "source_file", ("turn", "int"), "speaker", "role_in_call", "participant_id",
    ("start_seconds", "float"), ("record_start", "int"), "text",
)  # fmt: skip
MENTIONS = _spec(
    "mentions", "mention_id", "transcript_id", "source_file", "participant_id", ("turn", "int"), ("start", "int"),
    ("end", "int"), "quote", "theme_id", "theme_name", "coder", "coder_version", ("score", "float"), "status",
    "sentiment", ("sentiment_score", "float"), "stage", "type", ("prompted", "bool"),
)  # fmt: skip
REVIEW_QUEUE = _spec("review_queue", *((column.name, column.dtype) for column in MENTIONS.columns))
PARTICIPANTS = _spec("participants", "participant_id", open_ended=True)
THEME_BY_SEGMENT = _spec(
    "theme_by_segment", "segment_attribute", "segment_value", "theme_id", "theme_name", ("participants", "int"),
    ("base", "int"), ("share", "float"), ("ci_low", "float"), ("ci_high", "float"), ("mentions", "int"),
    ("volunteered_participants", "int"), ("net_sentiment", "float"), ("sentiment_ci_low", "float"),
    ("sentiment_ci_high", "float"), ("p_value", "float"), ("q_value", "float"), ("small_base", "bool"),
)  # fmt: skip
TOPICS = _spec(
    "topics", "topic_id", "label", ("passages", "int"), ("participants", "int"), ("stability", "float"), "terms",
    "examples",
)  # fmt: skip
SCORES = _spec(
    "scores", "participant_id", "transcript_id", ("turn", "int"), ("start", "int"), ("end", "int"), "quote",
    ("score", "float"), "source",
)  # fmt: skip
FINDINGS = _spec(
    "findings", ("rank", "int"), "kind", "theme_id", "theme_name", "segment_attribute", "segment_value",
    ("participants", "int"), ("base", "int"), ("others", "int"), ("others_base", "int"), ("effect", "float"),
    ("effect_ci_low", "float"), ("effect_ci_high", "float"), ("p_value", "float"), ("q_value", "float"),
    ("stands", "bool"), ("needed", "int"),
)  # fmt: skip
LENSES = _spec(
    "lenses", "lens", "part", ("participants", "int"), ("base", "int"), ("share", "float"), ("ci_low", "float"),
    ("ci_high", "float"), ("mentions", "int"), ("negative", "int"), ("mixed", "int"), ("neutral", "int"),
    ("positive", "int"), ("net_sentiment", "float"),
)  # fmt: skip
JOURNEY = _spec(
    "journey", "stage", "theme_id", "theme_name", ("participants", "int"), ("base", "int"), ("share", "float"),
    ("ci_low", "float"), ("ci_high", "float"), ("mentions", "int"), ("negative", "int"), ("mixed", "int"),
    ("neutral", "int"), ("positive", "int"), ("net_sentiment", "float"),
)  # fmt: skip
COOCCURRENCE = _spec(
    "cooccurrence", "theme_id", "theme_name", "other_theme_id", "other_theme_name", ("participants", "int"),
    ("expected", "float"), ("base", "int"), ("turns", "int"), ("p_value", "float"), ("q_value", "float"),
)  # fmt: skip
NPS = _spec(
    "nps", ("answered", "int"), ("promoters", "int"), ("passives", "int"), ("detractors", "int"), ("nps", "float"),
    ("ci_low", "float"), ("ci_high", "float"),
)  # fmt: skip
ADVOCACY = _spec(
    "advocacy", "theme_id", "theme_name", ("promoters", "int"), ("promoters_base", "int"),
    ("promoters_ci_low", "float"), ("promoters_ci_high", "float"), ("detractors", "int"), ("detractors_base", "int"),
    ("detractors_ci_low", "float"), ("detractors_ci_high", "float"), ("net_promoters", "float"),
    ("net_detractors", "float"), ("p_value", "float"), ("q_value", "float"),
)  # fmt: skip
ACCOUNTS = _spec(
    "accounts", "participant_id", ("value", "float"), ("goodwill", "float"), ("political_capital", "float"),
    ("abandonment", "float"), ("strain", "float"), ("value_at_stake", "float"),
)  # fmt: skip
QUESTIONS = _spec(
    "questions", "question_id", "question", "source", "transcript_id", ("turn", "int"), "participant_id",
    ("first_answer", "int"), ("last_answer", "int"),
)  # fmt: skip
SATURATION = _spec(
    "saturation", "segment_attribute", "segment_value", ("interviews", "int"), ("themes", "int"),
    ("base_interviews", "int"), ("run_interviews", "int"), ("new_information", "float"), ("next_interview", "float"),
)  # fmt: skip

CONTRACT_TABLES = (
    TRANSCRIPTS, TURNS, MENTIONS, REVIEW_QUEUE, PARTICIPANTS, THEME_BY_SEGMENT, TOPICS, SCORES, FINDINGS, LENSES,
    JOURNEY, COOCCURRENCE, NPS, ADVOCACY, ACCOUNTS, QUESTIONS, SATURATION,
)  # fmt: skip

# The outside edition (operations/outside.py): what a reader outside the study team gets, and the log that stays inside.
OUTSIDE_SHARES = _spec(
    "theme_by_segment", "segment_attribute", "segment_value", "theme_id", "theme_name", ("shown", "bool"),
    ("participants", "int"), ("base", "int"), ("share", "float"), ("ci_low", "float"), ("ci_high", "float"),
)  # fmt: skip
OUTSIDE_QUOTES = _spec("quotes", "theme_id", "segment_attribute", "segment_value", "quote")
DISCLOSURE_LOG = _spec(
    "disclosure_log", "kind", "id", "participant_id", "theme_id", "segment_attribute", "segment_value", "decision",
    "reason",
)  # fmt: skip
