"""What every page has around its content: navigation, theme, time zone, keys, help; and that everybody can use it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import STOPPED_ID, TWO_ID, Screen
from tests.dashboard.sample_run import RUN_ID

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = {
    "runs": "", "overview": f"runs/{RUN_ID}/", "two markets": f"runs/{TWO_ID}/", "stopped": f"runs/{STOPPED_ID}/",
    "compare": f"compare?run={RUN_ID}&run={TWO_ID}&run={STOPPED_ID}", "hardware": "hardware", "logs": "logs",
}  # fmt: skip


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_pages_fit_and_can_be_used_by_everybody(screen: Screen, address: str) -> None:
    page = screen.open(address)
    assert page.locator("h1").count() == 1
    screen.assert_sound()


def test_page_that_is_not_there_says_so_and_leads_back(screen: Screen) -> None:
    screen.mean(f"404: {screen.site}nowhere", "status of 404")
    page = screen.open("nowhere")
    screen.assert_sound()
    page.click("text=All runs")
    expect(page.locator("h1")).to_have_text("Runs")


def test_keys_help_zone_and_navigation(desk: Screen) -> None:
    page = desk.open("")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("/?")
    expect(page.locator("#q"), "while somebody writes, keys are letters").to_have_value("/?")
    page.fill("#q", "")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    created = page.locator(f"tr[data-run='{RUN_ID}'] time")
    expect(created).to_have_text("2025-01-02 03:04")
    page.click("#zone")
    expect(created, "the reader lives in India").to_have_text("2025-01-02 08:34")
    page.click("nav[aria-label=Main] >> text=Hardware")
    expect(page.locator("h1")).to_have_text("Hardware")
    expect(page.locator("#zone")).to_have_text("Local")  # the choice is kept; the page's script writes it
    page.click("#zone")
    expect(page.locator("#zone")).to_have_text("UTC")
    expect(page.locator("nav[aria-label=Main] [aria-current]")).to_have_text("Hardware")
