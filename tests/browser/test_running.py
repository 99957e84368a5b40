"""A page of a run that is at work follows it without being touched."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from core.paths import Paths
from core.run_folder import RunLock, commit_stage, stage_named
from dashboard.app import create_app
from dashboard.server import DashboardServer
from tests.browser.conftest import run_address, sign_in
from tests.dashboard.sample_ledger import write_ledger
from tests.dashboard.sample_run import market_folder, write_run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLOT = "document.querySelector('[data-chart=optimization] .plot')"
# A chart that is not drawn yet has no data.
TRIALS = f"({PLOT}?.data ?? []).filter(t => t.mode === 'markers').flatMap(t => t.x).length"

ROWS = "document.querySelectorAll('#trials-table tbody tr').length"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DashboardServer]:
    """Return a dashboard of a data folder of the test's own."""
    server = DashboardServer(create_app(Paths.under(tmp_path)), 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join(20)


def test_page_grows_with_the_ledger_and_moves_on_with_the_stages(
    server: DashboardServer, contexts: dict[int, BrowserContext], tmp_path: Path
) -> None:
    run = write_run(Paths.under(tmp_path), until="hardware")
    folder = market_folder(run, "optimize")
    write_ledger(folder, "7.1", 4)
    sign_in(contexts[1280], server)
    page = contexts[1280].new_page()
    with RunLock(run.checkpoints):
        page.goto(f"{server.address}{run_address(tab='optimization')}")
        page.wait_for_function(f"() => {TRIALS} === 4")
        page.wait_for_function(f"() => {ROWS} === 4")
        # The first question sets the mark that later ones are measured against.
        with page.expect_response("**/progress"):
            pass
        write_ledger(folder, "7.1", 3)
        page.wait_for_function(f"() => {TRIALS} === 7")
        page.wait_for_function(f"() => {ROWS} === 7")
        commit_stage(run.stage(stage_named("optimize")), "optimize", {}, [], "code")
        page.wait_for_selector(".stages li.current >> text=Walk-forward validation")
        assert page.url.endswith("#optimization")
    page.close()
