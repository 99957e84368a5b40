"""The part of the report about what the accounts earned: the comparison in groups, drawdowns, months and splits, as texts for the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.clock import utc_from_ms
from reporting.comparison import COLUMN_LABELS, COLUMNS, Comparison
from reporting.metric_table import format_metric
from reporting.performance import SPLITS, Drawdown, SplitRow
from reporting.performance_columns import MarketPerformance

Figure = dict[str, Any]

# Heading -> the metrics below it; every metric of the report stands under one.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Profit": (
        "net_pnl", "return_pct", "cagr", "final_equity", "gross_pnl", "fees", "slippage_cost", "funding", "best_month", "worst_month",
        "positive_months", "best_day", "worst_day", "positive_days",
    ),
    "Profit for the risk": (
        "sharpe_ratio", "daily_sharpe_ratio", "sortino_ratio", "calmar_ratio", "omega_ratio", "recovery_factor", "growth_steadiness",
    ),
    "Risk": (
        "volatility", "value_at_risk", "expected_shortfall", "tail_ratio", "skewness", "kurtosis", "max_drawdown", "max_drawdown_quote",
        "average_drawdown", "longest_drawdown", "time_under_water", "ulcer_index", "ruined",
    ),
    "Beside buy and hold": ("benchmark_return", "excess_return", "alpha", "beta", "correlation", "information_ratio"),
    "Trades": (
        "total_trades", "trades_per_month", "win_rate", "profit_factor", "payoff_ratio", "expectancy", "system_quality", "average_win",
        "average_loss", "best_trade", "worst_trade", "winning_trades", "losing_trades", "max_consecutive_wins", "max_consecutive_losses",
        "long_trades",
    ),
    "Time in the market": (
        "exposure", "turnover", "average_bars_held", "median_bars_held", "longest_bars_held", "winners_bars_held", "losers_bars_held",
    ),
    "Entries": ("missed_entries", "partial_entries", "rejected_entries"),
}  # fmt: skip
_HOUR_COLOURS = {"baseline": "#9ca3af", "7.3": "#3b82f6", "walkforward": "#f59e0b"}


def comparison_groups(comparison: Comparison) -> list[dict[str, Any]]:
    """Return ``[{"heading", "rows": [{"row", "texts"}]}]``: the comparison in the order in which a person reads it."""
    rows = {row.metric: row for row in comparison.rows}
    return [
        {"heading": heading, "rows": [{"row": rows[metric], "texts": rows[metric].texts()} for metric in metrics]}
        for heading, metrics in GROUPS.items()
    ]


def performance_context(performance: MarketPerformance) -> dict[str, Any]:
    """Return drawdowns, months and splits as the template shows them, and why a column has none."""
    columns = {COLUMN_LABELS[name]: performance.columns[name] for name in COLUMNS if name in performance.columns}
    reasons = [(COLUMN_LABELS[name], reason) for name, reason in performance.missing.items()]
    reasons += [(label, each.reason) for label, each in columns.items() if each.reason]
    return {
        "columns": list(columns),
        "quantity": f"{performance.quantity:.6g}",
        "reasons": reasons,
        "drawdowns": [_drawdown(label, rank, each) for label, found in columns.items() for rank, each in enumerate(found.drawdowns, 1)],
        "months": _months([each.months for each in columns.values()]),
        "splits": [
            {"name": name, "heading": heading, "rows": _split([each.splits[name] for each in columns.values()], name)}
            for name, heading in SPLITS.items()
        ],
    }


def hour_figure(performance: MarketPerformance) -> Figure:
    """Return bars of the net P&L of the trades by the hour of their entry."""
    series = []
    for name, colour in _HOUR_COLOURS.items():
        rows = {int(row.key): row.net_pnl for row in performance.columns[name].splits["hour"]} if name in performance.columns else {}
        hours = sorted(rows)
        if hours:
            profits = [round(rows[hour], 4) for hour in hours]
            series.append({"type": "bar", "name": COLUMN_LABELS[name], "x": hours, "y": profits, "marker": {"color": colour}})
    axis = {"title": {"text": "Hour of entry (UTC)"}, "range": [-0.5, 23.5], "dtick": 2}
    return {"data": series, "layout": {"xaxis": axis, "yaxis": {"title": {"text": "Net P&L (quote)"}}, "barmode": "group"}}


def _drawdown(label: str, rank: int, each: Drawdown) -> dict[str, Any]:
    depth, amount = format_metric("max_drawdown", each.depth), format_metric("max_drawdown_quote", each.depth_quote)
    recovered = "not yet" if each.recovery_ms is None else _day(each.recovery_ms)
    days = format_metric("longest_drawdown", each.days)
    return {"column": label, "cells": [str(rank), depth, amount, _day(each.start_ms), _day(each.trough_ms), recovered, days]}


def _months(columns: Sequence[Sequence[tuple[str, float]]]) -> list[dict[str, Any]]:
    by_month = [dict(months) for months in columns]
    names = sorted({name for months in by_month for name in months})
    return [{"name": name, "cells": [_signed("best_month", months.get(name)) for months in by_month]} for name in names]


def _split(columns: Sequence[Sequence[SplitRow]], name: str) -> list[dict[str, Any]]:
    """Return a row per key: of each column the number of trades, their net P&L, and the rest as a sentence to hover for."""
    by_key = [{row.key: row for row in rows} for rows in columns]
    keys = {key for rows in by_key for key in rows}
    ordered = sorted(keys, key=int) if name in ("hour", "tier") else sorted(keys)
    return [{"key": _key(name, key), "cells": [_split_cell(rows.get(key)) for rows in by_key]} for key in ordered]


def _key(name: str, key: str) -> str:
    return f"{int(key):02d}:00" if name == "hour" else key.replace("_", " ")


def _split_cell(row: SplitRow | None) -> dict[str, Any]:
    if row is None:
        return {"trades": "0", "profit": _signed("net_pnl", None), "more": "No trade."}
    more = (
        f"Win rate {format_metric('win_rate', row.win_rate)}, expectancy {format_metric('expectancy', row.expectancy)}, profit factor "
        f"{format_metric('profit_factor', None if row.profit_factor != row.profit_factor else row.profit_factor)}, "
        f"held for {row.average_bars_held:,.1f} bars on average."
    )
    return {"trades": f"{row.trades:,}", "profit": _signed("net_pnl", row.net_pnl), "more": more}


def _signed(metric: str, value: float | None) -> dict[str, str]:
    """Return a value's text and the class that colours it."""
    return {"text": format_metric(metric, value), "kind": "" if not value else "pass" if value > 0 else "fail"}


def _day(ms: int) -> str:
    return f"{utc_from_ms(ms):%Y-%m-%d}"
