"""Publishing the outside edition: what stands in its folder, what is refused, what is kept inside."""

from __future__ import annotations

import csv
import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.operations.outside_studies import (
    RUN,
    THEMES,
    Invented,
    frames,
    invent,
    opened,
    read_shares,
    read_view,
    release,
)
from voc_pipeline.config import load_settings
from voc_pipeline.errors import ConfigError, UsageError, VocError
from voc_pipeline.operations import outside, outside_check
from voc_pipeline.operations.outside import caution, publish_outside
from voc_pipeline.operations.outside_check import check_edition
from voc_pipeline.report.outside import write_outside

if TYPE_CHECKING:
    from pathlib import Path

SMALL_K = "[outside]\nk = 5\n"
open_with = contextmanager(opened)


def big_study() -> Invented:
    """Make a study of 120 people with a second attribute, and a theme of which nobody speaks."""
    made = invent(7, size=120)
    sites = {who: {**values, "site": "xy"[int(who[2:]) % 2]} for who, values in made.people.items()}
    return Invented(sites, {**made.speakers, THEMES[0][0]: frozenset()})


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a study of 120 people with its outside edition."""
    root = tmp_path_factory.mktemp("big") / "study"
    made = big_study()
    with open_with(root, SMALL_K) as study:
        release(study, frames(made), made.attributes)
        assert publish_outside(study) == root / "reports" / f"{RUN}-outside"
    return root


@pytest.fixture
def copied(big: Path, tmp_path: Path) -> Path:
    """Give a copy of it that may be changed."""
    return shutil.copytree(big, tmp_path / "study")


def edition(root: Path) -> Path:
    return root / "reports" / f"{RUN}-outside"


def log(root: Path) -> list[dict[str, str]]:
    (path,) = (root / "data" / "outside").glob("*/disclosure_log.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_folder_holds_four_files_and_says_what_they_are(big: Path) -> None:
    folder = edition(big)
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json", "report.html", "report.json", "theme_by_segment.csv",
    ]  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {"edition": "outside", "status": "released", "k": 5, "date": "2026-11-22"}.items() <= manifest.items()
    assert "inputs" not in manifest
    assert set(manifest["files"]) == {"report.html", "report.json", "theme_by_segment.csv"}


def test_nothing_in_it_names_a_person_a_file_a_turn_or_a_time(big: Path) -> None:
    folder = edition(big)
    everything = b"".join(path.read_bytes() for path in sorted(folder.iterdir())).decode("utf-8")
    for pattern in (r"P-\d\d\d", r"\btr_|\bmn_|\bps_", r"interview-\d|docx|wave one", r"0{20}", r"_7F3A9C", r"Initech"):
        assert not re.search(pattern, everything), pattern
    for pattern in (r"\b\d{1,2}:\d\d\b", r"Ada Moreau", r"participant_id|transcript|mention_id|\bturn\b"):
        text = everything.replace("topics, transcripts and all else", "")
        assert not re.search(pattern, text), pattern


def test_quotes_are_words_of_the_study_without_who_said_them(big: Path) -> None:
    view = read_view(edition(big))
    quotes = [quote for family in view["families"] for theme in family["themes"] for quote in theme["quotes"]]
    assert len(quotes) > 20
    assert {quote["attribute"] for quote in quotes} <= {"", view["attribute"].lower().replace(" ", "_")}
    shown = [row for row in log(big) if (row["kind"], row["decision"]) == ("quote", "shown")]
    assert len(shown) == len(quotes)
    by_person = {row["participant_id"]: 0 for row in shown}
    for row in shown:
        by_person[row["participant_id"]] += 1
    assert max(by_person.values()) <= 2


def test_the_log_stays_inside_and_has_every_decision(big: Path) -> None:
    rows = log(big)
    with (big / "reports" / f"{RUN}-released" / "mentions.csv").open(encoding="utf-8", newline="") as stream:
        mentions = {row["mention_id"] for row in csv.DictReader(stream)}
    assert {row["id"] for row in rows if row["kind"] == "quote"} == mentions
    assert len([row for row in rows if row["kind"] == "count"]) == len(read_shares(edition(big)))
    assert all(row["reason"] and row["decision"] in {"shown", "left out"} for row in rows)
    reasons = {row["reason"] for row in rows}
    assert {"it has a placeholder", "it has a number", "a word has a capital: it may be a name"} <= reasons
    assert not list(big.glob("reports/**/disclosure_log.csv"))


def test_publishing_again_gives_the_same_bytes(copied: Path) -> None:
    before = {path.name: path.read_bytes() for path in edition(copied).iterdir()}
    memory = {path: path.read_bytes() for path in copied.glob("data/outside/*/*")}
    with open_with(copied, SMALL_K) as study:
        publish_outside(study)
        shutil.rmtree(edition(copied))
        publish_outside(study)
    assert {path.name: path.read_bytes() for path in edition(copied).iterdir()} == before
    assert {path: path.read_bytes() for path in copied.glob("data/outside/*/*")} == memory
    assert not list(copied.glob("reports/.staging*"))


def test_the_page_is_static_and_keeps_a_strict_policy(big: Path) -> None:
    page = (edition(big) / "report.html").read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "<script" not in page
    assert not re.search(r"<[^>]+ (style|on\w+)=", page)
    assert "What is not shown, and why" in page


def test_names_are_escaped(tmp_path: Path) -> None:
    people = {f"P-{n:03}": {"role": "<script>alert(1)</script>" if n <= 20 else "b"} for n in range(1, 41)}
    speakers: dict[str, frozenset[str]] = {
        theme: frozenset([f"P-{n:03}" for n in [*range(1, 11), *range(21, 31)]]) for theme, _ in THEMES
    }
    made = Invented(people, speakers)
    with open_with(tmp_path, SMALL_K) as study:
        release(study, frames(made), made.attributes)
        page = (publish_outside(study) / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (12, "Nothing can be shown. 12 participants took part, and a theme is shown when at least 10 people"),
        (4, "Nothing can be shown. So few people took part, and a theme"),
    ],
)  # fmt: skip
def test_a_tiny_study_says_that_nothing_can_be_shown(tmp_path: Path, size: int, sentence: str) -> None:
    made = invent(3, size=size)
    with open_with(tmp_path) as study:
        release(study, frames(made), made.attributes)
        folder = publish_outside(study)
    rows = read_shares(folder)
    assert not any(row["shown"] or row["participants"] is not None for row in rows)
    assert {row["base"] for row in rows} == ({12} if size == 12 else {None})
    assert read_view(folder)["standfirst"].startswith(sentence)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "blockquote>" not in page.partition("</style>")[2]
    assert "<table" not in page


def test_a_draft_is_refused_with_what_to_do(study: Path) -> None:
    with open_with(study) as there, pytest.raises(UsageError) as caught:
        publish_outside(there)
    assert "no report of this study is released" in str(caught.value)
    assert "Release it first: voc release RUN --by 'Your Name'" in str(caught.value)


def test_a_released_report_that_was_changed_since_is_refused(copied: Path) -> None:
    path = copied / "reports" / f"{RUN}-released" / "mentions.csv"
    path.write_bytes(path.read_bytes() + b" ")
    with open_with(copied, SMALL_K) as study, pytest.raises(VocError, match="not as it was released"):
        publish_outside(study)
    path = path.with_name("manifest.json")
    path.write_bytes(path.read_bytes() + b" ")
    with open_with(copied, SMALL_K) as study, pytest.raises(VocError, match="not as it was released"):
        publish_outside(study)


def test_the_same_report_is_not_told_twice_with_different_settings(copied: Path) -> None:
    with open_with(copied, "[outside]\nk = 4\n") as study, pytest.raises(UsageError, match="made with other settings"):
        publish_outside(study)
    assert len(list(copied.glob("data/outside/*"))) == 1
    shutil.rmtree(edition(copied))
    with (
        open_with(copied, '[outside]\nk = 5\nattribute = "site"\n') as study,
        pytest.raises(VocError, match="an earlier outside edition compares by"),
    ):
        publish_outside(study)


def test_an_edition_after_one_more_interview_is_refused(copied: Path) -> None:
    made = big_study()
    more = Invented({**made.people, "P-121": dict(made.people["P-001"])}, made.speakers)
    with open_with(copied, SMALL_K) as study:
        release(study, frames(more), more.attributes, run="2026-12-01T041000Z-1a2b3c4d")
        with pytest.raises(VocError, match="1 participant has joined or left since an earlier outside edition"):
            publish_outside(study)
        shutil.rmtree(copied / "data" / "outside")
        assert publish_outside(study).name == "2026-12-01T041000Z-1a2b3c4d-outside"


def test_what_was_told_before_must_be_readable(copied: Path) -> None:
    (path,) = copied.glob("data/outside/*/edition.json")
    path.write_text("{", encoding="utf-8")
    with open_with(copied, SMALL_K) as study, pytest.raises(VocError, match="Put it back from a backup"):
        publish_outside(study)


def test_an_unknown_attribute_is_named(copied: Path) -> None:
    with open_with(copied, '[outside]\nattribute = "roel"\n') as study, pytest.raises(ConfigError) as caught:
        publish_outside(study)
    assert "[outside] attribute: no participant attribute is called 'roel'. Known: attribute_p" in str(caught.value)


def test_k_has_a_least_value_and_low_ones_are_cautioned(study: Path) -> None:
    (study / "voc.toml").write_text("[outside]\nk = 2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"outside\.k"):
        load_settings(study)
    with open_with(study, "[outside]\nk = 4\n") as there:
        assert caution(there).startswith("[outside] k is 4: with fewer than 5 people on each side")
    with open_with(study, "[outside]\nk = 5\n") as there:
        assert caution(there) == ""


def _edited(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_files_that_do_not_pass_the_check_are_never_published(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(edition(copied))

    def leaking(folder: Path, *parts: Any) -> Any:
        view = write_outside(folder, *parts)
        _edited(folder, "report.html", "</main>", "<p>P-001 said so</p></main>")
        return view

    monkeypatch.setattr(outside, "write_outside", leaking)
    with open_with(copied, SMALL_K) as study, pytest.raises(VocError, match="failed its own check"):
        publish_outside(study)
    assert not edition(copied).exists()
    assert not list(copied.glob("reports/.staging*"))


def first_line(folder: Path, *, shown: bool, group: bool) -> str:
    lines = (folder / "theme_by_segment.csv").read_text(encoding="utf-8").splitlines()[1:]
    return next(line for line in lines if f'"{str(shown).lower()}"' in line and group != line.startswith('"(all)"'))


@pytest.mark.parametrize(("shown", "group"), [(True, True), (True, False), (False, True), (False, False)])
def test_the_check_finds_a_wrong_or_unsafe_cell(
    copied: Path, monkeypatch: pytest.MonkeyPatch, *, shown: bool, group: bool
) -> None:
    """A count is raised by one, a hidden cell shown, one cell of a row hidden: whatever made it, it is found."""
    folder, work = edition(copied), copied / "work"
    line = first_line(folder, shown=shown, group=group)
    sources: list[Any] = []
    monkeypatch.setattr(outside, "check_edition", lambda _, source: sources.append(source))
    with open_with(copied, SMALL_K) as study:
        publish_outside(study)
    check_edition(folder, sources[0])
    for name, file in FILE_OF.items():  # the pages are taken as they are: the numbers alone are to be found
        monkeypatch.setattr(outside_check, name, lambda *_, path=work / file: path.read_text(encoding="utf-8"))
    head, _, numbers = line.partition('"true",' if shown else '"false",')
    count, base, *rest = numbers.split(",")
    changes = [f'{head}"true",{int(count or 1) + 1},{base},{",".join(rest) if shown else "0.1,0.1,0.2"}']
    if shown and group:
        changes.append(f'{head}"false",,{base},,,')
    for changed in changes:
        shutil.copytree(folder, work)
        _edited(work, "theme_by_segment.csv", line, changed)
        with pytest.raises(VocError, match=r"theme_by_segment\.csv: the outside edition failed its own check"):
            check_edition(work, sources[0])
        shutil.rmtree(work)


def test_the_check_finds_a_quote_that_the_log_does_not_have(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources: list[Any] = []
    monkeypatch.setattr(outside, "check_edition", lambda _, source: sources.append(source))
    with open_with(copied, SMALL_K) as study:
        publish_outside(study)
    rows = sources[0].log[sources[0].log["decision"] == "shown"]
    fewer, one_person = sources[0].log.drop(rows.index[0]), sources[0].log.copy()
    one_person.loc[rows.index, "participant_id"] = "P-001"
    for log_now in (fewer, one_person):
        with pytest.raises(VocError, match=r"report\.json: the outside edition failed its own check"):
            check_edition(edition(copied), replace(sources[0], log=log_now))
    with pytest.raises(VocError, match="more is quoted than the budget has"):
        check_edition(edition(copied), replace(sources[0], per_theme=1))
    with pytest.raises(VocError, match="more is quoted than the budget has"):
        check_edition(edition(copied), replace(sources[0], per_participant=1))


FILE_OF = {"view_text": "report.json", "page_text": "report.html", "manifest_text": "manifest.json"}
