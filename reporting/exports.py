"""CSV tables for spreadsheets: times as UTC milliseconds and, beside them, as ISO text; undefined values are empty."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from reporting.checkpoints import MarketReport
from reporting.comparison import COLUMNS, Comparison
from reporting.csv_files import write_table
from reporting.raw_log import TRADE_SOURCES
from reporting.times import iso_utc

_WINDOW_TIMES = ("is_start_ms", "is_end_ms", "oos_start_ms", "oos_end_ms")
_WINDOW_DEPTH = (
    "path", "profitable", "efficiency", "rank_correlation", "selection_skill", "selection_skill_net_pnl", "trials_tested", "trials_ranked",
)  # fmt: skip
_WINDOW_METRICS = ("total_trades", "net_pnl", "return_pct", "sharpe_ratio", "max_drawdown", "win_rate", "profit_factor")


def write_comparison(folder: Path, comparisons: Mapping[str, Comparison]) -> Path:
    """Write comparison.csv, one row per market and metric, and return its path."""
    rows = [
        [slug, row.metric, row.label, row.unit, *row.values, row.definition]
        for slug, comparison in comparisons.items()
        for row in comparison.rows
    ]
    return write_table(folder / "comparison.csv", ["market", "metric", "label", "unit", *COLUMNS, "definition"], rows)


def write_trades(folder: Path, market: MarketReport) -> Path:
    """Write trades_<slug>.csv with the trades of the baseline, the optimized parameters and the walk-forward windows."""
    frames = [getattr(market, attribute).with_columns(pl.lit(source).alias("source")) for source, attribute in TRADE_SOURCES.items()]
    frame = pl.concat(frames, how="diagonal")
    columns = ["source", "window", *(name for name in frame.columns if name not in ("source", "window"))]
    times = {"entry_time", "exit_time"}
    header = [name for column in columns for name in ((column, f"{column}_utc") if column in times else (column,))]
    rows = (
        [cell for column in columns for cell in ((row[column], iso_utc(row[column])) if column in times else (row[column],))]
        for row in frame.iter_rows(named=True)
    )
    return write_table(folder / f"trades_{market.slug}.csv", header, rows)


def write_windows(folder: Path, market: MarketReport) -> Path:
    """Write windows_<slug>.csv, one row per walk-forward window with its borders, parameters and both parts' metrics."""
    windows = market.walkforward["windows"]
    names = sorted({name for window in windows for name in window["params"]})
    header = [
        "window", *(each for time in _WINDOW_TIMES for each in (time, time.replace("_ms", "_utc"))), "scored", "reason",
        *(f"is_{metric}" for metric in _WINDOW_METRICS), *(f"oos_{metric}" for metric in _WINDOW_METRICS),
        "median_oos_net_pnl", "doubled_costs_net_pnl", *_WINDOW_DEPTH, *(f"param_{name}" for name in names),
    ]  # fmt: skip
    return write_table(folder / f"windows_{market.slug}.csv", header, (_window_row(window, names) for window in windows))


def _window_row(window: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    median = window["median_trial"]
    return [
        window["index"], *(each for time in _WINDOW_TIMES for each in (window[time], iso_utc(window[time]))), window["scored"],
        window["reason"],
        *(window["is_metrics"].get(metric) for metric in _WINDOW_METRICS),
        *(window["oos_metrics"].get(metric) for metric in _WINDOW_METRICS),
        None if median is None else median["oos_metrics"].get("net_pnl"), window["doubled_costs_net_pnl"],
        *(window.get(name) for name in _WINDOW_DEPTH),
        *(window["params"].get(name) for name in names),
    ]  # fmt: skip
