"""What scripts fetch: charts as Plotly takes them, pages of trades, and clear refusals."""

import json
import math
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.decimation import MAX_CANDLES, MAX_POINTS
from tests.dashboard.clients import signed_in
from tests.dashboard.conftest import MARKET_API, json_of
from tests.dashboard.sample_ledger import STAGE_TRIALS
from tests.dashboard.sample_market import BARS, HOUR_MS, START_MS
from tests.dashboard.sample_run import SLUG, market_folder, write_run


def chart(client: FlaskClient, name: str, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{MARKET_API}/charts/{name}{query}")
    assert answer.status_code == 200
    return json_of(answer)


def traces(figure: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["type"] == kind]


def table(run: RunFolder, stage: str, name: str) -> pl.DataFrame:
    return pl.read_parquet(market_folder(run, stage) / f"{name}.parquet")


@pytest.mark.parametrize("name", ["candles", "equity", "history", "windows", "drift"])
def test_every_chart_is_strict_json(client: FlaskClient, name: str) -> None:
    assert chart(client, name)["data"]


def test_candles_keep_every_high_and_low_when_they_are_merged(client: FlaskClient, finished: RunFolder) -> None:
    figure = chart(client, "candles")
    candles = traces(figure, "candlestick")[0]
    bars = table(finished, "baseline", "candles")
    assert figure["meta"]["bars_per_candle"] == math.ceil(BARS / MAX_CANDLES)
    assert len(candles["x"]) <= MAX_CANDLES
    assert max(candles["high"]) == bars["high"].max()
    assert min(candles["low"]) == bars["low"].min()
    assert candles["open"][0] == bars["open"][0]
    assert candles["close"][-1] == bars["close"][-1]
    assert sum(traces(figure, "bar")[0]["y"]) == pytest.approx(bars["volume"].sum())


def test_zoomed_candles_are_single_bars_and_their_axis_fits(client: FlaskClient, finished: RunFolder) -> None:
    start, end = START_MS + 1000 * HOUR_MS, START_MS + 1100 * HOUR_MS
    figure = chart(client, "candles", f"?from={start}&to={end}")
    candles = traces(figure, "candlestick")[0]
    assert figure["meta"]["bars_per_candle"] == 1
    assert len(candles["x"]) == 103, "101 bars and one more on either side"
    assert figure["layout"]["xaxis"]["range"] == ["2024-02-11T16:00:00", "2024-02-15T20:00:00"]
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < min(candles["low"])
    assert high > max(candles["high"])
    inside = table(finished, "baseline", "trades").filter(
        (pl.col("exit_time") >= start - HOUR_MS) & (pl.col("entry_time") < end + 2 * HOUR_MS)
    )
    assert figure["meta"]["trades_shown"] == len(inside)


@pytest.mark.parametrize(("source", "stage", "name"), [
    ("baseline", "baseline", "trades"), ("optimized", "optimize", "best_trades"), ("walkforward", "walkforward", "oos_trades"),
])  # fmt: skip
def test_candles_mark_every_entry_by_tier_and_exit_by_reason(
    client: FlaskClient, finished: RunFolder, source: str, stage: str, name: str
) -> None:
    figure = chart(client, "candles", f"?source={source}")
    trades = table(finished, stage, name)
    entries = [trace for trace in figure["data"] if trace["name"].startswith("In: ")]
    exits = [trace for trace in figure["data"] if trace["name"].startswith("Out: ")]
    assert len(entries) == trades["entry_tier"].n_unique()
    assert len(exits) == trades["exit_reason"].n_unique()
    for marks in (entries, exits):
        assert sorted(row for trace in marks for row in trace["customdata"]) == list(range(len(trades)))
    assert len({json.dumps(trace["marker"]["symbol"]) for trace in exits}) == len(exits), "told apart without colour"
    unfilled = {trace["name"]: trace["text"] for trace in figure["data"] if trace["name"].endswith(" entry")}
    assert sorted(unfilled) == (["Missed entry", "Rejected entry"] if source == "baseline" else [])
    for kind, reason in (("missed", "expired"), ("rejected", "below min qty")):
        for text in unfilled.get(f"{kind.capitalize()} entry", []):
            assert re.fullmatch(rf"{kind} (long|short): {reason}<br>wanted [0-9.]+", text)


def test_equity_has_all_lines_with_their_drawdowns(client: FlaskClient, finished: RunFolder) -> None:
    figure = chart(client, "equity")
    assert figure["meta"]["series"] == ["baseline", "7.1", "7.2", "7.3", "walkforward", "hold"]
    above = [trace for trace in figure["data"] if trace.get("yaxis") != "y2"]
    below = [trace for trace in figure["data"] if trace.get("yaxis") == "y2"]
    assert len(above) == len(below) == 6
    assert all(len(trace["x"]) <= MAX_POINTS for trace in figure["data"])
    assert len({trace["line"]["dash"] + str(trace["line"]["width"]) for trace in above}) == 6, "told apart without colour"
    equity = table(finished, "baseline", "equity")
    assert max(above[0]["y"]) == pytest.approx(equity["equity"].max(), abs=0.01)
    assert min(below[0]["y"]) == pytest.approx(equity["drawdown_pct"].min(), abs=1e-4)


def test_holding_buys_the_run_quantity_at_the_first_open(client: FlaskClient, finished: RunFolder) -> None:
    hold = next(trace for trace in chart(client, "equity")["data"] if trace["name"].startswith("Buy & hold"))
    bars = table(finished, "baseline", "candles")
    assert hold["y"][-1] == pytest.approx(100_000 + 0.1 * (bars["close"][-1] - bars["open"][0]), abs=0.01)


def test_where_the_account_sizes_entries_holding_spends_the_capital(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    run = write_run(paths, settings={"execution": {"sizing": "risk"}})
    client = signed_in(create_app(paths))
    hold = next(trace for trace in chart(client, "equity")["data"] if trace["name"].startswith("Buy & hold"))
    bars = table(run, "baseline", "candles")
    assert hold["y"][-1] == pytest.approx(100_000 * bars["close"][-1] / bars["open"][0], abs=0.01)
    page = client.get(f"/runs/{run.run_id}/{SLUG}/").get_data(as_text=True)
    assert "SINGLE, sized by risk, created" in page


def test_history_shows_every_trial_and_the_best_so_far_rises(client: FlaskClient) -> None:
    figure = chart(client, "history")
    points = [trace for trace in figure["data"] if trace["mode"] == "markers"]
    assert sorted(x for trace in points for x in trace["x"]) == list(range(sum(STAGE_TRIALS.values())))
    symbols = {trace["legendgroup"]: trace["marker"]["symbol"] for trace in points}
    assert len(set(symbols.values())) == len(symbols) == 5, "told apart without colour"
    best = [trace["y"] for trace in figure["data"] if trace["mode"] == "lines"]
    assert [len(stage) > 0 for stage in best] == [True, True, True]
    assert all(stage == sorted(stage) for stage in best)


def test_trials_without_a_score_have_a_lane_of_their_own(client: FlaskClient) -> None:
    figure = chart(client, "history")
    undefined = [trace for trace in figure["data"] if trace.get("legendgroup") == "undefined"]
    assert [trace["yaxis"] for trace in undefined] == ["y2"]


def test_windows_set_in_sample_against_out_of_sample(client: FlaskClient) -> None:
    figure = chart(client, "windows")
    bars = traces(figure, "bar")
    assert len(bars) == 2
    assert [len(trace["x"]) for trace in bars] == [4, 4]
    assert bars[0]["marker"]["pattern"]["shape"] == ["", "", "/", ""], "the window that is not scored is hatched"
    assert sum(trace["name"].startswith("In sample") for trace in figure["data"]) == 2


def test_drift_tells_the_distance_from_the_base(client: FlaskClient) -> None:
    drift = chart(client, "drift")["data"][0]
    row = drift["y"].index("ema_fast")
    assert drift["text"][row] == ["18", "19", "20", "21"]
    assert drift["z"][row] == pytest.approx([-10, -5, 0, 5])


@pytest.mark.parametrize(
    "query", ["?from=0", "?to=0", "?from=-62135596800000&to=253402300799000", "?from=4102444800000&to=4102444900000", "?from=0&to=1"]
)
def test_spans_outside_the_data_still_draw(client: FlaskClient, query: str) -> None:
    for name in ("candles", "equity"):
        assert chart(client, name, query)["data"]
