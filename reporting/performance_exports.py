"""CSV tables of what every column of the comparison earned: drawdowns, months and splits of the trades."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reporting.comparison import COLUMNS
from reporting.csv_files import write_table
from reporting.performance import SPLITS, Performance
from reporting.performance_columns import MarketPerformance
from reporting.times import iso_utc

_DRAWDOWN_TIMES = ("start_ms", "trough_ms", "recovery_ms")
_SPLIT_FIGURES = ("trades", "win_rate", "net_pnl", "expectancy", "profit_factor", "average_bars_held")


def write_performance(folder: Path, performances: Mapping[str, MarketPerformance]) -> list[Path]:
    """Write drawdowns_<slug>.csv, months_<slug>.csv and splits_<slug>.csv for every market and return their paths."""
    return [path for slug, each in performances.items() for path in _write_market(folder, slug, each.columns)]


def _write_market(folder: Path, slug: str, columns: Mapping[str, Performance]) -> Iterator[Path]:
    times = [each for time in _DRAWDOWN_TIMES for each in (time, time.replace("_ms", "_utc"))]
    yield write_table(folder / f"drawdowns_{slug}.csv", ["column", "rank", *times, "depth", "depth_quote", "days"], _drawdowns(columns))
    yield write_table(folder / f"months_{slug}.csv", ["month", *COLUMNS], _months(columns))
    yield write_table(folder / f"splits_{slug}.csv", ["column", "split", "key", *_SPLIT_FIGURES], _splits(columns))


def _drawdowns(columns: Mapping[str, Performance]) -> Iterator[list[Any]]:
    for name, performance in columns.items():
        for rank, found in enumerate(performance.drawdowns, 1):
            moments = [getattr(found, time) for time in _DRAWDOWN_TIMES]
            times = [cell for ms in moments for cell in (ms, None if ms is None else iso_utc(ms))]
            yield [name, rank, *times, found.depth, found.depth_quote, found.days]


def _months(columns: Mapping[str, Performance]) -> Iterator[list[Any]]:
    by_column = {name: dict(performance.months) for name, performance in columns.items()}
    for month in sorted({month for months in by_column.values() for month in months}):
        yield [month, *(by_column.get(name, {}).get(month) for name in COLUMNS)]


def _splits(columns: Mapping[str, Performance]) -> Iterator[list[Any]]:
    for name, performance in columns.items():
        for split in SPLITS:
            for row in performance.splits[split]:
                yield [name, split, row.key, *(getattr(row, figure) for figure in _SPLIT_FIGURES)]
