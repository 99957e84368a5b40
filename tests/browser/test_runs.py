"""The list of runs does what it offers: search, filters, sorting, tags, comparing, deleting."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Response, Route, expect

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.keeping.tags import TagStore
from dashboard.reading.files import FileReader
from tests.browser.conftest import IDLE, STOPPED_ID, TWO_ID, Screen, kept_back, serving, sign_in, told_before
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


def appear(paths: Paths, aside: Path) -> RunFolder:
    """Let one more run be there, whole from one moment to the next: the list hears of its coming, and of nothing after that."""
    made = write_run(Paths.under(aside), UNWANTED, until="credentials", created_ms=CREATED_MS - 1)
    run = RunFolder(paths, UNWANTED)
    made.checkpoints.rename(run.checkpoints)
    return run


def is_list(answer: Response) -> bool:
    """Return whether an answer brings the list anew, rather than the page with it."""
    return answer.request.resource_type == "fetch" and answer.url.partition("?")[0].endswith("/") and "/api/" not in answer.url


def up_to_date(desk: Screen) -> Page:
    """Open the list and return it once it has made sure that nothing happened while it came."""
    with desk.page.expect_response(is_list) as fresh:
        page = desk.open("")
    fresh.value.finished()
    return page


def wait_for_shown(page: Page, *runs: str) -> None:
    page.wait_for_function(f"runs => JSON.stringify(({SHOWN})()) === JSON.stringify(runs)", arg=list(runs))


def test_everything_that_the_list_offers(desk: Screen, paths: Paths, tmp_path: Path) -> None:
    page = desk.open("")
    assert page.evaluate(SHOWN) == [STOPPED_ID, TWO_ID, RUN_ID, FOREIGN]
    page.focus(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    unwanted = appear(paths, tmp_path)
    page.wait_for_selector(f"tr[data-run='{UNWANTED}'] .state-unfinished")  # a run that begins comes by itself
    assert page.evaluate(SHOWN) == [STOPPED_ID, TWO_ID, RUN_ID, UNWANTED, FOREIGN]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Tags of {RUN_ID}", "the focus stays where it was"

    page.fill("#q", "ethusdt")
    assert page.evaluate(SHOWN) == [TWO_ID]
    assert page.url.endswith("/?q=ethusdt")
    page.fill("#q", "no such thing")
    expect(page.locator("#runs-none")).to_be_visible()
    page.click("text=Clear")
    page.wait_for_function(f"() => ({SHOWN})().length === 5")
    page.select_option("select[name=state]", "finished")
    page.select_option("select[name=verdict]", "failed")
    assert page.evaluate(SHOWN) == [RUN_ID]
    page.reload()
    assert page.evaluate(SHOWN) == [RUN_ID], "what is filtered stands in the address"
    page.click("text=Clear")
    page.wait_for_function(f"() => ({SHOWN})().length === 5")

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
    wait_for_shown(page, RUN_ID)
    page.click("text=Clear")
    page.click(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    page.click("[aria-label='Remove trend following']")
    page.click("[aria-label='Remove <b>bold</b>']")
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    expect(page.locator(f"tr[data-run='{RUN_ID}'] .tag")).to_have_count(0)
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
    expect(page.locator("#delete-dialog")).to_contain_text(UNWANTED)
    page.click("#delete-dialog [data-cancel]")
    assert unwanted.settings_file.is_file()
    page.click(f"tr[data-run='{UNWANTED}'] [data-act=delete]")
    page.click("#delete-dialog [data-confirm]")
    page.wait_for_selector(f"tr[data-run='{UNWANTED}']", state="detached")
    assert not unwanted.checkpoints.exists()

    page.check(f"[aria-label='Compare {RUN_ID}']")
    expect(page.locator("#compare")).to_be_hidden()
    page.check(f"[aria-label='Compare {TWO_ID}']")
    page.click("#compare")
    expect(page.locator("h1")).to_have_text("2 runs side by side")
    desk.settle()
    assert page.evaluate("document.querySelector('[data-chart=compared-equity] .plot').data.length") == 6
    page.select_option("select[name=source]", "optimized")
    desk.settle()
    page.click("nav[aria-label=Backtest] >> text=Baseline")
    expect(page.locator("[aria-current=page] >> text=Baseline")).to_be_visible()
    desk.settle()


def test_a_list_that_was_asked_for_before_tags_were_given_does_not_take_them_back(desk: Screen, paths: Paths, tmp_path: Path) -> None:
    page = up_to_date(desk)
    held: list[Route] = []
    page.route(desk.site, lambda route: held.append(route), times=1)
    with page.expect_request(desk.site):
        passing = appear(paths, tmp_path)
    old = page.request.get(desk.site)
    page.click(f"tr[data-run='{RUN_ID}'] [data-act=tags]")
    page.fill("#tag-name", "given meanwhile")
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    assert not page.locator(f"tr[data-run='{UNWANTED}']").is_visible(), "the list is still on its way"

    with page.expect_request(desk.site):  # once more, for what has come since
        held[0].fulfill(response=old)
    page.wait_for_selector(f"tr[data-run='{UNWANTED}']")
    expect(page.locator(f"tr[data-run='{RUN_ID}'] .tag")).to_have_text(["given meanwhile"])
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
    page.wait_for_function("() => window.hearClose")
    page.evaluate("() => window.hearClose()")
    page.click("[aria-label='Remove just saved']")
    page.click("#tags-dialog [data-confirm]")
    page.wait_for_selector("#tags-dialog", state="hidden")
    assert TagStore(paths, FileReader(paths.data)).of(RUN_ID) == ()


def test_a_run_that_began_while_the_list_came_is_on_it(contexts: dict[int, BrowserContext], own: Paths, tmp_path: Path) -> None:
    write_run(own, until="strategy")
    with serving(create_app(own, IDLE)) as server:
        sign_in(contexts[1280], server)
        page = contexts[1280].new_page()
        with kept_back(page, "**/api/v1/events*") as held:
            page.goto(server.address)
        with told_before(server):
            appear(own, tmp_path)
        held[0].continue_()
        page.wait_for_selector(f"tr[data-run='{UNWANTED}']")
        page.close()


def test_a_row_stays_in_place_while_others_come_and_one_that_changes_keeps_the_focus(
    contexts: dict[int, BrowserContext], own: Paths, tmp_path: Path
) -> None:
    """Who presses a button while the list comes anew has pressed it: it is the same one when it is let go."""
    for run_id in (RUN_ID, TWO_ID):
        write_run(own, run_id, until="strategy")
    with serving(create_app(own, IDLE)) as server:
        sign_in(contexts[1280], server)
        page = contexts[1280].new_page()
        page.goto(server.address)
        kept, changing = page.locator(f"tr[data-run='{TWO_ID}']"), page.locator(f"tr[data-run='{RUN_ID}']")
        kept.evaluate("row => { row.known = true; }")
        changing.locator("[data-act=tags]").focus()
        TagStore(own, FileReader(own.data)).put(RUN_ID, ("from elsewhere",))
        appear(own, tmp_path)
        page.wait_for_selector(f"tr[data-run='{UNWANTED}']")
        expect(changing.locator(".tag")).to_have_text(["from elsewhere"])
        expect(changing.locator("[data-act=tags]")).to_be_focused()
        assert kept.evaluate("row => row.known")
        page.close()
