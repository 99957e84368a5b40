"""Every page opens in a browser without an error, draws its charts and fits the window."""

import pytest

from tests.browser.conftest import STOPPED_ID, TWO_ID, Screen, run_address
from tests.dashboard.sample_run import RUN_ID, SLUG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TRACES = "name => document.querySelector(`[data-chart='${name}'] .plot`).data.length"
CONTENT = "name => { const plot = document.querySelector(`[data-chart='${name}'] .plot`); return JSON.stringify([plot.data, plot.layout]) }"
DRAWN = "name => document.querySelectorAll(`[data-chart='${name}'] .plot svg.main-svg`).length"

SECTIONS: dict[str, dict[str, int]] = {
    "overview": {"equity": 8},
    "trades": {"candles": 14},
    "optimization": {"optimization": 6},
    "walkforward": {"windows": 6, "drift": 1},
    "data": {},
    "settings": {},
}


@pytest.mark.parametrize("address", ["", "nowhere", f"runs/{TWO_ID}/", f"runs/{TWO_ID}/{SLUG}/", f"runs/{STOPPED_ID}/"])
def test_pages_open_and_fit(screen: Screen, address: str) -> None:
    page = screen.open(address)
    if address == "nowhere":
        screen.troubles.clear()  # the browser reports the 404 that was asked for
    assert page.locator("h1").first.is_visible()
    assert not screen.overflows()


def test_sections_show_themselves_draw_their_charts_and_fit(screen: Screen) -> None:
    page = screen.open(run_address())
    for tab, charts in SECTIONS.items():
        page.click(f"#tab-{tab}")
        screen.settle()
        assert [panel.get_attribute("id") for panel in page.locator(".tab").all() if panel.is_visible()] == [tab]
        for name, traces in charts.items():
            assert page.evaluate(DRAWN, name) >= 1
            assert page.evaluate(TRACES, name) == traces
            drawn = page.evaluate(CONTENT, name)
            assert '"@' not in drawn, "every colour role has a colour"
            assert '"color":""' not in drawn
        assert not screen.overflows()


def test_tabs_change_the_section_and_the_address(screen: Screen) -> None:
    page = screen.open(run_address())
    page.click("#tab-data")
    assert page.locator("#data").is_visible()
    assert not page.locator("#overview").is_visible()
    assert page.url.endswith("#data")
    page.keyboard.press("ArrowRight")
    assert page.locator("#settings").is_visible()


def test_unfinished_run_says_what_is_not_there_yet(screen: Screen) -> None:
    page = screen.open(run_address(STOPPED_ID, "optimization"))
    assert page.get_by_text("stage 7 writes one line per trial").is_visible()
    page.click("#tab-walkforward")
    screen.settle()
    assert page.get_by_text("stage 8 tests each of them").is_visible()


def test_theme_toggle_changes_page_and_charts_and_is_kept(desk: Screen) -> None:
    page = desk.open(run_address())
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


def test_list_leads_to_the_run(screen: Screen) -> None:
    page = screen.open("")
    page.click(f"text={RUN_ID}")
    screen.settle()
    assert page.locator("h1").inner_text().startswith("BTCUSDT")


def test_definitions_show_on_hover(desk: Screen) -> None:
    page = desk.open(run_address())
    shown = "getComputedStyle(document.querySelector('.comparison .tip'), '::after').content"
    assert page.evaluate(shown) == "none"
    page.hover(".comparison .tip >> nth=0")
    assert "Sum of all trades" in page.evaluate(shown)


# Where the point `at` of the first trace with that word in its name stands on the screen.
PLACE = """([name, word, at]) => {
    const plot = document.querySelector(`[data-chart='${name}'] .plot`);
    const trace = plot.data.find(item => (item.name || "").includes(word));
    const x = plot._fullLayout.xaxis, y = plot._fullLayout.yaxis, box = plot.getBoundingClientRect();
    return [box.left + x._offset + x.d2p(trace.x[at]), box.top + y._offset + y.d2p(trace.y[at])];
}"""


@pytest.mark.parametrize(("tab", "name", "trace", "text"), [
    ("overview", "equity", "Baseline", "Optimized"), ("optimization", "optimization", "Complete", "trial"),
    ("walkforward", "windows", "In sample", "in sample"), ("trades", "candles", "Out: ", "net"), ("walkforward", "drift", "", "away"),
])  # fmt: skip
def test_charts_tell_more_on_hover(desk: Screen, tab: str, name: str, trace: str, text: str) -> None:
    page = desk.open(run_address(tab=tab))
    page.locator(f"[data-chart='{name}']").scroll_into_view_if_needed()
    x, y = page.evaluate(PLACE, [name, trace, 2])
    page.mouse.move(x - 30, y - 3)
    page.mouse.move(x, y, steps=3)
    page.wait_for_function(f"() => document.querySelector(\"[data-chart='{name}'] .hoverlayer\")?.textContent.includes('{text}')")
