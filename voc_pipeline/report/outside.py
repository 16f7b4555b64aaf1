"""The outside edition: a page and two files for readers who are not of the study team. Prints what may be told.

Its numbers come from theme_by_segment.csv of its own folder and its quotes from report.json: the page is a function of
these two, which `outside_check` makes use of.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING

from voc_pipeline.manifests import file_sha256
from voc_pipeline.report import wording
from voc_pipeline.report.csv_tables import table_text
from voc_pipeline.report.html import TEMPLATES
from voc_pipeline.report.manifest import MANIFEST
from voc_pipeline.report.rows import cells
from voc_pipeline.tables import ALL_SEGMENTS, OUTSIDE_SHARES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from jinja2 import Environment

EDITION_VERSION = 1
"""Rises when a file of the outside folder changes its columns or their meaning."""
SHARES, REPORT, PAGE = "theme_by_segment.csv", "report.json", "report.html"
FILES = frozenset({SHARES, REPORT, PAGE, MANIFEST})


@dataclass(frozen=True, slots=True)
class OutsideFacts:
    """What an edition says besides numbers.

    Args:
        title: Title of the study.
        run: Folder of the released report that it was made of.
        date: Day on which that was published, ISO.
        k: Least number of participants on each side of a count.
        families: Names of the families of themes, by id, in order.
        themes: Id, family and definition of each theme, in order.
    """

    title: str
    run: str
    date: str
    k: int
    families: Mapping[str, str]
    themes: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class OutsideCount:
    """A count: ``24 of 60``, ``40%``, ``29-53%``; empty texts and level 0 where it is not shown. ``level`` is 0..10."""

    shown: bool
    text: str = ""
    share: str = ""
    interval: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class OutsideQuote:
    """Words of a participant; ``speaker`` is a value that 2k participants or more have, or empty."""

    text: str
    attribute: str
    speaker: str


@dataclass(frozen=True, slots=True)
class OutsideTheme:
    """A theme: its count over all, then in each group."""

    theme_id: str
    name: str
    definition: str
    counts: tuple[OutsideCount, ...]
    quotes: tuple[OutsideQuote, ...]

    @property
    def shown(self) -> bool:
        """Whether anything is told of it."""
        return self.counts[0].shown


@dataclass(frozen=True, slots=True)
class OutsideFamily:
    """Themes of a family."""

    name: str
    themes: tuple[OutsideTheme, ...]

    @property
    def told(self) -> tuple[OutsideTheme, ...]:
        """Those of which anything is told."""
        return tuple(theme for theme in self.themes if theme.shown)


@dataclass(frozen=True, slots=True)
class OutsideView:
    """All that the page prints."""

    edition_version: int
    title: str
    run: str
    date: str
    published: str
    k: int
    standfirst: str
    attribute: str
    columns: tuple[tuple[str, str], ...]
    families: tuple[OutsideFamily, ...]
    left_out: str
    method: tuple[str, ...]

    @property
    def told(self) -> bool:
        """Whether there is a theme of which anything is told."""
        return any(family.told for family in self.families)

    @property
    def untold(self) -> tuple[str, ...]:
        """Names of the themes of which nothing is told."""
        return tuple(theme.name for family in self.families for theme in family.themes if not theme.shown)

    @property
    def quoted(self) -> tuple[OutsideTheme, ...]:
        """Themes with quotes."""
        return tuple(theme for family in self.families for theme in family.themes if theme.quotes)


def build_outside_view(facts: OutsideFacts, shares: pd.DataFrame, quotes: pd.DataFrame) -> OutsideView:
    """Make the view.

    Args:
        facts: What it says besides numbers.
        shares: Table ``OUTSIDE_SHARES``.
        quotes: Table ``OUTSIDE_QUOTES``.
    """
    rows = list(zip(*(cells(shares[name]) for name in OUTSIDE_SHARES.names), strict=True))
    segments = list(dict.fromkeys((row[0], row[1], row[6]) for row in rows))
    counts: dict[str, list[OutsideCount]] = {}
    for row in rows:
        counts.setdefault(row[2], []).append(_count(row))
    names = {row[2]: row[3] for row in rows}
    said = _quotes(quotes)
    themes = [
        (family, OutsideTheme(theme, names[theme], definition, tuple(counts[theme]), tuple(said.get(theme, ()))))
        for theme, family, definition in facts.themes
    ]
    base = next((base for attribute, _, base in segments if attribute == ALL_SEGMENTS), None)
    return OutsideView(
        edition_version=EDITION_VERSION,
        title=facts.title,
        run=facts.run,
        date=facts.date,
        published=wording.long_date(f"{facts.date}T00:00").partition(",")[0],  # of the day only
        k=facts.k,
        standfirst=_standfirst(base, sum(theme.shown for _, theme in themes), len(themes), facts.k),
        attribute=next((wording.label(name) for name, _, _ in segments if name != ALL_SEGMENTS), ""),
        columns=tuple(("All" if name == ALL_SEGMENTS else value, _base(count)) for name, value, count in segments),
        families=tuple(
            OutsideFamily(name, tuple(theme for of, theme in themes if of == family))
            for family, name in facts.families.items()
            if any(of == family for of, _ in themes)
        ),
        left_out=_left_out(facts.k),
        method=_method(facts.k),
    )


def _count(row: Sequence[object]) -> OutsideCount:
    *_, shown, participants, base, share, low, high = row
    if not shown or not isinstance(share, float) or not isinstance(low, float) or not isinstance(high, float):
        return OutsideCount(shown=False)
    return OutsideCount(
        shown=True,
        text=f"{participants} of {base}",
        share=wording.percent(share),
        interval=wording.percent_range(low, high),
        level=round(10 * share),
    )


def _base(count: int | None) -> str:
    return "" if count is None else wording.counted(count, "participant")


def _quotes(quotes: pd.DataFrame) -> dict[str, list[OutsideQuote]]:
    found: dict[str, list[OutsideQuote]] = {}
    columns = ("theme_id", "quote", "segment_attribute", "segment_value")
    for theme, text, attribute, value in zip(*(cells(quotes[name]) for name in columns), strict=True):
        found.setdefault(theme, []).append(OutsideQuote(text, attribute, value))
    return found


def _standfirst(base: int | None, told: int, themes: int, k: int) -> str:
    if told:
        people = wording.counted(base or 0, "participant")
        return f"What {people} spoke of. {told} of {themes} themes have enough people on both sides to be shown."
    who = "So few people" if base is None else wording.counted(base, "participant")
    least = f"a theme is shown when at least {k} people spoke of it and at least {k} did not"
    if base is None or base < 2 * k:
        return (
            f"Nothing can be shown. {who} took part, and {least}, so that no number points to a few people: "
            f"that takes {2 * k} participants or more."
        )
    return f"Nothing can be shown. {who} took part, and {least}; that is so of no theme."


def _left_out(k: int) -> str:
    return (
        f"A number stands here only if at least {k} people of its group spoke of the theme and at least {k} did not. "
        "Else it is not shown, which can mean none, few, almost all or all of the group. Where one group's number has "
        "to be left out, so do those of the other groups, or it could be worked out from the total. Groups of fewer "
        f"than {2 * k} are put together, and groups are compared by one attribute only. Sentiment, journeys, scores, "
        "accounts, topics, transcripts and all else about single people stay with the study team."
    )


def _method(k: int) -> tuple[str, ...]:
    counting = (
        "Names in the interviews were replaced, and what participants said was coded by machine against a codebook of "
        "themes. A participant counts once for a theme, however often they spoke of it."
    )
    interval = (
        "The range beside a share is a 95% Wilson interval: what the share may be among people like those interviewed, "
        "had they been drawn by chance."
    )
    quoting = (
        "Quotes are verbatim, a few of each person at most. Those that hold names, numbers, dates or rare words are "
        f"left out, and a speaker's group is named only where at least {k} people of it spoke of the same theme."
    )
    return counting, interval, quoting


def write_outside(folder: Path, facts: OutsideFacts, shares: pd.DataFrame, quotes: pd.DataFrame) -> OutsideView:
    """Write an edition's files into the folder, manifest.json last."""
    view = build_outside_view(facts, shares, quotes)
    texts = {SHARES: table_text(shares, OUTSIDE_SHARES), REPORT: view_text(view), PAGE: page_text(view)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / MANIFEST).write_text(manifest_text(folder, view), encoding="utf-8", newline="\n")
    return view


def view_text(view: OutsideView) -> str:
    """Write the view as JSON."""
    return _json(asdict(view))


def manifest_text(folder: Path, view: OutsideView) -> str:
    """Write what the folder holds: the SHA-256 of every file. Nothing of the inbox stands here, not even hashes."""
    files = {name: file_sha256(folder / name) for name in sorted(FILES - {MANIFEST})}
    about = {"edition": "outside", "edition_version": view.edition_version, "run": view.run, "date": view.date}
    return _json({**about, "status": "released", "k": view.k, "files": files})


def page_text(view: OutsideView) -> str:
    """Print the view as a page: no script, no request, no inline style."""
    environment = _environment()
    style = environment.get_template("outside.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return environment.get_template("outside.html").render(view=view, policy=policy)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (only a report needs it)

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
