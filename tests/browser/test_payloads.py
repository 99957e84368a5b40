"""H4 in a browser: a hundred texts that would run as code stand in every place a page shows; none runs, none becomes an element."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page

from core.paths import Paths
from dashboard.app import create_app
from dashboard.server import DashboardServer
from tests.browser.conftest import serving, sign_in
from tests.dashboard.payloads import PAYLOADS, plant
from tests.dashboard.routes import address, rules
from tests.dashboard.sample_run import RUN_ID

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HIT = "a text was executed:"
# Browsers say so when a page held code that the policy kept from running: it would have become markup all the same.
REFUSED = ("Refused to", "Content Security Policy", "violates the following")
# A text that became an element, an attribute or an address.
FOUND = """() => [...document.querySelectorAll("*")].filter(each => each.tagName === "IFRAME" || each.tagName === "EMBED"
    || each.tagName === "OBJECT" || each.tagName === "BASE" || each.hasAttribute("data-planted")
    || [...each.attributes].some(a => /^on/i.test(a.name) || /^\\s*(javascript|data:text)/i.test(a.value) && /href|src/i.test(a.name)))
    .map(each => each.outerHTML.slice(0, 200))"""
IN_VIEW = """() => !document.querySelector("[aria-busy]")
    && [...document.querySelectorAll(".chart")].every(chart => chart.getBoundingClientRect().top > window.innerHeight
    || !chart.offsetParent || chart.classList.contains("no-plot") || chart.querySelector(".main-svg"))"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, DashboardServer]]:
    paths = Paths.under(tmp_path_factory.mktemp("planted"))
    plant(paths)
    app = create_app(paths)
    with serving(app) as server:
        yield app, server


def pages(app: Flask) -> list[str]:
    """Return the address of every page that people see."""
    found = [address(rule) for rule in rules(app) if not rule.rule.startswith(("/api/", "/static/", "/assets/", "/downloads/", "/sign-in"))]
    asked = [f"/compare?run={RUN_ID}&run=20240101-000000-0001", "/nowhere/%3Cimg%20src=x%20onerror=hit(1)%3E", f"/?q={PAYLOADS[1]}"]
    return [each for each in found if not each.endswith(".csv")] + asked


def watch(page: Page, troubles: list[str]) -> None:
    """Write down whatever shows that a text ran, or was kept from running by the policy alone."""

    def said(message: ConsoleMessage) -> None:
        if message.text.startswith(HIT) or any(sign in message.text for sign in REFUSED):
            troubles.append(message.text)

    page.add_init_script(f"window.hit = number => console.error('{HIT} ' + number)")
    page.on("console", said)
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.on("pageerror", lambda error: troubles.append(str(error)))


# Charts are drawn when they come into view: a window of that height shows all of them, at ten times the price.
@pytest.mark.parametrize("height", [700, pytest.param(9000, marks=pytest.mark.slow)])
def test_no_text_runs_or_becomes_an_element_on_any_page(browser: Browser, planted: tuple[Flask, DashboardServer], height: int) -> None:
    app, server = planted
    context = browser.new_context(viewport={"width": 1280, "height": height})
    sign_in(context, server)
    page = context.new_page()
    troubles: list[str] = []
    watch(page, troubles)
    shown = ""
    for target in pages(app):
        page.goto(f"{server.address.rstrip('/')}{target}", wait_until="load")
        page.wait_for_function(IN_VIEW)
        assert page.evaluate(FOUND) == [], target
        assert not troubles, target
        shown += page.evaluate("() => document.body.innerText")
    context.close()
    assert sum(f"hit({number})" in shown for number in range(len(PAYLOADS))) >= 99
