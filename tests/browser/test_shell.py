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
    page = screen.open("nowhere")
    screen.troubles.clear()  # the browser reports the 404 that was asked for
    screen.assert_sound()
    page.click("text=All runs")
    assert page.locator("h1").inner_text() == "Runs"


def test_keys_help_zone_and_navigation(desk: Screen) -> None:
    page = desk.open("")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("/?")
    assert page.input_value("#q") == "/?", "while somebody writes, keys are letters"
    page.fill("#q", "")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    created = page.locator(f"tr[data-run='{RUN_ID}'] time")
    assert created.inner_text() == "2025-01-02 03:04"
    page.click("#zone")
    assert created.inner_text() == "2025-01-02 08:34", "the reader lives in India"
    page.click("nav[aria-label=Main] >> text=Hardware")
    assert page.locator("h1").inner_text() == "Hardware"
    expect(page.locator("#zone")).to_have_text("Local")  # the choice is kept; the page's script writes it
    page.click("#zone")
    assert page.locator("nav[aria-label=Main] [aria-current]").inner_text() == "Hardware"
