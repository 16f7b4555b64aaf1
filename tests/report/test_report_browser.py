from __future__ import annotations

import importlib.util
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.report.filled import filled
from voc_pipeline.report.html import HtmlExporter
from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from voc_pipeline.report.view import ReportInputs

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}
PATIENCE = 120_000
"""Milliseconds: the machine may be busy with something else."""
WIDE = {"width": 1920, "height": 1080}
PLACE = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const box = one.getBoundingClientRect();
  return [one.closest("main > section")?.id ?? "", box.width > 0 && box.bottom > 0 && box.top < innerHeight];
}"""
"""Which section the focus is in, and whether it can be seen; null when it has left the page."""


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
    context = browser.new_context(viewport=size, java_script_enabled=scripts, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    found = Opened(context.new_page())
    found.page.on("console", lambda message: found.messages.append(message.text))
    found.page.on("pageerror", lambda error: found.messages.append(str(error)))
    found.page.on("request", lambda asked: found.requests.append(asked.url))
    found.page.goto(HtmlExporter().export(filled(build_view(study())), tmp_path).as_uri())
    yield found
    context.close()


def unfold(page: Page) -> None:
    """Open every panel that can stand open in the page."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_function("[...document.querySelectorAll('.all-quotes')].every((one) => one.firstChild)")
    page.evaluate("[...document.querySelectorAll('main [data-context]')].slice(0, 9).forEach((one) => one.click())")


def focused(page: Page) -> str:
    """Name the set of quotes that the focused control opens."""
    return str(page.evaluate("document.activeElement.dataset.set"))


def axe() -> str:
    """Read axe-core, which the package of this name brings as a file; the package itself is not imported."""
    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, within: str = "html") -> list[tuple[str, list[str]]]:
    found: list[dict[str, Any]] = page.evaluate(f"axe.run('{within}').then((done) => done.violations)")
    return [(one["id"], [str(node["target"]) for node in one["nodes"]][:5]) for one in found]


every_size = pytest.mark.parametrize(
    "opened", [(PHONE, True), (LAPTOP, True), (WIDE, True)], indirect=True, ids=["390", "1280", "1920"]
)
laptop = pytest.mark.parametrize("opened", [(LAPTOP, True)], indirect=True, ids=["1280"])
both_sizes = pytest.mark.parametrize("opened", [(PHONE, True), (LAPTOP, True)], indirect=True, ids=["390", "1280"])


@every_size
def test_the_page_is_no_wider_than_the_screen_with_everything_open(opened: Opened) -> None:
    unfold(opened.page)
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
def test_without_script_every_table_and_chosen_quote_is_there(opened: Opened) -> None:
    page = opened.page
    assert page.locator("#segments-role").is_visible()
    assert page.locator("#segments-region").is_visible()
    assert not page.locator("[data-switch]").is_visible()
    assert page.locator(".theme .quote blockquote").first.is_visible()
    assert page.locator("[data-js]:visible").count() == 0
    page.locator("#segments-role td a").first.click()
    assert page.url.endswith("#theme-trust-candor")


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


@laptop
def test_a_cell_opens_its_numbers_and_its_quotes_and_gives_the_focus_back(opened: Opened) -> None:
    page = opened.page
    drawer = page.locator("#drawer")
    row = page.locator("#segments-role tr", has_text="Effort and friction")
    row.locator("td a").nth(1).click()
    assert page.locator("#drawer-kicker").text_content() == "Role: Lab manager"
    assert page.locator("#drawer-title").text_content() == "Effort and friction"
    assert drawer.locator(".drawer-facts dd").all_text_contents() == ["3 of 3", "3 of 3", "\N{MINUS SIGN}1.00"]
    assert drawer.locator(".who").all_text_contents() == ["P-01", "P-02", "P-03"]
    page.keyboard.press("Escape")
    assert not drawer.is_visible()
    assert focused(page) == "heat-0-3-0-1"
    row.locator("td a").nth(4).click()
    assert "it would be missed 51% of the time" in str(drawer.locator(".note").text_content())
    assert drawer.locator("figure").count() == 0


@laptop
def test_cells_are_one_stop_of_the_tab_key_and_arrows_move_inside(opened: Opened) -> None:
    page = opened.page
    cells = page.locator("#segments-role td a")
    assert page.locator("#segments-role td a[tabindex='0']").count() == 1
    cells.first.focus()
    for key, place in (
        ("ArrowRight", "0-1"),
        ("ArrowDown", "1-1"),
        ("End", "1-4"),
        ("ArrowRight", "1-4"),
        ("Home", "1-0"),
    ):
        page.keyboard.press(key)
        assert focused(page) == f"heat-0-0-{place}"
    assert page.locator("#segments-role td a[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    assert page.locator("#drawer").is_visible()
    assert page.evaluate("document.activeElement.id") == "drawer-title"


@laptop
def test_the_measure_switches_by_keyboard_and_numbers_stay_readable(opened: Opened) -> None:
    page = opened.page
    cell = page.locator("#segments-role tr", has_text="Effort and friction").locator("td a").nth(1)
    seen = []
    page.locator("#measure-share").focus()
    for _ in range(3):
        seen.append((cell.inner_text(), cell.evaluate("(one) => getComputedStyle(one.parentElement).backgroundColor")))
        page.keyboard.press("ArrowRight")
    assert [text for text, _ in seen] == ["3 of 3", "\N{MINUS SIGN}1.00", "3 of 3"]
    assert seen[0][1] != seen[1][1]


@laptop
def test_search_finds_words_and_people_and_says_how_many(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-words"
    page.keyboard.type("ticket MONDAY")
    count = page.locator("#search-count")
    count.get_by_text("1 quote from 1 participant").wait_for()
    assert (count.get_attribute("aria-live"), count.get_attribute("role")) == ("polite", "status")
    result = page.locator("#search-results figure")
    assert result.locator("mark").all_text_contents() == ["ticket", "Monday"]
    assert result.locator(".on-themes").text_content() == "Support responsiveness"
    result.get_by_role("button", name="Read in context").click()
    assert result.locator(".turns li").count() == 5
    assert result.locator(".own mark").text_content() == result.locator("blockquote").text_content()
    page.locator("#search-words").fill("p-12")
    count.get_by_text("from 1 participant").wait_for()
    page.locator("#search-words").fill("zzz")
    count.get_by_text("No quote holds all of these words.").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#search").is_visible()


@laptop
def test_a_theme_lists_all_its_quotes_and_narrows_them(opened: Opened) -> None:
    page = opened.page
    theme = page.locator("#theme-effort-friction")
    theme.locator(".more summary").click()
    box = theme.locator(".all-quotes")
    box.locator("figure").first.wait_for()
    assert box.locator("figure").count() == 9
    box.get_by_label("Segment").select_option(label="Physician")
    assert set(box.locator(".who").all_text_contents()) == {"P-04", "P-05", "P-06"}
    box.get_by_label("Sentiment").select_option("negative")
    box.get_by_label("Raised").select_option("volunteered")
    assert box.locator(".found").text_content() == "2 of 9 quotes"
    assert set(box.locator(".who").all_text_contents()) == {"P-04", "P-06"}


@laptop
def test_journey_statements_accounts_and_answers_open_their_words(opened: Opened) -> None:
    page = opened.page
    for control, kicker in (
        ("#journey .tag", "Journey stage: Discover"), ("#needs .go", "Problems"), ("#accounts .go", "Account"),
    ):  # fmt: skip
        page.locator(control).first.click()
        assert page.locator("#drawer-kicker").text_content() == kicker
        assert page.locator("#drawer figure").count() > 0
        page.keyboard.press("Escape")
    answer = page.locator(".grid button").first
    begins = str(answer.text_content())
    answer.click()
    assert begins in str(page.locator("#drawer .own .said").text_content())


@laptop
def test_a_link_to_a_quote_finds_it_wherever_it_stands(opened: Opened) -> None:
    page = opened.page
    standing = set(page.locator("figure[id]").evaluate_all("(all) => all.map((one) => one.id.slice(2))"))
    every = page.evaluate("JSON.parse(document.getElementById('data').textContent).quotes.map((one) => one[0])")
    folded = next(one for one in every if one not in standing)
    page.goto(f"{page.url}#q-{folded}")
    assert page.locator("#drawer").is_visible()
    assert page.locator("#drawer .own mark").count() == 1


@laptop
def test_the_keyboard_reaches_everything_in_order_and_nothing_is_a_trap(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    places = []
    for _ in range(900):
        page.keyboard.press("Tab")
        place = page.evaluate(PLACE)
        if place is None:
            break
        places.append(place)
    assert place is None, "the focus leaves the page after its last control"
    sections = list(dict.fromkeys(place[0] for place in places))
    assert sections == [
        "", "overview", "reach", "segments", "journey", "needs", "lenses", "themes", "accounts", "questions", "scores",
        "topics", "saturation", "method",
    ]  # fmt: skip
    assert all(visible for _, visible in places)


@pytest.mark.parametrize(
    ("opened", "scheme"), [((PHONE, True), "dark"), ((LAPTOP, True), "light")], indirect=["opened"], ids=["390", "1280"]
)
def test_axe_finds_nothing(opened: Opened, scheme: Literal["light", "dark"]) -> None:
    page = opened.page
    page.emulate_media(color_scheme=scheme)
    page.evaluate(axe())
    unfold(page)
    # themes are all built alike: one a family is enough, and axe needs a minute less
    page.evaluate("document.querySelectorAll('.theme + .theme').forEach((one) => one.remove())")
    assert violations(page) == []
    for measure in ("tone", "own"):
        page.evaluate(f"document.querySelector('#measure-{measure}').click()")
        assert violations(page, "#segments") == []
    for control in ("#segments [data-set]", ".grid button"):
        page.evaluate(f"document.querySelector('{control}').click()")
        page.evaluate("document.querySelector('#drawer [data-context]')?.click()")
        assert violations(page, "#drawer") == []
        page.keyboard.press("Escape")
    page.evaluate("document.querySelector('[data-search]').click()")
    page.keyboard.type("ticket")
    page.locator("#search-results figure").first.wait_for()
    assert violations(page, "#search") == []


@pytest.mark.parametrize("opened", [(LAPTOP, True)], indirect=True, ids=["print"])
def test_on_paper_every_table_is_printed_and_nothing_to_click(opened: Opened) -> None:
    page = opened.page
    page.emulate_media(media="print")
    assert page.locator("#segments-role").is_visible()
    assert page.locator("#segments-region").is_visible()
    assert not page.locator(".contents").is_visible()
    assert not page.locator("[data-switch]").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


@laptop
def test_printed_pages_carry_findings_and_their_quotes(opened: Opened, tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    opened.page.pdf(path=paper, format="A4")
    text = subprocess.run(["pdftotext", "-layout", paper, "-"], check=True, capture_output=True, text=True).stdout
    words = " ".join(text.split())
    assert "One finding stands." in words
    assert "Prior authorization eats a day of my staff" in words
    assert "Show the words" not in words
    assert "Search quotes" not in words
    assert "to be written by a person" in words
