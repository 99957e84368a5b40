"""Regimes: in which kind of market the out-of-sample result was made.

Every bar belongs to the regime that was known at the close of the bar before it, from closes up to there and nothing later. With the log
returns ``r`` of the last ``L`` bars (those of 10 days, at least 20):

    trend         sum(r) / sqrt(sum(r^2)), about standard normal on a random walk: ``up`` above 0.5, ``down`` below -0.5, else ``sideways``
    volatility    ``volatile`` where the root mean square of r over L bars is above that over 5 L bars, else ``calm``

so that on a random walk the three trends share the bars by 31, 38 and 31 %. Bars before 5 L + 1 closes are known have no regime.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.candles import Candles

TRENDS = ("up", "sideways", "down")
VOLATILITIES = ("calm", "volatile")
UNKNOWN = len(TRENDS) * len(VOLATILITIES)
# Where a trend begins, in standard deviations of a random walk.
TREND_FROM = 0.5
_DAYS, _LEAST_BARS, _LONG = 10, 20, 5
_DAYS_PER_YEAR = 365.25

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RegimeResult:
    """One regime of the stitched out-of-sample account: ``bars`` and their ``share`` (0..1), trades entered in it, what it earned.

    ``net_pnl`` (quote) is the change of equity over its bars, so that those of all regimes add up to the whole; ``sharpe_ratio`` (annual)
    is that of the returns of its bars, nan with fewer than two or without any spread. ``trend`` and ``volatility`` are None where too
    few closes were known yet.
    """

    trend: str | None
    volatility: str | None
    bars: int
    share: float
    trades: int
    net_pnl: float
    sharpe_ratio: float

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def regime_results(
    candles: Candles, equity: pl.DataFrame, trades: pl.DataFrame, initial_capital: float, risk_free_rate: float = 0.0
) -> tuple[RegimeResult, ...]:
    """Return every regime, and the bars without one where there are such.

    ``equity`` (time, equity) and ``trades`` (entry_time) are the stitched ones of walk-forward; all times are UTC milliseconds. Ratios
    leave out ``risk_free_rate`` (a fraction a year).
    """
    codes = regimes_of(candles)
    of_bar = codes[np.searchsorted(candles.open_ms, equity["time"].to_numpy())]
    of_trade = codes[np.searchsorted(candles.open_ms, trades["entry_time"].to_numpy(), side="right") - 1]
    values = equity["equity"].to_numpy()
    before = np.concatenate(([initial_capital], values[:-1]))
    earned = values - before
    year = candles.timeframe.periods_per_year
    returns = np.where(before > 0, earned / np.where(before > 0, before, 1.0), 0.0) - risk_free_rate / year
    per_year = math.nan if (values <= 0).any() else year  # of a lost account no return means anything

    def result(kind: int) -> RegimeResult:
        bars = of_bar == kind
        return _result(kind, earned[bars], returns[bars], int((of_trade == kind).sum()), len(values), per_year)

    return tuple(result(kind) for kind in range(UNKNOWN + 1 if (of_bar == UNKNOWN).any() else UNKNOWN))


def regimes_of(candles: Candles) -> Codes:
    """Return each bar's regime as it is known when it opens, int64[N]: place in ``TRENDS`` times 2 plus place in ``VOLATILITIES``.

    ``UNKNOWN`` where too few closes are known.
    """
    short = lookback(candles.timeframe.periods_per_year)
    long = _LONG * short
    codes = np.full(len(candles), UNKNOWN, np.int64)
    returns = np.diff(np.log(candles.close))
    if len(returns) < long + 1:
        return codes
    sums, squares = _rolling(returns, short)[long - short :], _rolling(returns * returns, short)[long - short :]
    wide = _rolling(returns * returns, long)
    with np.errstate(divide="ignore", invalid="ignore"):
        trend = np.where(squares > 0, sums / np.sqrt(squares), 0.0)
    place = np.where(trend > TREND_FROM, 0, np.where(trend < -TREND_FROM, 2, 1))
    # of the last bar nothing follows that could know it
    codes[long + 1 :] = (place * len(VOLATILITIES) + (squares / short > wide / long))[:-1]
    return codes


def lookback(periods_per_year: float) -> int:
    """Return the bars of ten days, at least 20."""
    return max(_LEAST_BARS, round(_DAYS * periods_per_year / _DAYS_PER_YEAR))


def _rolling(values: Floats, bars: int) -> Floats:
    """Return the sums of every ``bars`` values in a row."""
    sums = np.concatenate((np.zeros(1), np.cumsum(values)))
    rolled: Floats = sums[bars:] - sums[:-bars]
    return rolled


def _result(kind: int, earned: Floats, returns: Floats, trades: int, whole: int, periods_per_year: float) -> RegimeResult:
    spread = float(np.std(returns, ddof=1)) if len(returns) > 1 and returns.min() < returns.max() else math.nan
    return RegimeResult(
        trend=None if kind == UNKNOWN else TRENDS[kind // len(VOLATILITIES)],
        volatility=None if kind == UNKNOWN else VOLATILITIES[kind % len(VOLATILITIES)],
        bars=len(returns),
        share=len(returns) / whole,
        trades=trades,
        net_pnl=float(earned.sum()),
        sharpe_ratio=float(np.mean(returns)) / spread * math.sqrt(periods_per_year) if len(returns) > 1 else math.nan,
    )
