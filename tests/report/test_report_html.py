from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest

from tests.report.filled import RECORDING, filled, themes_of
from voc_pipeline import tables
from voc_pipeline.report.html import HtmlExporter, render
from voc_pipeline.report.view import ReportInputs, build_view
from voc_pipeline.report.view_json import JsonExporter

if TYPE_CHECKING:
    from collections.abc import Callable

    from voc_pipeline.report.shapes import Quote, ReportView

GOLDEN = Path(__file__).parent.parent / "golden" / "report.html"


def parse(html: str) -> Any:
    return lxml.html.fromstring(html)


def opened(view: ReportView) -> list[Quote]:
    """Quotes that stand in the theme and topic sections, in order."""
    found = []
    for theme in themes_of(view):
        every = {quote.quote_id: quote for quote in (*theme.quotes, *theme.more_quotes)}
        found += [quote for quote in theme.quotes if quote.quote_id not in theme.against]
        found += [every[one] for one in theme.against]
    return [*found, *(quote for topic in view.topics for quote in topic.quotes)]


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
        (element,) = page.xpath(f"//{tag}[not(@type)]")
        hashes[tag] = base64.b64encode(hashlib.sha256(element.text_content().encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_page_needs_nothing_from_outside(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(filled(build_view(study()))))
    for element in page.iter(lxml.html.etree.Element):
        names = set(element.attrib)
        assert not {"style", "src", "srcset", "action"} & names
        assert not [name for name in names if name.startswith("on")]
    assert {link for link in page.xpath("//@href") if not link.startswith("#")} == {"data:,", RECORDING}
    leaving = page.xpath("//a[not(starts-with(@href, '#'))]")
    assert {link.get("rel") for link in leaving} == {"noreferrer noopener"}
    assert not re.search(r"url\(|@import|https?:", page.xpath("string(//style)"))


@pytest.mark.parametrize("finish", [filled, dataclasses.replace], ids=["filled", "as built"])
def test_every_link_has_its_target_and_no_id_stands_twice(
    study: Callable[..., ReportInputs], finish: Callable[[ReportView], ReportView]
) -> None:
    page = parse(render(finish(build_view(study()))))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = [link[1:] for link in page.xpath("//@href") if link.startswith("#")]
    references = page.xpath("//@aria-labelledby | //@aria-controls")
    assert set(targets) | set(references) <= set(ids)


def test_the_page_can_be_read_without_eyes_or_mouse(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(filled(build_view(study()))))
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
    view = filled(build_view(study()))
    page = parse(render(view))
    at_home = page.xpath("//figure[@id]")
    assert [one.get("id") for one in at_home] == [f"q-{quote.quote_id}" for quote in opened(view)]
    assert [one.find("blockquote").text_content() for one in at_home] == [quote.text for quote in opened(view)]
    chips = [chip.text_content() for chip in page.xpath("//blockquote//*[@class='chip']")]
    assert {"[PERSON_7F3A9C]", "[ORG_51BE02]"} <= set(chips)


def test_a_finding_shows_its_words_and_those_against_it(study: Callable[..., ReportInputs]) -> None:
    view = filled(build_view(study()))
    (finding,) = parse(render(view)).xpath("//li[@class='finding']")
    texts = {quote.quote_id: quote.text for theme in themes_of(view) for quote in (*theme.quotes, *theme.more_quotes)}
    shown = [block.text_content() for block in finding.xpath(".//blockquote")]
    stated = view.findings.findings[0]
    assert shown == [texts[one] for one in (*stated.quotes, *stated.against)]
    assert finding.xpath(".//details[not(@open)]")


def test_an_item_that_a_person_must_write_is_openly_blank(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(filled(build_view(study()))))
    rows = page.xpath("//details[@class='checklist']//tbody/tr")
    assert [row.xpath("string(td[2])") for row in rows] == ["to be written by a person", "12"]


def test_cells_say_n_of_n_and_lead_to_their_theme(study: Callable[..., ReportInputs]) -> None:
    page = parse(render(build_view(study())))
    (cell,) = page.xpath("//*[@id='segments-role']//tr[th/a='Effort and friction']/td[2]")
    assert [span.text_content() for span in cell.xpath("a/span")] == ["3 of 3", "\N{MINUS SIGN}1.00", "3 of 3"]
    assert cell.get("class") == "h10 v10 t-minus5"
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
