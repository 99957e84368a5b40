"""The charts of accounts: what they show is what the tables say, however long they are."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.decimation import Span
from dashboard.figures.monthly_returns import monthly_figure
from dashboard.figures.rolling_sharpe import rolling_figure, rolling_sharpe
from dashboard.figures.underwater import underwater_figure
from dashboard.reading.curves import Curve
from reporting.performance.daily import sharpe_ratio
from reporting.performance.drawdowns import deepest, deepest_drawdowns, find_drawdowns
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_market import HOUR_MS, START_MS
from tests.dashboard.sample_run import RUN_ID, SLUG, market_folder, uncommit, write_run

CHARTS = f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts"
ClientOf = Callable[[Paths], FlaskClient]


def chart(client: FlaskClient, name: str) -> dict[str, Any]:
    return json_of(client.get(f"{CHARTS}/{name}"))


@given(st.lists(st.integers(90, 110), min_size=1, max_size=80), st.integers(1, 6))
def test_the_deepest_drawdowns_are_the_deepest_of_all(steps: list[int], count: int) -> None:
    equity, times = np.array(steps, np.float64), np.arange(len(steps)) * HOUR_MS
    assert deepest_drawdowns(times, equity, count) == deepest(find_drawdowns(times, equity), count)


def test_rolling_sharpe_is_the_sharpe_ratio_of_each_stretch() -> None:
    returns = np.random.default_rng(1).normal(0.001, 0.01, 60)
    returns[20:40] = 0.002  # without variation: undefined
    found = rolling_sharpe(returns, 10, 365.25, 0.0001)
    assert len(found) == 51
    for place, value in enumerate(found):
        expected = sharpe_ratio(returns[place : place + 10], 365.25, 0.0001)
        assert value == pytest.approx(expected, nan_ok=True)
    assert np.isnan(found[20:31]).all()
    assert len(rolling_sharpe(returns[:9], 10, 365.25, 0.0)) == 0


def test_months_compound_to_their_year_and_stand_in_its_row() -> None:
    figure = monthly_figure([("2023-12", 5.0), ("2024-01", 10.0), ("2024-03", -50.0)], "")
    (trace,) = figure["data"]
    assert trace["y"] == ["2023", "2024"]
    assert trace["text"][1][:3] == ["+10.0", "", "−50.0"]
    assert trace["text"][1][-1] == "−45.0"
    assert trace["z"][0][11] == 5.0
    assert trace["z"][1][12] == pytest.approx(-45.0)


def test_a_year_beyond_its_months_is_told_as_it_is_in_the_table_too() -> None:
    (trace,) = monthly_figure([("2024-01", 0.21), ("2024-02", 0.04), ("2024-03", 0.2)], "")["data"]
    assert trace["text"][0][:3] == ["+0.21", "+0.04", "+0.20"], "small months are told apart"
    assert trace["z"][0][-1] == pytest.approx(0.4506, abs=1e-4)
    assert trace["z"][0][-1] > trace["zmax"]


def test_months_of_the_walkforward_are_its_equity_s(client: FlaskClient, finished: RunFolder) -> None:
    equity = pl.read_parquet(market_folder(finished, "walkforward") / "oos_equity.parquet")
    (trace,) = chart(client, "monthly?curve=walkforward")["data"]
    total = (equity["equity"][-1] / equity["equity"][0] - 1) * 100
    assert trace["text"][-1][-1] in [f"{total:+.{digits}f}".replace("-", "−") for digits in (1, 2)]


def test_underwater_numbers_what_its_table_lists(client: FlaskClient, finished: RunFolder) -> None:
    figure = chart(client, "underwater?curve=7.1")
    table = figure["meta"]["table"]
    equity = pl.read_parquet(market_folder(finished, "optimize") / "7.1.best_equity.parquet")
    all_of_them = find_drawdowns(equity["time"].to_numpy(), equity["equity"].to_numpy())
    assert len(table["rows"]) == min(10, len(all_of_them))
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert table["rows"][0][1] == pytest.approx(equity["drawdown_pct"].min())
    assert [note["text"] for note in figure["layout"]["annotations"]] == [str(row[0]) for row in table["rows"][:5]]
    assert min(figure["data"][0]["y"]) == pytest.approx(table["rows"][0][1], abs=1e-4)


def test_a_zoom_keeps_the_peak_before_it() -> None:
    curve = Curve(START_MS + np.arange(100) * HOUR_MS, np.linspace(200.0, 101.0, 100))
    figure = underwater_figure(curve, "baseline", Span(START_MS + 90 * HOUR_MS, None))
    assert max(figure["data"][0]["y"]) < -40, "below the highest point of the whole account"


def test_rolling_needs_the_days_that_it_looks_back(client: FlaskClient) -> None:
    assert "365 days" in chart(client, "rolling?days=365")["meta"]["empty"]
    figure = chart(client, "rolling?days=30")
    assert figure["data"][0]["name"] == "Baseline"
    assert len(figure["data"]) == 6
    assert figure["data"][0]["x"][0] == "2024-01-30T00:00:00"


def test_a_lost_account_has_no_rolling_sharpe() -> None:
    times = START_MS + np.arange(24 * 40) * HOUR_MS
    fine, lost = np.linspace(100, 120, len(times)), np.linspace(100, -1, len(times))
    figure = rolling_figure({"baseline": Curve(times, fine), "walkforward": Curve(times, lost)}, 30, 365.25, 0.0)
    assert [trace["name"] for trace in figure["data"]] == ["Baseline"]


@pytest.mark.parametrize("name", ["rolling?days=91", "monthly?curve=hold", "underwater?curve=../x"])
def test_unknown_choices_are_refused(name: str, client: FlaskClient) -> None:
    assert client.get(f"{CHARTS}/{name}").status_code == 400


def test_runs_of_before_have_the_curves_that_they_kept(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths, until="optimize")
    uncommit(run)
    for start in ("7.1.best_", "7.2.best_"):
        (market_folder(run, "optimize") / f"{start}equity.parquet").unlink()
    client = client_of(paths)
    assert chart(client, "equity")["meta"]["series"] == ["baseline", "7.3", "hold"]
    assert "or this run kept none" in chart(client, "monthly?curve=7.1")["meta"]["empty"]
    assert "walk-forward" in chart(client, "underwater?curve=walkforward")["meta"]["empty"]


def test_csv_sets_the_accounts_side_by_side(client: FlaskClient, finished: RunFolder) -> None:
    frame = pl.read_csv(client.get(f"{CHARTS}/equity?format=csv").data, infer_schema_length=None)
    stored = pl.read_parquet(market_folder(finished, "walkforward") / "oos_equity.parquet")
    assert frame["time"].is_sorted()
    inside = frame.filter(pl.col("walkforward_equity").is_not_null())
    assert inside["time"].to_list() == stored["time"].to_list()
    assert math.isclose(inside["walkforward_equity"][-1], stored["equity"][-1])
    assert frame["hold_equity"].null_count() == 0, "the chart draws holding too"


@pytest.mark.parametrize("name", ["underwater?curve=7.1", "rolling?days=30"])
def test_csv_of_a_thinned_curve_is_not_thinned(name: str, client: FlaskClient, finished: RunFolder) -> None:
    whole = pl.read_csv(client.get(f"{CHARTS}/{name}&format=csv").data, infer_schema_length=None)
    hours = pl.read_parquet(market_folder(finished, "optimize") / "7.1.best_equity.parquet")["time"].to_list()
    if name.startswith("underwater"):
        assert whole["time"].to_list() == hours
        return
    days = sorted({hour // (24 * HOUR_MS) * 24 * HOUR_MS for hour in hours})
    assert whole["time"].to_list() == days[29:]
    assert whole.columns == ["time", *(f"{each}_sharpe" for each in ("baseline", "7.1", "7.2", "7.3", "walkforward", "hold"))]
    first = chart(client, name)["data"][0]["y"][0]
    assert whole["baseline_sharpe"][0] == pytest.approx(first, abs=1e-4)
