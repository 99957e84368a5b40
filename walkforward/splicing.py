"""Splicing: a series without some stretches of time, as one that never had them.

What follows a stretch moves up in time, by whole days, so that it begins where the stretch began, and its prices are multiplied by one
factor, so that its first open is the close before the stretch: as futures contracts are joined by ratio. No bar's return changes but the
one across the joint, which is none; a position held across it neither wins nor loses by it and pays no funding for days that are not
there. What does change is the level of prices, and with it the value of a fixed quantity.
"""

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.funding import FundingRates
from walkforward.account import Series
from walkforward.groups import searched_bars
from walkforward.windows import Window

Stretches = tuple[tuple[int, int], ...]
_PRICES = ("open", "high", "low", "close")


def searched(series: Series, window: Window, funding: FundingRates | None) -> tuple[Series, FundingRates | None]:
    """Return what the search of ``window`` is handed: the series until its end, without what it leaves out, and the funding there."""
    known = series.until(window.is_end)
    if not window.left_out_ms:
        return known, funding
    factors = _factors(known.candles, window.left_out_ms)
    spliced = Series(
        _spliced(known.candles, window.left_out_ms, factors),
        None if known.detail is None else _spliced(known.detail, window.left_out_ms, factors),
    )
    return spliced, _moved(funding, window.left_out_ms)


def _factors(candles: Candles, left_out: Stretches) -> NDArray[np.float64]:
    """Return what prices before, between and after the stretches are multiplied by; 1 for the first that has bars."""
    part = _part(candles.open_ms, left_out)
    kept = searched_bars(candles.open_ms, left_out)
    factors, close = np.ones(len(left_out) + 1), np.nan
    for k in range(len(factors)):
        bars = np.flatnonzero(kept & (part == k))
        if len(bars):
            factors[k] = 1.0 if np.isnan(close) else close / candles.open[bars[0]]
            close = candles.close[bars[-1]] * factors[k]
    return factors


def _part(times: NDArray[np.int64], left_out: Stretches) -> NDArray[np.int64]:
    """Return how many stretches begin at or before each time."""
    return np.searchsorted(np.array([start for start, _ in left_out]), times, side="right")


def _shift(times: NDArray[np.int64], left_out: Stretches) -> NDArray[np.int64]:
    """Return ``times``, none of them left out, without the stretches before each."""
    lengths = np.array([0, *(end - start for start, end in left_out)])
    moved: NDArray[np.int64] = times - np.cumsum(lengths)[_part(times, left_out)]
    return moved


def _spliced(candles: Candles, left_out: Stretches, factors: NDArray[np.float64]) -> Candles:
    kept = searched_bars(candles.open_ms, left_out)
    times = candles.open_ms[kept]
    factor = factors[_part(times, left_out)]
    columns = {
        "timestamp": _shift(times, left_out),
        **{name: getattr(candles, name)[kept] * factor for name in _PRICES},
        "volume": candles.volume[kept],
    }
    if candles.quote_volume is not None:
        columns["quote_volume"] = candles.quote_volume[kept] * factor
    return Candles.from_arrays(candles.market, columns, has_volume=candles.has_volume, synthetic=candles.synthetic)


def _moved(funding: FundingRates | None, left_out: Stretches) -> FundingRates | None:
    if funding is None:
        return None
    kept = searched_bars(funding.time_ms, left_out)
    return FundingRates(_shift(funding.time_ms[kept], left_out), funding.rate[kept])
