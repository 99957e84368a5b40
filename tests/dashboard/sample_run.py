"""A run folder as the pipeline leaves it, small and the same every time, with nothing simulated: only the files matter here.

``write_run(paths, run_id)`` writes a finished run; ``until`` stops after a stage, which is then a run that was interrupted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from core.atomic_files import sha256_of_file, write_atomically, write_bytes
from core.canonical_json import dump_bytes
from core.paths import Paths
from core.run_folder import STAGES, RunFolder, commit_stage, stage_named
from tests.dashboard.sample_ledger import STAGE_TRIALS, write_ledger
from tests.dashboard.sample_market import BARS, HOUR_MS, START_MS, candles, curve, entries, indicators, metrics_of, trades
from tests.dashboard.sample_report import market_report
from tests.dashboard.sample_validation import deepened
from tests.reporting.significance import significance

RUN_ID = "20250102-030405-ab12"
SLUG = "simulated_btcusdt_1h"
CREATED_MS = 1_735_787_045_000
QTY = 0.1
STRATEGY = {"name": "hybrid_trend", "ema_fast": 20, "ema_slow": 50, "ema_trend": 200, "atr_sl_multiplier": 1.5, "hybrid_tier1_timeout": 5}
SETTINGS = {"mode": "SINGLE", "exchange": "SIMULATED", "symbol": "BTCUSDT", "timeframe": "1h", "order_qty": QTY, "seed": 42}


@dataclass(frozen=True)
class SampleMarket:
    """What the files call the market."""

    exchange: str = "SIMULATED"
    symbol: str = "BTCUSDT"
    slug: str = SLUG
    synthetic: bool = True


def write_run(
    paths: Paths,
    run_id: str = RUN_ID,
    *,
    until: str = "dashboard",
    markets: tuple[SampleMarket, ...] = (SampleMarket(),),
    settings: Mapping[str, Any] | None = None,
    strategy: Mapping[str, Any] | None = None,
    passed: bool = False,
    created_ms: int = CREATED_MS,
) -> RunFolder:
    """Write the run and return its folder."""
    run = RunFolder(paths, run_id)
    _json(run.settings_file, {"schema": 1, "settings": SETTINGS | dict(settings or {}), "created_ms": created_ms})
    writers = {
        "selection": lambda: [_selection(run, markets)],
        "strategy": lambda: [_strategy(run, markets, strategy or {}, (settings or {}).get("execution", {}))],
        "baseline": lambda: [path for market in markets for path in _baseline(run, market)],
        "optimize": lambda: [path for market in markets for path in _optimize(run, market)],
        "walkforward": lambda: [path for market in markets for path in _walkforward(run, market)],
        "report": lambda: _report(run, markets, passed),
    }
    for stage in STAGES:
        outputs = writers[stage.name]() if stage.name in writers else []
        commit_stage(run.stage(stage), stage.name, {}, [path for path in outputs if path.is_relative_to(run.stage(stage))], "code")
        if stage.name == until:
            break
    return run


def market_folder(run: RunFolder, stage: str, slug: str = SLUG) -> Path:
    """Return the folder of a market in a stage."""
    return run.stage(stage_named(stage)) / slug


def _selection(run: RunFolder, markets: tuple[SampleMarket, ...]) -> Path:
    listed = [
        {"exchange": m.exchange, "symbol": m.symbol, "timeframe": "1h", "order_qty": QTY, "slug": m.slug, "synthetic": m.synthetic}
        for m in markets
    ]
    return _json(run.stage(stage_named("selection")) / "selection.json", {"markets": listed})


def _strategy(run: RunFolder, markets: tuple[SampleMarket, ...], changes: Mapping[str, Any], execution: Mapping[str, Any]) -> Path:
    content = {
        "strategy": STRATEGY | dict(changes),
        "execution": {"initial_capital": 100_000.0, "maker_fee": 0.0002, "taker_fee": 0.0004, "slippage": 0.0002, "leverage": 1.0}
        | dict(execution),
        "fees": {market.slug: {"maker": 0.0002, "taker": 0.0004, "source": "pipeline default"} for market in markets},
        "funding": {market.slug: {"constant_rate": 0.0, "charged": "none"} for market in markets},
        "rules": {market.slug: {"qty_step": 0.001, "price_step": 0.1} for market in markets},
        "cautions": {market.slug: [] for market in markets},
        "optimization": {
            "profile": "FAST",
            "optuna_sampler": "tpe",
            "objective": "sharpe",
            "batch": 8,
            "fidelity_levels": [0.33, 0.66, 1.0],
        },
        "walkforward": {"is_length_days": 60.0, "oos_length_days": 20.0, "stride_days": 20.0, "anchored": False},
    }
    return _json(run.stage(stage_named("strategy")) / "strategy.json", content)


def _baseline(run: RunFolder, market: SampleMarket) -> list[Path]:
    folder = market_folder(run, "baseline", market.slug)
    bars = candles(BARS, seed=7)
    closed = trades(bars, 90, seed=1)
    equity = curve(bars, closed)
    holes = [[START_MS + 500 * HOUR_MS, START_MS + 502 * HOUR_MS, 2]]
    quality = {
        "bars": BARS,
        "expected_bars": BARS + 2,
        "missing_bars": 2,
        "missing_share": 2 / (BARS + 2),
        "holes": holes,
        "zero_volume_bars": 3,
        "zero_volume_runs": 1,
        "spikes": [[START_MS + 900 * HOUR_MS, 0.0931]],
        "filled_bars": 0,
        "policy": "auto",
        "warnings": ["2 of 3,602 bars (0.056 %) are missing and stay missing."],
    }
    summary = {
        "metrics": metrics_of(closed, equity),
        "digest": "d" * 64,
        "candles_digest": "c" * 64,
        "synthetic": market.synthetic,
        "has_volume": True,
        "bars": BARS,
        "start_ms": START_MS,
        "end_ms": START_MS + BARS * HOUR_MS,
        "funding": None,
        "detail": None,
        "ambiguous_exits": 1,
        "compared": [],
    }
    values, lines = indicators(bars)
    return [
        _table(folder / "candles.parquet", bars),
        _table(folder / "indicators.parquet", values),
        _json(folder / "indicators.json", {"schema": 1, "lines": lines}),
        _table(folder / "equity.parquet", equity),
        _table(folder / "trades.parquet", closed),
        _table(folder / "entries.parquet", entries(bars, 40)),
        _json(folder / "baseline.json", summary),
        _json(folder / "quality.json", quality),
    ]


def _optimize(run: RunFolder, market: SampleMarket) -> list[Path]:
    folder = market_folder(run, "optimize", market.slug)
    bars = candles(BARS, seed=7)
    closed = trades(bars, 70, seed=3, edge=0.0032)
    equity = curve(bars, closed)
    written, stages = [], {}
    for stage, count in STAGE_TRIALS.items():
        written.append(write_ledger(folder, stage, count))
        stages[stage] = {
            "best_value": 1.7312,
            "best_sharpe": 1.7312,
            "best_params": {"ema_fast": 21, "ema_slow": 47},
            "best_trial": count // 2,
            "num_trials": count,
            "states": {"complete": count // 2, "pruned": count - count // 2},
            "metrics": metrics_of(closed, equity),
            "bars_simulated": BARS * count * 6 // 10,
            "bars_full": BARS * count,
        }
    content = {"stages": stages, "final_config": STRATEGY}
    winners = {"7.1.best_": trades(bars, 80, seed=4, edge=0.001), "7.2.best_": trades(bars, 75, seed=5, edge=0.002), "best_": closed}
    return [
        *written,
        _json(folder / "optimization.json", content),
        *(_table(folder / f"{start}trades.parquet", each) for start, each in winners.items()),
        *(_table(folder / f"{start}equity.parquet", curve(bars, each)) for start, each in winners.items()),
    ]


def _walkforward(run: RunFolder, market: SampleMarket) -> list[Path]:
    folder = market_folder(run, "walkforward", market.slug)
    bars = candles(BARS, seed=7)
    content, closed = _windows(bars)
    first = 60 * 24
    equity = curve(bars[first:], closed).with_columns(
        window=pl.col("time").sub(START_MS + first * HOUR_MS).floordiv(20 * 24 * HOUR_MS).cast(pl.Int32)
    )
    return [
        _json(folder / "walkforward.json", deepened(content)),
        _json(folder / "significance.json", significance()),
        _table(folder / "oos_trades.parquet", closed),
        _table(folder / "oos_equity.parquet", equity),
    ]


def _windows(bars: pl.DataFrame) -> tuple[dict[str, Any], pl.DataFrame]:
    """Return walkforward.json and the out-of-sample trades of four windows, the third of which has too few of them."""
    windows, parts = [], []
    for index in range(4):
        start = (60 + 20 * index) * 24
        part = trades(bars[start : start + 480], 3 if index == 2 else 12, seed=20 + index, edge=0.0008)
        parts.append(part.with_columns(window=pl.lit(index, pl.Int32)))
        outside = metrics_of(part, curve(bars[start : start + 480], part))
        inside = outside | {"sharpe_ratio": 1.4 + 0.3 * index, "net_pnl": 700.0 + 150 * index, "total_trades": 31}
        windows.append(
            {
                "index": index,
                "is_start_ms": START_MS + (start - 1440) * HOUR_MS,
                "is_end_ms": START_MS + start * HOUR_MS,
                "oos_start_ms": START_MS + start * HOUR_MS,
                "oos_end_ms": START_MS + (start + 480) * HOUR_MS,
                "found": True,
                "scored": index != 2,
                "reason": "3 trades out of sample, 5 are needed" if index == 2 else None,
                "params": {
                    "ema_fast": 18 + index,
                    "ema_slow": 55 - 3 * index,
                    "atr_sl_multiplier": 1.5 + 0.4 * index,
                    "hybrid_tier1_timeout": 5,
                },
                "is_metrics": inside,
                "oos_metrics": outside,
                "doubled_costs_net_pnl": outside["net_pnl"] - 60,
                "median_trial": None if index == 3 else {"params": {}, "is_value": 0.4, "oos_metrics": outside | {"net_pnl": -35.5}},
            }
        )
    closed = pl.concat(parts).with_columns(trade_id=pl.int_range(0, pl.len()))
    stitched = metrics_of(closed, curve(bars[1440:], closed))
    drift = {"ema_fast": (20, 18, 21), "ema_slow": (50, 46, 55), "atr_sl_multiplier": (1.5, 1.5, 2.7), "hybrid_tier1_timeout": (5, 5, 5)}
    return {
        "windows": windows,
        "scores": {"consistency": 0.6667, "stability": 0.21, "overfitting": None, "confidence": None},
        "stitched": stitched,
        "median_stitched": {"net_pnl": -106.5, "sharpe_ratio": -0.31},
        "doubled_costs": {"net_pnl": stitched["net_pnl"] - 240},
        "drift": {
            name: {"base": base, "min": low, "max": high, "mean": (low + high) / 2, "std": 1.29}
            for name, (base, low, high) in drift.items()
        },
        "oos_trades": len(closed),
        "scored_windows": 3,
    }, closed


def _report(run: RunFolder, markets: tuple[SampleMarket, ...], passed: bool) -> list[Path]:
    report = {"schema": 1, "markets": {market.slug: market_report(_oos_trades(run, market.slug), passed) for market in markets}}
    _json(run.results / "report.json", report)
    write_bytes(run.exports / "comparison.csv", b"metric,baseline\nnet_pnl,1\n")
    write_bytes(run.exports / "summary.md", b"# Summary\n")
    write_bytes(run.exports / "report.html", b"<!doctype html><title>report</title>")
    return [_published(run)]


def _published(run: RunFolder) -> Path:
    """Write the list of published files with their hashes, as stage 9 does."""
    hashes = {"results/<RUN>/report.json": sha256_of_file(run.results / "report.json")}
    return _json(run.stage(stage_named("report")) / "published.json", hashes)


def uncommit(run: RunFolder) -> None:
    """Forget every hash, so that changed files are not told by them."""
    for record in run.checkpoints.glob("*/stage.json"):
        record.unlink()
    (run.stage(stage_named("report")) / "published.json").unlink(missing_ok=True)


def _oos_trades(run: RunFolder, slug: str) -> int:
    return len(pl.read_parquet(market_folder(run, "walkforward", slug) / "oos_trades.parquet"))


def _json(path: Path, content: Any) -> Path:
    write_bytes(path, dump_bytes(content))
    return path


def _table(path: Path, frame: pl.DataFrame) -> Path:
    write_atomically(path, partial(frame.write_parquet, compression="zstd"))
    return path
