"""The performance of every column: from the tables that a run keeps, with the reason where it keeps none."""

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.run_folder import RunFolder
from reporting.checkpoints import BEST, read_run
from reporting.comparison import COLUMNS
from reporting.performance import PERFORMANCE_METRICS
from reporting.performance.compute import LOST
from reporting.performance_columns import NOT_KEPT, market_performance
from reporting.publish import publish_report
from tests.reporting.runs import SLUG, candles, market, write_run

EXECUTION = {"risk_free_rate": 0.0}


def performance(run: RunFolder, **execution: Any) -> Any:
    return market_performance(read_run(run).markets[0], EXECUTION | execution)


def forget_stage(run: RunFolder, stage: str) -> None:
    for name in ("equity", "trades"):
        (run.checkpoints / "07_optimize" / SLUG / f"{BEST[stage]}{name}.parquet").unlink()


def test_all_five_columns_are_told(tmp_path: Path) -> None:
    found = performance(write_run(tmp_path))
    assert set(found.columns) == set(COLUMNS)
    assert found.missing == {}
    assert found.days_per_year == 365.25


def test_a_run_that_kept_no_equity_of_a_stage_says_so_and_is_published(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    forget_stage(run, "7.1")
    found = performance(run)
    assert found.missing == {"7.1": NOT_KEPT}
    publish_report(run)
    assert f"7.1 integers: {NOT_KEPT}." in (run.exports / "report.html").read_text(encoding="utf8")
    rows = json.loads((run.results / "report.json").read_bytes())["markets"][SLUG]["comparison"]["rows"]
    ulcer = next(row for row in rows if row["metric"] == "ulcer_index")
    assert [value is None for value in ulcer["values"]] == [False, True, False, False, False]


def test_holding_holds_the_order_quantity_or_what_the_capital_buys(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    assert performance(run).quantity == 0.1
    assert performance(run, sizing="fixed").quantity == 0.1
    capital = float(read_run(run).markets[0].baseline_equity["equity"][0])
    assert performance(run, sizing="equity").quantity == capital / float(candles(1)["open"][0])


@pytest.mark.parametrize(
    ("exchange", "timeframe", "year"), [("LOCAL", "1w", 365.25 / 7), ("ZERODHA", "1h", 247.0), ("ZERODHA", "1d", 247.0)]
)
def test_a_year_has_the_days_of_its_venue_or_the_bars_that_are_longer(tmp_path: Path, exchange: str, timeframe: str, year: float) -> None:
    run = write_run(tmp_path, [market(timeframe=timeframe) | {"exchange": exchange}])
    assert performance(run).days_per_year == pytest.approx(year)


def test_published_tables_are_those_of_the_columns(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    publish_report(run)
    content = json.loads((run.results / "performance.json").read_bytes())["markets"][SLUG]
    assert set(content["columns"]) == set(COLUMNS)
    assert set(content["columns"]["7.2"]["figures"]) == {info.metric for info in PERFORMANCE_METRICS}
    tables = {}
    for name in ("drawdowns", "months", "splits"):
        with (run.exports / f"{name}_{SLUG}.csv").open(encoding="utf8", newline="") as stream:
            tables[name] = list(csv.DictReader(stream))
    assert [row["month"] for row in tables["months"]] == [month for month, _ in content["columns"]["baseline"]["months"]]
    assert [float(row["7.1"]) for row in tables["months"]] == [value for _, value in content["columns"]["7.1"]["months"]]
    assert {row["column"] for row in tables["drawdowns"]} == set(COLUMNS)
    assert {(row["column"], row["split"]) for row in tables["splits"]} == {
        (column, split) for column in COLUMNS for split in ("direction", "tier", "exit_reason", "hour")
    }
    assert sum(int(row["trades"]) for row in tables["splits"] if (row["column"], row["split"]) == ("walkforward", "hour")) == 36


def html(run: RunFolder) -> str:
    publish_report(run)
    return (run.exports / "report.html").read_text(encoding="utf8").partition("<script>")[0]


def test_accounts_that_never_traded_are_published(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    for path in run.checkpoints.rglob("*trades.parquet"):
        pl.read_parquet(path).clear().write_parquet(path)
    for path in run.checkpoints.rglob("*equity.parquet"):
        pl.read_parquet(path).with_columns(equity=pl.lit(100_000.0), drawdown_pct=pl.lit(0.0)).write_parquet(path)
    text = html(run)
    assert "No account was ever below its peak." in text
    assert "-hours" not in text
    assert ">nan" not in text
    splits = (run.exports / f"splits_{SLUG}.csv").read_text(encoding="utf8").splitlines()
    assert len(splits) == 1


def test_an_account_that_was_lost_says_why_its_figures_are_missing(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    path = run.checkpoints / "05_baseline" / SLUG / "equity.parquet"
    pl.read_parquet(path).with_columns(equity=100_000.0 - pl.int_range(pl.len()) * 100.0).write_parquet(path)
    assert f"Baseline: {LOST}." in html(run)
    months = (run.exports / f"months_{SLUG}.csv").read_text(encoding="utf8").splitlines()
    assert months[1].startswith("2024-01,,")
