"""Walk-forward, overfitting and data quality in a browser: every chart drawn, every way through the pages taken once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.dashboard.sample_run import RUN_ID, SLUG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MARKET = f"runs/{RUN_ID}/{SLUG}"
DRAWN = (
    """name => { const plot = document.querySelector(`[data-chart='${name}'] .plot`); return JSON.stringify([plot.data, plot.layout]) }"""
)
CHARTS = {
    "walkforward": ("windows", "promise", "worth", "stitched", "drift", "stress", "regimes"),
    "walkforward/2": ("stitched",),
    "overfitting": (
        "deflated", "logits", "p_values", "intervals", "permutation", "walkforward_permutation", "cone", "path_sharpes",
    ),
    "data": ("quality",),
}  # fmt: skip
# Where the first point of the trace with that word in its name stands on the screen, which it is brought to first.
PLACE = """([name, word]) => {
    document.querySelector(`[data-chart='${name}']`).scrollIntoView({ block: "center" });
    const plot = document.querySelector(`[data-chart='${name}'] .plot`);
    const trace = plot.data.find(item => (item.name || "").includes(word));
    const x = plot._fullLayout.xaxis, y = plot._fullLayout.yaxis, box = plot.getBoundingClientRect();
    return [box.left + x._offset + x.d2p(trace.x[0]), box.top + y._offset + y.d2p(trace.y[0])];
}"""
SORTED = "[aria-sort]"


def chart(page: Page, name: str) -> None:
    """Bring a chart into view and wait until it is drawn."""
    page.locator(f"[data-chart='{name}']").scroll_into_view_if_needed()
    page.wait_for_function("name => document.querySelector(`[data-chart='${name}']`).dataset.state === 'drawn'", arg=name)


def draw_all(screen: Screen, address: str) -> None:
    """Bring every chart of an open page into view; the page must then be sound, and no colour role without its colour."""
    for name in CHARTS[address]:
        chart(screen.page, name)
        drawn = screen.page.evaluate(DRAWN, name)
        assert '"@' not in drawn, f"a colour role of {name} has no colour"
        assert '"color":""' not in drawn
    screen.assert_sound()


@pytest.mark.parametrize("screen", [390], indirect=True)
def test_pages_fit_a_phone(screen: Screen) -> None:
    for address in CHARTS:
        screen.open(f"{MARKET}/{address}")
        screen.assert_sound()


def test_walkforward_leads_from_the_windows_to_one_window_and_on(desk: Screen) -> None:
    page = desk.open(f"{MARKET}/walkforward")
    draw_all(desk, "walkforward")
    page.mouse.click(*page.evaluate(PLACE, ["promise", "Not scored"]))
    page.wait_for_url("**/walkforward/2")
    desk.settle()
    expect(page.locator("text=Not scored.")).to_be_visible()
    draw_all(desk, "walkforward/2")
    assert {note["text"] for note in page.evaluate("document.querySelector('.plot').layout.annotations")} <= {"W1", "W2", "W3"}
    page.click("text=Show everything")
    page.wait_for_function("() => document.querySelector('.plot').layout.annotations.length > 3")
    page.click("nav[aria-label='Other windows'] >> text=All windows")
    page.wait_for_url("**#windows")
    page.click("#windows th a:has-text('Sharpe out')")
    expect(page.locator(SORTED)).to_have_attribute("aria-sort", "descending")
    page.click("#windows th a:has-text('Sharpe out')")
    expect(page.locator(SORTED)).to_have_attribute("aria-sort", "ascending")


def test_overfitting_draws_everything_that_the_verdict_rests_on(desk: Screen) -> None:
    desk.open(f"{MARKET}/overfitting")
    draw_all(desk, "overfitting")


def test_data_is_filtered_by_kind_saved_and_zoomed(desk: Screen) -> None:
    page = desk.open(f"{MARKET}/data")
    draw_all(desk, "data")
    page.click("[data-chart='quality'] [data-move='in']")
    page.wait_for_function("() => !document.querySelector('[data-reset=quality]').hidden")
    desk.settle()
    assert "none" in page.evaluate("document.querySelector('.plot').layout.yaxis2.ticktext.join()")
    with page.expect_download() as saved:
        page.click("text=All as CSV")
    assert saved.value.suggested_filename == f"{RUN_ID}_{SLUG}_ranges.csv"
    page.click("nav[aria-label='Kinds of ranges'] >> text=Price spike")
    expect(page.locator("#ranges tbody tr")).to_have_count(1)
    expect(page.locator("#ranges tbody")).to_contain_text("Price spike")
