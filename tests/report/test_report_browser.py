from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.report.html import HtmlExporter
from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from voc_pipeline.report.view import ReportInputs

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}


@dataclass
class Opened:
    """The report in a browser, with everything the browser said or asked for."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def opened(
    request: pytest.FixtureRequest, browser: Browser, study: Callable[..., ReportInputs], tmp_path: Path
) -> Iterator[Opened]:
    size, scripts = request.param
    context = browser.new_context(viewport=size, java_script_enabled=scripts)
    found = Opened(context.new_page())
    found.page.on("console", lambda message: found.messages.append(message.text))
    found.page.on("pageerror", lambda error: found.messages.append(str(error)))
    found.page.on("request", lambda asked: found.requests.append(asked.url))
    found.page.goto(HtmlExporter().export(build_view(study()), tmp_path).as_uri())
    yield found
    context.close()


both_sizes = pytest.mark.parametrize("opened", [(PHONE, True), (LAPTOP, True)], indirect=True, ids=["390", "1280"])


@both_sizes
def test_the_page_is_no_wider_than_the_screen_with_everything_open(opened: Opened) -> None:
    opened.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    width, window = opened.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window


@both_sizes
def test_the_browser_has_nothing_to_complain_about_and_asks_for_nothing(opened: Opened) -> None:
    opened.page.wait_for_load_state("networkidle")
    assert opened.messages == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [opened.page.url]


@both_sizes
def test_the_policy_is_in_force(opened: Opened) -> None:
    opened.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p id=probe style=\"color: red\">x</p>')")
    assert opened.page.evaluate("getComputedStyle(document.getElementById('probe')).color") != "rgb(255, 0, 0)"
    assert any("Content Security Policy" in message for message in opened.messages)


@both_sizes
def test_attributes_switch_by_mouse_and_by_keyboard(opened: Opened) -> None:
    page = opened.page
    role, region = page.locator("#segments-role"), page.locator("#segments-region")
    assert (role.is_visible(), region.is_visible()) == (True, False)
    page.get_by_role("tab", name="Region").click()
    assert (role.is_visible(), region.is_visible()) == (False, True)
    page.keyboard.press("ArrowRight")
    assert (role.is_visible(), region.is_visible()) == (True, False)
    assert page.get_by_role("tab", name="Role").get_attribute("aria-selected") == "true"
    assert page.get_by_role("tabpanel").count() == 1


@pytest.mark.parametrize("opened", [(LAPTOP, False)], indirect=True, ids=["no script"])
def test_without_script_every_table_and_quote_is_there(opened: Opened) -> None:
    page = opened.page
    assert page.locator("#segments-role").is_visible()
    assert page.locator("#segments-region").is_visible()
    assert not page.locator("[data-switch]").is_visible()
    context = page.locator(".context").first
    context.locator("summary").click()
    assert context.locator("mark").first.is_visible()


@pytest.mark.parametrize("opened", [(PHONE, True)], indirect=True, ids=["390"])
def test_on_a_phone_theme_names_stay_while_segments_scroll(opened: Opened) -> None:
    page = opened.page
    name = page.locator("#segments-role .theme-name").first
    before = name.bounding_box()
    moved = page.evaluate(
        "(() => { const box = document.querySelector('#segments-role .scroll'); box.scrollLeft = 120; "
        "return box.scrollLeft; })()"
    )
    after = name.bounding_box()
    assert moved == 120
    assert before is not None
    assert after is not None
    assert after["x"] == pytest.approx(before["x"], abs=3)


@pytest.mark.parametrize("opened", [(LAPTOP, True)], indirect=True, ids=["print"])
def test_on_paper_every_table_is_printed_and_nothing_to_click(opened: Opened) -> None:
    page = opened.page
    page.emulate_media(media="print")
    assert page.locator("#segments-role").is_visible()
    assert page.locator("#segments-region").is_visible()
    assert not page.locator(".contents").is_visible()
    assert not page.locator("[data-switch]").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
