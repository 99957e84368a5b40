"""Small hand-made runs: checkpoint files as the stages write them, with numbers chosen by the test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from core.canonical_json import dump_bytes
from core.paths import Paths
from core.run_folder import RunFolder
from reporting.checkpoints import BEST
from reporting.metric_table import METRICS
from tests.reporting.significance import significance as significant

RUN_ID = "20240101-000000-abcd"
HOUR, DAY = 3_600_000, 86_400_000
START = 1_704_067_200_000  # 2024-01-01 UTC
SLUG = "local_btcusdt_1h"


def metrics(**values: Any) -> dict[str, Any]:
    base: dict[str, Any] = dict.fromkeys((info.metric for info in METRICS), 1.0)
    return base | {"total_trades": 12, "ruined": False, "net_pnl": 100.0, "sharpe_ratio": 1.0} | values


def window(index: int, profit: float = 50.0, trades: int = 12, *, scored: bool = True) -> dict[str, Any]:
    start = START + index * 20 * DAY
    return {
        "index": index, "is_start_ms": start, "is_end_ms": start + 60 * DAY, "oos_start_ms": start + 60 * DAY,
        "oos_end_ms": start + 80 * DAY, "found": True, "scored": scored,
        "reason": None if scored else "1 out-of-sample trade, fewer than the 5 of walkforward.min_trades_per_window",
        "params": {"ema_fast": 18 + index, "atr_sl_multiplier": 1.5},
        "is_metrics": metrics(net_pnl=80.0), "oos_metrics": metrics(net_pnl=profit, total_trades=trades),
        "median_trial": {"params": {"ema_fast": 20}, "is_value": 0.4, "oos_metrics": metrics(net_pnl=profit / 2)},
        "doubled_costs_net_pnl": profit / 2,
    }  # fmt: skip


def walkforward(windows: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """A result that passes every gate, but for ``changes``."""
    content = {
        "windows": [window(k) for k in range(3)] if windows is None else windows,
        "scores": {"consistency": 1.0, "stability": 0.9, "overfitting": 0.2, "confidence": 0.92},
        "stitched": metrics(net_pnl=150.0, total_trades=36),
        "median_stitched": metrics(net_pnl=75.0),
        "doubled_costs": {"net_pnl": 75.0},
        "drift": {"ema_fast": {"base": 20.0, "min": 18.0, "max": 20.0, "mean": 19.0, "std": 1.0}},
        "oos_trades": 36,
        "scored_windows": 3,
    }
    return content | changes


def equity(bars: int) -> pl.DataFrame:
    values = 100_000 + np.cumsum(np.sin(np.arange(bars) / 7.0)) * 10
    times = START + np.arange(bars, dtype=np.int64) * HOUR
    return pl.DataFrame({"time": times, "equity": values, "drawdown_pct": (values / np.maximum.accumulate(values) - 1) * 100})


def candles(bars: int) -> pl.DataFrame:
    closes = 40_000 + np.cumsum(np.cos(np.arange(bars) / 11.0)) * 100
    opens = np.concatenate(([40_000.0], closes[:-1]))
    return pl.DataFrame({"timestamp": START + np.arange(bars, dtype=np.int64) * HOUR, "open": opens, "close": closes})


def trades(count: int, **extra: Any) -> pl.DataFrame:
    times = START + np.arange(count, dtype=np.int64) * 5 * HOUR
    columns = {name: np.full(count, 1.5) for name in ("avg_entry", "qty", "exit_price", "gross_pnl", "fees", "slippage_cost", "funding")}
    return pl.DataFrame(
        {
            "trade_id": np.arange(count, dtype=np.int64),
            "direction": np.where(np.arange(count) % 3, 1, -1).astype(np.int8),
            "entry_time": times,
            "exit_time": times + 2 * HOUR,
            "exit_reason": pl.Series(["stop_loss"] * count, dtype=pl.String),
            "entry_tier": np.arange(count, dtype=np.int8) % 2 + np.int8(1),
            "bars_held": np.full(count, 2, np.int64),
            "net_pnl": np.full(count, 12.5),
            **columns,
            **{name: np.full(count, value) for name, value in extra.items()},
        }
    )


def entries() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "kind": ["missed", "partial", "rejected"], "direction": [1, -1, 1], "signal_time": [START, START + HOUR, START + 2 * HOUR],
            "end_time": [START + HOUR] * 3, "reason": ["expired", "stop_loss", "below_step"], "wanted_qty": [0.1] * 3,
            "filled_qty": [0.0, 0.05, 0.0], "signal_price": [42_000.0] * 3,
        }
    )  # fmt: skip


def quality() -> dict[str, Any]:
    return {
        "bars": 3000, "expected_bars": 3001, "missing_bars": 1, "missing_share": 1 / 3001, "holes": [[START + HOUR, START + 2 * HOUR, 1]],
        "zero_volume_bars": 0, "zero_volume_runs": 0,
        "longest_zero_volume_run": 0, "spikes": [], "filled_bars": 0, "policy": "keep", "warnings": ["1 bar is missing."],
    }  # fmt: skip


def optimization() -> dict[str, Any]:
    """A search that passes the gate on the winners' surroundings."""
    stage = {
        "best_value": 1.2,
        "best_sharpe": 1.2,
        "best_params": {"ema_fast": 18},
        "best_trial": 3,
        "num_trials": 50,
        "metrics": metrics(),
        "neighbourhood": neighbourhood(1.2, 1.0),
    }
    return {"stages": {"7.1": stage, "7.2": stage | {"metrics": metrics(net_pnl=200.0)}, "7.3": stage}, "final_config": {"ema_fast": 18}}


def neighbourhood(value: float, plateau_score: float) -> dict[str, Any]:
    """What lies around a winner whose objective is ``value``."""
    group = {
        "points": 20, "states": {"complete": 20}, "median": plateau_score, "worst_decile": plateau_score / 2, "best": value,
        "share_profitable": 1.0, "share_better": 0.0,
    }  # fmt: skip
    return {
        "objective": "sharpe", "value": value, "neutral": 0.0, "verdict": "plateau", "sentence": "A plateau.",
        "plateau_score": plateau_score, "stands_above": value - plateau_score, "on_grid": True, "at_border": [],
        "groups": {"steps": group, "ball": group, "space": group}, "maps": [],
    }  # fmt: skip


def market(symbol: str = "BTCUSDT", slug: str = SLUG, timeframe: str = "1h", *, synthetic: bool = False) -> dict[str, Any]:
    return {"exchange": "LOCAL", "symbol": symbol, "timeframe": timeframe, "order_qty": 0.1, "slug": slug, "synthetic": synthetic}


def write_run(
    root: Path,
    markets: list[dict[str, Any]] | None = None,
    bars: int = 3000,
    *,
    cautions: Sequence[str] = (),
    funding: dict[str, Any] | None = None,
    significance: dict[str, Any] | None = None,
    **walkforward_changes: Any,
) -> RunFolder:
    """Write all checkpoint files of a run under ``root`` and return its folder; ``significance`` None: that of a search that holds up."""
    run = RunFolder(Paths.under(root), RUN_ID)
    facts = markets or [market()]
    settings = {"symbol": "/somewhere/private/BTCUSDT.parquet", "exchange": "LOCAL", "start": "2024-01-01", "seed": 7}
    resolved = {
        "strategy": {"name": "private/folder/my_own.py", "ema_fast": 20}, "execution": {"taker_fee": 0.0004, "risk_free_rate": 0.0},
        "fees": {each["slug"]: {"maker": 0.0002, "taker": 0.0004, "source": "default"} for each in facts},
        "funding": {each["slug"]: {"constant_rate": 0.0, "charged": "none"} for each in facts},
        "rules": {each["slug"]: {"price_step": 0.1} for each in facts},
        "cautions": {each["slug"]: list(cautions) for each in facts},
        "optimization": {"profile": "FAST", "executor": "processes"}, "walkforward": {"is_length_days": 60.0},
    }  # fmt: skip
    put(run.settings_file, {"schema": 1, "settings": settings, "created_ms": START})
    put(run.checkpoints / "03_selection" / "selection.json", {"markets": facts})
    put(run.checkpoints / "04_strategy" / "strategy.json", resolved)
    for each in facts:
        _write_market(run, each, bars, funding, walkforward_changes)
        put(run.checkpoints / "08_walkforward" / each["slug"] / "significance.json", significance or significant())
    return run


def _write_market(run: RunFolder, facts: dict[str, Any], bars: int, funding: dict[str, Any] | None, changes: dict[str, Any]) -> None:
    baseline, optimize, walk = (run.checkpoints / stage / facts["slug"] for stage in ("05_baseline", "07_optimize", "08_walkforward"))
    content = {
        "metrics": metrics(), "digest": "d" * 64, "candles_digest": "c" * 64, "synthetic": facts["synthetic"], "bars": bars,
        "start_ms": START, "end_ms": START + bars * HOUR, "funding": funding, "detail": None,
        "ambiguous_exits": 2, "compared": [],
    }  # fmt: skip
    put(baseline / "baseline.json", content)
    put(baseline / "quality.json", quality())
    put(optimize / "optimization.json", optimization())
    put(walk / "walkforward.json", walkforward(**changes))
    frames = {
        baseline / "equity.parquet": equity(bars), baseline / "trades.parquet": trades(20), baseline / "entries.parquet": entries(),
        baseline / "candles.parquet": candles(bars),
        **{optimize / f"{start}equity.parquet": equity(bars) for start in BEST.values()},
        **{optimize / f"{start}trades.parquet": trades(15) for start in BEST.values()},
        walk / "oos_equity.parquet": equity(1440).with_columns(pl.lit(0, pl.Int32).alias("window")),
        walk / "oos_trades.parquet": trades(36, window=0),
    }  # fmt: skip
    for path, frame in frames.items():
        frame.write_parquet(path)


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dump_bytes(content))
