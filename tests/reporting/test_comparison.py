"""The side-by-side table."""

import math
from dataclasses import fields

from backtest_engine import Metrics
from reporting.comparison import COLUMNS, compare
from reporting.metric_table import METRICS, format_metric
from tests.reporting.runs import metrics, optimization, walkforward

YEAR = 8766.0  # hours in 365.25 days


def test_annualized_ratios_name_the_bars_of_their_year() -> None:
    rows = compare({"metrics": metrics()}, optimization(), walkforward(), YEAR).rows
    annualized = {row.metric for row in rows if "annualized with 8,766 bars a year" in row.definition}
    assert annualized == {"sharpe_ratio", "sortino_ratio", "volatility"}


def test_table_describes_every_metric_of_the_engine_and_no_other() -> None:
    assert {info.metric for info in METRICS} == {field.name for field in fields(Metrics)}


def test_columns_stand_in_order_of_the_pipeline() -> None:
    comparison = compare({"metrics": metrics(net_pnl=1.0)}, optimization(), walkforward(), YEAR)
    row = next(row for row in comparison.rows if row.metric == "net_pnl")
    assert COLUMNS == ("baseline", "7.1", "7.2", "7.3", "walkforward")
    assert row.values == (1.0, 100.0, 200.0, 100.0, 150.0)
    assert row.label
    assert row.unit == "quote"
    assert row.definition


def test_undefined_values_are_none_and_shown_as_such() -> None:
    search = optimization()
    search["stages"]["7.2"]["metrics"] = None
    del search["stages"]["7.3"]
    comparison = compare({"metrics": metrics(sharpe_ratio=None)}, search, walkforward(stitched=metrics(sharpe_ratio=math.nan)), YEAR)
    row = next(row for row in comparison.rows if row.metric == "sharpe_ratio")
    assert row.values == (None, 1.0, None, None, None)
    assert row.texts() == ["n/a", "1.00", "n/a", "n/a", "n/a"]


def test_values_are_formatted_by_unit() -> None:
    assert format_metric("net_pnl", 12345.678) == "12,345.68"
    assert format_metric("win_rate", 51.25) == "51.2 %"
    assert format_metric("total_trades", 1200) == "1,200"
    assert format_metric("ruined", False) == "no"
