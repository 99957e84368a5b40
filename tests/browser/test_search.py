"""The search page in a browser: every chart drawn, one choice for all of them, the way to one trial and to the command that repeats it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import TWO_ID, Screen, kept_back
from tests.dashboard.sample_run import RUN_ID, SLUG
from tests.dashboard.search_run import TRIALS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHARTS = ("history", "coordinates", "importance", "fidelity", "slices", "contour", "plateau")
FIGURE = "name => { const plot = document.querySelector(`[data-chart='${name}'] .plot`); return JSON.stringify([plot.data, plot.layout]) }"
# Where the first mark of complete trials stands on the screen.
MARK = """() => {
    const plot = document.querySelector("[data-chart='history'] .plot");
    const trace = plot.data.find(item => item.name === "Complete");
    const x = plot._fullLayout.xaxis, y = plot._fullLayout.yaxis, box = plot.getBoundingClientRect();
    return [box.left + x._offset + x.d2p(trace.x[0]), box.top + y._offset + y.d2p(trace.y[0])];
}"""


def drawn(page: Page, name: str) -> str:
    """Bring a chart into view, wait until it is drawn and return it."""
    page.locator(f"[data-chart='{name}']").scroll_into_view_if_needed()
    page.locator(f"[data-chart='{name}'][data-state='drawn']").wait_for(state="attached")
    figure = str(page.evaluate(FIGURE, name))
    assert '"@' not in figure, f"a colour role of {name} has no colour"
    return figure


@pytest.mark.parametrize("screen", [390], indirect=True)
def test_the_page_fits_a_phone(screen: Screen) -> None:
    page = screen.open(f"runs/{RUN_ID}/{SLUG}/search")
    for name in CHARTS:
        drawn(page, name)
    screen.assert_sound()


def test_charts_follow_the_chosen_search_and_lead_to_its_trials(desk: Screen) -> None:
    page = desk.open(f"runs/{RUN_ID}/{SLUG}/search")
    before = {name: drawn(page, name) for name in CHARTS}
    page.locator("#trials-table [data-here='yes']").first.wait_for()
    desk.assert_sound()
    page.select_option("#search-choice", "7.2")
    page.wait_for_function("() => document.querySelector('#contour-x option[value=\"rsi_long_threshold\"]')")
    desk.settle()
    assert all(drawn(page, name) != before[name] for name in ("coordinates", "importance", "slices", "contour", "plateau"))
    heading = '"text":"trailing_sl_threshold"'
    page.select_option("#contour-x", "trailing_sl_threshold")
    page.wait_for_function(
        "text => JSON.stringify(document.querySelector(\"[data-chart='contour'] .plot\").layout.xaxis.title).includes(text)", arg=heading
    )
    page.select_option("#trials-state", "pruned")
    pruned = page.locator("#trials-state option:checked").inner_text().partition("(")[2].rstrip(")")
    expect(page.locator("#trials-summary")).to_have_text(f"{pruned} trials")
    page.select_option("#trials-state", "")
    expect(page.locator("#trials-summary")).to_have_text(f"{TRIALS['7.2']} trials")
    page.locator("#trials-table [data-here='yes'] td").first.click()
    expect(page.locator("#trial-title")).to_contain_text("7.2, trial")
    expect(page.locator("#trial-command")).to_contain_text(f"--run {RUN_ID} --market {SLUG} --stage 7.2 --trial ")
    page.click("#trial-copy")
    expect(page.locator("#trial-copy")).not_to_have_text("Copy")
    page.click("#trial-close")
    expect(page.locator("#trial")).to_be_hidden()


def test_another_search_is_shown_with_the_state_that_stays_chosen(desk: Screen) -> None:
    page = desk.open(f"runs/{RUN_ID}/{SLUG}/search")
    page.locator("#trials-table [data-here='yes']").first.wait_for()
    page.select_option("#trials-state", "pruned")
    page.select_option("#search-choice", "7.2")
    page.wait_for_function("() => document.querySelector('#contour-x option[value=\"rsi_long_threshold\"]')")
    pruned = page.locator("#trials-state option:checked").inner_text()
    assert pruned.startswith("pruned (")
    expect(page.locator("#trials-summary")).to_have_text(f"{pruned.partition('(')[2].rstrip(')')} trials")


def test_what_is_told_faster_than_it_is_answered_is_asked_for_once_more_and_never_given_up(desk: Screen) -> None:
    page = desk.open(f"runs/{RUN_ID}/{SLUG}/search")
    page.locator("#trials-table [data-here='yes']").first.wait_for()
    given_up: list[str] = []
    page.on("requestfailed", lambda request: given_up.append(request.url))
    progress = "document.dispatchEvent(new CustomEvent('runprogress'))"
    with kept_back(page, "**/charts/history*") as chart, kept_back(page, "**/trials?*") as rows:
        page.evaluate(progress)
    page.evaluate(progress)
    with page.expect_request("**/charts/history*"), page.expect_request("**/trials?*"):
        chart[0].continue_()
        rows[0].continue_()
    desk.settle()
    assert not given_up


def test_a_mark_of_the_history_and_the_keyboard_lead_to_a_trial(desk: Screen) -> None:
    page = desk.open(f"runs/{RUN_ID}/{SLUG}/search")
    drawn(page, "history")
    x, y = page.evaluate(MARK)
    page.mouse.move(x - 20, y - 5)
    page.mouse.move(x, y, steps=3)
    page.wait_for_function("() => document.querySelector(\"[data-chart='history'] .hoverlayer\").textContent.includes('trial 0')")
    page.mouse.click(x, y)
    expect(page.locator("#trial-title")).to_have_text("7.1, trial 0: complete")
    page.locator("#trials-table [data-here='yes']").first.wait_for()
    page.locator("#trials-table table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#trial-title")).not_to_have_text("7.1, trial 0: complete")


def test_several_objectives_have_a_front_with_its_knee(desk: Screen) -> None:
    page = desk.open(f"runs/{TWO_ID}/{SLUG}/search")
    assert "Knee: goes on" in drawn(page, "pareto")
    expect(page.locator("[data-chart='pareto'] .chart-note")).to_contain_text("knee of the Pareto front")
