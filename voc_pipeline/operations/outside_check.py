"""The proof of an outside edition: its very files are read back and held against the tables they were made of.

It shares no code with what chose the numbers and quotes, so that a fault there does not pass here. Fails closed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from voc_pipeline.errors import VocError
from voc_pipeline.report.manifest import MANIFEST
from voc_pipeline.report.outside import (
    FILES,
    PAGE,
    REPORT,
    SHARES,
    build_outside_view,
    manifest_text,
    page_text,
    view_text,
)
from voc_pipeline.report.reading_tables import read_table, table_file_text
from voc_pipeline.tables import ALL_SEGMENTS, NOT_GIVEN, OUTSIDE_QUOTES, OUTSIDE_SHARES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.report.outside import OutsideFacts

_OTHERS = "(other values)"
_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z0-9]+)*_[0-9A-F]{4,}\]")
_SHORTEST_NAME = 3
_ROUNDING = 1e-6
_NAMED = (
    ("participants", "participant_id"),
    ("transcripts", "transcript_id"),
    ("transcripts", "source_file"),
    ("transcripts", "sha256"),
    ("mentions", "mention_id"),
    ("mentions", "source_file"),
    ("turns", "source_file"),
)
_Row = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """What an edition was made of.

    Args:
        facts: What it says besides numbers.
        tables: Every table of the released report, by name.
        log: Table ``DISCLOSURE_LOG``.
        per_theme: Quotes of a theme at most.
        per_participant: Quotes of a participant at most.
    """

    facts: OutsideFacts
    tables: Mapping[str, pd.DataFrame]
    log: pd.DataFrame
    per_theme: int
    per_participant: int


def check_edition(folder: Path, source: Source) -> None:
    """Check the files of an edition.

    Raises:
        VocError: One of them tells more than it may, or other than the tables; names file and rule, quotes nothing.
    """
    if {path.name for path in folder.rglob("*")} != FILES:
        _fail("the folder", "it holds other files than an outside edition has")
    shares = read_table(table_file_text(folder, OUTSIDE_SHARES), OUTSIDE_SHARES)
    quotes = _quotes(json.loads((folder / REPORT).read_bytes()))
    view = build_outside_view(source.facts, shares, OUTSIDE_QUOTES.frame(quotes))
    texts = {REPORT: view_text(view), PAGE: page_text(view), MANIFEST: manifest_text(folder, view)}
    for name, text in texts.items():
        if (folder / name).read_bytes() != text.encode():
            _fail(name, f"it is not what {SHARES} and the quotes make")
    groups = _check_counts(shares.astype(object).where(shares.notna(), None).to_dict("records"), source)
    _check_quotes(quotes, groups, source)
    _check_names(folder, source.tables)


def _fail(file: str, what: str) -> NoReturn:
    raise VocError(
        f"the outside edition failed its own check: {what}",
        where=file,
        hint="Nothing was published. This is a fault of voc: please report it, with this message",
    )


def _quotes(view: Mapping[str, Any]) -> list[dict[str, object]]:
    return [
        {
            "theme_id": theme["theme_id"],
            "segment_attribute": quote["attribute"],
            "segment_value": quote["speaker"],
            "quote": quote["text"],
        }
        for family in view["families"]
        for theme in family["themes"]
        for quote in theme["quotes"]
    ]


@dataclass(frozen=True, slots=True)
class _Groups:
    """Who is in which group, and of which themes the total (``told``) and the row (``rows``) are shown."""

    attribute: str
    group_of: Mapping[str, str]
    told: frozenset[str]
    rows: frozenset[str]


def _check_counts(rows: list[_Row], source: Source) -> _Groups:
    """Count again, person by person."""
    k = source.facts.k
    attributes = {row["segment_attribute"] for row in rows} - {ALL_SEGMENTS}
    if len(attributes) > 1:
        _fail(SHARES, "it compares by more than one attribute")
    attribute = next(iter(attributes), "")
    values = {row["segment_value"] for row in rows if row["segment_attribute"] == attribute}
    group_of = _group_of(source.tables["participants"], attribute, values)
    bases = Counter(group_of.values())
    people = len(source.tables["participants"])
    if attribute and (set(bases) != values or min(bases.values()) < 2 * k):
        _fail(SHARES, "a group is too small, or has nobody")
    speakers = _speakers(source.tables["mentions"])
    for row in rows:
        total = row["segment_attribute"] == ALL_SEGMENTS
        spoke = speakers.get(row["theme_id"], set())
        count = len(spoke) if total else sum(group_of[who] == row["segment_value"] for who in spoke)
        _check_row(row, count, people if total else bases[row["segment_value"]], source.facts.k)
    shown = [row for row in rows if row["shown"]]
    told = frozenset(row["theme_id"] for row in shown if row["segment_attribute"] == ALL_SEGMENTS)
    groups = Counter(row["theme_id"] for row in shown if row["segment_attribute"] != ALL_SEGMENTS)
    if any(theme not in told or number != len(values) for theme, number in groups.items()):
        _fail(SHARES, "a row is shown in part: the rest could be worked out from the total")
    return _Groups(attribute, group_of, told, frozenset(groups))


def _check_row(row: _Row, count: int, base: int, k: int) -> None:
    if row["base"] not in {None, base} or (row["base"] is not None and base < k):
        _fail(SHARES, "a base is wrong, or too small to be shown")
    if not row["shown"]:
        if any(row[name] is not None for name in ("participants", "share", "ci_low", "ci_high")):
            _fail(SHARES, "a cell that is not shown holds a number")
    elif row["participants"] != count or row["base"] is None or abs(row["share"] - count / base) > _ROUNDING:
        _fail(SHARES, "a count or a share is not that of the tables")
    elif count < k or base - count < k:
        _fail(SHARES, f"a count has fewer than {k} people on one side")


def _group_of(participants: pd.DataFrame, attribute: str, values: set[str]) -> dict[str, str]:
    if not attribute:
        return {}
    named = {
        str(who): str(value).strip() or NOT_GIVEN
        for who, value in zip(participants["participant_id"], participants[attribute], strict=True)
    }
    return {who: value if value in values else _OTHERS for who, value in named.items()}


def _speakers(mentions: pd.DataFrame) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    columns = ("theme_id", "participant_id", "status")
    for theme, who, status in zip(*(mentions[name] for name in columns), strict=True):
        if status != "rejected":
            found.setdefault(theme, set()).add(who)
    return found


def _check_quotes(quotes: Sequence[Mapping[str, object]], groups: _Groups, source: Source) -> None:
    """Hold the quotes that are there against the log, and the log against the rules."""
    words = {row["mention_id"]: row["quote"] for row in source.tables["mentions"].to_dict("records")}
    logged = [row for row in source.log.to_dict("records") if (row["kind"], row["decision"]) == ("quote", "shown")]
    names = ("theme_id", "segment_attribute", "segment_value")
    there = Counter((*(quote[name] for name in names), quote["quote"]) for quote in quotes)
    if there != Counter((*(row[name] for name in names), words.get(row["id"])) for row in logged):
        _fail(REPORT, "its quotes are not those of the log")
    if any(character.isnumeric() or character in "[]" for quote in quotes for character in str(quote["quote"])):
        _fail(REPORT, "a quote holds a number or a placeholder")
    profiles: dict[str, set[tuple[str, str]]] = {}
    for row in logged:
        who, label = row["participant_id"], (row["segment_attribute"], row["segment_value"])
        profiles.setdefault(who, set()).add(label)
        if row["theme_id"] not in groups.told:
            _fail(REPORT, "a theme that is not shown is quoted")
        if label != ("", "") and (
            row["theme_id"] not in groups.rows or label != (groups.attribute, groups.group_of[who])
        ):
            _fail(REPORT, "a quote names a group that it may not name")
    if any(len(labels) > 1 for labels in profiles.values()):
        _fail(REPORT, "quotes of one participant name their speaker in different ways")
    limits = (
        (Counter(row["theme_id"] for row in logged), min(source.per_theme, source.facts.k)),
        (Counter(row["participant_id"] for row in logged), source.per_participant),
        (Counter((row["participant_id"], row["theme_id"]) for row in logged), 1),
    )
    if any(number > most for counts, most in limits for number in counts.values()):
        _fail(REPORT, "more is quoted than the budget has")


def _check_names(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Look for anything that names a person, a file or a moment, in the bytes of every file."""
    names = {str(name) for table, column in _NAMED for name in tables[table][column]}
    files = {name.rpartition("/")[2] for name in names}
    stems = {stem for stem in (name.rpartition(".")[0] for name in names | files) if re.search(r"\d", stem)}
    # an id that is a bare number can't be told from a count; none of them is ever handed to what writes the files
    wanted = sorted(name for name in names | files | stems if len(name) >= _SHORTEST_NAME and not name.isdigit())
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8")
        there = [name for name in wanted if name in text]  # seldom any: the pattern below is slow
        named = any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) for name in there)
        if named or _PLACEHOLDER.search(text):
            _fail(path.name, "it names a person, a file or a placeholder")
