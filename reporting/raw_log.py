"""The raw log: every trade and every entry that was not filled whole, one JSON object a line, for a reader with a text tool."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from core.atomic_files import write_bytes
from core.canonical_json import dumps
from reporting.checkpoints import MarketReport
from reporting.times import iso_utc

# Name of the source -> attribute of MarketReport.
TRADE_SOURCES = {"baseline": "baseline_trades", "optimized": "best_trades", "walkforward": "oos_trades"}
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


def raw_log_folder(market: MarketReport) -> str:
    """Return ``EXCHANGE_SYMBOL`` as a harmless folder name."""
    return "_".join(_UNSAFE.sub("-", part).strip("-.") or "x" for part in (market.exchange, market.symbol))


def write_raw_logs(folder: Path, run_id: str, markets: Sequence[MarketReport]) -> list[Path]:
    """Write ``folder/EXCHANGE_SYMBOL/RUN.jsonl`` and return the paths; markets that differ in timeframe only share one file.

    Each line has ``market`` (slug), ``source`` (baseline, optimized, walkforward), ``event`` (trade, missed, partial, rejected), the
    columns of its table, and beside each time the same in UTC text. Baseline lines come first, in time order within each table.
    """
    lines: dict[Path, list[str]] = {}
    for market in markets:
        path = folder / raw_log_folder(market) / f"{run_id}.jsonl"
        lines.setdefault(path, []).extend(dumps(record) for record in _records(market))
    for path, content in lines.items():
        write_bytes(path, "".join(f"{line}\n" for line in content).encode())
    return list(lines)


def _records(market: MarketReport) -> Iterator[dict[str, Any]]:
    for source, attribute in TRADE_SOURCES.items():
        yield from _rows(getattr(market, attribute), {"market": market.slug, "source": source, "event": "trade"})
    for row in _rows(market.baseline_entries, {"market": market.slug, "source": "baseline"}):
        yield {"event": row.pop("kind")} | row


def _rows(frame: pl.DataFrame, labels: dict[str, Any]) -> Iterator[dict[str, Any]]:
    times = [name for name in frame.columns if name.endswith("_time")]
    for row in frame.iter_rows(named=True):
        yield labels | row | {f"{name}_utc": iso_utc(row[name]) for name in times}
