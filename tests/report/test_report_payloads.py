"""Nothing that a study's files say becomes markup, script, style or a request: in the file, and in Chromium."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest

from tests.report.filled import filled
from voc_pipeline import tables
from voc_pipeline.report.html import render
from voc_pipeline.report.page_links import recording
from voc_pipeline.report.view import ReportInputs, build_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd
    from playwright.sync_api import Browser, Dialog, Page

    from voc_pipeline.records import Codebook
    from voc_pipeline.report.shapes import ReportView

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</SCRIPT ><script>alert(1)</script>",
    "</script/x><svg onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</noscript><script>alert(1)</script>",
    "</template><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=https://example.org/x.png>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><use href='data:image/svg+xml,<svg/>#x'/></svg>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    '" autofocus onfocus=alert(1) x="',
    '" style="position:fixed;inset:0" x="',
    '" hidden class="vh" id="data" x="',
    '" data-set="heat-0-0-0-0" data-context="x',
    "x onclick=alert(1) ",
    "`onclick=alert(1)`",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//example.org/x",
    '"><a href="javascript:alert(1)">x</a>',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=https://example.org/></object>",
    "<embed src=https://example.org/>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "<link rel=prefetch href=https://example.org/>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<dialog open onclose=alert(1)>",
    "<!--<script>alert(1)//-->",
    "<!--<script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<style>*{display:none}</style>",
    '<base href="https://example.org/">',
    '<meta http-equiv="refresh" content="0;url=https://example.org/">',
    "<form action=https://example.org/><input name=x></form>",
    "<isindex type=image src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}{{ view }}{% endraw %}",
    "{% include '/etc/passwd' %}",
    "${alert(1)}",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    '\\"]}</script><script>alert(1)</script>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;",
    "<details open ontoggle=alert(1)>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<a style=\"background:url('https://example.org')\">x</a>",
    "</blockquote></figure></main><h1>gone</h1>",
    "</dialog></body></html><script>alert(1)</script>",
    "[PERSON_7F3A9C<script>alert(1)</script>]",
    "line\N{LINE SEPARATOR}<script>alert(1)</script>\N{PARAGRAPH SEPARATOR}end",
    "\u202e<b>turned\u202c\ud7ff</b>",
    "__proto__[constructor]",
)
TOGETHER = tuple(" ".join(PAYLOADS[first::6]) for first in range(6))
"""In a browser many payloads share a page: whichever became markup, the page would have other elements."""
STRUCTURE = {"anchor", "target", "quote_id", "turn_key", "key", "theme_id"}
"""Fields of the view that are made by the package, never by a study."""
LISTS_OF_IDS = {"quotes", "against"}
NO_LINKS = (
    "", "javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
    "data:text/html,x",
    "//example.org/x", "/etc/passwd", "\\\\host\\share", "http://", "https:///x", "ftp://example.org/x", "C:/call.mp3",
    'https://example.org/"x', "https://example.org/ x", "file:///etc/passwd", "https://user:pw@example.org/x",
)  # fmt: skip
PATIENCE = 120_000
"""Milliseconds: the machine may be busy with something else."""
Outline = list[tuple[str, tuple[str, ...]]]


def test_sixty_payloads_are_tried() -> None:
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("link", NO_LINKS)
def test_a_recording_that_could_do_more_than_play_is_no_link(link: str) -> None:
    assert recording(link) == ""


@pytest.mark.parametrize("link", ["https://media.example:8443/a%20b.mp4?x=1#t=5", "calls/interview%2001.mp3#t=12"])
def test_a_recording_on_the_web_or_beside_the_report_is_a_link(link: str) -> None:
    assert recording(link) == link


def outline(html: str) -> Outline:
    """Every element with the names of its attributes, in order."""
    page: Any = lxml.html.fromstring(html)
    return [(one.tag, tuple(sorted(one.attrib))) for one in page.iter(lxml.html.etree.Element)]


@cache
def harmless_outline(study: Callable[..., ReportInputs]) -> Outline:
    return outline(render(build_view(poisoned(study(), "harmless"))))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_study_becomes_markup(study: Callable[..., ReportInputs], payload: str) -> None:
    html = render(build_view(poisoned(study(), payload)))
    assert outline(html) == harmless_outline(study)
    page: Any = lxml.html.fromstring(html)
    assert page.findtext(".//h1") == payload
    assert {block.text_content() for block in page.xpath("//blockquote")} == {payload}
    assert all(link.startswith(("#", "data:,")) for link in page.xpath("//@href"))


@dataclass
class Watched:
    """A page and everything that it said, asked for or wanted answered since it was opened."""

    page: Page
    said: list[str] = field(default_factory=list)

    def dismiss(self, dialog: Dialog) -> None:
        """Note a dialog that nobody should have opened, and close it."""
        self.said.append(dialog.message)
        dialog.dismiss()

    def open(self, view: ReportView, folder: Path) -> list[Outline]:
        """Open a view and outline the page in every state."""
        path = folder / "report.html"
        path.write_text(render(view), encoding="utf-8")
        self.said.clear()
        self.page.goto(path.as_uri())
        states = every_state(self.page)
        self.said = [one for one in self.said if one not in {path.as_uri(), "data:,"}]
        return states


@pytest.fixture(scope="module")
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    found = Watched(context.new_page())
    found.page.on("console", lambda message: found.said.append(message.text))
    found.page.on("pageerror", lambda error: found.said.append(str(error)))
    found.page.on("request", lambda asked: found.said.append(asked.url))
    found.page.on("dialog", found.dismiss)
    yield found
    context.close()


@pytest.fixture(scope="module")
def harmless(watched: Watched, whole: ReportView, tmp_path_factory: pytest.TempPathFactory) -> list[Outline]:
    return watched.open(replaced(whole, "harmless", link=""), tmp_path_factory.mktemp("harmless"))


@pytest.fixture(scope="module")
def whole(study: Callable[..., ReportInputs]) -> ReportView:
    """Give every panel, with a few themes of each."""
    view = filled(build_view(study(uncovered=("cultural_fit",))))
    table = view.heat_tables[0]
    return dataclasses.replace(
        view,
        families=(dataclasses.replace(view.families[0], themes=view.families[0].themes[:2]),),
        ranking=view.ranking[:3],
        heat_tables=(dataclasses.replace(table, groups=table.groups[:1]), *view.heat_tables[1:2]),
        journey=view.journey[:2],
        turns=view.turns[:40],
    )


@pytest.mark.browser
@pytest.mark.parametrize("payload", TOGETHER)
def test_in_a_browser_no_text_becomes_anything_but_text(
    watched: Watched, harmless: list[Outline], whole: ReportView, tmp_path: Path, *, payload: str
) -> None:
    states = watched.open(replaced(whole, payload, link=payload), tmp_path)
    assert watched.said == []
    assert watched.page.locator("h1").text_content() == payload
    assert states == harmless


ASK_FOR_THE_TITLE = """() => {
  const field = document.querySelector("#search-words");
  field.value = document.querySelector("h1").textContent;
  field.dispatchEvent(new Event("input"));
}"""
EVERY_ELEMENT = """() => [...document.querySelectorAll("*")]
  .filter((one) => one.tagName !== "MARK" || one.attributes.length)
  .map((one) => [one.tagName, one.getAttributeNames().sort()])"""
"""A payload of several words is found by several marks, so marks are not counted."""


def every_state(page: Page) -> list[Outline]:
    """Outline the page as it opens, with everything unfolded, with a drawer open, with search results."""
    states = [page.evaluate(EVERY_ELEMENT)]
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate("document.querySelectorAll('[data-context]').forEach((one) => one.click())")
    page.wait_for_function("[...document.querySelectorAll('.all-quotes')].every((one) => one.firstChild)")
    states.append(page.evaluate(EVERY_ELEMENT))
    for control in ("[data-set]", "[data-set^='account']", "[data-turn]"):
        page.evaluate(f'document.querySelector("{control}").click()')
        states.append(page.evaluate(EVERY_ELEMENT))
        page.evaluate("document.querySelector('#drawer').close()")
    page.evaluate("document.querySelector('[data-search]').click()")
    page.evaluate(
        "showAll = document.querySelector('#search-words'); showAll.value = document.querySelector('h1').textContent"
    )
    page.evaluate("showAll.dispatchEvent(new Event('input'))")
    page.wait_for_selector("#search-results figure")
    states.append(page.evaluate(EVERY_ELEMENT))
    return states


def replaced(value: Any, text: str, *, link: str) -> Any:
    """Put a text into every field of the view that is not a name made by the package."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(replaced(item, text, link=link) for item in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    names = [one.name for one in dataclasses.fields(value)]
    changes: dict[str, Any] = {}
    for name in names:
        held = getattr(value, name)
        ids = name in LISTS_OF_IDS and all(isinstance(item, str) for item in held)
        if name not in STRUCTURE and not ids and held != "":
            changes[name] = link if name == "recording" else replaced(held, text, link=link)
    if {"start", "end", "turn_key"} <= set(names):
        changes |= {"start": 0, "end": len(text)}
    return dataclasses.replace(value, **changes)


def poisoned(inputs: ReportInputs, text: str) -> ReportInputs:
    """Put a text into every field of a study that holds free text."""
    frames = {name: frame.copy() for name, frame in inputs.tables.items()}
    people = {person: f"{text}{number:02}" for number, person in enumerate(frames["participants"]["participant_id"])}
    for frame in frames.values():
        if "participant_id" in frame:
            frame["participant_id"] = [people.get(person, "") for person in frame["participant_id"]]
    for table, column in (
        ("transcripts", "source_file"), ("transcripts", "reason"), ("turns", "source_file"), ("turns", "speaker"),
        ("turns", "text"), ("mentions", "quote"), ("mentions", "source_file"), ("mentions", "stage"),
        ("mentions", "type"), ("review_queue", "stage"), ("topics", "label"), ("topics", "terms"),
        ("theme_by_segment", "theme_name"), ("mentions", "theme_name"),
    ):  # fmt: skip
        frames[table][column] = text
    frames["mentions"]["start"], frames["mentions"]["end"] = 0, len(text)
    renamed = {name: f"{text}{name}" for name in inputs.attributes}
    frames["participants"] = frames["participants"].rename(columns=renamed)
    for column in renamed.values():
        frames["participants"][column] = [f"{text}{value}" for value in frames["participants"][column]]
    poison_segments(frames["theme_by_segment"], renamed, text)
    return dataclasses.replace(
        inputs,
        title=text, run_id=text, status=text, adverse_events=text, notes=(text,), method={text: text},
        codebook=poisoned_codebook(inputs.codebook, text), tables=frames, attributes=tuple(renamed.values()),
        topics_examples={key: (place[0], place[1], 0, len(text)) for key, place in inputs.topics_examples.items()},
        uncovered=("cultural_fit",),
    )  # fmt: skip


def poison_segments(frame: pd.DataFrame, renamed: dict[str, str], text: str) -> None:
    segments = frame["segment_attribute"] != tables.ALL_SEGMENTS
    frame.loc[segments, "segment_value"] = [f"{text}{value}" for value in frame.loc[segments, "segment_value"]]
    frame["segment_attribute"] = frame["segment_attribute"].replace(renamed)


def poisoned_codebook(codebook: Codebook, text: str) -> Codebook:
    themes: Any = tuple(
        dataclasses.replace(theme, name=text, definition=text, include=(text,), exclude=(text,))
        for theme in codebook.themes
    )
    return dataclasses.replace(
        codebook, name=text, themes=themes, families=dict.fromkeys(codebook.families, text), journey_stages={text: text}
    )
