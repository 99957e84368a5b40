"""The side-by-side table."""

import math
from dataclasses import fields
from typing import Any

from backtest_engine import Metrics
from reporting.comparison import COLUMNS, Comparison, compare
from reporting.metric_table import METRICS, REPORT_METRICS, format_metric
from reporting.performance import PERFORMANCE_METRICS, performance_of
from reporting.performance_columns import MarketPerformance
from reporting.performance_view import GROUPS, comparison_groups
from tests.reporting.performance.accounts import account
from tests.reporting.runs import metrics, optimization, walkforward

YEAR = 8766.0  # hours in 365.25 days
EARNED = performance_of(account([100.0, 103.0, 101.0, 106.0]))
PERFORMANCE = MarketPerformance({"baseline": EARNED, "7.3": EARNED}, {"7.1": "not kept", "7.2": "not kept"}, 0.1, 365.25)


def compared(**changes: Any) -> Comparison:
    contents: dict[str, Any] = {"baseline": {"metrics": metrics()}, "optimization": optimization(), "walkforward": walkforward()} | changes
    return compare(contents["baseline"], contents["optimization"], contents["walkforward"], PERFORMANCE, YEAR)


def test_annualized_ratios_name_the_bars_of_their_year() -> None:
    rows = compared().rows
    by_bar = {row.metric for row in rows if "annualized with 8,766 bars a year." in row.definition}
    by_day = {row.metric for row in rows if "annualized with 365.25 days a year." in row.definition}
    assert by_bar == {"sharpe_ratio", "sortino_ratio", "volatility"}
    assert by_day == {"daily_sharpe_ratio", "alpha", "information_ratio"}
    assert sum("annualized" in row.definition for row in rows) == 6


def test_table_describes_every_metric_of_the_engine_and_no_other() -> None:
    assert {info.metric for info in METRICS} == {field.name for field in fields(Metrics)}


def test_report_tells_thirty_metrics_and_more_each_once() -> None:
    names = [info.metric for info in REPORT_METRICS]
    assert [row.metric for row in compared().rows] == names
    assert len(set(names)) == len(names) == len(METRICS) + len(PERFORMANCE_METRICS) > 60
    assert all(info.definition.endswith(".") and info.label for info in REPORT_METRICS)


def test_every_metric_stands_under_one_heading() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(info.metric for info in REPORT_METRICS)
    shown = [item["row"].metric for group in comparison_groups(compared()) for item in group["rows"]]
    assert shown == [name for names in GROUPS.values() for name in names]


def test_figures_stand_in_the_columns_that_have_equity() -> None:
    row = next(row for row in compared().rows if row.metric == "ulcer_index")
    assert row.values == (EARNED.figures["ulcer_index"], None, None, EARNED.figures["ulcer_index"], None)


def test_a_stage_that_found_nothing_has_no_figures_of_its_equity() -> None:
    search = optimization()
    search["stages"]["7.3"]["metrics"] = {}
    row = next(row for row in compared(optimization=search).rows if row.metric == "ulcer_index")
    assert row.values == (EARNED.figures["ulcer_index"], None, None, None, None)


def test_columns_stand_in_order_of_the_pipeline() -> None:
    comparison = compared(baseline={"metrics": metrics(net_pnl=1.0)})
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
    comparison = compared(
        baseline={"metrics": metrics(sharpe_ratio=None)},
        optimization=search,
        walkforward=walkforward(stitched=metrics(sharpe_ratio=math.nan)),
    )
    row = next(row for row in comparison.rows if row.metric == "sharpe_ratio")
    assert row.values == (None, 1.0, None, None, None)
    assert row.texts() == ["n/a", "1.00", "n/a", "n/a", "n/a"]


def test_values_are_formatted_by_unit() -> None:
    assert format_metric("net_pnl", 12345.678) == "12,345.68"
    assert format_metric("win_rate", 51.25) == "51.2 %"
    assert format_metric("total_trades", 1200) == "1,200"
    assert format_metric("ruined", False) == "no"
    assert format_metric("return_pct", -0.001) == "0.00 %"
