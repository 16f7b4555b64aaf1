from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest

from tests.report.filled import filled, quotes_of, themes_of
from voc_pipeline.report.html import render
from voc_pipeline.report.page_data import island
from voc_pipeline.report.view import ReportInputs, build_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from voc_pipeline.report.shapes import ReportView


def data_of(view: ReportView) -> Any:
    page: Any = lxml.html.fromstring(render(view))
    return json.loads(page.get_element_by_id("data").text_content())


@pytest.fixture(scope="module")
def data(study: Callable[..., ReportInputs]) -> Any:
    return data_of(filled(build_view(study())))


def text_of(data: Any, quote: list[Any]) -> str:
    place, start, end = quote[6:]
    parts = data["turns"][place][2]
    return "".join(part if isinstance(part, str) else "".join(part) for part in parts)[start:end]


def test_every_quote_stands_once_and_is_cut_from_its_turn(data: Any, study: Callable[..., ReportInputs]) -> None:
    view = filled(build_view(study()))
    quotes = [quote for theme in themes_of(view) for quote in quotes_of(theme)]
    quotes += [quote for topic in view.topics for quote in topic.quotes]
    assert [quote[0] for quote in data["quotes"]] == [quote.quote_id for quote in quotes]
    assert [text_of(data, quote) for quote in data["quotes"]] == [quote.text for quote in quotes]
    assert [turn[0] for turn in data["turns"]] == [turn.key for turn in view.turns]


def test_a_cell_names_the_quotes_behind_it(data: Any) -> None:
    kicker, title, facts, _, places = data["sets"]["heat-0-3-0-1"]
    assert (kicker, title) == ("Role: Lab manager", "Effort and friction")
    assert facts == [["Raised it", "3 of 3"], ["Unasked", "3 of 3"], ["Net sentiment", "\N{MINUS SIGN}1.00"]]
    people = {data["people"][data["quotes"][place][2]][0] for place in places}
    assert people == {"P-01", "P-02", "P-03"}


def test_a_quote_whose_turn_was_left_out_brings_its_own_words(study: Callable[..., ReportInputs]) -> None:
    view = dataclasses.replace(build_view(study()), turns=())
    first = data_of(view)["quotes"][0]
    assert first[6] == -1
    assert (
        "".join(part if isinstance(part, str) else "".join(part) for part in first[7])
        == quotes_of(themes_of(view)[0])[0].text
    )


@pytest.mark.parametrize(
    "text", ["</script>", "<!--", "]]>", "&lt;", "a\N{LINE SEPARATOR}b\N{PARAGRAPH SEPARATOR}", "\\u003c", '"']
)
def test_nothing_in_the_data_can_end_it(text: str) -> None:
    written = str(island({"text": [text]}))
    assert not set(written) & set("<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}")
    assert json.loads(written) == {"text": [text]}
