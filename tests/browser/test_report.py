"""The report file opens in a browser from disk, without an error, and draws every one of its figures."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from reporting.publish import publish_report
from tests.browser.conftest import PATIENCE_MS
from tests.reporting.runs import SLUG, put, write_run
from tests.reporting.test_robustness_view import deep
from tests.reporting.test_surroundings import searched

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDTHS = [(1280, "light"), (390, "dark")]
TALLER = """() => [...document.querySelectorAll(".chart:not(.free)")].filter(
    place => place.querySelector(".main-svg").getBoundingClientRect().bottom > place.getBoundingClientRect().bottom + 1).length"""
# Each chart is drawn anew for the sheet, and stands there as wide as it then is.
PRINTED = """() => [...document.querySelectorAll("[data-figure]")].every(place => {
    const width = place.querySelector(".main-svg").getBoundingClientRect().width;
    return !place.layout.autosize && width < 703 && Math.abs(width - place._fullLayout.width) < 1;
})"""
DRAWN = "() => [...document.querySelectorAll('[data-figure]')].every(place => place.querySelector('.main-svg'))"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a report with every section."""
    run = write_run(tmp_path_factory.mktemp("report"), **deep())
    put(run.checkpoints / "07_optimize" / SLUG / "optimization.json", searched())
    publish_report(run)
    return (run.exports / "report.html").as_uri()


@contextmanager
def opened(browser: Browser, report: str, width: int = 1280, scheme: str = "light") -> Iterator[Page]:
    """Open the report, all charts drawn; whatever the browser complains about fails the test."""
    troubles: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light")
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(report)
    page.wait_for_function(DRAWN)
    yield page
    page.close()
    assert not troubles


def too_wide(page: Page, width: int) -> list[str]:
    """Return what reaches beyond ``width``, unless it scrolls in a box of its own."""
    found: list[str] = page.evaluate(
        """width => [...document.querySelectorAll("main *")].filter(each => each.getBoundingClientRect().right > width + 1
            && !(getComputedStyle(each.closest(".scroll") || each).overflowX === "auto"))
            .map(each => each.tagName + "." + each.className)""",
        width,
    )
    return found


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_every_figure_is_drawn_and_the_page_fits(browser: Browser, report: str, width: int, scheme: str) -> None:
    with opened(browser, report, width, scheme) as page:
        expect(page.locator("[data-figure*='-map-'] .heatmaplayer image")).to_have_count(3)
        assert page.locator("[data-figure*='-luck-'] .main-svg").count() >= 6
        page.evaluate("document.querySelector('h2').textContent = 'LOCAL ' + 'A_LONG_FILE_NAME'.repeat(8)")
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_definitions_come_with_pointer_and_keyboard_on_every_cell_and_go(browser: Browser, report: str) -> None:
    with opened(browser, report) as page:
        tip = page.locator("#tip")
        expect(tip).to_be_hidden()
        page.locator("td", has_text="Ulcer index").first.hover()
        expect(tip).to_contain_text("Root of the mean square")
        page.locator("tr", has=page.locator("td", has_text="Calmar ratio")).first.locator("td").nth(3).hover()
        expect(tip, "a figure tells the definition of its row").to_contain_text("Yearly growth rate over")
        page.locator("tr", has=page.locator("td", has_text="costs x2")).first.locator("td").nth(2).hover()
        expect(tip, "a figure tells the definition of its column").to_contain_text("undisturbed")
        groups = page.locator("tr", has=page.locator("td", has_text="stop loss")).first.locator("td")
        groups.nth(1).hover()
        expect(tip).to_have_text("Closed trades of Baseline")
        page.mouse.move(0, 0)
        expect(tip).to_be_hidden()
        groups.nth(2).focus()
        expect(tip, "what no other place tells comes with the keyboard too").to_have_text(re.compile("^Win rate "))
        label = page.locator("td", has_text="Omega ratio").first
        label.focus()
        expect(tip).to_contain_text("risk-free rate")
        expect(label).to_have_attribute("aria-describedby", "tip")
        page.keyboard.press("Tab")
        expect(tip).to_contain_text("Net P&L over the largest drawdown")
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()


def test_a_definition_that_the_keyboard_leads_to_far_away_stays(browser: Browser, report: str) -> None:
    """The page scrolls to what gets the focus, and tells of that afterwards."""
    with opened(browser, report) as page:
        far = page.locator("[data-tip]").last
        with page.expect_console_message(lambda said: said.text == "scrolled"):
            page.evaluate("document.addEventListener('scroll', () => setTimeout(() => console.log('scrolled')), true)")
            far.focus()
        expect(page.locator("#tip")).to_have_text(str(far.get_attribute("data-tip")))
        expect(page.locator("#tip")).to_be_visible()


def test_paper_holds_everything(browser: Browser, report: str) -> None:
    """A4 less its margins is 703 CSS pixels wide, and dark screens print as light ones do."""
    with opened(browser, report, 703, "dark") as page:
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        page.wait_for_function(PRINTED)
        assert too_wide(page, 703) == []
        assert page.evaluate(TALLER) == 0, "a chart reaches into what is below it"
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 41, 55)"
