"""A long table holds the rows in view only, and keys, sorting and filters reach all of them; the logs are such a table."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from core.paths import Paths
from dashboard.app import create_app
from tests.browser.conftest import IDLE, LOG_LINES, Screen, kept_back, serving, sign_in, told_before
from tests.dashboard.sample_machine import log_line, write_logs

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TABLE = "#log-table table"
FIRST = f"{TABLE} tbody tr[data-index='0']"
ROWS = "document.querySelectorAll('#log-table tbody tr[data-here=yes]').length"
LAST_SHOWN = "() => [...document.querySelectorAll('#log-table tbody tr[data-here=yes]')].some(row => row.textContent.includes(' step 0'))"
# Another stream beside the page's own: when this has heard of a line, the page has too, and has let the moment pass in which it looks.
LISTEN = """() => new Promise(ready => {
    const stream = new EventSource("/api/v1/events?kinds=log");
    window.heard = new Promise(done => stream.addEventListener("log", () => setTimeout(done, 700)));
    stream.addEventListener("hello", ready);
})"""
ACTIVE = "() => document.getElementById(document.querySelector('#log-table table').getAttribute('aria-activedescendant'))?.textContent"


def test_logs_are_filtered_scrolled_and_grow(desk: Screen, paths: Paths) -> None:
    page = desk.open("logs")
    page.wait_for_function(f"() => {ROWS} > 0")
    total = LOG_LINES + 2
    assert page.get_attribute(TABLE, "aria-rowcount") == str(total + 1)
    assert page.evaluate(ROWS) < 60
    expect(page.locator("#log-summary")).to_contain_text(f"{total:,} lines")
    expect(page.locator(FIRST)).to_contain_text(f"step {LOG_LINES - 1}")

    page.focus(TABLE)
    page.keyboard.press("End")
    page.wait_for_function(LAST_SHOWN)
    assert page.evaluate(ROWS) < 60
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"() => (({ACTIVE})() || '').includes(' step 1')")
    page.keyboard.press("Enter")
    expect(page.locator("#log-line-message")).to_have_text(re.compile("step 1$"))
    page.click("#log-line-close")
    page.keyboard.press("Tab")
    page.click(f"{TABLE} [data-sort=time]")
    expect(page.locator(FIRST)).to_contain_text(re.compile(" step 0\\b"))
    expect(page.locator(f"{TABLE} th:first-child")).to_have_attribute("aria-sort", "ascending")
    page.click(f"{TABLE} [data-sort=time]")
    expect(page.locator(FIRST)).to_contain_text(f"step {LOG_LINES - 1}")

    page.select_option("select[name=level]", "ERROR")
    page.select_option("select[name=package]", "dashboard")
    page.wait_for_function(f"() => document.querySelector('{TABLE}').getAttribute('aria-rowcount') === '2'")
    page.click(FIRST)
    expect(page.locator("#log-line")).to_contain_text("stack trace")
    assert "secret" not in page.content()
    page.fill("#log-text", "nothing has this")
    page.wait_for_selector("text=No line fits these filters.")
    page.fill("#log-text", "")
    page.select_option("select[name=package]", "")
    page.select_option("select[name=level]", "INFO")
    page.wait_for_function(f"() => document.querySelector('{TABLE}').getAttribute('aria-rowcount') === '{total + 1}'")
    with (paths.logs / "pipeline.log").open("a") as log:
        log.write(log_line(LOG_LINES, "a line of now", "INFO") + "\n")
    page.wait_for_selector("text=a line of now")

    page.click(FIRST)
    page.click("#log-line-close")
    expect(page.locator(TABLE)).to_be_focused()
    with (paths.logs / "pipeline.log").open("a") as log:
        log.write(log_line(LOG_LINES + 1, "a line of later", "INFO") + "\n")
    page.wait_for_selector("text=a line of later")  # whoever closed a line follows the log again


def test_no_line_is_missed_while_the_page_comes_and_rows_can_be_opened_while_others_are_on_their_way(
    contexts: dict[int, BrowserContext], own: Paths
) -> None:
    def log(number: int, message: str) -> None:
        with (own.logs / "pipeline.log").open("a") as lines:
            lines.write(log_line(number, message, "INFO") + "\n")

    write_logs(own, 3)
    with serving(create_app(own, IDLE)) as server:
        sign_in(contexts[1280], server)
        page = contexts[1280].new_page()
        with kept_back(page, "**/api/v1/events*") as events:
            page.goto(f"{server.address}logs")
        page.wait_for_function(f"() => {ROWS} > 0")
        with told_before(server):
            log(10, "written meanwhile")
        events[0].continue_()
        expect(page.locator(FIRST)).to_contain_text("written meanwhile")
        with kept_back(page, "**/api/v1/logs?*") as rows:
            log(11, "the next one")
        page.click(FIRST)
        expect(page.locator("#log-line-message")).to_have_text("written meanwhile")
        rows[0].continue_()
        expect(page.locator(FIRST)).to_contain_text("the next one")
        page.evaluate(LISTEN)
        log(12, "while one is read")
        page.evaluate("() => window.heard")
        page.click("#log-line-close")
        expect(page.locator(FIRST), "nothing has to come after it").to_contain_text("while one is read")
        page.close()
