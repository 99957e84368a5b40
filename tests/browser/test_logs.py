"""A long table holds the rows in view only, and keys, sorting and filters reach all of them; the logs are such a table."""

import pytest

from core.paths import Paths
from tests.browser.conftest import LOG_LINES, Screen
from tests.dashboard.sample_machine import log_line

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TABLE = "#log-table table"
ROWS = "() => document.querySelectorAll('#log-table tbody tr[data-here=yes]').length"
LAST_SHOWN = "() => [...document.querySelectorAll('#log-table tbody tr[data-here=yes]')].some(row => row.textContent.includes(' step 0'))"
ACTIVE = "() => document.getElementById(document.querySelector('#log-table table').getAttribute('aria-activedescendant'))?.textContent"


def test_logs_are_filtered_scrolled_and_grow(desk: Screen, paths: Paths) -> None:
    page = desk.open("logs")
    page.wait_for_function(ROWS)
    total = LOG_LINES + 2
    assert page.get_attribute(TABLE, "aria-rowcount") == str(total + 1)
    assert page.evaluate(ROWS) < 60
    assert f"{total:,} lines" in page.locator("#log-summary").inner_text()
    assert f"step {LOG_LINES - 1}" in page.locator(f"{TABLE} tbody tr[data-index='0']").inner_text()

    page.focus(TABLE)
    page.keyboard.press("End")
    page.wait_for_function(LAST_SHOWN)
    assert page.evaluate(ROWS) < 60
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"() => (({ACTIVE})() || '').includes(' step 1')")
    page.keyboard.press("Enter")
    assert page.locator("#log-line-message").inner_text().endswith("step 1")
    page.click("#log-line-close")
    page.keyboard.press("Tab")
    page.click(f"{TABLE} [data-sort=time]")
    page.wait_for_function(LAST_SHOWN)
    assert page.get_attribute(f"{TABLE} th:first-child", "aria-sort") == "ascending"
    page.click(f"{TABLE} [data-sort=time]")

    page.select_option("select[name=level]", "ERROR")
    page.select_option("select[name=package]", "dashboard")
    page.wait_for_function(f"() => document.querySelector('{TABLE}').getAttribute('aria-rowcount') === '2'")
    page.click(f"{TABLE} tbody tr[data-index='0']")
    assert "stack trace" in page.locator("#log-line").inner_text()
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

    page.click(f"{TABLE} tbody tr[data-index='0']")
    page.click("#log-line-close")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "grid"
    with (paths.logs / "pipeline.log").open("a") as log:
        log.write(log_line(LOG_LINES + 1, "a line of later", "INFO") + "\n")
    page.wait_for_selector("text=a line of later")  # whoever closed a line follows the log again
