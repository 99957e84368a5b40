"""The list of runs does what it offers: search, filters, sorting, tags, comparing, deleting."""

import shutil

import pytest
from playwright.sync_api import APIResponse, Route

from core.paths import Paths
from dashboard.keeping.tags import TagStore
from dashboard.reading.files import FileReader
from tests.browser.conftest import STOPPED_ID, TWO_ID, Screen
from tests.dashboard.sample_run import CREATED_MS, RUN_ID, write_run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SHOWN = "() => [...document.querySelectorAll('#runs tbody tr')].filter(row => !row.hidden).map(row => row.dataset.run)"
# Browsers say that a dialog is closed a moment after it is.
CLOSE_IS_HEARD_LATE = """() => {
    document.addEventListener("close", (event) => {
        event.stopImmediatePropagation();
        window.hearClose = () => event.target.dispatchEvent(new Event("close"));
    }, { capture: true, once: true });
}"""
FOREIGN = "foreign-folder"
UNWANTED = "20250105-030405-dead"


def test_everything_that_the_list_offers(desk: Screen, paths: Paths) -> None:
    page = desk.open("")
    assert page.evaluate(SHOWN) == [STOPPED_ID, TWO_ID, RUN_ID, FOREIGN]
    page.focus(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    unwanted = write_run(paths, UNWANTED, until="credentials", created_ms=CREATED_MS - 1)
    page.wait_for_selector(f"tr[data-run='{UNWANTED}'] .state-unfinished")  # a run that begins comes by itself
    assert page.evaluate(SHOWN) == [STOPPED_ID, TWO_ID, RUN_ID, UNWANTED, FOREIGN]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Tags of {RUN_ID}", "the focus stays where it was"

    page.fill("#q", "ethusdt")
    assert page.evaluate(SHOWN) == [TWO_ID]
    assert page.url.endswith("/?q=ethusdt")
    page.fill("#q", "no such thing")
    assert page.locator("#runs-none").is_visible()
    page.click("text=Clear")
    page.wait_for_function(f"() => ({SHOWN})().length === 5")
    page.select_option("select[name=state]", "finished")
    page.select_option("select[name=verdict]", "failed")
    assert page.evaluate(SHOWN) == [RUN_ID]
    page.reload()
    assert page.evaluate(SHOWN) == [RUN_ID], "what is filtered stands in the address"
    page.click("text=Clear")

    page.click("th[data-column=run] button")
    assert page.evaluate(SHOWN) == [RUN_ID, TWO_ID, STOPPED_ID, UNWANTED, FOREIGN]
    assert page.get_attribute("th[data-column=run]", "aria-sort") == "ascending"

    page.click(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    page.fill("#tag-name", "  trend   following ")
    page.keyboard.press("Enter")
    page.fill("#tag-name", "<b>bold</b>")
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    assert TagStore(paths, FileReader(paths.data)).of(RUN_ID) == ("<b>bold</b>", "trend following")
    page.click(f"tr[data-run='{RUN_ID}'] .tag >> text=trend following")
    assert page.evaluate(SHOWN) == [RUN_ID]
    page.click("text=Clear")
    page.click(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    page.click("[aria-label='Remove trend following']")
    page.click("[aria-label='Remove <b>bold</b>']")
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    assert page.locator(f"tr[data-run='{RUN_ID}'] .tag").count() == 0
    page.click(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    page.keyboard.type(RUN_ID[:4])  # the dialog begins at the field
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    page.click(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    page.click(f"[aria-label='Remove {RUN_ID[:4]}']")
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    page.fill("#q", RUN_ID)
    assert page.evaluate(SHOWN) == [RUN_ID], "a tag that is gone takes nothing of the run's name along"
    page.click("text=Clear")
    page.wait_for_function(f"() => ({SHOWN})().length === 5")

    page.click(f"tr[data-run='{UNWANTED}'] [data-act=delete]")
    assert UNWANTED in page.locator("#delete-dialog").inner_text()
    page.click("#delete-dialog [data-cancel]")
    assert unwanted.settings_file.is_file()
    page.click(f"tr[data-run='{UNWANTED}'] [data-act=delete]")
    page.click("#delete-dialog [data-confirm]")
    page.wait_for_selector(f"tr[data-run='{UNWANTED}']", state="detached")
    assert not unwanted.checkpoints.exists()

    page.check(f"[aria-label='Compare {RUN_ID}']")
    assert not page.locator("#compare").is_visible()
    page.check(f"[aria-label='Compare {TWO_ID}']")
    page.click("#compare")
    desk.settle()
    assert page.locator("h1").inner_text() == "2 runs side by side"
    assert page.evaluate("document.querySelector('[data-chart=compared-equity] .plot').data.length") == 6
    page.select_option("select[name=source]", "optimized")
    desk.settle()
    page.click("nav[aria-label=Backtest] >> text=Baseline")
    desk.settle()
    assert page.locator("[aria-current=page] >> text=Baseline").is_visible()


def test_a_list_that_was_asked_for_before_tags_were_given_does_not_take_them_back(desk: Screen, paths: Paths) -> None:
    page = desk.open("")
    asked: list[tuple[Route, APIResponse]] = []
    page.route(desk.site, lambda route: asked.append((route, route.fetch())), times=1)
    with page.expect_request(desk.site):
        passing = write_run(paths, UNWANTED, until="credentials", created_ms=CREATED_MS - 1)
    page.click(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    page.fill("#tag-name", "given meanwhile")
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    assert not page.locator(f"tr[data-run='{UNWANTED}']").is_visible(), "the list is still on its way"

    with page.expect_response(desk.site) as newer, page.expect_request(desk.site):
        held, old = asked[0]
        held.fulfill(response=old)
    assert newer.value.ok
    page.wait_for_selector(f"tr[data-run='{UNWANTED}']")
    assert page.locator(f"tr[data-run='{RUN_ID}'] .tag").all_inner_texts() == ["given meanwhile"]
    TagStore(paths, FileReader(paths.data)).put(RUN_ID, ())
    shutil.rmtree(passing.checkpoints)


def test_a_dialog_that_is_opened_again_at_once_knows_what_was_just_saved(desk: Screen, paths: Paths) -> None:
    page = desk.open("")
    tags = f"tr[data-run='{RUN_ID}'] [data-act=tags]"
    page.click(tags)
    page.fill("#tag-name", "just saved")
    page.evaluate(CLOSE_IS_HEARD_LATE)
    page.click("#tags-dialog [data-confirm]")
    page.click(tags)
    page.evaluate("() => window.hearClose()")
    page.click("[aria-label='Remove just saved']")
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    assert TagStore(paths, FileReader(paths.data)).of(RUN_ID) == ()
