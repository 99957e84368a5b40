"""What one equity curve says by itself: how sure its Sharpe ratio is, and how far its figures could be off."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from backtest_engine.metrics import day_ends, returns_from
from core.errors import StatisticsError
from core.seeds import derive_seed
from core.timeframe import DAY_MS
from walkforward.evidence.statistic import Statistic, statistic, without
from walkforward.evidence.trial_returns import Floats
from walkforward.significance.annual import annual_factor
from walkforward.significance.intervals import Interval, drawdown_interval, profit_factor_interval, sharpe_interval
from walkforward.significance.moments import Moments, moments_of
from walkforward.significance.probabilistic_sharpe import (
    probabilistic_sharpe,
    probabilistic_sharpe_autocorrelated,
    probabilistic_sharpe_robust,
)
from walkforward.significance.track_record import minimum_track_record

LOST = "the account was lost on the way, so that its returns mean nothing"
_LIMITS = ("low", "high", "level")


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """An account's daily returns (float64[days], simple) and the net P&L of its trades (float64[K], quote, in the order of their exits).

    ``longest_days``: the longest time that a trade was open, 0 without trades; ``capital`` is what the account began with; ``lost``:
    there was a bar at whose close nothing was left.
    """

    returns: Floats
    pnls: Floats
    longest_days: float
    capital: float
    lost: bool = False

    @classmethod
    def of(cls, equity: pl.DataFrame, trades: pl.DataFrame, capital: float) -> "Curve":
        """Return the curve of a backtest, or of a stitched walk-forward (``time`` and ``equity`` per bar, oldest first)."""
        _, last = day_ends(equity["time"].to_numpy())
        values = equity["equity"].to_numpy()
        held = (trades["exit_time"] - trades["entry_time"]).to_numpy()
        longest = float(held.max()) / DAY_MS if len(held) else 0.0
        returns, pnls = returns_from(capital, values[last]), trades["net_pnl"].to_numpy().astype(np.float64)
        return cls(returns, pnls, longest, capital, bool((values <= 0.0).any()))


@dataclass(frozen=True, slots=True)
class Draws:
    """How bootstraps draw: so many ``resamples``, from the run's ``seed`` and the market's ``slug``; ``per_year`` days make a year.

    ``risk_free``: what a day earns without any risk, which every Sharpe ratio leaves out.
    """

    resamples: int
    seed: int
    slug: str
    per_year: float
    risk_free: float = 0.0

    def seed_for(self, use: str) -> int:
        """Return the seed of one use."""
        return derive_seed(self.seed, self.slug, "significance", use)


def account_statistics(curve: Curve, draws: Draws, use: str) -> dict[str, Any]:
    """Return Sharpe ratio (annual, of daily returns), its probabilities, track record and intervals; ``use`` names the curve's seeds.

    An account that was lost has none of them: on nothing nothing is earned, so that the days after it count as 0 whatever they brought.
    """
    if curve.lost:
        return missing_statistics(LOST)
    earned = curve.returns - draws.risk_free
    try:
        moments = moments_of(earned)
    except StatisticsError as error:
        return missing_statistics(str(error)) | {"intervals": _intervals(curve, draws, use)}
    return {
        "sharpe": moments.sharpe * math.sqrt(draws.per_year),
        "sharpe_autocorrelated": statistic(lambda: {"value": moments.sharpe * annual_factor(draws.per_year, moments.autocorrelation)}),
        "psr": statistic(lambda: {"value": probabilistic_sharpe(moments)}),
        "psr_autocorrelated": statistic(lambda: {"value": probabilistic_sharpe_autocorrelated(moments)}),
        "psr_robust": statistic(lambda: {"value": probabilistic_sharpe_robust(earned)}),
        "track_record_years": statistic(lambda: {"value": _track_record(moments, draws.per_year)}),
        "intervals": _intervals(curve, draws, use),
    }


def missing_statistics(reason: str) -> dict[str, Any]:
    """Return the same fields of an account that there is not."""
    names = ("sharpe_autocorrelated", "psr", "psr_autocorrelated", "psr_robust", "track_record_years")
    intervals = {name: without(reason, _LIMITS) for name in ("sharpe", "profit_factor", "max_drawdown")}
    return {"sharpe": None} | {name: without(reason) for name in names} | {"intervals": intervals}


def _track_record(moments: Moments, per_year: float) -> float:
    return minimum_track_record(moments) / per_year


def _intervals(curve: Curve, draws: Draws, use: str) -> dict[str, Statistic]:
    seed = draws.seed_for(f"{use} intervals")
    made: Mapping[str, tuple[float, Callable[[], Interval]]] = {
        "sharpe": (math.sqrt(draws.per_year), lambda: sharpe_interval(curve.returns - draws.risk_free, draws.resamples, seed)),
        "profit_factor": (1.0, lambda: profit_factor_interval(curve.pnls, draws.resamples, seed)),
        "max_drawdown": (100.0, lambda: drawdown_interval(curve.returns, draws.resamples, seed)),
    }
    return {name: statistic(lambda each=each: _scaled(*each), _LIMITS) for name, each in made.items()}  # type: ignore[misc]


def _scaled(factor: float, make: Callable[[], Interval]) -> dict[str, float]:
    found = make()
    return {"value": factor * found.value, "low": factor * found.low, "high": factor * found.high, "level": found.level}
