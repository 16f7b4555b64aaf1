"""The index over all runs: what it says, that it is made of the folders alone, and that no name becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.report.index_page import INDEX, MARKER, index_rows, render_index, reports_in, write_index
from voc_pipeline.report.manifest import ManifestFacts, Sanction, write_manifest

if TYPE_CHECKING:
    from pathlib import Path

FIRST = ManifestFacts(
    run_id="run_1",
    published_at="2026-11-20T04:10:00Z",
    status="draft",
    inputs={"a.txt": "0" * 64, "b.txt": "1" * 64},
    settings_hash="s",
    model_hashes={"m": "1"},
    coverage={"coded": 2, "attention": 1, "refused": 2},
    rows={"mentions": 40},
)
SECOND = replace(
    FIRST,
    published_at="2026-11-22T04:10:00Z",
    inputs={"b.txt": "2" * 64, **{f"c{number}.txt": "3" * 64 for number in range(5)}},
    coverage={"coded": 1},
    rows={"mentions": 61},
)
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "</title><base href=//evil.example>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "<!--<bdi>",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "a&lt;b&amp;c",
)


def report(reports: Path, name: str, facts: ManifestFacts, pages: tuple[str, ...] = ("report.html",)) -> Path:
    folder = reports / name
    folder.mkdir(parents=True)
    for page in pages:
        (folder / page).write_text("x", encoding="utf-8")
    write_manifest(folder, facts)
    return folder


def released(facts: ManifestFacts, run: str, by: str = "Ada Moreau", note: str = "") -> ManifestFacts:
    return replace(facts, status="released", sanction=Sanction(by, "2026-11-23T09:00:00Z", run, note))


class Outline(HTMLParser):
    """Tags with the names and, where they matter, the values of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.text += data


def page(reports: Path, title: str = "Onboarding") -> Outline:
    return Outline(write_index(reports, title).read_text(encoding="utf-8"))


def test_runs_come_newest_first_with_what_changed_against_the_one_before(tmp_path: Path) -> None:
    report(tmp_path, "one", FIRST)
    report(tmp_path, "two", SECOND)
    second, first = index_rows(tmp_path)
    assert (second.published, second.status, second.interviews) == (
        "22 November 2026, 04:10 UTC", "draft", "1 interview read",
    )  # fmt: skip
    assert second.changes == (
        "5 files new: c0.txt, c1.txt, c2.txt and 2 more",
        "1 file changed: b.txt",
        "1 file gone: a.txt",
        "61 mentions, 21 more than before",
    )
    assert first.interviews == "2 interviews read, 1 file needs attention, 2 files could not be read"
    assert first.changes == ()


def test_settings_and_models_that_changed_are_told_and_no_change_is_said(tmp_path: Path) -> None:
    report(tmp_path, "one", FIRST)
    report(tmp_path, "two", replace(FIRST, published_at="2026-11-21T00:00:00Z"))
    report(
        tmp_path,
        "three",
        replace(FIRST, published_at="2026-11-22T00:00:00Z", settings_hash="t", model_hashes={}, rows={"mentions": 39}),
    )
    third, second, _ = index_rows(tmp_path)
    assert second.changes == ("nothing new in files, mentions, settings and models",)
    assert third.changes == ("39 mentions, 1 fewer than before", "settings changed", "models changed")


def test_a_release_stands_with_its_draft_and_says_by_whom(tmp_path: Path) -> None:
    pages = ("report.html", "report.json", "report.pptx", "report.xlsx", "mentions.csv")
    report(tmp_path, "one", FIRST, pages)
    report(tmp_path, "one-released", released(FIRST, "one", note="Read twice."), pages)
    [row] = index_rows(tmp_path)
    assert (row.status, row.note) == ("released", "Read twice.")
    assert row.sanction == "Released by Ada Moreau on 23 November 2026, 09:00 UTC"
    assert [link.href for link in row.links] == [
        "one-released/report.html", "one-released/report.xlsx", "one-released/report.pptx",
    ]  # fmt: skip
    assert [link.href for link in row.draft_links][:1] == ["one/report.html"]
    outline = page(tmp_path)
    assert outline.links == [*(link.href for link in row.links), "one/report.html"]
    assert all((tmp_path / link).is_file() for link in outline.links)


def test_a_release_without_its_draft_stands_alone_as_it_does_where_only_releases_are_delivered(tmp_path: Path) -> None:
    report(tmp_path, "one-released", released(FIRST, "one"))
    report(tmp_path, "two-released", released(SECOND, "two"))
    second, first = index_rows(tmp_path)
    assert (second.anchor, first.anchor) == ("two-released", "one-released")
    assert second.draft_links == ()
    assert "61 mentions, 21 more than before" in second.changes


def test_what_is_no_report_or_a_damaged_one_is_passed_over(tmp_path: Path) -> None:
    report(tmp_path, "one", FIRST)
    (report(tmp_path, "damaged", FIRST) / "manifest.json").write_text("{")
    report(tmp_path, "dateless", replace(FIRST, published_at="soon"))
    report(tmp_path, ".staging-two", SECOND)
    report(tmp_path, "javascript:alert(1)", FIRST)
    (tmp_path / "notes").mkdir()
    (tmp_path / "latest.json").write_text("{}")
    assert [name for name, _ in reports_in(tmp_path)] == ["one"]


def test_a_run_of_the_first_contract_is_listed(tmp_path: Path) -> None:
    report(tmp_path, "one", replace(FIRST, rows={}))
    report(tmp_path, "two", SECOND)
    assert not any("mention" in change for change in index_rows(tmp_path)[0].changes)


def test_an_index_without_runs_says_so(tmp_path: Path) -> None:
    assert "No report yet." in page(tmp_path).text


def test_the_same_reports_give_the_same_bytes_and_nothing_else_is_left(tmp_path: Path) -> None:
    report(tmp_path, "one", FIRST)
    first = write_index(tmp_path, "Onboarding").read_bytes()
    assert write_index(tmp_path, "Onboarding").read_bytes() == first
    assert first.decode().startswith(MARKER + "\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == [INDEX, "one"]


def test_an_index_that_can_not_be_written_leaves_the_one_that_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(tmp_path, "one", FIRST)
    before = write_index(tmp_path, "Onboarding").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_index(tmp_path, "Another title")
    assert (tmp_path / INDEX).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [INDEX, "one"]


def test_the_policy_allows_the_pages_own_style_and_nothing_else(tmp_path: Path) -> None:
    report(tmp_path, "one", FIRST)
    html = write_index(tmp_path, "Onboarding").read_text(encoding="utf-8")
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    sha256 = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert len(style) == 1
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{sha256}'; base-uri 'none'; form-action 'none'"
    )
    outline = Outline(html)
    assert not [tag for tag, names in outline.tags if "style" in names or tag in {"script", "img", "link"}]
    assert "prefers-color-scheme: dark" in style[0]
    assert 'name="viewport"' in html
    assert len(set(outline.ids)) == len(outline.ids)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_name_becomes_markup(tmp_path: Path, payload: str) -> None:
    def made(name: str, text: str) -> Outline:
        reports = tmp_path / name
        report(reports, "one", replace(FIRST, inputs={f"{text}.txt": "0"}))
        report(reports, "two", replace(SECOND, inputs={f"{text}2.txt": "0"}))
        report(reports, "two-released", released(replace(SECOND, inputs={f"{text}2.txt": "0"}), "two", text, text))
        return page(reports, text)

    harmless, poisoned = made("harmless", "harmless"), made("poisoned", payload)
    assert poisoned.tags == harmless.tags
    assert poisoned.links == harmless.links
    assert poisoned.text == harmless.text.replace("harmless", payload)


def test_rendering_takes_rows_and_touches_nothing() -> None:
    assert render_index("Onboarding", ()).startswith(MARKER)
