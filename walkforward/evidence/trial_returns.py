"""Daily returns of every trial at full length, by the batch kernel: one pass over the bars, the equity noted at the end of each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest_engine import BatchSimulation, Simulation
from backtest_engine.kernels.rows import run_rows
from backtest_engine.records import ENTRY_DTYPE, TRADE_DTYPE
from backtest_engine.score_records import ROOM
from backtest_engine.scores import put, taken
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.market import MarketRules
from core.timeframe import DAY_MS
from exchanges.calendars import venue_timeframe
from optimization.executors import MarketSeries
from strategies import Columns, ParamValue, with_params

Floats = NDArray[np.float64]
Days = NDArray[np.int64]
Point = Mapping[str, ParamValue]


@dataclass(frozen=True, slots=True)
class Account:
    """What all runs of a market have in common beside its candles: the strategy as given, and what it trades with."""

    strategy: StrategyConfig
    order_qty: float
    execution: ExecutionConfig
    rules: MarketRules

    def simulation(self, series: MarketSeries, params: Point) -> Simulation:
        """Return the simulation of ``params`` over the whole series, before its first bar."""
        config = with_params(self.strategy, params)
        return Simulation(
            series.candles, config, self.order_qty, self.execution, self.rules, 0, series.funding, detail=series.detail
        )  # fmt: skip


def days_per_year(candles: Candles) -> float:
    """Return how many of the daily returns make a year: days of the venue, or bars where these are longer than a day."""
    return min(candles.timeframe.periods_per_year, venue_timeframe(candles.market.exchange, "1d").periods_per_year)


def day_borders(open_ms: NDArray[np.int64]) -> tuple[Days, NDArray[np.int64]]:
    """Return the UTC days with bars (start, ms, increasing) and for each of them the number of the first bar after it."""
    days = open_ms // DAY_MS
    last = np.flatnonzero(np.concatenate((days[1:] != days[:-1], [True])))
    return days[last] * DAY_MS, last + 1


def returns_of_closes(closes: Floats, capital: float) -> Floats:
    """Return the simple return of each day from the equity at its close; days are the last axis, and the first starts at ``capital``.

    0 after ruin, when there is nothing to earn on.
    """
    before = np.concatenate((np.full((*closes.shape[:-1], 1), capital), closes[..., :-1]), axis=-1)
    alive = before > 0.0
    return np.where(alive, closes / np.where(alive, before, 1.0) - 1.0, 0.0)


class DailyRuns(BatchSimulation):
    """Runs whose equity at the close of each UTC day is kept: ``closes`` float64[rows, days], filled by ``advance(bars)`` from bar 0."""

    def __init__(self, candles: Candles, *arguments: Any, **options: Any) -> None:
        super().__init__(candles, *arguments, **options)
        self._borders = day_borders(candles.open_ms)[1]
        self.closes = np.empty((self.rows, len(self._borders)))

    def _simulate(self, rows: NDArray[np.int64], end: int) -> None:
        table = self._signals_of(rows)
        rules, states, scores = taken(self._rules, rows), taken(self._states, rows), taken(self._scores, rows)
        nothing, trades, entries, room = np.zeros(0), np.zeros(2, TRADE_DTYPE), np.zeros(2, ENTRY_DTYPE), np.empty(ROOM)
        starts = self._done[rows]
        for day, border in enumerate(self._borders.tolist()):
            run_rows(self._bars, table, rules, states, scores, starts, border, nothing, trades, entries, room)
            self.closes[rows, day] = states["equity"]
            starts = np.full(len(rows), border)
        put(self._states, rows, states)
        put(self._scores, rows, scores)
        self._done[rows] = end


def daily_returns(
    series: MarketSeries, account: Account, points: Sequence[Point], columns: Columns | None = None, threads: int = 1
) -> Floats:
    """Return float64[days, points]: each point's daily returns over the whole series; nan throughout where a point cannot be run.

    Equal to ``BacktestResult.daily_returns`` of each by itself, bit for bit.
    """
    if not points or not points[0]:
        return np.stack([_by_itself(series, account, point) for point in points], axis=1)
    values = {name: np.array([point[name] for point in points]) for name in points[0]}
    try:
        runs = DailyRuns(
            series.candles, account.strategy, values, account.order_qty, account.execution, account.rules, 0, series.funding,
            series.detail, columns=columns, threads=threads,
        )  # fmt: skip
        runs.advance(runs.bars)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - one of them is at fault: each by itself, as in the search
        return np.stack([_by_itself(series, account, point) for point in points], axis=1)
    return np.ascontiguousarray(returns_of_closes(runs.closes, account.execution.initial_capital).T)


def _by_itself(series: MarketSeries, account: Account, point: Point) -> Floats:
    try:
        return account.simulation(series, point).run().daily_returns()[1]
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a trial that fails has no returns, whatever it raises
        return np.full(len(day_borders(series.candles.open_ms)[0]), np.nan)


def returns_frame(days: Days, names: Sequence[str], matrix: Floats) -> pl.DataFrame:
    """Return a table with the column ``date`` (the day's start, i64 UTC ms) and one column of daily returns for each trial."""
    return pl.DataFrame({"date": days} | {name: matrix[:, place] for place, name in enumerate(names)})
