"""The minutes of whole days, drawn between the midnights of the daily skeleton: fat tails, busy hours, volume that follows the price."""

from dataclasses import dataclass

import numpy as np

from core.candle_checks import Floats
from exchanges.simulation.days import DaySkeleton, bridge
from exchanges.simulation.noise import Positions, Stream, as_normal, as_tail, as_uniform, exp

DAY_MINUTES = 1440

# Share of a day's variance by UTC hour: quiet before the morning of Europe, busiest when America opens.
_HOURLY = np.array([1.3, 1.0, 0.8, 0.7, 0.6, 0.6, 0.7, 0.9, 1.0, 1.0, 0.9, 0.9, 1.1, 1.6, 2.0, 1.8, 1.5, 1.2, 1.0, 1.0, 0.9, 0.8, 0.7, 0.8])
_WEEKEND_VOLUME = 0.7
_MEMORY_HOURS = 4
# Average turnover of a minute in the quote currency.
_TURNOVER = 400_000.0
# Volumes are multiples of 1/8: sums of them are exact in any order, so coarser bars add up to the last bit.
_LOTS = 8.0


@dataclass(frozen=True, slots=True)
class Bars:
    """Columns of equal length, one entry per bar, oldest first."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


class MinuteBars:
    """One-minute bars of one symbol around ``base_price``, in steps of 10**-``decimals``."""

    def __init__(self, seed: int, symbol: str, base_price: float, decimals: int, skeleton: DaySkeleton) -> None:
        """Name the streams of ``symbol`` under the market's ``seed``."""
        self._skeleton = skeleton
        self._base_price = base_price
        self._scale = 10.0**decimals
        self._moves = Stream(seed, symbol, "move")
        self._tails = Stream(seed, symbol, "tail")
        self._volumes = Stream(seed, symbol, "volume")
        self._bustle = Stream(seed, symbol, "bustle")

    def days(self, first: int, last: int) -> Bars:
        """Return the 1440 bars of each day ``first`` <= day < ``last`` (counted from 1970-01-01)."""
        days = np.arange(first, last)
        levels, deviations = self._skeleton.days(first, last)
        minutes = (days[:, None] * DAY_MINUTES + np.arange(DAY_MINUTES)[None, :]).astype(np.int64)
        shares = self._variance_shares(days)
        tails = self._tails.words(minutes)
        shocks = as_normal(self._moves.words(minutes)) * as_tail(tails)
        deviation = deviations[:, None] * np.sqrt(shares)
        closes = self._base_price * exp(bridge(deviation * shocks, shares, levels[:-1], levels[1:]))
        opens = np.empty_like(closes)
        opens[:, 0] = self._base_price * exp(levels[:-1])
        opens[:, 1:] = closes[:, :-1]
        upper, lower = _wicks(tails)
        highs = np.maximum(opens, closes) * (1.0 + deviation * upper)
        lows = np.minimum(opens, closes) / (1.0 + deviation * lower)
        volumes = self._volume(days, minutes, shares, np.abs(shocks))
        flat = [self._round(prices).ravel() for prices in (opens, highs, lows, closes)]
        return Bars(flat[0], flat[1], flat[2], flat[3], volumes.ravel())

    def _variance_shares(self, days: Positions) -> Floats:
        """Return each minute's share of its day's variance [days, 1440], rows adding up to 1: the hour's habit times its bustle."""
        hours = days[:, None] * 24 + np.arange(24)[None, :]
        bustle = np.zeros(hours.shape)
        for back in range(_MEMORY_HOURS):
            scale = as_tail(self._bustle.words(hours - back))
            bustle += scale * scale
        hourly = bustle * _HOURLY
        total = np.cumsum(hourly, axis=1)[:, -1:]
        return np.repeat(hourly / (total * 60.0), 60, axis=1)

    def _volume(self, days: Positions, minutes: Positions, shares: Floats, shocks: Floats) -> Floats:
        """Return volumes that grow with the bustle of the hour and with the minute's move, and are lower at weekends."""
        weekend = np.where((days + 3) % 7 >= 5, _WEEKEND_VOLUME, 1.0)  # 1970-01-01 was a Thursday
        average = _TURNOVER / self._base_price * weekend[:, None]
        draw = as_uniform(self._volumes.words(minutes))
        wanted = average * (shares * DAY_MINUTES) * (0.4 + 0.6 * shocks) * (0.25 + 1.5 * draw)
        return np.maximum(np.rint(wanted * _LOTS), 1.0) / _LOTS

    def _round(self, prices: Floats) -> Floats:
        return np.maximum(np.rint(prices * self._scale), 1.0) / self._scale


def _wicks(tails: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]) -> tuple[Floats, Floats]:
    """Return how far high and low reach beyond the body, in deviations of the minute, from bits that the tails do not use."""
    upper = (tails & np.uint64(0xFFFF)).astype(np.float64) * 2.0**-16
    lower = ((tails >> np.uint64(16)) & np.uint64(0xFFFF)).astype(np.float64) * 2.0**-16
    return 1.2 * upper * upper, 1.2 * lower * lower
