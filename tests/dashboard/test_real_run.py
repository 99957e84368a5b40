"""A run as the product itself makes it: the sample of the other tests must not be the only thing the dashboard can show."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from tests.conftest import ROOT
from tests.dashboard.api.example_runs import TOKEN, run_examples
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import json_of
from tests.patience import PROGRAM_SECONDS

SLUG = "simulated_btcusdt_1h"
pytestmark = pytest.mark.xdist_group("real run")  # one process makes it for all tests
# The run of the demo, but for fewer shuffled histories, which take most of its time.
SETTINGS = (
    "exchange=SIMULATED", "symbol=BTCUSDT", "timeframe=1h", "start=2024-01-01", "end=2025-01-01", "optimization.profile=FAST",
    "strategy.rsi_long_threshold=45", "strategy.rsi_short_threshold=55", "significance.permutations=20",
    "significance.walkforward_permutations=5",
)  # fmt: skip

PAGES = ("equity", "search", "walkforward", "data")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, FlaskClient]:
    """Return the id of a run and a client of its dashboard."""
    root: Path = tmp_path_factory.mktemp("real")
    paths = Paths.under(root)
    environment = os.environ | {"PIPELINE_DATA_DIR": str(paths.data), "PIPELINE_LOGS_DIR": str(paths.logs)}
    command = [sys.executable, "run_pipeline.py", "run", "--no-serve", *(part for setting in SETTINGS for part in ("--set", setting))]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    (run,) = paths.checkpoints.iterdir()
    return run.name, signed_in(create_app(paths, DashboardOptions(script_token=TOKEN)))


def test_every_part_of_a_real_run_is_shown(real: tuple[str, FlaskClient]) -> None:
    run_id, client = real
    listing = client.get("/").text
    page = "".join(client.get(f"/runs/{run_id}/{name}").text for name in ("", f"{SLUG}/", *(f"{SLUG}/{page}" for page in PAGES)))
    assert "Finished" in listing
    assert "synthetic" in listing
    assert "cannot be shown" not in page
    for text in (
        "Gates, ",
        "Sharpe ratio",
        "7.3 entry timeouts",
        "Around the winner of 7.2:",
        "Windows scored",
        "Bars the grid has room for",
        "min_trades_per_window",
    ):
        assert text in page
    for name in ("report.html", "comparison.csv", "summary.md"):
        assert f"/downloads/{run_id}/{name}" in page


@pytest.mark.parametrize("name", ["candles", "equity", "history", "windows", "drift"])
def test_every_chart_of_a_real_run_is_drawn(real: tuple[str, FlaskClient], name: str) -> None:
    run_id, client = real
    answer = client.get(f"/api/v1/runs/{run_id}/markets/{SLUG}/charts/{name}")
    assert answer.status_code == 200
    assert json_of(answer)["data"]


@pytest.mark.parametrize("source", ["baseline", "optimized", "walkforward"])
def test_trades_of_every_backtest_of_a_real_run(real: tuple[str, FlaskClient], source: str) -> None:
    run_id, client = real
    answer = json_of(client.get(f"/api/v1/runs/{run_id}/markets/{SLUG}/trades?source={source}&sort=net_pnl&order=desc"))
    assert answer["ready"]
    assert answer["total"] > 0
    found = [row["net_pnl"] for row in answer["items"]]
    assert found == sorted(found, reverse=True)


def test_examples_of_stories_run_as_they_stand(real: tuple[str, FlaskClient], tmp_path: Path) -> None:
    run_id, client = real
    market = "/api/v1/runs/{run_id}/markets/{slug}"
    stories = [(f"{market}/trades/{{row}}/story", "get"), (f"{market}/entries/{{row}}/story", "get")]
    assert set(run_examples(client.application, tmp_path, stories, {"run_id": run_id, "slug": SLUG}).values()) == {"ok"}


@pytest.mark.parametrize("source", ["baseline", "optimized", "walkforward"])
def test_trades_of_a_real_run_tell_their_story_from_signal_to_exit(real: tuple[str, FlaskClient], source: str) -> None:
    run_id, client = real
    market = f"/api/v1/runs/{run_id}/markets/{SLUG}"
    trade = json_of(client.get(f"{market}/trades?source={source}&size=1&sort=bars_held&order=desc"))["items"][0]
    story = json_of(client.get(f"{market}/trades/{trade['row']}/story?source={source}"))["bars"]
    assert any("signals" in event for event in story[0]["events"])
    assert any("the position is closed" in event and trade["exit_reason"].replace("_", " ") in event for event in story[-1]["events"])
    assert story[0]["time"] <= trade["entry_time"]
    assert story[-1]["time"] <= trade["exit_time"] < story[-1]["time"] + 3_600_000
    assert any(f"net {trade['net_pnl']:.2f}" in event for event in story[-1]["events"])


def test_a_trade_of_every_window_is_told_with_what_that_window_had_found(real: tuple[str, FlaskClient]) -> None:
    run_id, client = real
    market = f"/api/v1/runs/{run_id}/markets/{SLUG}"
    trades = json_of(client.get(f"{market}/trades?source=walkforward&size=1000"))["items"]
    last = {trade["window"]: trade for trade in trades}
    assert len(last) > 5
    for trade in last.values():
        story = json_of(client.get(f"{market}/trades/{trade['row']}/story?source=walkforward"))["bars"]
        assert any(f"net {trade['net_pnl']:.2f}" in event for event in story[-1]["events"])
