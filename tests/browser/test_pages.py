"""The pages of a run hang together, say what is not there yet, and share themes and hints; what each shows has tests of its own."""

import re

import pytest
from playwright.sync_api import expect

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
        expect(page.locator("h1")).to_have_text(re.compile("^BTCUSDT"))
        assert page.evaluate(SAID), "a chart that is empty says why"
        assert not screen.overflows()


def test_markets_of_a_run_are_a_step_apart(desk: Screen) -> None:
    page = desk.open(f"runs/{TWO_ID}/{SLUG}/equity")
    page.click("nav[aria-label='Markets of this run'] >> text=ETHUSDT")
    page.wait_for_url("**/binance_ethusdt_1h/equity")
    desk.settle()
    expect(page.locator("h1")).to_have_text(re.compile("^ETHUSDT"))


def test_theme_changes_page_and_charts_and_is_kept(desk: Screen) -> None:
    page = desk.open(f"runs/{RUN_ID}/{SLUG}/equity")
    ground = "getComputedStyle(document.body).backgroundColor"
    paper = "document.querySelector('[data-chart=equity] .plot').layout.paper_bgcolor"
    light = page.evaluate(ground), page.evaluate(paper)
    page.click("#theme")
    page.wait_for_function(f"([ground, paper]) => {ground} !== ground && {paper} !== paper", arg=light)
    dark = page.evaluate(ground), page.evaluate(paper)
    page.reload()
    desk.settle()
    assert (page.evaluate(ground), page.evaluate(paper)) == dark
    page.click("#theme")
    page.wait_for_function(f"([ground, paper]) => {ground} === ground && {paper} === paper", arg=light)


def test_list_leads_to_the_run(desk: Screen) -> None:
    page = desk.open("")
    page.click(f"text={RUN_ID}")
    expect(page.locator("h1")).to_have_text(re.compile("^BTCUSDT"))
    desk.settle()


def test_definitions_come_with_pointer_and_keys(desk: Screen) -> None:
    page = desk.open(f"runs/{RUN_ID}/")
    shown = "getComputedStyle(document.querySelector('.comparison .tip'), '::after').content"
    assert page.evaluate(shown) == "none"
    page.hover(".comparison .tip >> nth=0")
    page.wait_for_function(f"() => {shown}.includes('Sum of all trades')")
    page.mouse.move(0, 0)
    page.wait_for_function(f"() => {shown} === 'none'")
    page.focus(".comparison .tip >> nth=0")
    page.wait_for_function(f"() => {shown}.includes('Sum of all trades')")
