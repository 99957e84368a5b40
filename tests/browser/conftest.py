"""A real server on the loopback interface and a real browser that looks at it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect, sync_playwright

from core.atomic_files import write_bytes
from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from dashboard.server import DashboardServer
from tests.browser.accessibility import assert_accessible, assert_scrollable
from tests.dashboard.sample_machine import write_logs, write_profile
from tests.dashboard.sample_run import CREATED_MS, RUN_ID, SampleMarket, write_run
from tests.dashboard.search_run import put_searches, write_search_run

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
TWO = (SampleMarket(), SampleMarket("BINANCE", "ETHUSDT", "binance_ethusdt_1h", False))
TWO_ID = "20250103-030405-cd34"
STOPPED_ID = "20250104-030405-ef56"
DAY_MS = 86_400_000
# A dashboard that starts nothing: what is asked for waits.
IDLE = DashboardOptions(jobs_running=0)
# How long anything may take before it counts as not coming: far more than it takes, on a machine that has other things to do as well.
PATIENCE_S = 120
PATIENCE_MS = 1000 * PATIENCE_S
# Plotly warns with console.trace.
_TROUBLES = ("error", "warning", "trace")
LOG_LINES = 3000
# What the browser says when a chart's data take seconds to come: Plotly is there already and waits.
EARLY = "was preloaded using link preload but not used within"
# Functions, not expressions: those would be evaluated in the page, which its content policy forbids.
# Charts are fetched when they come into view, or near it.
SETTLED = """() => {
    const drawn = chart => chart.classList.contains("no-plot") || chart.querySelector(".main-svg");
    const settled = chart => chart.dataset.state === "waiting"
        ? chart.getBoundingClientRect().top > window.innerHeight + 300
        : chart.dataset.state !== undefined && !chart.classList.contains("loading") && drawn(chart);
    return document.readyState === "complete"
        && [...document.querySelectorAll(".chart")].filter(chart => chart.offsetParent).every(settled);
}"""


@pytest.fixture(scope="session")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Return the folders of a finished run, one of two markets, one that stopped, a foreign folder, a measured machine and long logs."""
    paths = Paths.under(tmp_path_factory.mktemp("site"))
    write_search_run(paths, windows=1)
    two = write_run(paths, TWO_ID, markets=TWO, passed=True, settings={"mode": "MULTI"}, created_ms=CREATED_MS + DAY_MS)
    put_searches(two, objectives=("sharpe", "calmar"), windows=0)
    write_run(paths, STOPPED_ID, until="hardware", created_ms=CREATED_MS + 2 * DAY_MS)
    (paths.checkpoints / "foreign-folder").mkdir()
    write_profile(paths)
    write_logs(paths, LOG_LINES)
    return paths


@pytest.fixture(scope="session")
def dashboard(paths: Paths) -> Iterator[DashboardServer]:
    """Return a dashboard at work on the folders."""
    with serving(create_app(paths)) as server:
        yield server


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Return an empty installation of the test's own."""
    return Paths.under(tmp_path_factory.mktemp("live"))


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[DashboardServer]:
    """Serve ``app`` until the block ends."""
    server = DashboardServer(app, port)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def say(run: RunFolder, **content: object) -> None:
    """Say how far the run is, as the pipeline does."""
    whole = {"state": "running", "stage": 7, "title": "Optimization", "name": "search 7.1", "total": 50, "best": None} | content
    write_bytes(run.checkpoints / "progress.json", json.dumps(whole).encode())


@pytest.fixture(scope="session")
def site(dashboard: DashboardServer) -> str:
    """Return the address of the dashboard."""
    return dashboard.address


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Return a running Chromium, ended with the last of these tests: Playwright leaves an event loop running, which no other test bears."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, timeout=PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


@dataclass
class Screen:
    """A page and everything that went wrong on it."""

    page: Page
    site: str
    troubles: list[str] = field(default_factory=list)
    meant: tuple[str, ...] = (EARLY,)

    def mean(self, *signs: str) -> None:
        """Let whatever has one of these signs in it be no trouble: the test asks for it. The browser may tell of it late."""
        self.meant += signs

    def open(self, address: str) -> Page:
        """Open an address of the site anew and wait until its charts are drawn."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.site}{address}")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until every chart in view has been fetched and drawn, or says why not."""
        self.page.wait_for_function(SETTLED)

    def assert_sound(self) -> None:
        """Assert that the page fits the window and that axe finds nothing serious: where it is narrow, of what is different there."""
        self.settle()  # a chart that is still to come is pale
        assert not self.overflows(), f"{self.page.url} is wider than the window"
        (assert_accessible if self.page.evaluate("window.innerWidth > 640") else assert_scrollable)(self.page)

    def overflows(self) -> bool:
        """Return whether the page is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.fixture(scope="package")
def contexts(browser: Browser, dashboard: DashboardServer) -> dict[int, BrowserContext]:
    """Return a wide light and a narrow dark browser profile, of a user who does not live in UTC; both keep what they fetched."""
    wide = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light", timezone_id="Asia/Kolkata", locale="de-DE")
    narrow = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", timezone_id="America/New_York")
    for profile in (wide, narrow):
        sign_in(profile, dashboard)
    return {1280: wide, 390: narrow}


def sign_in(profile: BrowserContext, dashboard: DashboardServer) -> None:
    """Let a browser profile in, by the address that the terminal would show."""
    profile.set_default_timeout(PATIENCE_MS)
    page = profile.new_page()
    page.goto(dashboard.sign_in_address())
    page.wait_for_url(dashboard.address)
    page.close()


@pytest.fixture(params=[1280, 390], ids=["wide-light", "narrow-dark"])
def screen(request: pytest.FixtureRequest, contexts: dict[int, BrowserContext], site: str) -> Iterator[Screen]:
    """Return a wide light screen and a narrow dark one; a console error, failed request or bad answer fails the test."""
    yield from _screen(contexts[request.param], site)


@pytest.fixture
def desk(contexts: dict[int, BrowserContext], site: str) -> Iterator[Screen]:
    """Return the wide light screen alone."""
    yield from _screen(contexts[1280], site)


def _screen(context: BrowserContext, site: str) -> Iterator[Screen]:
    screen = Screen(context.new_page(), site)
    screen.page.on("console", lambda message: screen.troubles.append(message.text) if message.type in _TROUBLES else None)
    screen.page.on("pageerror", lambda error: screen.troubles.append(str(error)))
    screen.page.on(
        "requestfailed", lambda request: screen.troubles.append(f"failed: {request.url}") if not _aborted(str(request.failure)) else None
    )
    screen.page.on("response", lambda answer: screen.troubles.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None)
    yield screen
    screen.page.close()
    assert not [trouble for trouble in screen.troubles if not any(sign in trouble for sign in screen.meant)]


@contextmanager
def told_before(server: DashboardServer) -> Iterator[None]:
    """Wait at the end of the block until what happens in it has been told: whoever listens from then on does not hear of it."""
    with server.hub.subscribed() as begin:
        yield
        assert server.hub.wait(begin.place, PATIENCE_S).events


@contextmanager
def kept_back(page: Page, address: str) -> Iterator[list[Route]]:
    """Keep the next request to ``address``, which the block leads to, from going on: it is in the list after the block."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route), times=1)
    with page.expect_request(address):
        yield held
    page.evaluate("() => 0")  # a request is told of first, and handed over then


def bring(page: Page, held: Route, answer: APIResponse) -> None:
    """Let an answer come now, and the page do with it whatever it does."""
    with page.expect_response(lambda come: come.request == held.request) as come:
        held.fulfill(response=answer)
    come.value.finished()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def _aborted(failure: str) -> bool:
    """Return whether the page itself gave a request up, which a newer zoom does to an older one."""
    return "ERR_ABORTED" in failure


def run_address(run_id: str = RUN_ID, tab: str = "overview") -> str:
    """Return the address of a section of a run's page."""
    return f"runs/{run_id}/#{tab}"
