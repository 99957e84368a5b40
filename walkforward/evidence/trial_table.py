"""The trials to compare: their daily returns side by side, and the Sharpe ratios of all that were tried."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest_engine.metrics import day_ends
from exchanges.calendars import days_per_year
from optimization.executors import MarketSeries
from strategies import Columns
from walkforward.evidence.trial_points import SearchTrials, TrialPoint
from walkforward.evidence.trial_returns import Account, Days, Floats, daily_returns, returns_frame
from walkforward.significance.moments import trial_sharpes

# Trials that are run at once: a year of days of so many takes 6 MB.
PART = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class TrialTable:
    """``matrix`` float64[days, trials]: daily returns of the trials ``names``, the first day at ``days[0]`` (UTC ms).

    ``drawn`` bool[trials]: drawn before the sampler had learned anything. ``sharpes`` (per day, nan for one that never traded) and
    ``sharpes_drawn``: those of all trials, and of all that were drawn like that, also where not all of them are among the columns.
    ``excess``: those of all trials above what is earned without risk. How far luck throws trials apart is told by the plain ones: a rate
    takes most from those that trade least, and that is no luck.
    """

    days: Days
    names: tuple[str, ...]
    matrix: Floats
    drawn: NDArray[np.bool_]
    sharpes: Floats
    sharpes_drawn: Floats
    excess: Floats

    @property
    def frame(self) -> pl.DataFrame:
        """Return days and returns as a table."""
        return returns_frame(self.days, self.names, self.matrix)


def trial_table(series: MarketSeries, account: Account, trials: SearchTrials, most: int, seed: int, threads: int = 1) -> TrialTable:
    """Return the table of ``trials``: all of them, or of more than ``most`` the winner, the best and a seeded draw of the others.

    Trials that cannot be run are left out.
    """
    candles = series.candles
    risk_free = account.execution.risk_free_rate / days_per_year(candles.market.exchange, candles.timeframe)
    columns = Columns(candles)
    found, sharpes, excess = list[Floats](), list[Floats](), list[Floats]()
    for part in _parts(trials.points):
        returns = daily_returns(series, account, [point.params for point in part], columns, threads)
        sharpes.append(_sharpes(returns))
        excess.append(_sharpes(returns, risk_free))
        if len(trials.points) <= most:
            found.append(returns)
    ratios = np.concatenate([np.zeros(0), *sharpes])
    drawn = np.array([point.drawn for point in trials.points], dtype=np.bool_)
    kept = np.arange(len(ratios))
    if len(ratios) > most:
        kept = chosen_trials(ratios, most, seed, trials.winner_place)
        points = [trials.points[place].params for place in kept.tolist()]
        found = [daily_returns(series, account, points, columns, threads)]
    days = day_ends(series.candles.open_ms)[0]
    matrix = np.concatenate([np.zeros((len(days), 0)), *found], axis=1)
    whole = np.isfinite(matrix).all(axis=0)
    names = tuple(trials.points[place].name for place in kept[whole].tolist())
    return TrialTable(
        days,
        names,
        np.ascontiguousarray(matrix[:, whole]),
        drawn[kept][whole],
        ratios,
        ratios[drawn],
        np.concatenate([np.zeros(0), *excess]),
    )


def chosen_trials(sharpes: Floats, most: int, seed: int, winner: int | None) -> NDArray[np.int64]:
    """Return which ``most`` of the trials are compared, ascending: ``winner``, then half by their Sharpe ratio, best first.

    The other half is one of each of as many equal groups of the rest, again in the order of their ratios: what is bad is represented as
    it is frequent. A trial without a ratio counts as the worst.
    """
    order = np.argsort(np.where(np.isnan(sharpes), np.inf, -sharpes), kind="stable")
    if winner is not None:
        order = np.concatenate(([winner], order[order != winner]))
    best = order[: -(-most // 2)]
    groups = np.array_split(order[len(best) :], most - len(best))
    generator = np.random.Generator(np.random.PCG64(seed))
    others = [group[generator.integers(len(group))] for group in groups]
    return np.sort(np.concatenate((best, np.array(others, dtype=np.int64))))


def _sharpes(returns: Floats, risk_free: float = 0.0) -> Floats:
    """Return the ratio of each column above what is earned without risk (per day), nan too for one that could not be run."""
    whole = np.isfinite(returns).all(axis=0)
    ratios = np.full(returns.shape[1], np.nan)
    if whole.any() and len(returns) > 2:
        ratios[whole] = trial_sharpes(returns[:, whole] - risk_free)
    return ratios


def _parts(points: Sequence[TrialPoint]) -> list[Sequence[TrialPoint]]:
    return [points[first : first + PART] for first in range(0, len(points), PART)]
