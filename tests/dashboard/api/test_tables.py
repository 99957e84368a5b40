"""Tables of a market: filtered, sorted over all pages, cut into pages, and the same rows as CSV."""

import io
from collections.abc import Callable
from typing import Any, get_args

import polars as pl
import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.api.csv_tables import csv_pieces
from dashboard.api.schemas.charts import ChartQuery, Curve
from dashboard.charts.equity import ROLLING_DAYS
from dashboard.reading.curves import CURVES
from tests.dashboard.conftest import MARKET_API, json_of
from tests.dashboard.sample_market import BARS, HOUR_MS, START_MS
from tests.dashboard.sample_run import RUN_ID, market_folder, uncommit, write_run

ClientOf = Callable[[Paths], FlaskClient]


def rows(client: FlaskClient, question: str) -> list[dict[str, Any]]:
    """Return the items of all pages that answer a question."""
    found: list[dict[str, Any]] = []
    for page in range(1, 100):
        answer = json_of(client.get(f"{MARKET_API}/{question}&page={page}"))
        found += answer["items"]
        if not answer["items"]:
            assert len(found) == answer["total"]
            return found
    pytest.fail("there is no end to the pages")


def csv(client: FlaskClient, question: str) -> pl.DataFrame:
    answer = client.get(f"{MARKET_API}/{question}&format=csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    return pl.read_csv(io.BytesIO(answer.data), infer_schema_length=None)


@pytest.mark.parametrize("column", ["net_pnl", "entry_time", "exit_reason", "trade_id"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_trades_are_sorted_over_all_pages(client: FlaskClient, column: str, order: str) -> None:
    values = [row[column] for row in rows(client, f"trades?sort={column}&order={order}&size=40")]
    assert len(values) == 90
    assert values == sorted(values, reverse=order == "desc")


def test_filters_of_trades_part_them_without_a_rest(client: FlaskClient) -> None:
    everything = rows(client, "trades?size=1000")
    for name, values, of in (
        ("side", ("long", "short"), lambda row: "long" if row["direction"] > 0 else "short"),
        ("tier", (1, 2, 3, 4), lambda row: row["entry_tier"]),
        ("reason", sorted({row["exit_reason"] for row in everything}), lambda row: row["exit_reason"]),
        ("result", ("won", "lost"), lambda row: "won" if row["net_pnl"] > 0 else "lost"),
    ):
        parts = {value: rows(client, f"trades?size=1000&{name}={value}") for value in values}
        assert all(parts[value] == [row for row in everything if of(row) == value] for value in values), name


def test_totals_are_of_all_rows_that_fit(client: FlaskClient) -> None:
    won = json_of(client.get(f"{MARKET_API}/trades?result=won&size=3"))
    assert won["totals"]["winners"] == won["total"] > 3
    fitting = rows(client, "trades?result=won&size=1000")
    assert won["totals"]["net_pnl"] == pytest.approx(sum(row["net_pnl"] for row in fitting))


def test_page_of_one_trade_is_found_in_any_order(client: FlaskClient) -> None:
    for row in (0, 31, 89):
        answer = json_of(client.get(f"{MARKET_API}/trades?sort=net_pnl&order=desc&size=25&around={row}"))
        assert row in [item["row"] for item in answer["items"]]


def test_walkforward_trades_name_their_window_and_others_have_none(client: FlaskClient) -> None:
    assert {row["window"] for row in rows(client, "trades?source=walkforward&size=1000")} == {0, 1, 2, 3}
    assert {row["window"] for row in rows(client, "trades?source=optimized&size=1000")} == {None}


def test_equity_of_a_stretch_of_time_comes_in_either_order(client: FlaskClient) -> None:
    span = f"from={START_MS + 10 * HOUR_MS}&to={START_MS + 20 * HOUR_MS}"
    forward, backward = (rows(client, f"equity?{span}&order={order}&size=4") for order in ("asc", "desc"))
    assert [row["time"] for row in forward] == [START_MS + hour * HOUR_MS for hour in range(10, 21)]
    assert forward == backward[::-1]


def test_best_trials_come_first_and_any_column_sorts(client: FlaskClient) -> None:
    best = [row["value"] for row in rows(client, "trials?stage=7.1&size=7") if row["state"] == "complete"]
    assert best == sorted(best, reverse=True)
    fast = [row["param_ema_fast"] for row in rows(client, "trials?stage=7.1&sort=param_ema_fast&size=50")]
    assert fast == sorted(fast)
    answer = json_of(client.get(f"{MARKET_API}/trials?stage=7.1&state=pruned"))
    assert answer["total"] == answer["states"]["pruned"] < sum(answer["states"].values())


@pytest.mark.parametrize(
    "question", ["trades?source=walkforward&sort=fees", "entries?kind=missed", "equity?order=desc", "trials?stage=7.2"]
)  # fmt: skip
def test_csv_holds_the_rows_of_all_pages(client: FlaskClient, question: str) -> None:
    table, found = csv(client, question), rows(client, f"{question}&size=1000")
    assert len(table) == len(found) > 0
    assert set(table.columns) == set(found[0])
    for name in table.columns:
        wanted = [float(row[name]) if name == "stage" else row[name] for row in found]
        assert table[name].to_list() == [pytest.approx(value) for value in wanted], name


def test_csv_of_a_chart_is_not_thinned(client: FlaskClient) -> None:
    assert len(csv(client, "charts/equity?source=baseline")) == len(csv(client, "charts/candles?source=baseline")) == BARS
    window = csv(client, f"charts/candles?from={START_MS}&to={START_MS + 5 * HOUR_MS}")
    assert window["time"].to_list() == [START_MS + hour * HOUR_MS for hour in range(6)]
    assert len(csv(client, "charts/history?stage=7.1")) > 100


def test_text_that_a_spreadsheet_would_run_is_text_and_numbers_stay_numbers() -> None:
    texts = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "a=1", ""]
    table = pl.DataFrame({"=name": texts, "number": [-1.5] * len(texts)})
    read = pl.read_csv(b"".join(csv_pieces(table)))
    assert read.columns == ["'=name", "number"]
    assert read["'=name"].to_list() == [f"'{text}" for text in texts[:-2]] + texts[-2:]
    assert read["number"].to_list() == [-1.5] * len(texts)


def test_chart_is_not_asked_what_no_chart_is_asked(client: FlaskClient) -> None:
    for question in ("colour=red", "curve=8.1", "days=91"):
        refused = client.get(f"{MARKET_API}/charts/underwater?{question}")
        assert (refused.status_code, json_of(refused)["error"]["field"]) == (400, question.partition("=")[0])
    assert get_args(Curve) == CURVES
    assert set(ChartQuery.model_json_schema()["properties"]["days"]["anyOf"][0]["enum"]) == set(ROLLING_DAYS)


def test_what_is_not_there_yet_is_empty_and_says_so(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, until="strategy")
    client = client_of(paths)
    for table in ("trades", "entries", "equity"):
        answer = json_of(client.get(f"{MARKET_API}/{table}"))
        assert (answer["items"], answer["total"], answer["ready"]) == ([], 0, False)
    assert json_of(client.get(f"{MARKET_API}/trials"))["shown"] is None
    for document in (*(f"{MARKET_API}/{name}" for name in ("quality", "windows", "significance")), f"/api/v1/runs/{RUN_ID}/report"):
        refused = client.get(document)
        assert (refused.status_code, json_of(refused)["error"]["code"]) == (404, "not_ready")


def test_tables_with_other_columns_are_damaged_and_not_guessed_at(paths: Paths, client_of: ClientOf) -> None:
    run: RunFolder = write_run(paths)
    uncommit(run)
    path = market_folder(run, "baseline") / "trades.parquet"
    whole = pl.read_parquet(path)
    client = client_of(paths)
    for broken in (whole.drop("fees"), whole.with_columns(entry_time=pl.lit("x")), whole.with_columns(exit_time=pl.lit(None))):
        broken.write_parquet(path)
        answer = client.get(f"{MARKET_API}/trades")
        assert (answer.status_code, json_of(answer)["error"]["code"]) == (422, "damaged")


def test_text_that_a_spreadsheet_would_run_is_text(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    uncommit(run)
    path = market_folder(run, "baseline") / "trades.parquet"
    pl.read_parquet(path).with_columns(exit_reason=pl.lit("=1+1")).write_parquet(path)
    assert set(csv(client_of(paths), "trades?size=5")["exit_reason"]) == {"'=1+1"}
