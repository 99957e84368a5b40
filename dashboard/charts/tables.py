"""Charts whose figure is thinned for the screen: the whole of what they show, as a table."""

from collections.abc import Callable, Mapping

import polars as pl

from dashboard.charts.equity import equity_table, rolling_table, underwater_table
from dashboard.charts.indicators import indicators_of
from dashboard.charts.request import ChartRequest
from dashboard.charts.search_tables import TABLES as SEARCH_TABLES
from dashboard.charts.validation_tables import TABLES as VALIDATION_TABLES
from dashboard.decimation import Span
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
        return inside(candles.rename({"timestamp": "time"}).with_columns(named), asked.span)


def _cut(make: Callable[[ChartRequest], pl.DataFrame | None]) -> Callable[[ChartRequest], pl.DataFrame | None]:
    """Return what gives of the table of ``make`` the stretch of time that is asked for."""

    def table(asked: ChartRequest) -> pl.DataFrame | None:
        found = make(asked)
        return None if found is None else inside(found, asked.span)

    return table


def inside(table: pl.DataFrame, span: Span) -> pl.DataFrame:
    """Return the rows of ``table`` in the stretch of time that is asked for, both ends included, by their column ``time``."""
    start, end = span.start_ms, span.end_ms
    conditions = ([pl.col("time") >= start] if start is not None else []) + ([pl.col("time") <= end] if end is not None else [])
    return table.filter(conditions) if conditions else table


TABLES: Mapping[str, Callable[[ChartRequest], pl.DataFrame | None]] = {
    "candles": _candles,
    "equity": _cut(equity_table),
    "underwater": _cut(underwater_table),
    "rolling": _cut(rolling_table),
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
