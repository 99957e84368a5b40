"""The market's page and the equity page, each walked through once: charts, tables and the files that can be saved of them."""

import re
import struct
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Screen, bring, kept_back
from tests.dashboard.sample_market import BARS, HOUR_MS, START_MS
from tests.dashboard.sample_run import RUN_ID, SLUG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MARKET = f"runs/{RUN_ID}/{SLUG}/"
PLOT = "document.querySelector('[data-chart=candles] .plot')"
TRADE = "#trades tr[data-index]"
# The sample's trades are drawn, not simulated, so that the server has no story of them: this one stands in for it.
STORY = {
    "bars": [
        {
            "time": START_MS + place * HOUR_MS, "open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5, "volume": 9.0, "equity": 100.0,
            "levels": {"stop": 0.4} if place else {}, "events": events,
        }
        for place, events in enumerate((["at the close the strategy signals long"], [], ["<b>filled</b>", "stop at 0.4"]))
    ],
    "total": 3,
    "note": "",
}  # fmt: skip


def span(page: Page) -> tuple[datetime, datetime]:
    start, end = page.evaluate(f"{PLOT}.layout.xaxis.range")
    return datetime.fromisoformat(start), datetime.fromisoformat(end)


def names(page: Page) -> list[str]:
    found: list[str] = page.evaluate(f"{PLOT}.data.map(trace => trace.name)")
    return found


def wait_for_other_span(screen: Screen, old: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    moment = "text => new Date(text.length === 10 ? `${text}T00:00` : text).getTime()"
    screen.page.wait_for_function(f"old => ({moment})({PLOT}.layout.xaxis.range[0]) !== ({moment})(old)", arg=old[0].isoformat())
    screen.settle()
    return span(screen.page)


def saved(page: Page, chart: str, kind: str) -> tuple[str, bytes]:
    page.click(f"[data-chart={chart}] .chart-menu summary")
    with page.expect_download() as begun:
        page.click(f"[data-chart={chart}] [data-save={kind}]")
    return begun.value.suggested_filename, Path(begun.value.path()).read_bytes()


def tell(route: Route) -> None:
    route.fulfill(json=STORY)


def open_market(screen: Screen) -> Page:
    screen.page.route("**/api/v1/**/story*", tell)
    page = screen.open(MARKET)
    page.wait_for_selector(TRADE)
    return page


def test_trades_and_candles_follow_each_other(screen: Screen) -> None:
    page = open_market(screen)
    whole = span(page)
    assert {"EMA 20", "RSI 14"} <= set(names(page))
    expect(page.locator("#trades-summary")).to_have_text(re.compile("^90 trades"))

    page.locator(TRADE).nth(6).click()
    near = wait_for_other_span(screen, whole)
    assert near[1] - near[0] < (whole[1] - whole[0]) / 10
    assert "Candles" in names(page), "single bars, not merged ones"
    page.wait_for_selector("#story-table tbody tr:nth-child(3)")
    told = page.locator("#story-table tbody tr").nth(2).inner_text()
    assert "<b>filled</b>" in told, "texts are shown as they are"
    assert "0.4000" in told
    expect(page.locator("#story-title")).to_have_text("Trade 6, bar by bar")
    assert_accessible(page)

    page.click("[data-move=out]")
    wider = wait_for_other_span(screen, near)
    assert wider[0] < near[0] < near[1] < wider[1]
    page.click("[data-move=earlier]")
    assert wait_for_other_span(screen, wider)[0] < wider[0]

    page.click("[data-chart=candles] [data-reset]")
    page.wait_for_selector("#story", state="hidden")
    screen.settle()
    assert span(page) == whole
    expect(page.locator("#trades tr.selected")).to_have_count(0)

    page.select_option("#filters [name=side]", "long")
    page.wait_for_function("() => !document.getElementById('trades-summary').textContent.startsWith('90 ')")
    screen.settle()
    symbols: Any = page.evaluate(f"{PLOT}.data.filter(trace => trace.name.startsWith('In: ')).flatMap(trace => trace.marker.symbol)")
    assert set(symbols) == {"triangle-up"}
    page.click("#filters-clear")
    page.wait_for_function("() => document.getElementById('trades-summary').textContent.startsWith('90 ')")

    page.locator("#filters label").get_by_text("Walk-forward").click()
    page.wait_for_function("() => document.getElementById('trades-summary').textContent.startsWith('39 ')")
    screen.settle()
    assert "Missed entry" not in names(page)
    assert not screen.overflows()


def test_marks_keys_and_drags_lead_to_trades_too(desk: Screen) -> None:
    page = open_market(desk)
    whole = span(page)
    box = page.locator("[data-chart=candles] .plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 380, box["y"] + 200, steps=4)
    page.mouse.up()
    dragged = wait_for_other_span(desk, whole)
    page.wait_for_function(f"() => {PLOT}.data[0].name === 'Candles'")
    assert (dragged[1] - dragged[0]).days < 20

    page.evaluate(f"""() => {{
        const plot = {PLOT};
        plot.emit('plotly_click', {{ points: [{{ customdata: 80 }}] }});
    }}""")
    page.wait_for_selector("#trades tr.selected")
    expect(page.locator("#trades tr.selected td").first).to_have_text("80")
    desk.settle()
    page.focus("#trades table")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('story-title').textContent.startsWith('Trade 0')")
    desk.settle()

    utc = span(page)
    page.click("#zone")
    local = wait_for_other_span(desk, utc)
    assert local[0] - utc[0] == local[1] - utc[1] == timedelta(hours=5, minutes=30)
    page.click("[data-move=out]")
    wider = wait_for_other_span(desk, local)
    assert local[0] - wider[0] == wider[1] - local[1], "a step in the reader's zone asks for the right stretch of UTC"
    page.click("#zone")
    wait_for_other_span(desk, wider)


def test_what_was_chosen_last_stays_whatever_is_answered_late(desk: Screen) -> None:
    page = open_market(desk)
    whole = span(page)
    with kept_back(page, "**/trades?*around=80*") as held:
        page.evaluate(f"() => {{ {PLOT}.emit('plotly_click', {{ points: [{{ customdata: 80 }}] }}); }}")
    old = held[0].fetch()
    page.locator(TRADE).nth(6).click()
    near = wait_for_other_span(desk, whole)
    bring(page, held[0], old)
    desk.settle()
    expect(page.locator("#story-title")).to_have_text("Trade 6, bar by bar")
    expect(page.locator("#trades tr.selected td").first).to_have_text("6")
    assert span(page) == near

    page.click("[data-chart=candles] [data-reset]")
    wait_for_other_span(desk, near)
    # A zoom asks for finer bars a moment later; this one is over by then.
    page.evaluate(
        f"""range => {{
            {PLOT}.emit('plotly_relayout', {{ 'xaxis.range': range }});
            document.querySelectorAll('{TRADE}')[6].click();
            return new Promise(done => setTimeout(done, 160));
        }}""",
        [moment.isoformat() for moment in (whole[0], whole[0] + (whole[1] - whole[0]) / 2)],
    )
    desk.settle()
    assert span(page) == near


def test_charts_are_saved_as_tables_and_pictures(desk: Screen) -> None:
    page = desk.open(MARKET)
    name, table = saved(page, "candles", "csv")
    assert name.endswith(".csv")
    assert len(table.splitlines()) == BARS + 1
    assert b"EMA 20" in table.splitlines()[0]
    name, picture = saved(page, "candles", "png")
    assert name == f"{RUN_ID}_{SLUG}_candles.png"
    width, height = struct.unpack(">II", picture[16:24])
    assert width >= 2400
    assert height >= 1200
    _, drawing = saved(page, "candles", "svg")
    assert drawing.startswith(b"<svg")
    assert b"BTCUSDT" in drawing


def test_a_chart_is_sketched_until_plotly_is_there_and_drawn_then(desk: Screen) -> None:
    page, held, holding = desk.page, list[Route](), [True]
    page.route("**/assets/plotly*", lambda route: held.append(route) if holding else route.continue_())
    for address, chart in ((MARKET, "candles"), (f"{MARKET}equity", "equity"), (f"{MARKET}search", "history")):
        page.goto(f"{desk.site}{address}", wait_until="commit")  # what is held back may keep the page from being "loaded"
        page.wait_for_selector(f"[data-chart={chart}][data-state=sketched]")
        inked = f"""() => {{
            const canvas = document.querySelector('[data-chart={chart}] canvas.sketch');
            const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            return dots.some(value => value !== 0);
        }}"""
        assert page.evaluate(inked), f"{chart} is a blank sheet"
        assert page.locator(f"[data-chart={chart}] .main-svg").count() == 0
        holding.clear()
        while held:
            held.pop().continue_()
        page.wait_for_selector(f"[data-chart={chart}][data-state=drawn] .main-svg")
        expect(page.locator(f"[data-chart={chart}] canvas.sketch")).to_have_count(0)
        desk.settle()
        holding.append(True)


def test_where_plotly_does_not_come_the_chart_says_so(desk: Screen) -> None:
    desk.mean("/assets/plotly", "net::ERR_FAILED")
    desk.page.route("**/assets/plotly*", lambda route: route.abort())
    desk.page.goto(f"{desk.site}{MARKET}")
    desk.page.wait_for_selector("[data-chart=candles][data-state=failed]")
    said = "What draws the charts could not be loaded. Reload the page."
    expect(desk.page.locator("[data-chart=candles] .chart-note")).to_have_text(said)


def test_accounts_are_shown_in_every_way(screen: Screen) -> None:
    page = screen.open(f"{MARKET}equity")
    assert page.evaluate("document.querySelector('[data-chart=equity] .plot').data.length") == 12
    for name in ("underwater", "monthly", "rolling"):
        page.locator(f"[data-chart={name}]").scroll_into_view_if_needed()
        screen.settle()
        expect(page.locator(f"[data-chart={name}] svg.main-svg").first).to_be_attached()
    expect(page.locator("[data-chart=underwater] .chart-table tbody tr")).to_have_count(9)
    first = page.locator("[data-chart=underwater] .chart-table tbody tr").first.inner_text()
    page.select_option("#underwater-curve", "walkforward")
    page.wait_for_function(
        "before => document.querySelector('[data-chart=underwater] .chart-table tbody tr').innerText !== before", arg=first
    )
    screen.settle()  # a chart that is still to come is pale
    assert_accessible(page)
    page.select_option("#rolling-days", "365")
    page.wait_for_selector("[data-chart=rolling].no-plot")
    expect(page.locator("[data-chart=rolling] .chart-note")).to_contain_text("365 days")
    assert not screen.overflows()
