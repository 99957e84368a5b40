"""The charts of the equity page."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest_engine.metrics import drawdowns
from core.timeframe import Timeframe
from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure
from dashboard.figures.curve_lines import LINES
from dashboard.figures.equity import equity_figure, hold_curve
from dashboard.figures.monthly_returns import monthly_figure
from dashboard.figures.rolling_sharpe import rolling_curve, rolling_figure
from dashboard.figures.underwater import underwater_figure
from dashboard.reading.curves import CURVES, Curve, curve_of, curves_of
from dashboard.reading.files import expecting
from exchanges.calendars import days_per_year
from reporting.performance import Account
from reporting.performance.compute import LOST
from reporting.performance_columns import held_quantity

ROLLING_DAYS = ("90", "30", "180", "365")


def _equity(asked: ChartRequest) -> Figure:
    curves, quantity, capital = with_holding(asked)
    with expecting("a table of equity"):
        return equity_figure(curves, asked.span, capital, quantity)


def _underwater(asked: ChartRequest) -> Figure:
    name = asked.option("curve", CURVES)
    curve = curve_of(asked.run, asked.market.slug, name)
    with expecting("a table of equity"):
        return underwater_figure(curve, name, asked.span)


def _monthly(asked: ChartRequest) -> Figure:
    name = asked.option("curve", CURVES)
    curve = curve_of(asked.run, asked.market.slug, name)
    if curve is None:
        return monthly_figure((), f"No curve of {LINES[name].name.lower()} yet, or this run kept none.")
    with expecting("a table of equity"):
        account = Account(curve.times, curve.equity, pl.DataFrame(), curve.equity, _days_per_year(asked))
        if account.lost:
            return monthly_figure((), f"No months here: {LOST}.")
        names, returns = account.monthly_returns()
        return monthly_figure(tuple(zip(names, (100.0 * returns).tolist(), strict=True)), "")


def _rolling(asked: ChartRequest) -> Figure:
    curves, _, _ = with_holding(asked)
    with expecting("strategy.json or a table of equity"):
        return rolling_figure(curves, *_rolling_settings(asked, begun=bool(curves)))


def rolling_table(asked: ChartRequest) -> pl.DataFrame | None:
    """Return the ratios of the accounts side by side, a row per day; None while there is no account."""
    curves, _, _ = with_holding(asked)
    if not curves:
        return None
    with expecting("strategy.json or a table of equity"):
        settings = _rolling_settings(asked, begun=True)
        found = {name: rolling_curve(curve, *settings) for name, curve in curves.items()}
        return side_by_side({f"{name}_sharpe": (times, values) for name, (times, values) in found.items() if len(values)})


def _rolling_settings(asked: ChartRequest, *, begun: bool) -> tuple[int, float, float]:
    """Return the days of a stretch, those of a year, and the annual rate without risk."""
    rate = float(_execution(asked).get("risk_free_rate", 0.0)) if begun else 0.0
    return int(asked.option("days", ROLLING_DAYS)), _days_per_year(asked), rate


def equity_table(asked: ChartRequest) -> pl.DataFrame | None:
    """Return equity and drawdown of the accounts and of holding side by side, a row per bar; None while there is no account."""
    curves, _, _ = with_holding(asked)
    columns = {}
    for name, curve in curves.items():
        columns[f"{name}_equity"] = (curve.times, curve.equity)
        columns[f"{name}_drawdown_pct"] = (curve.times, drawdowns(curve.equity))
    return side_by_side(columns) if columns else None


def underwater_table(asked: ChartRequest) -> pl.DataFrame | None:
    """Return equity and drawdown of the account that is asked for, a row per bar; None while it is not there."""
    curve = curve_of(asked.run, asked.market.slug, asked.option("curve", CURVES))
    if curve is None:
        return None
    return pl.DataFrame({"time": curve.times, "equity": curve.equity, "drawdown_pct": drawdowns(curve.equity)})


def side_by_side(columns: Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]]) -> pl.DataFrame:
    """Return one row per time (UTC ms) that any of ``columns`` has, nan where a column has none."""
    times = np.unique(np.concatenate([np.empty(0, np.int64), *(own for own, _ in columns.values())]))
    table = {"time": times}
    for name, (own, values) in columns.items():
        table[name] = np.full(len(times), np.nan)
        table[name][np.searchsorted(times, own)] = values
    return pl.DataFrame(table)


def with_holding(asked: ChartRequest) -> tuple[dict[str, Curve], float, float]:
    """Return all curves, holding among them, with the quantity held and the capital; no curve at all before stage 5."""
    curves = curves_of(asked.run, asked.market.slug)
    candles = asked.table("baseline", "candles.parquet")
    if not curves or candles is None:
        return {}, 0.0, 0.0
    with expecting("strategy.json or a table of candles"):
        execution = _execution(asked)
        capital = float(execution["initial_capital"])
        quantity = held_quantity(asked.market.order_qty, candles, pl.DataFrame({"equity": [capital]}), execution)
        return curves | {"hold": hold_curve(candles, quantity, capital)}, quantity, capital


def _execution(asked: ChartRequest) -> Mapping[str, Any]:
    with expecting("strategy.json"):
        found: Mapping[str, Any] = (asked.run.stage_json("strategy", "strategy.json") or {})["execution"]
        return found


def _days_per_year(asked: ChartRequest) -> float:
    return days_per_year(asked.market.exchange, Timeframe.parse(asked.market.timeframe))


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {
    "equity": _equity,
    "underwater": _underwater,
    "monthly": _monthly,
    "rolling": _rolling,
}
