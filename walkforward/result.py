"""What walk-forward validation found: every window's outcome, their stitched whole, and the files that keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from backtest_engine import BacktestResult, Metrics
from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes, plain
from core.parquet_files import write_parquet
from optimization.times import SearchTimes
from strategies import ParamValue
from walkforward.drift import ParameterDrift
from walkforward.robustness import RobustnessScores
from walkforward.windows import Window


@dataclass(frozen=True, eq=False, slots=True)
class OutOfSampleRun:
    """One set of frozen parameters, tested once on one window: its searched ``params``, and the metrics, equity and trades there."""

    params: Mapping[str, ParamValue]
    metrics: Metrics
    equity: pl.DataFrame
    trades: pl.DataFrame

    @classmethod
    def of(cls, params: Mapping[str, ParamValue], result: BacktestResult) -> "OutOfSampleRun":
        """Keep of a backtest what walk-forward needs."""
        return cls(params, result.metrics, result.equity, result.trades)


@dataclass(frozen=True, eq=False, slots=True)
class MedianTrial:
    """The middle of the search: the trial with the median in-sample objective (``is_value``), tested like the chosen one."""

    is_value: float
    run: OutOfSampleRun

    def as_dict(self) -> dict[str, Any]:
        """Return ``{"params", "is_value", "oos_metrics"}``."""
        return {"params": dict(self.run.params), "is_value": self.is_value, "oos_metrics": self.run.metrics.as_dict()}


@dataclass(frozen=True, eq=False, slots=True)
class WindowOutcome:
    """One window, done: ``chosen`` is the out-of-sample test of the parameters that its search chose.

    ``found`` is False when no trial of any stage was valid and the base parameters went on. ``is_metrics`` are those of the chosen
    parameters in sample. ``scored`` is False with too few out-of-sample trades; ``reason`` then says so. ``median`` is None when no
    trial was valid. ``doubled_costs_net_pnl`` (quote) is the chosen parameters' net P&L at doubled fees and slippage. ``lost`` is True
    when the workers of its study died again and again: nothing was traded then, and ``reason`` says how they died. ``times``: where the
    time of its search went, which is no part of the result.
    """

    window: Window
    found: bool
    chosen: OutOfSampleRun
    is_metrics: Metrics
    median: MedianTrial | None
    doubled_costs_net_pnl: float
    scored: bool
    reason: str | None
    lost: bool = False
    times: SearchTimes = field(default_factory=SearchTimes)

    def as_dict(self) -> dict[str, Any]:
        """Return the window's part of walkforward.json."""
        return {
            "index": self.window.index,
            "is_start_ms": self.window.is_start_ms,
            "is_end_ms": self.window.is_end_ms,
            "oos_start_ms": self.window.oos_start_ms,
            "oos_end_ms": self.window.oos_end_ms,
            "found": self.found,
            "scored": self.scored,
            "reason": self.reason,
            "params": dict(self.chosen.params),
            "is_metrics": self.is_metrics.as_dict(),
            "oos_metrics": self.chosen.metrics.as_dict(),
            "median_trial": None if self.median is None else self.median.as_dict(),
            "doubled_costs_net_pnl": self.doubled_costs_net_pnl,
        }


@dataclass(frozen=True, eq=False, slots=True)
class WalkForwardResult:
    """All windows and what they add up to.

    ``stitched_equity`` (time int64 UTC ms, equity, drawdown_pct <= 0, window) and ``stitched_trades`` (the trade columns and window)
    hold every window, scored or not; ``stitched_metrics`` are theirs. ``median_stitched`` has the metrics of the median trials, None
    when no window has one. ``scores`` may be nan.
    """

    windows: Sequence[WindowOutcome]
    stitched_equity: pl.DataFrame
    stitched_trades: pl.DataFrame
    stitched_metrics: Metrics
    median_stitched: Metrics | None
    scores: RobustnessScores
    drift: Mapping[str, ParameterDrift]

    @property
    def consistency_score(self) -> float:
        """Share (0..1) of scored windows with an out-of-sample profit."""
        return self.scores.consistency

    @property
    def stability_score(self) -> float:
        """How alike the windows' out-of-sample Sharpe ratios are, 0..1."""
        return self.scores.stability

    @property
    def overfitting_indicator(self) -> float:
        """Share of the in-sample Sharpe ratio that is lost out of sample, >= 0."""
        return self.scores.overfitting

    @property
    def confidence_score(self) -> float:
        """The three scores above in one, 0..1."""
        return self.scores.confidence

    @property
    def scored_windows(self) -> int:
        """How many windows had enough out-of-sample trades to be scored."""
        return sum(outcome.scored for outcome in self.windows)

    @property
    def doubled_costs_net_pnl(self) -> float:
        """Net P&L (quote) of all windows at doubled fees and slippage."""
        return sum(outcome.doubled_costs_net_pnl for outcome in self.windows)

    def as_dict(self) -> dict[str, Any]:
        """Return the content of walkforward.json, plain numbers and texts, None where undefined."""
        content: dict[str, Any] = plain(
            {
                "windows": [outcome.as_dict() for outcome in self.windows],
                "scores": self.scores.as_dict(),
                "stitched": self.stitched_metrics.as_dict(),
                "median_stitched": None if self.median_stitched is None else self.median_stitched.as_dict(),
                "doubled_costs": {"net_pnl": self.doubled_costs_net_pnl},
                "drift": {name: drift.as_dict() for name, drift in self.drift.items()},
                "oos_trades": len(self.stitched_trades),
                "scored_windows": self.scored_windows,
            }
        )
        return content


def save(result: WalkForwardResult, folder: Path) -> list[Path]:
    """Write walkforward.json, oos_equity.parquet and oos_trades.parquet under ``folder`` and return their paths.

    Equal results give equal bytes. Raises StorageError.
    """
    summary = folder / "walkforward.json"
    frames = {folder / "oos_equity.parquet": result.stitched_equity, folder / "oos_trades.parquet": result.stitched_trades}
    for path, frame in frames.items():
        write_parquet(path, frame)
    write_bytes(summary, dump_bytes(result.as_dict()))
    return [summary, *frames]
