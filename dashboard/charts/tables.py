"""Charts whose figure is thinned for the screen: the whole of what they show, as a table."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from backtest_engine.metrics import drawdowns
from dashboard.charts.indicators import indicators_of
from dashboard.charts.request import ChartRequest
from dashboard.charts.search_tables import TABLES as SEARCH_TABLES
from dashboard.charts.validation_tables import TABLES as VALIDATION_TABLES
from dashboard.reading.curves import curves_of
from dashboard.reading.files import expecting

MAX_ROWS = 1_000_000


def _candles(asked: ChartRequest) -> pl.DataFrame | None:
    """Return the candles, and beside them the indicators, which are kept with seven digits."""
    candles = asked.table("baseline", "candles.parquet")
    if candles is None:
        return None
    lines = indicators_of(asked.run, asked.market.slug, len(candles)) or ()
    with expecting("the table of candles"):
        named = [pl.Series(line.name, line.values, pl.Float32) for line in lines if line.name not in candles.columns]
        return inside(candles.rename({"timestamp": "time"}).with_columns(named), asked)


def _equity(asked: ChartRequest) -> pl.DataFrame | None:
    """Return the accounts side by side, one row per bar that any of them has."""
    curves = curves_of(asked.run, asked.market.slug)
    if not curves:
        return None
    times = np.unique(np.concatenate([curve.times for curve in curves.values()]))
    columns = {"time": times}
    for name, curve in curves.items():
        rows = np.searchsorted(times, curve.times)
        for title, values in (("equity", curve.equity), ("drawdown_pct", drawdowns(curve.equity))):
            column = np.full(len(times), np.nan)
            column[rows] = values
            columns[f"{name}_{title}"] = column
    return inside(pl.DataFrame(columns), asked)


def inside(table: pl.DataFrame, asked: ChartRequest) -> pl.DataFrame:
    """Return the rows of ``table`` in the stretch of time that is asked for, both ends included, by their column ``time``."""
    start, end = asked.span.start_ms, asked.span.end_ms
    conditions = ([pl.col("time") >= start] if start is not None else []) + ([pl.col("time") <= end] if end is not None else [])
    return table.filter(conditions) if conditions else table


TABLES: Mapping[str, Callable[[ChartRequest], pl.DataFrame | None]] = {
    "candles": _candles,
    "equity": _equity,
    **SEARCH_TABLES,
    **VALIDATION_TABLES,
}


def bearable(table: pl.DataFrame) -> pl.DataFrame:
    """Return ``table``, or every so-manieth row of one with more than a million; the name of its first column then says so."""
    step = -(-len(table) // MAX_ROWS)
    if step <= 1:
        return table
    first = table.columns[0]
    return table.gather_every(step).rename({first: f"{first} (every {step}th row)"})
