"""What walk-forward validation found: every window's outcome, their stitched whole, and the files that keep it."""

import math
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
from walkforward.efficiency import efficiency, yearly
from walkforward.path_result import PathResult
from walkforward.regimes import RegimeResult
from walkforward.robustness import RobustnessScores
from walkforward.scenarios import StressResult
from walkforward.trial_tests import TrialTests
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
    time of its search went, which is no part of the result. ``profitable``: whether it counts as such in the scores. ``tests`` of all
    trials of its search are None, and ``stress`` is empty, when it is lost; of stress tests
    that cannot be run ``stress_failures`` has the reason.
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
    profitable: bool = False
    tests: TrialTests | None = None
    stress: Mapping[str, OutOfSampleRun] = field(default_factory=dict)
    stress_failures: Mapping[str, str] = field(default_factory=dict)

    @property
    def yearly_returns(self) -> tuple[float, float]:
        """The return of the chosen parameters in percent of the initial capital a year, in sample and out of sample."""
        window = self.window
        return (
            yearly(self.is_metrics.return_pct, window.is_length_ms),
            yearly(self.chosen.metrics.return_pct, window.oos_end_ms - window.oos_start_ms),
        )

    @property
    def efficiency(self) -> float:
        """The yearly return out of sample over that in sample; nan for a lost window and without a profit in sample."""
        return math.nan if self.lost else efficiency([self.yearly_returns])

    @property
    def selection_skill(self) -> float:
        """The out-of-sample Sharpe ratio of the chosen parameters less the median of all trials; nan where one of them is."""
        return math.nan if self.tests is None else self.chosen.metrics.sharpe_ratio - self.tests.median_sharpe

    @property
    def selection_skill_net_pnl(self) -> float:
        """The same of the net P&L, in the quote currency."""
        return math.nan if self.tests is None else self.chosen.metrics.net_pnl - self.tests.median_net_pnl

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
            "path": self.window.path,
            "profitable": self.profitable,
            "efficiency": self.efficiency,
            "rank_correlation": math.nan if self.tests is None else self.tests.rank_correlation,
            "selection_skill": self.selection_skill,
            "selection_skill_net_pnl": self.selection_skill_net_pnl,
            "trials_tested": 0 if self.tests is None else self.tests.tested,
            "trials_ranked": 0 if self.tests is None else self.tests.ranked,
        }


@dataclass(frozen=True, eq=False, slots=True)
class WalkForwardResult:
    """All windows and what they add up to.

    ``stitched_equity`` (time int64 UTC ms, equity, drawdown_pct <= 0, window) and ``stitched_trades`` (the trade columns and window)
    hold every window, scored or not; ``stitched_metrics`` are theirs. ``median_stitched`` has the metrics of the median trials, None
    when no window has one. ``scores`` may be nan. ``stress`` and ``regimes`` are those of the chosen parameters of all windows.
    Combinatorial windows make ``paths``, and all that is stitched is then of the ``stitched_path`` alone.
    """

    windows: Sequence[WindowOutcome]
    stitched_equity: pl.DataFrame
    stitched_trades: pl.DataFrame
    stitched_metrics: Metrics
    median_stitched: Metrics | None
    scores: RobustnessScores
    drift: Mapping[str, ParameterDrift]
    stress: Sequence[StressResult]
    regimes: Sequence[RegimeResult]
    paths: Sequence[PathResult] = ()
    stitched_path: int | None = None

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
        """Net P&L (quote) of all windows that are stitched, at doubled fees and slippage."""
        return sum(outcome.doubled_costs_net_pnl for outcome in self.windows if outcome.window.path == self.stitched_path)

    @property
    def efficiency(self) -> float:
        """The mean yearly return out of sample over that in sample, of all windows that are not lost; nan without a profit in sample."""
        return efficiency([outcome.yearly_returns for outcome in self.windows if not outcome.lost])

    @property
    def rank_correlation(self) -> float:
        """The mean rank correlation, in sample to out of sample, of all trials of a window; nan where no window has one."""
        return _mean([outcome.tests.rank_correlation for outcome in self.windows if outcome.tests is not None])

    @property
    def selection_skill(self) -> float:
        """The mean of the windows' selection skills in Sharpe ratios; nan where no window has one."""
        return _mean([outcome.selection_skill for outcome in self.windows])

    @property
    def selection_skill_net_pnl(self) -> float:
        """The mean of the windows' selection skills in net P&L (quote); nan where no window has one."""
        return _mean([outcome.selection_skill_net_pnl for outcome in self.windows])

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
                "efficiency": self.efficiency,
                "rank_correlation": self.rank_correlation,
                "rank_measure": next((outcome.tests.measure for outcome in self.windows if outcome.tests is not None), None),
                "selection_skill": self.selection_skill,
                "selection_skill_net_pnl": self.selection_skill_net_pnl,
                "stress": [each.as_dict() for each in self.stress],
                "regimes": [each.as_dict() for each in self.regimes],
                "paths": [each.as_dict() for each in self.paths],
                "stitched_path": self.stitched_path,
            }
        )
        return content


def _mean(values: Sequence[float]) -> float:
    """Return the mean of the defined ``values``, nan when there is none."""
    defined = [value for value in values if math.isfinite(value)]
    return math.fsum(defined) / len(defined) if defined else math.nan


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
