"""The performance of every column of the comparison, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from config.execution import SizingMethod
from core.timeframe import Timeframe
from exchanges.calendars import days_per_year
from reporting.checkpoints import AccountTables, MarketReport
from reporting.performance import Account, Performance, performance_of

NOT_KEPT = "this run was made by a version that kept no equity of this stage"
NOTHING_TRADED = "no window could be tested, so there is no out-of-sample equity"


@dataclass(frozen=True, slots=True)
class MarketPerformance:
    """``columns``: column of the comparison -> its performance; ``missing``: column -> why it has none. ``quantity`` is what buy and hold
    holds, ``days_per_year`` what annualizes daily figures."""

    columns: Mapping[str, Performance]
    missing: Mapping[str, str]
    quantity: float
    days_per_year: float

    def figures(self, column: str) -> Mapping[str, float]:
        """Return the figures of one column by name, none where it has no performance."""
        return self.columns[column].figures if column in self.columns else {}

    def as_dict(self) -> dict[str, Any]:
        """Return ``{"columns": {name: {...}}, "missing": {name: reason}, "quantity", "days_per_year"}``."""
        return {
            "columns": {name: each.as_dict() for name, each in self.columns.items()},
            "missing": dict(self.missing),
            "quantity": self.quantity,
            "days_per_year": self.days_per_year,
        }


def market_performance(market: MarketReport, execution: Mapping[str, Any]) -> MarketPerformance:
    """Return the performance of baseline, search stages and walk-forward; ``execution`` are the settings resolved by stage 4."""
    tables = {
        "baseline": AccountTables(market.baseline_equity, market.baseline_trades),
        **market.winners,
        "walkforward": AccountTables(market.oos_equity, market.oos_trades),
    }
    missing = {stage: NOT_KEPT for stage in ("7.1", "7.2") if stage not in market.winners}
    if market.oos_equity.is_empty():
        missing["walkforward"] = NOTHING_TRADED
    quantity = held_quantity(market.order_qty, market.candles, market.baseline_equity, execution)
    year, free = days_per_year(market.exchange, Timeframe.parse(market.timeframe)), float(execution["risk_free_rate"])
    columns = {
        name: performance_of(Account.of(each.equity, each.trades, market.candles, quantity, year, free))
        for name, each in tables.items()
        if name not in missing
    }
    return MarketPerformance(columns, missing, quantity, year)


def held_quantity(order_qty: float, candles: pl.DataFrame, equity: pl.DataFrame, execution: Mapping[str, Any]) -> float:
    """Return what buy and hold holds: the order quantity, or what the capital buys at first where the account sizes its entries."""
    if execution.get("sizing", SizingMethod.FIXED) == SizingMethod.FIXED:
        return order_qty
    return float(equity["equity"][0]) / float(candles["open"][0])
