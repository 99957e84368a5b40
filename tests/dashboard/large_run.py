"""A finished run of the largest size that pages are built for: a million candles, ten thousand trades, a hundred thousand trials.

Usage: python -m tests.dashboard.large_run DATA_FOLDER [--candles 1000000] [--trades 10000] [--trials 100000]

Everything is drawn from a seed and nothing is simulated, so that it takes seconds; the files have the shape of the pipeline's own.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from core.atomic_files import write_atomically, write_bytes
from core.canonical_json import dump_bytes, read_json
from core.paths import Paths
from core.run_folder import RunFolder, commit_stage, stage_named
from optimization.space import Stage
from reporting.trial_tables import SUFFIX, write_table
from tests.dashboard.sample_market import HOUR_MS, START_MS, candles, curve, entries, indicators, metrics_of, trades
from tests.dashboard.sample_run import SampleMarket, market_folder, write_run
from tests.dashboard.sample_search import Hill, plan_of, write_search

LARGE_RUN = "20260101-000000-1a4e"
LARGE_SLUG = "simulated_btcusdt_1m"
MINUTE_MS = 60_000
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; the trials are those of all three search stages, the windows' searches aside."""

    candles: int = 1_000_000
    trades: int = 10_000
    trials: int = 100_000

    @property
    def stages(self) -> dict[Stage, int]:
        """The trials of each search stage: entry timeouts have few values to try."""
        last = min(self.trials // 10, 400)
        return {"7.1": (self.trials - last) // 2, "7.2": self.trials - last - (self.trials - last) // 2, "7.3": last}


def write_large_run(paths: Paths, size: Size, run_id: str = LARGE_RUN) -> RunFolder:
    """Write the run and return its folder: the small sample's, with its tables, ledgers and windows replaced."""
    run = write_run(paths, run_id, markets=(SampleMarket(slug=LARGE_SLUG),), settings={"timeframe": "1m"})
    bars = candles(size.candles, seed=11, calm=1 / 8).with_columns(timestamp=START_MS + pl.int_range(0, pl.len()) * MINUTE_MS)
    _change(_stage_file(run, "selection", "selection.json"), lambda content: content["markets"][0].update(timeframe="1m"))
    closed = trades(bars, size.trades, seed=1)
    _baseline(run, bars, closed)
    _optimize(run, bars, trades(bars, max(10, size.trades * 3 // 4), seed=3, edge=0.0004), size)
    _walkforward(run, bars, size)
    for name in ("selection", "baseline", "optimize", "walkforward"):
        folder = run.stage(stage_named(name))
        commit_stage(folder, name, {}, [path for path in folder.rglob("*") if path.is_file() and path.name != "stage.json"], "code")
    return run


def _baseline(run: RunFolder, bars: pl.DataFrame, closed: pl.DataFrame) -> None:
    folder = market_folder(run, "baseline", LARGE_SLUG)
    equity = curve(bars, closed)
    unfilled = entries(bars, max(3, len(closed) // 10)).with_columns(end_time=pl.col("signal_time") + 12 * MINUTE_MS)
    lines, _ = indicators(bars)
    tables = {"candles": bars, "indicators": lines, "equity": equity, "trades": closed, "entries": unfilled}
    for name, frame in tables.items():
        _table(folder / f"{name}.parquet", frame)
    span = {"bars": len(bars), "start_ms": START_MS, "end_ms": START_MS + len(bars) * MINUTE_MS}
    _change(folder / "baseline.json", lambda content: content.update(span, metrics=metrics_of(closed, equity)))
    scale = HOUR_MS // MINUTE_MS
    moved = {
        "bars": len(bars),
        "expected_bars": len(bars) + 2,
        "missing_share": 2 / (len(bars) + 2),
        "holes": [[START_MS + 500 * scale * MINUTE_MS, START_MS + 502 * scale * MINUTE_MS, 2]],
    }
    _change(folder / "quality.json", lambda content: content.update(moved))


def _optimize(run: RunFolder, bars: pl.DataFrame, closed: pl.DataFrame, size: Size) -> None:
    folder = market_folder(run, "optimize", LARGE_SLUG)
    equity = curve(bars, closed)
    for start in ("7.1.best_", "7.2.best_", "best_"):
        _table(folder / f"{start}trades.parquet", closed)
        _table(folder / f"{start}equity.parquet", equity)
    stages = {stage: write_search(folder, Hill(plan_of(stage, count, LARGE_SLUG), len(bars)))[1] for stage, count in size.stages.items()}
    for stage in stages:
        write_table(folder / f"{stage}{SUFFIX}")
    _change(folder / "optimization.json", lambda content: content.update(stages=stages))


def _walkforward(run: RunFolder, bars: pl.DataFrame, size: Size) -> None:
    """Write as many windows of 60 and 20 days as the candles have room for, the samples' own where there is none."""
    folder, inside, outside = market_folder(run, "walkforward", LARGE_SLUG), 60 * _DAY, 20 * _DAY
    starts = range(inside, len(bars) - outside + 1, outside)
    if not starts:
        return
    pieces = [bars.slice(start, outside) for start in starts]
    parts = [
        trades(piece, max(5, size.trades // 50), seed=20 + index, edge=0.0001).with_columns(window=pl.lit(index, pl.Int32))
        for index, piece in enumerate(pieces)
    ]
    closed = pl.concat(parts)
    whole = pl.concat(pieces)
    equity = curve(whole, closed).with_columns(window=(pl.int_range(0, pl.len()) // outside).cast(pl.Int32))
    _table(folder / "oos_trades.parquet", closed)
    _table(folder / "oos_equity.parquet", equity)
    sample = read_json(folder / "walkforward.json")
    windows = [
        _window(sample["windows"][0], index, START_MS + start * MINUTE_MS, metrics_of(parts[index], curve(pieces[index], parts[index])))
        for index, start in enumerate(starts)
    ]
    totals = {"windows": windows, "stitched": metrics_of(closed, equity), "oos_trades": len(closed), "scored_windows": len(windows)}
    write_bytes(folder / "walkforward.json", dump_bytes(sample | totals))


def _window(like: dict[str, Any], index: int, oos_start_ms: int, metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the record of one window of 60 days in sample and 20 out of sample."""
    times = {"is_start_ms": oos_start_ms - 60 * _DAY * MINUTE_MS, "is_end_ms": oos_start_ms, "oos_start_ms": oos_start_ms}
    inside = metrics | {"sharpe_ratio": 1.2 + 0.1 * (index % 7), "net_pnl": 700.0 + 15 * index}
    params = like["params"] | {"ema_fast": 17 + index % 6, "ema_slow": 45 + index % 9}
    return like | times | {
        "index": index, "oos_end_ms": oos_start_ms + 20 * _DAY * MINUTE_MS, "params": params, "is_metrics": inside, "oos_metrics": metrics,
        "scored": True, "reason": None,
    }  # fmt: skip


def _stage_file(run: RunFolder, stage: str, name: str) -> Path:
    return run.stage(stage_named(stage)) / name


def _change(path: Path, change: Any) -> None:
    content = read_json(path)
    change(content)
    write_bytes(path, dump_bytes(content))


def _table(path: Path, frame: pl.DataFrame) -> None:
    write_atomically(path, partial(frame.write_parquet, compression="zstd"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the run that the command line asks for and tell its folder."""
    parser = argparse.ArgumentParser(description="Write a run of the largest size that the dashboard is built for.")
    parser.add_argument("data", type=Path, help="the data folder to write it to, as PIPELINE_DATA_DIR names one")
    for name, default in asdict(Size()).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args(arguments)
    data: Path = asked.data.resolve()
    run = write_large_run(Paths(data, data / "logs"), Size(asked.candles, asked.trades, asked.trials))
    sys.stdout.write(f"{run.checkpoints} (run {run.run_id})\n")


if __name__ == "__main__":
    main()
