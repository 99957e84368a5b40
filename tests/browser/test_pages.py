"""The pages of a run hang together, say what is not there yet, and share themes and hints; what each shows has tests of its own."""

import pytest

from tests.browser.conftest import STOPPED_ID, TWO_ID, Screen
from tests.dashboard.sample_run import RUN_ID, SLUG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MARKET_PAGES = ("Market", "Equity", "Search", "Walk-forward", "Overfitting", "Data")
SAID = "() => [...document.querySelectorAll('.chart.no-plot .chart-note')].every(note => note.textContent.trim().length > 10)"


def test_navigation_leads_to_every_page_of_a_run_that_stopped(screen: Screen) -> None:
    page = screen.open(f"runs/{STOPPED_ID}/")
    for title in MARKET_PAGES:
        page.click(f"nav[aria-label='Pages of this run'] >> text={title}")
        page.wait_for_selector(f"nav[aria-label='Pages of this run'] [aria-current=page]:text-is('{title}')")
        screen.settle()
        assert page.locator("h1").inner_text().startswith("BTCUSDT")
        assert page.evaluate(SAID), "a chart that is empty says why"
        assert not screen.overflows()


def test_markets_of_a_run_are_a_step_apart(desk: Screen) -> None:
    page = desk.open(f"runs/{TWO_ID}/{SLUG}/equity")
    page.click("nav[aria-label='Markets of this run'] >> text=ETHUSDT")
    desk.settle()
    assert page.url.endswith("/binance_ethusdt_1h/equity")
    assert page.locator("h1").inner_text().startswith("ETHUSDT")


def test_theme_changes_page_and_charts_and_is_kept(desk: Screen) -> None:
    page = desk.open(f"runs/{RUN_ID}/{SLUG}/equity")
    ground = "getComputedStyle(document.body).backgroundColor"
    paper = "document.querySelector('[data-chart=equity] .plot').layout.paper_bgcolor"
    light = page.evaluate(ground), page.evaluate(paper)
    page.click("#theme")
    dark = page.evaluate(ground), page.evaluate(paper)
    assert light[0] != dark[0]
    assert light[1] != dark[1]
    page.reload()
    desk.settle()
    assert (page.evaluate(ground), page.evaluate(paper)) == dark
    page.click("#theme")
    assert (page.evaluate(ground), page.evaluate(paper)) == light


def test_list_leads_to_the_run(desk: Screen) -> None:
    page = desk.open("")
    page.click(f"text={RUN_ID}")
    desk.settle()
    assert page.locator("h1").inner_text().startswith("BTCUSDT")


def test_definitions_come_with_pointer_and_keys(desk: Screen) -> None:
    page = desk.open(f"runs/{RUN_ID}/")
    shown = "getComputedStyle(document.querySelector('.comparison .tip'), '::after').content"
    assert page.evaluate(shown) == "none"
    page.hover(".comparison .tip >> nth=0")
    assert "Sum of all trades" in page.evaluate(shown)
    page.mouse.move(0, 0)
    page.focus(".comparison .tip >> nth=0")
    assert "Sum of all trades" in page.evaluate(shown)
