"""The three backtests of a market that pages can show, and where their files lie."""

from dataclasses import dataclass

import polars as pl

from dashboard.reading.run_reader import Run


@dataclass(frozen=True, slots=True)
class Source:
    """One backtest of a market: its label and the stage and names of its tables."""

    label: str
    stage: str
    trades: str
    equity: str


SOURCES = {
    "baseline": Source("Baseline", "baseline", "trades.parquet", "equity.parquet"),
    "optimized": Source("Optimized", "optimize", "best_trades.parquet", "best_equity.parquet"),
    "walkforward": Source("Walk-forward", "walkforward", "oos_trades.parquet", "oos_equity.parquet"),
}


def trades_of(run: Run, slug: str, source: str) -> pl.DataFrame | None:
    """Return the trades of a source with ``row``, their place in the file; None while they are not there.

    Walk-forward counts ``trade_id`` anew in every window, so only ``row`` names one trade.
    """
    trades = run.market_table(SOURCES[source].stage, slug, SOURCES[source].trades)
    return None if trades is None else trades.with_row_index("row")


def equity_of(run: Run, slug: str, source: str) -> pl.DataFrame | None:
    """Return the equity of a source, None while it is not there."""
    return run.market_table(SOURCES[source].stage, slug, SOURCES[source].equity)
