"""Pages follow a run that is at work without being touched, and find their way back when the server was gone."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from core.paths import Paths
from core.run_folder import RunFolder, RunLock
from dashboard.app import create_app
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import IDLE, Screen, bring, kept_back, say, serving, sign_in
from tests.dashboard.sample_ledger import write_ledger
from tests.dashboard.sample_run import market_folder, write_run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def port() -> Iterator[int]:
    """Return a port that no other process is given while the test lasts; one that asks for it by its number gets it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_page_of_a_run_follows_it_through_its_stages_and_a_restart_of_the_server(
    contexts: dict[int, BrowserContext], own: Paths, port: int
) -> None:
    run = write_run(own, until="hardware")
    write_ledger(market_folder(run, "optimize"), "7.1", 4)
    work = ExitStack()
    work.enter_context(RunLock(run.checkpoints))
    say(run, done=4)
    with work:
        with serving(create_app(own, IDLE), port) as server:
            sign_in(contexts[1280], server)
            page = contexts[1280].new_page()
            page.goto(f"{server.address}runs/{run.run_id}/")
            panel = page.locator("[data-live-run]")
            expect(panel).to_contain_text("Stage 7 of 10: Optimization")
            expect(panel).to_contain_text("4 of 50")
            expect(page.locator("#run-actions")).to_contain_text("Started at a terminal")
            say(run, done=8, best=-1.25, objective="sharpe", eta_seconds=119.6)
            expect(panel).to_contain_text("−1.25 sharpe")
            expect(panel).to_contain_text("2 min 0 s")
            say(run, done=9, best=1.25, objective="sharpe", eta_seconds=7190.0)
            expect(panel).to_contain_text("2 h 0 min")
            expect(panel).to_contain_text("9 of 50")
            expect(panel).to_contain_text("1.25 sharpe")
            write_ledger(market_folder(run, "optimize"), "7.1", 3)
            expect(panel).to_contain_text("Latest trial: ")
            page.evaluate("window.stays = true")
            say(run, stage=8, title="Walk-forward validation", done=1, total=15)
            # Another stage has begun, so the page comes anew.
            page.wait_for_function("() => window.stays === undefined")
            expect(panel).to_contain_text("Stage 8 of 10: Walk-forward validation")
            page.evaluate("window.stays = true")
        expect(page.locator("#connection")).to_contain_text("Connection lost")
        say(run, stage=8, title="Walk-forward validation", done=2, total=15)
        with serving(create_app(own, IDLE), server.port) as again:
            assert again.port == server.port
            # Something was missed, so the page comes anew.
            page.wait_for_function("() => window.stays === undefined")
            expect(panel).to_contain_text("2 of 15")
            # The pipeline says that it stops, and lets go of the run only when its process ends.
            say(run, stage=8, state="stopped")
            expect(panel).to_be_hidden()
            work.close()
            expect(page.get_by_role("button", name="Resume this run")).to_be_visible()
            page.close()


@contextmanager
def page_of_a_run(profile: BrowserContext, own: Paths, keeping: str) -> Iterator[tuple[RunFolder, Page, Route]]:
    """Yield a run at work, its page, and the page's first request to ``keeping``, which is kept back."""
    run = write_run(own, until="hardware")
    say(run, done=4)
    with RunLock(run.checkpoints), serving(create_app(own, IDLE)) as server:
        sign_in(profile, server)
        page = profile.new_page()
        with kept_back(page, keeping) as held:
            page.goto(f"{server.address}runs/{run.run_id}/")
        yield run, page, held[0]
        page.close()


def test_progress_that_was_asked_for_earlier_does_not_come_over_what_the_run_said_since(
    contexts: dict[int, BrowserContext], own: Paths
) -> None:
    with page_of_a_run(contexts[1280], own, keeping="**/progress") as (run, page, held):
        old = held.fetch()
        say(run, done=8)
        panel = page.locator("[data-live-run]")
        expect(panel).to_contain_text("8 of 50")
        bring(page, held, old)
        assert "8 of 50" in panel.inner_text()


def test_a_stage_that_ended_while_the_page_came_is_on_it(contexts: dict[int, BrowserContext], own: Paths) -> None:
    with page_of_a_run(contexts[1280], own, keeping="**/api/v1/events*") as (run, page, held):
        write_run(own, run.run_id, until="optimize")
        held.continue_()
        expect(page.locator("#run")).to_have_attribute("data-done", "7")


def test_a_page_that_was_signed_out_elsewhere_asks_to_sign_in_instead_of_trying_again(
    contexts: dict[int, BrowserContext], own: Paths
) -> None:
    write_run(own, until="strategy")
    with serving(create_app(own, IDLE)) as server:
        sign_in(contexts[1280], server)
        page, other = contexts[1280].new_page(), contexts[1280].new_page()
        with page.expect_request("**/api/v1/events*"):
            page.goto(server.address)
        other.goto(server.address)
        other.keyboard.press("?")
        other.click("#sign-out")
        other.wait_for_url("**/sign-in")
        write_run(own, "20250103-030405-cd34", until="strategy")  # before it tells of that, the stream looks whether it may
        expect(page.locator("#connection")).to_contain_text("You have been signed out.")
        page.click("#connection >> text=Sign in again")
        page.wait_for_url("**/sign-in")
        page.close()
        other.close()


def test_symbols_that_are_offered_are_those_of_what_was_typed_last(desk: Screen) -> None:
    page = desk.open("new")
    page.route("**/symbols?q=LAT*", lambda route: route.fulfill(json={"items": ["LATER"], "total": 1, "page": 1, "size": 50}))
    with kept_back(page, "**/symbols?q=FIRST*") as held:
        page.fill("#f-symbol", "FIRST")
    page.fill("#f-symbol", "LAT")
    offered = "() => [...document.querySelectorAll('#symbol-names option')].map(each => each.value).join()"
    page.wait_for_function(f"() => ({offered})() === 'LATER'")
    bring(page, held[0], held[0].fetch())
    assert page.evaluate(offered) == "LATER"


def test_run_is_asked_for_on_the_form_and_taken_out_of_the_line(contexts: dict[int, BrowserContext], own: Paths) -> None:
    app = create_app(own, IDLE)
    with serving(app) as server:
        sign_in(contexts[1280], server)
        page = contexts[1280].new_page()
        page.goto(f"{server.address}new")
        page.fill("#f-strategy-ema_fast", "90")
        page.fill("#f-seed", "-1")
        page.click("#start")
        expect(page.locator("#form-problems")).to_be_focused()
        expect(page.locator("[data-path='strategy.ema_fast'] .field-error")).to_contain_text("must be below ema_slow = 50")
        expect(page.locator("#f-seed")).to_have_attribute("aria-invalid", "true")
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        assert_accessible(page)
        page.select_option("#f-strategy-name", "ema_cross")
        expect(page.locator("#f-strategy-ema_trend")).to_be_hidden()
        expect(page.locator("#f-strategy-params-fast")).to_have_value("20")
        page.select_option("#f-mode", "MULTI")
        expect(page.locator("#market-rows [data-column=symbol]")).to_have_value("BTCUSDT")
        page.select_option("#f-mode", "SINGLE")
        page.fill("#f-seed", "7")
        page.fill("#f-strategy-params-fast", "10")
        page.click("#start")
        page.wait_for_url("**/jobs/2*")
        expect(page.locator("h1")).to_contain_text("SIMULATED BTCUSDT 1h · ema_cross")
        job = next(entry for entry in own.jobs.iterdir() if entry.is_dir())
        settings = (job / "run.yaml").read_text()
        assert "seed: 7" in settings
        assert "fast: 10" in settings
        assert "ema_fast" not in settings
        assert "maker_fee" not in settings
        assert_accessible(page)
        page.get_by_role("button", name="Take out of the line").click()
        expect(page.locator("#job[data-state=cancelled]")).to_be_visible()
        page.goto(f"{server.address}jobs")
        expect(page.locator("#jobs")).to_contain_text("Cancelled before it began.")
        assert_accessible(page)
        page.set_viewport_size({"width": 390, "height": 844})
        for address in ("jobs", f"jobs/{job.name}", "new"):
            page.goto(f"{server.address}{address}")
            assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), address
        page.close()
