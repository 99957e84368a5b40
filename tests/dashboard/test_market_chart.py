"""The chart of a market: its indicators, and marks that follow the filters of the table beside it."""

import itertools
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.decimation import Span
from dashboard.figures.base import iso
from dashboard.figures.candles import MarketTables, candle_figure
from dashboard.figures.trade_markers import MAX_ENTRIES
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_market import BARS, HOUR_MS, START_MS, candles
from tests.dashboard.sample_run import RUN_ID, SLUG, market_folder, uncommit, write_run

CANDLES = f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts/candles"
ClientOf = Callable[[Paths], FlaskClient]


def named(figure: dict[str, Any], start: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["name"].startswith(start)]


def rows(figure: dict[str, Any], start: str) -> list[int]:
    return sorted(row for trace in named(figure, start) for row in trace["customdata"])


@pytest.fixture
def trades(finished: RunFolder) -> pl.DataFrame:
    return pl.read_parquet(market_folder(finished, "baseline") / "trades.parquet").with_row_index("row")


def test_indicators_lie_over_the_candles_or_in_panels_of_their_own(client: FlaskClient, finished: RunFolder) -> None:
    figure = json_of(client.get(CANDLES))
    (average,), (strength,) = named(figure, "EMA 20"), named(figure, "RSI 14")
    assert average["yaxis"] == "y"
    assert strength["yaxis"] == "y3"
    panels = [figure["layout"][name]["domain"] for name in ("yaxis3", "yaxis2", "yaxis")]
    assert all(below[1] < above[0] for below, above in itertools.pairwise(panels)), "no panel covers another"
    assert figure["layout"]["yaxis3"]["tickvals"] == [35.0, 65.0]
    assert figure["layout"]["annotations"][0]["text"] == "RSI 14"
    stored = pl.read_parquet(market_folder(finished, "baseline") / "indicators.parquet")["line_1"]
    assert max(strength["y"]) == pytest.approx(stored.max())
    assert len(average["x"]) <= 1500 < BARS
    assert "indicators" not in figure["meta"]["note"]


def test_zoomed_indicators_have_a_value_per_bar(client: FlaskClient) -> None:
    start = START_MS + 1000 * HOUR_MS
    figure = json_of(client.get(f"{CANDLES}?from={start}&to={start + 50 * HOUR_MS}"))
    assert named(figure, "EMA 20")[0]["x"] == figure["data"][0]["x"]


def test_a_run_without_indicators_shows_candles_alone_and_says_so(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    uncommit(run)
    for name in ("indicators.json", "indicators.parquet"):
        (market_folder(run, "baseline") / name).unlink()
    figure = json_of(client_of(paths).get(CANDLES))
    assert not named(figure, "EMA")
    assert "yaxis3" not in figure["layout"]
    assert "Candles alone" in figure["meta"]["note"]


@pytest.mark.parametrize(
    "wrong",
    ['{"lines":[{"name":"x"}]}', '{"lines":4}', "[]", "{", '{"lines":[{"column":"line_9","name":"x","panel":"price","levels":[]}]}'],
)
def test_damaged_indicators_are_named(wrong: str, paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    uncommit(run)
    (market_folder(run, "baseline") / "indicators.json").write_text(wrong)
    answer = client_of(paths).get(CANDLES)
    assert answer.status_code == 422
    assert "indicators.json" in json_of(answer)["error"]["message"]


def test_indicators_of_other_candles_are_refused(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    uncommit(run)
    path = market_folder(run, "baseline") / "indicators.parquet"
    pl.read_parquet(path).head(BARS - 1).write_parquet(path)
    assert client_of(paths).get(CANDLES).status_code == 422


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("side=long", pl.col("direction") > 0),
        ("side=short&result=won", (pl.col("direction") < 0) & (pl.col("net_pnl") > 0)),
        ("tier=3", pl.col("entry_tier") == 3),
        ("reason=stop_loss&result=lost", (pl.col("exit_reason") == "stop_loss") & (pl.col("net_pnl") <= 0)),
        ("reason=nothing_like_it", pl.lit(False)),
    ],
)
def test_marks_follow_the_filters_of_the_table(query: str, wanted: pl.Expr, client: FlaskClient, trades: pl.DataFrame) -> None:
    expected = trades.filter(wanted)["row"].to_list()
    figure = json_of(client.get(f"{CANDLES}?{query}"))
    assert rows(figure, "In: ") == rows(figure, "Out: ") == expected
    table = json_of(client.get(f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/trades?{query}&size=1000"))
    assert [item["row"] for item in table["items"]] == expected


def test_entries_without_a_fill_follow_the_side_and_leave_for_what_they_lack(client: FlaskClient) -> None:
    marks = {query: named(json_of(client.get(f"{CANDLES}?{query}")), "Missed entry") for query in ("side=long", "", "tier=2", "result=won")}
    assert all("long" in text for text in marks["side=long"][0]["text"])
    assert len(marks[""][0]["x"]) > len(marks["side=long"][0]["x"])
    assert not marks["tier=2"]
    assert not marks["result=won"]


@pytest.mark.parametrize("query", ["side=up", "tier=5", "result=maybe"])
def test_unknown_filters_are_refused(query: str, client: FlaskClient) -> None:
    answer = client.get(f"{CANDLES}?{query}")
    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0] in json_of(answer)["error"]["message"]


def test_csv_of_the_candles_has_the_indicators_of_every_bar(client: FlaskClient) -> None:
    lines = client.get(f"{CANDLES}?format=csv").text.splitlines()
    assert lines[0] == "time,open,high,low,close,volume,EMA 20,RSI 14"
    assert len(lines) == BARS + 1


def test_of_too_many_entries_that_were_never_filled_those_marked_are_spread_over_the_whole_time() -> None:
    bars = candles(MAX_ENTRIES * 10, seed=4)
    times = bars["timestamp"]
    entries = pl.DataFrame({
        "kind": "missed", "direction": 1, "signal_time": times, "reason": "not touched", "wanted_qty": 1.0, "signal_price": bars["close"],
    })  # fmt: skip
    figure = candle_figure(MarketTables(bars, None, entries, None), Span(), HOUR_MS)
    (marks,) = named(figure, "Missed entry")
    assert len(marks["x"]) == MAX_ENTRIES
    assert marks["x"] == iso(times[::10])
    assert f"Of {MAX_ENTRIES * 10:,} missed and rejected entries {MAX_ENTRIES} are marked, evenly chosen." in figure["meta"]["note"]
    few = candle_figure(MarketTables(bars, None, entries[:MAX_ENTRIES], None), Span(), HOUR_MS)
    assert len(named(few, "Missed entry")[0]["x"]) == MAX_ENTRIES
    assert "evenly" not in few["meta"]["note"]


@pytest.mark.parametrize(("source", "foreign"), [("baseline", False), ("optimized", True), ("walkforward", True)])
def test_indicators_of_other_parameters_than_the_trades_are_said_to_be_so(client: FlaskClient, source: str, foreign: bool) -> None:
    note = json_of(client.get(f"{CANDLES}?source={source}"))["meta"]["note"]
    assert ("The indicators are those of the baseline" in note) is foreign
