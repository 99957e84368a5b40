"""One account over time, and what holding the market beside it would have brought."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest_engine.metrics import last_of_each, returns_from
from core.errors import CorruptFileError
from core.timeframe import DAY_MS, YEAR_MS

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Account:
    """``times`` int64[T] (UTC ms, the open of each bar), ``equity`` float64[T] at each bar's close, whose first value is the starting
    capital; ``trades`` as the engine's table, in order of exit. ``held`` float64[T] is the equity of an account of the same capital that
    holds one quantity throughout, without costs. ``days_per_year`` annualizes what is counted by day; ``risk_free_rate`` is an
    annual fraction.
    """

    times: Times
    equity: Floats
    trades: pl.DataFrame
    held: Floats
    days_per_year: float
    risk_free_rate: float = 0.0

    @classmethod
    def of(
        cls,
        equity: pl.DataFrame,
        trades: pl.DataFrame,
        candles: pl.DataFrame,
        quantity: float,
        days_per_year: float,
        risk_free_rate: float,
    ) -> "Account":
        """Build from an equity table (time, equity), trades and the candles (timestamp, open, close); holding holds ``quantity``.

        CorruptFileError where the equity has bars that the candles have not.
        """
        times = equity["time"].to_numpy()
        values = np.ascontiguousarray(equity["equity"].to_numpy(), np.float64)
        held = float(values[0]) + quantity * _price_changes(times, candles)
        return cls(times, values, trades, held, days_per_year, risk_free_rate)

    @property
    def lost(self) -> bool:
        """Whether there was a moment with nothing left: returns and what is made of them then mean nothing."""
        return bool((self.equity <= 0.0).any())

    @property
    def holding_lost(self) -> bool:
        """Whether holding would have lost everything on the way."""
        return bool((self.held <= 0.0).any())

    @property
    def years(self) -> float:
        """From the open of the first bar to that of the last, in years of 365.25 days."""
        return float(self.times[-1] - self.times[0]) / YEAR_MS

    def daily_returns(self) -> Floats:
        """Return the return of each UTC day with bars, from close to close; the first day begins with the starting capital."""
        return _returns_by(self.times // DAY_MS, self.equity)

    def held_returns(self) -> Floats:
        """Return the daily returns of holding."""
        return _returns_by(self.times // DAY_MS, self.held)

    def monthly_returns(self) -> tuple[list[str], Floats]:
        """Return the UTC months with bars (``2024-01``) and the return over each, from close to close."""
        months = self.times.astype("datetime64[ms]").astype("datetime64[M]")
        names = [str(month) for month in months[last_of_each(months.astype(np.int64))]]
        return names, _returns_by(months.astype(np.int64), self.equity)


def _price_changes(times: Times, candles: pl.DataFrame) -> Floats:
    """Return by how much the price had risen at each bar, over the bars of ``times`` alone; the first candle counts from its open."""
    opens, closes = candles["timestamp"].to_numpy(), candles["close"].to_numpy()
    bars = np.searchsorted(opens, times)
    if bars[-1] >= len(opens) or not np.array_equal(opens[bars], times):
        raise CorruptFileError("an equity table has bars that are not among the candles of its market. Run it again to make both anew.")
    return np.asarray(np.cumsum(np.diff(closes, prepend=candles["open"][0])[bars]), np.float64)


def _returns_by(groups: Times, equity: Floats) -> Floats:
    return returns_from(float(equity[0]), equity[last_of_each(groups)])
