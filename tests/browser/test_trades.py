"""The trades table and the candles work together."""

from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Screen, run_address

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RANGE = "document.querySelector('[data-chart=candles] .plot').layout.xaxis.range"
ROWS = "#trades-table tbody tr"


def open_trades(screen: Screen) -> Page:
    page = screen.open(run_address(tab="trades"))
    page.wait_for_selector(ROWS)
    return page


def span(page: Page) -> tuple[datetime, datetime]:
    start, end = page.evaluate(RANGE)
    return datetime.fromisoformat(start), datetime.fromisoformat(end)


def column(page: Page, name: str) -> list[str]:
    index: Any = page.evaluate(f"[...document.querySelectorAll('#trades-table thead button')].findIndex(b => b.dataset.sort === '{name}')")
    return page.locator(f"{ROWS} td:nth-child({index + 1})").all_inner_texts()


def test_click_on_a_trade_takes_the_chart_there(screen: Screen) -> None:
    page = open_trades(screen)
    whole = span(page)
    page.click(f"{ROWS}:nth-child(7)")
    page.wait_for_function(f"() => {RANGE}[0] !== '{whole[0].isoformat()}'")
    screen.settle()
    start, end = span(page)
    entry = datetime.fromisoformat(column(page, "entry_time")[6])
    out = datetime.fromisoformat(column(page, "exit_time")[6])
    assert start < entry <= out < end, "shown in UTC although the browser's zone is another"
    assert end - start < (whole[1] - whole[0]) / 10
    assert page.evaluate("document.querySelector('[data-chart=candles] .plot').data[0].name") == "Candles", "single bars, not merged ones"
    assert page.locator(f"{ROWS}.selected").count() == 1
    page.click('[data-reset="candles"]')
    page.wait_for_function(f"() => {RANGE}[0] === '{whole[0].isoformat()}'")
    assert page.locator(f"{ROWS}.selected").count() == 0


def test_keyboard_opens_a_trade_too(desk: Screen) -> None:
    page = open_trades(desk)
    page.focus(f"{ROWS}:nth-child(2)")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-reset="candles"]:not([hidden])')
    assert page.locator(f"{ROWS}:nth-child(2)").get_attribute("class") == "selected"


def test_dragging_zooms_and_fetches_single_bars(desk: Screen) -> None:
    page = open_trades(desk)
    box = page.locator("[data-chart=candles] .plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 380, box["y"] + 200, steps=4)
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('[data-chart=candles] .plot')?.data?.[0].name === 'Candles'")
    start, end = span(page)
    assert (end - start).days < 20
    page.click('[data-reset="candles"]')
    page.wait_for_function("() => (document.querySelector('[data-chart=candles] .plot')?.data?.[0].name ?? 'Candles') !== 'Candles'")


def test_click_on_a_mark_finds_the_trade_in_the_table(desk: Screen) -> None:
    page = open_trades(desk)
    fire = """() => {
        const plot = document.querySelector('[data-chart=candles] .plot');
        const trace = plot.data.find(item => item.name.startsWith('Out: '));
        const row = Math.max(...trace.customdata);
        plot.emit('plotly_click', { points: [{ customdata: row }] });
        return row;
    }"""
    row = page.evaluate(fire)
    assert row >= 25, "it stands on another page than the first"
    page.wait_for_selector(f"{ROWS}.selected")
    assert page.locator(f"{ROWS}.selected").get_attribute("data-row") == str(row)


def test_columns_sort_both_ways_over_all_pages(screen: Screen) -> None:
    page = open_trades(screen)
    for order in ("ascending", "descending"):
        page.click('#trades-table button[data-sort="net_pnl"]')
        page.wait_for_selector(f'#trades-table th[aria-sort="{order}"]')
        screen.settle()
        values = [float(text.replace("−", "-").replace(",", "")) for text in column(page, "net_pnl")]
        assert values == sorted(values, reverse=order == "descending")
    assert values[0] > 100, "the best of all trades, not of one page"


def test_pages_turn_and_change_their_size(screen: Screen) -> None:
    page = open_trades(screen)
    assert page.locator("#page-text").inner_text() == "1 / 4"
    assert page.locator("#page-back").is_disabled()
    page.click("#page-on")
    page.wait_for_function("() => document.getElementById('page-text').textContent === '2 / 4'")
    assert page.locator(ROWS).first.get_attribute("data-row") == "25"
    page.select_option("#page-size", "100")
    page.wait_for_function("() => document.getElementById('page-text').textContent === '1 / 1'")
    assert page.locator(ROWS).count() == 90
    assert page.locator("#page-on").is_disabled()


def test_other_backtests_of_the_market_can_be_chosen(screen: Screen) -> None:
    page = open_trades(screen)
    page.click('#source button[data-source="walkforward"]')
    page.wait_for_selector('#trades-table button[data-sort="window"]')
    screen.settle()
    assert page.locator("#trades-summary").inner_text().startswith("39 trades")
    assert page.locator('#source button[data-source="walkforward"]').get_attribute("aria-checked") == "true"
    names = page.evaluate("document.querySelector('[data-chart=candles] .plot').data.map(trace => trace.name)")
    assert "Missed entry" not in names
