"""A reader's attack on the files of an outside edition, with an integer programme.

The attacker's system is built from the files alone (CSV, JSON and the page's text must say the same numbers), for two
readers: one who has only the folder, and one who also knows everybody's attributes, shown or not.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.operations.outside_studies import THEMES, Invented, frames, invent, opened, read_shares, read_view, release
from voc_pipeline.operations.outside import publish_outside

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence
    from pathlib import Path

    from voc_pipeline.ids import ThemeId

ALL = "(all)"
OTHERS = "(other values)"
open_with = contextmanager(opened)


@dataclass
class System:
    """Integer unknowns from 0 to their upper bound, and sums of them that are known."""

    most: Mapping[Any, int]
    sums: list[tuple[Collection[Any], int]]

    def range_of(self, wanted: Collection[Hashable]) -> tuple[int, int]:
        """Least and greatest sum of the wanted unknowns."""
        if not self.sums:
            return 0, sum(self.most[name] for name in wanted)
        names = list(self.most)
        rows = np.array([[float(name in part) for name in names] for part, _ in self.sums]).reshape(-1, len(names))
        totals = np.array([float(total) for _, total in self.sums])
        aim = np.array([float(name in wanted) for name in names])
        bounds = Bounds(np.zeros(len(names)), np.array([float(most) for most in self.most.values()]))
        ends = []
        for sign in (1, -1):
            found = milp(
                sign * aim,
                constraints=LinearConstraint(rows, totals, totals) if len(rows) else (),
                integrality=np.ones(len(names), dtype=np.int64),
                bounds=bounds,
            )
            assert found.status == 0, "no study would look like this: the files contradict themselves"
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]


class Cells(HTMLParser):
    """The page's table as texts of cells by row, and everything else as text."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text: list[str] = []
        self._in_cell = False
        self._in_style = False
        self._in_quote = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {name for name, _ in attrs} & {"style", "src", "onclick", "onload"}
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
            self._in_cell = True
        self._in_style |= tag == "style"
        self._in_quote |= tag == "blockquote"

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._in_cell = False
        self._in_style &= tag != "style"
        self._in_quote &= tag != "blockquote"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data
        elif not self._in_style and not self._in_quote:
            self.text.append(data)


def check_that_all_files_say_the_same(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Page and JSON hold no number but those of the CSV file, its date, k, and what is worked out from these."""
    page = Cells()
    page.feed((folder / "report.html").read_text(encoding="utf-8"))
    shown = [row for row in rows if row["shown"]]
    in_csv = sorted((row["theme_name"], f"{row['participants']} of {row['base']}") for row in shown)
    in_page = [
        (cells[0].split("\n")[0], match[0])
        for cells in page.rows
        for cell in cells[1:]
        if (match := re.search(r"\d+ of \d+", cell))
    ]
    names = [name for _, name in THEMES]
    assert sorted((next(filter(theme.startswith, names)), count) for theme, count in in_page) == in_csv
    view = read_view(folder)
    in_json = [
        (theme["name"], count["text"])
        for family in view["families"]
        for theme in family["themes"]
        for count in theme["counts"]
        if count["shown"]
    ]
    assert sorted(in_json) == in_csv
    told = {str(row["base"]) for row in rows} | {str(len({row["theme_id"] for row in shown})), "21", "95"}
    told |= {str(view["k"]), str(2 * view["k"])}
    words = " ".join(page.text)
    for known in ("run", "published", "attribute"):
        words = words.replace(view[known] or " ", " ")
    assert set(re.findall(r"\d+", words)) <= told
    assert not re.search(r"\d", "".join(q["text"] for f in view["families"] for t in f["themes"] for q in t["quotes"]))


def check_folder_reader(rows: Sequence[Mapping[str, Any]], k: int) -> int:
    """What can be worked out from the folder alone: every hidden count has a range at least k wide."""
    hidden = 0
    for theme, _ in THEMES:
        own = [row for row in rows if row["theme_id"] == theme]
        total, *groups = own
        if total["base"] is None:
            continue
        parts: dict[Hashable, int] = {row["segment_value"]: row["base"] for row in groups} or {ALL: total["base"]}
        system = System(parts, [([row["segment_value"]], row["participants"]) for row in groups if row["shown"]])
        if total["shown"]:
            system.sums.append((list(parts), total["participants"]))
        for row in own:
            low, high = system.range_of(list(parts) if row is total else [row["segment_value"]])
            if row["shown"]:
                assert low == high == row["participants"]
            else:
                hidden += 1
                assert high - low >= k, row
                assert high >= k, row
                assert low <= row["base"] - k, row
    return hidden


def check_roster_reader(rows: Sequence[Mapping[str, Any]], study: Invented, k: int) -> None:
    """What a reader can work out who knows the attributes of everybody, those that are not shown among them."""
    atoms = Counter(tuple(values.values()) for values in study.people.values())
    attributes = study.attributes
    compared = {row["segment_attribute"] for row in rows} - {ALL}
    position = attributes.index(compared.pop()) if compared else 0
    values = {row["segment_value"] for row in rows}
    told = {(row["segment_attribute"], row["segment_value"], row["theme_id"]) for row in rows if row["shown"]}

    def group(atom: tuple[str, ...]) -> str:
        return atom[position] if atom[position] in values else OTHERS

    for theme, _ in THEMES:
        system = System(atoms, [])
        for row in rows:
            if row["theme_id"] == theme and row["shown"]:
                inside = [atom for atom in atoms if row["segment_value"] == ALL or group(atom) == row["segment_value"]]
                system.sums.append((inside, row["participants"]))
        alike = {(group(atom), size): atom for atom, size in atoms.items()}  # by symmetry one of each kind will do
        for (_, size), atom in alike.items():
            low, high = system.range_of([atom])
            few = min(size, k - 1)  # of any few people of the atom, none may have spoken, or all
            assert low <= size - few, (theme, atom)
            assert high >= few, (theme, atom)
        for number, attribute in enumerate(attributes):
            for value in {atom[number] for atom in atoms}:
                inside = [atom for atom in atoms if atom[number] == value]
                base = len(study.members(attribute, value))
                if base >= k and (attribute, value, theme) not in told:
                    low, high = system.range_of(inside)
                    assert high >= k, (theme, attribute, value)
                    assert low <= base - k, (theme, attribute, value)


def publish(root: Path, study: Invented, k: int, attribute: str = "") -> Path:
    with open_with(root, f'[outside]\nk = {k}\nattribute = "{attribute}"\n') as there:
        release(there, frames(study), study.attributes)
        return publish_outside(there)


def attack(root: Path, study: Invented, k: int) -> tuple[int, int]:
    """Attack an edition. Gives how many counts it shows and how many it hides."""
    folder = publish(root, study, k)
    rows = read_shares(folder)
    check_that_all_files_say_the_same(folder, rows)
    hidden = check_folder_reader(rows, k)
    check_roster_reader(rows, study, k)
    check_quotes(read_view(folder), rows, k)
    return sum(row["shown"] for row in rows), hidden


def check_quotes(view: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], k: int) -> None:
    """That somebody is quoted tells of no theme and no group more than its count does, which is shown."""
    told = {(row["theme_id"], row["segment_value"]) for row in rows if row["shown"]}
    for family in view["families"]:
        for theme in family["themes"]:
            assert len(theme["quotes"]) <= k
            for quote in theme["quotes"]:
                assert set(quote) == {"text", "attribute", "speaker"}
                assert (theme["theme_id"], quote["speaker"] or ALL) in told


@pytest.mark.parametrize("seed", range(6))
def test_no_hidden_count_of_a_random_study_can_be_rebuilt(tmp_path: Path, seed: int) -> None:
    shown, hidden = attack(tmp_path, invent(seed), k=[10, 5, 3][seed % 3])
    assert shown + hidden >= len(THEMES)


def test_editions_of_many_people_show_totals_and_rows_and_hide_some(tmp_path: Path) -> None:
    shown, hidden = attack(tmp_path, invent(7, size=120), k=5)
    assert shown > 30
    assert hidden > 5


def two_halves(counts: Mapping[ThemeId, tuple[int, int]], *, second: str = "") -> Invented:
    """Make 20 people of each of two roles; of each theme so many of each speak. ``second``: a like attribute."""
    people = {f"P-{n:03}": {"role": "a" if n <= 20 else "b"} for n in range(1, 41)}
    if second:  # the same groups but for one person
        people = {
            who: values | {second: "x" if number <= 20 else "y"} for number, (who, values) in enumerate(people.items())
        }
    speakers: dict[str, frozenset[str]] = {theme: frozenset() for theme, _ in THEMES} | {
        theme: frozenset([f"P-{n:03}" for n in range(1, first + 1)] + [f"P-{n:03}" for n in range(21, 21 + other)])
        for theme, (first, other) in counts.items()
    }
    return Invented(people, speakers)


def test_the_last_group_can_not_be_subtracted_from_the_total(tmp_path: Path) -> None:
    theme, other = THEMES[0][0], THEMES[1][0]
    study = two_halves({theme: (10, 2), other: (10, 10)})
    attack(tmp_path, study, k=5)
    rows = read_shares(tmp_path / "reports" / "2026-11-22T041000Z-0f3a9c1e-outside")
    shown = {(row["theme_id"], row["segment_value"]) for row in rows if row["shown"]}
    assert shown == {(theme, ALL), (other, ALL), (other, "a"), (other, "b")}


def test_two_attributes_that_differ_by_one_person_are_not_both_shown(tmp_path: Path) -> None:
    study = two_halves({theme: (10, 10) for theme, _ in THEMES}, second="site")
    attack(tmp_path, study, k=5)
    rows = read_shares(tmp_path / "reports" / "2026-11-22T041000Z-0f3a9c1e-outside")
    assert {row["segment_attribute"] for row in rows} == {ALL, "role"}
    # the attack that is kept off: had both been shown, one answer would be known
    study_atoms = Counter(tuple(values.values()) for values in study.people.values())
    role = [atom for atom in study_atoms if atom[0] == "a"]
    site = [atom for atom in study_atoms if atom[1] == "x"]
    both = System(study_atoms, [(role, 10), (site, 11)])
    odd = [atom for atom, size in study_atoms.items() if size == 1]
    assert both.range_of(odd) == (1, 1)


def test_zero_full_and_everybody_look_alike(tmp_path: Path) -> None:
    ends = {theme: ends for (theme, _), ends in zip(THEMES, [(0, 0), (20, 20), (1, 0), (20, 19), (4, 0)], strict=False)}
    folder = publish(tmp_path, two_halves(ends), k=5)
    rows = [row for row in read_shares(folder) if row["theme_id"] in ends]
    about = {tuple(value for name, value in row.items() if not name.startswith("theme")) for row in rows}
    assert len(about) == 3  # one for all, one for each group
    assert check_folder_reader(rows + [row for row in read_shares(folder) if row not in rows], 5) == 63


def test_the_solver_finds_what_a_careless_edition_would_tell() -> None:
    cells = [(ALL, ALL, 12, 40), ("role", "a", 10, 20), ("role", "b", None, 20)]
    names = ("segment_attribute", "segment_value", "participants", "base")
    rows: list[dict[str, Any]] = [
        dict(zip(names, cell, strict=True)) | {"theme_id": THEMES[0][0], "shown": cell[2] is not None} for cell in cells
    ]
    blank = [row | {"theme_id": theme, "shown": False, "participants": None} for theme, _ in THEMES[1:] for row in rows]
    with pytest.raises(AssertionError):
        check_folder_reader(rows + blank, 5)
    rows[0] |= {"shown": False, "participants": None}
    with pytest.raises(AssertionError):
        check_roster_reader(rows + blank, two_halves({}, second="site"), 25)
