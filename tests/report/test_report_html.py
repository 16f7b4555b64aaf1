from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest

from voc_pipeline import tables
from voc_pipeline.report.html import HtmlExporter, render
from voc_pipeline.report.view import ReportInputs, build_view
from voc_pipeline.report.view_json import JsonExporter

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from voc_pipeline.records import Codebook
    from voc_pipeline.report.shapes import Quote, ReportView

GOLDEN = Path(__file__).parent.parent / "golden" / "report.html"

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "x onclick=alert(1) ",
    "javascript:alert(1)",
    '"><a href="javascript:alert(1)">x</a>',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<!--<script>alert(1)//-->",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<style>*{display:none}</style>",
    '<base href="https://example.org/">',
    '<meta http-equiv="refresh" content="0;url=https://example.org/">',
    "<form action=https://example.org/><input name=x></form>",
    "{{ 7 * 7 }}{% raw %}{{ view }}{% endraw %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<details open ontoggle=alert(1)>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<a style=\"background:url('https://example.org')\">x</a>",
    "</blockquote></figure></main><h1>gone</h1>",
    "[PERSON_7F3A9C<script>alert(1)</script>]",
    "\u202e<b>turned\u202c\ud7ff</b>",
)


def parse(html: str) -> Any:
    return lxml.html.fromstring(html)


def quotes_of(view: ReportView) -> list[Quote]:
    themes = [theme for family in view.families for theme in family.themes]
    quoted = [quote for theme in themes for quote in (*theme.quotes, *theme.more_quotes)]
    return [*quoted, *(quote for topic in view.topics for quote in topic.quotes)]


def test_the_report_is_the_golden_file(study: Callable[..., ReportInputs]) -> None:
    html = render(build_view(study()))
    if os.environ.get("VOC_REGENERATE_GOLDEN") == "1":
        GOLDEN.write_text(html, encoding="utf-8", newline="\n")
    assert html.encode() == GOLDEN.read_bytes(), "look at the new report, then run with VOC_REGENERATE_GOLDEN=1"


def test_the_same_inputs_give_the_same_files(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    for exporter in (HtmlExporter(), JsonExporter()):
        folders = [tmp_path / f"{exporter.name}{number}" for number in (1, 2)]
        for folder in folders:
            folder.mkdir()
            exporter.export(build_view(study()), folder)
        first, second = ((folder / f"report.{exporter.name}").read_bytes() for folder in folders)
        assert first == second
        assert b"\r" not in first


@pytest.mark.parametrize("exporter", [HtmlExporter(), JsonExporter()])
def test_an_exporter_prints_nothing_but_a_view(exporter: HtmlExporter | JsonExporter, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="prints a ReportView, not dict"):
        exporter.export({}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(build_view(study())))
    policy = page.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    hashes = {}
    for tag in ("style", "script"):
        (element,) = page.xpath(f"//{tag}")
        hashes[tag] = base64.b64encode(hashlib.sha256(element.text_content().encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_page_needs_nothing_from_outside(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(build_view(study())))
    for element in page.iter(lxml.html.etree.Element):
        names = set(element.attrib)
        assert not {"style", "src", "srcset", "action"} & names
        assert not [name for name in names if name.startswith("on")]
    assert all(link.startswith(("#", "data:,")) for link in page.xpath("//@href"))
    assert not re.search(r"url\(|@import|https?:", page.xpath("string(//style)"))


def test_every_link_has_its_target_and_no_id_stands_twice(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(build_view(study())))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = [link[1:] for link in page.xpath("//@href") if link.startswith("#")]
    references = page.xpath("//@aria-labelledby | //@aria-controls")
    assert set(targets) | set(references) <= set(ids)


def test_the_page_can_be_read_without_eyes_or_mouse(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(build_view(study())))
    assert page.get("lang") == "en"
    assert page.xpath("//body/*[1][self::a][@href='#main']")
    assert [len(page.xpath(f"//{landmark}")) for landmark in ("main", "nav", "h1")] == [1, 1, 1]
    assert not page.xpath("//th[not(@scope)]")
    assert not page.xpath("//table[contains(@class, 'heat')][not(caption)]")
    assert all(
        svg.get("aria-hidden") == "true" or svg.xpath("ancestor::*[@aria-hidden]") for svg in page.xpath("//svg")
    )
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_quotes_stand_verbatim_and_placeholders_are_marked(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    page = parse(render(view))
    assert [block.text_content() for block in page.xpath("//blockquote")] == [quote.text for quote in quotes_of(view)]
    chips = [chip.text_content() for chip in page.xpath("//blockquote//*[@class='chip']")]
    assert {"[PERSON_7F3A9C]", "[ORG_51BE02]"} <= set(chips)
    for figure in page.xpath("//figure[.//details]"):
        marked = "".join(mark.text_content() for mark in figure.xpath(".//li[@class='own']//mark"))
        assert marked == figure.xpath("string(blockquote)")


def test_cells_say_n_of_n_and_lead_to_their_theme(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(build_view(study())))
    (cell,) = page.xpath("//*[@id='segments-role']//tr[th/a='Effort and friction']/td[2]")
    assert cell.text_content() == "3 of 3"
    assert cell.get("class") == "h10"
    assert cell.xpath("a/@href") == ["#theme-effort-friction"]
    (zero,) = page.xpath("//*[@id='segments-role']//tr[th/a='Effort and friction']/td[5]/a")
    assert zero.get("title") == "not heard in 3; at 20% prevalence it would be missed 51% of the time"


def test_a_run_without_a_single_theme_is_still_a_report(study: Callable[..., ReportInputs]) -> None:
    nothing = {spec.name: spec.frame([]) for spec in tables.CONTRACT_TABLES}
    text = parse(render(build_view(study(tables=nothing, topics_examples={})))).text_content()
    assert "No theme was heard yet" in text
    assert "Nothing outside the codebook was said often enough" in text
    assert "Likelihood to recommend" not in text


def test_themes_nobody_looked_for_are_told_from_those_nobody_raised(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(build_view(study(uncovered=("cultural_fit",)))))
    sections = page.xpath("//section[@class='unheard']")
    assert [section.findtext("h3") for section in sections] == ["Not heard", "Not coded"]
    assert [section.xpath("ul/li/text()") for section in sections] == [["Leadership commitment"], ["Cultural fit"]]


def outline(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every element with the names of its attributes, in order."""
    page = parse(html)
    return [(element.tag, tuple(sorted(element.attrib))) for element in page.iter(lxml.html.etree.Element)]


@cache
def harmless_outline(study: Callable[..., ReportInputs]) -> list[tuple[str, tuple[str, ...]]]:
    return outline(render(build_view(poisoned(study(), "harmless"))))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_study_becomes_markup(study: Callable[..., ReportInputs], payload: str) -> None:
    view = build_view(poisoned(study(), payload))
    html = render(view)
    assert outline(html) == harmless_outline(study)
    page = parse(html)
    assert page.findtext(".//h1") == payload
    assert [block.text_content() for block in page.xpath("//blockquote")] == [quote.text for quote in quotes_of(view)]
    assert all(link.startswith(("#", "data:,")) for link in page.xpath("//@href"))


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
