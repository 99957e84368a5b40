"""Bars of any timeframe of a simulated symbol, put together from its minutes."""

from collections.abc import Iterator

import numpy as np

from core.candle_checks import Floats
from core.timeframe import DAY_MS, MINUTE_MS, Timeframe
from exchanges.simulation.days import DaySkeleton
from exchanges.simulation.minutes import Bars, MinuteBars
from exchanges.simulation.noise import Stream

# What well-known coins cost, roughly, so that charts look familiar; other symbols get one of the prices below.
_FAMILIAR_PRICES = {"BTC": 40_000.0, "ETH": 2_500.0, "SOL": 100.0, "BNB": 350.0, "XRP": 0.6, "ADA": 0.5, "DOGE": 0.1}
_OTHER_PRICES = (0.2, 0.5, 1.0, 3.0, 8.0, 20.0, 60.0, 150.0, 400.0)
_SIGNIFICANT_DIGITS = 7

# Days made at once: whole weeks, and little enough to stay in the processor's cache.
_CHUNK_DAYS = 28


class SimulatedMarket:
    """One symbol of the simulated exchange; equal ``seed`` and ``symbol`` give equal bars everywhere and for ever."""

    def __init__(self, seed: int, symbol: str) -> None:
        """Choose the symbol's price level and temper from its name."""
        choice = Stream(seed, symbol, "choice").uniform(np.arange(2))
        familiar = next((price for coin, price in _FAMILIAR_PRICES.items() if symbol.startswith(coin)), None)
        base_price = familiar or _OTHER_PRICES[int(choice[0] * len(_OTHER_PRICES))]
        temper = 1.0 if familiar else 0.8 + 0.6 * float(choice[1])
        self._minutes = MinuteBars(seed, symbol, base_price, _decimals(base_price), DaySkeleton(seed, symbol, temper))

    def columns(self, timeframe: Timeframe, start_ms: int, end_ms: int) -> dict[str, Floats]:
        """Return open, high, low, close, volume of the bars with ``start_ms <= open < end_ms``; both lie on the grid.

        A coarser bar is made of its minutes: first open, highest high, lowest low, last close, sum of the volumes.
        """
        size = timeframe.ms // MINUTE_MS
        grid_ms = max(timeframe.ms, DAY_MS)
        first_day = (start_ms - (start_ms - timeframe.offset_ms) % grid_ms) // DAY_MS
        last_day = -(-end_ms // DAY_MS)
        parts = [_aggregate(self._minutes.days(first, last), size) for first, last in _chunks(first_day, last_day)]
        skipped = (start_ms - first_day * DAY_MS) // timeframe.ms
        count = (end_ms - start_ms) // timeframe.ms
        names = ("open", "high", "low", "close", "volume")
        return {name: np.concatenate([getattr(part, name) for part in parts])[skipped : skipped + count] for name in names}


def _chunks(first_day: int, last_day: int) -> Iterator[tuple[int, int]]:
    for first in range(first_day, last_day, _CHUNK_DAYS):
        yield first, min(first + _CHUNK_DAYS, last_day)


def _aggregate(minutes: Bars, size: int) -> Bars:
    if size == 1:
        return minutes
    opens, highs, lows, closes, volumes = (
        column.reshape(-1, size) for column in (minutes.open, minutes.high, minutes.low, minutes.close, minutes.volume)
    )
    return Bars(opens[:, 0], highs.max(axis=1), lows.min(axis=1), closes[:, -1], volumes.sum(axis=1))


def _decimals(price: float) -> int:
    """Return the decimals that give a price of this size seven significant digits."""
    decimals = _SIGNIFICANT_DIGITS - 1
    while price >= 10.0:
        price, decimals = price / 10.0, decimals - 1
    while price < 1.0:
        price, decimals = price * 10.0, decimals + 1
    return decimals
