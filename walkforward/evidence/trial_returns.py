"""Daily returns of every trial at full length, by the batch kernel: one pass over the bars, the equity noted at the end of each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest_engine import BatchSimulation, Simulation
from backtest_engine.metrics import day_ends, returns_from
from config import ExecutionConfig, StrategyConfig
from core.market import MarketRules
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
        runs = BatchSimulation(
            series.candles, account.strategy, values, account.order_qty, account.execution, account.rules, 0, series.funding,
            series.detail, columns=columns, threads=threads,
        )  # fmt: skip
        closes = runs.equity_after((day_ends(series.candles.open_ms)[1] + 1).tolist())
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - one of them is at fault: each by itself, as in the search
        return np.stack([_by_itself(series, account, point) for point in points], axis=1)
    return np.ascontiguousarray(returns_from(account.execution.initial_capital, closes).T)


def _by_itself(series: MarketSeries, account: Account, point: Point) -> Floats:
    try:
        return account.simulation(series, point).run().daily_returns()[1]
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a trial that fails has no returns, whatever it raises
        return np.full(len(day_ends(series.candles.open_ms)[0]), np.nan)


def returns_frame(days: Days, names: Sequence[str], matrix: Floats) -> pl.DataFrame:
    """Return a table with the column ``date`` (the day's start, i64 UTC ms) and one column of daily returns for each trial."""
    return pl.DataFrame({"date": days} | {name: matrix[:, place] for place, name in enumerate(names)})
