"""Coarser bars from finer ones."""

import numpy as np

from core.candles import Candles
from core.errors import DataError
from core.market import Market
from core.timeframe import Timeframe

# A bar is made when at least this share of its source bars is there.
LEAST_COVERAGE = 0.5


def resample(candles: Candles, timeframe: Timeframe) -> Candles:
    """Return bars of ``timeframe`` made of ``candles``: first open, highest high, lowest low, last close, sum of the volumes.

    Weeks begin on Monday 00:00 UTC. A first bar whose beginning and a last bar whose end lie outside the series are left out.
    A bar with holes inside is made when at least half of its source bars are there (a venue halts and its own hourly bar shows
    what was traded until then); with fewer it is left out, and is a hole of the result. Raises DataError when ``timeframe`` is no
    multiple of the source's, or no bar is complete.
    """
    own = candles.timeframe
    if timeframe == own:
        return candles
    if timeframe.ms % own.ms:
        raise DataError(f"{candles.market}: {timeframe} candles cannot be made of {own} candles; choose a multiple of {own}.")
    buckets = (candles.open_ms - timeframe.offset_ms) // timeframe.ms
    starts = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1])))
    ends = np.concatenate((starts[1:], [len(candles)]))
    open_ms = buckets[starts] * timeframe.ms + timeframe.offset_ms
    whole = (ends - starts) >= LEAST_COVERAGE * (timeframe.ms // own.ms)
    whole &= (open_ms >= candles.open_ms[0]) & (open_ms + timeframe.ms <= candles.end_ms)
    if not whole.any():
        raise DataError(
            f"{candles.market}: {len(candles)} bars hold no complete {timeframe} bar. Load a longer range or choose a finer timeframe."
        )
    columns = {
        "timestamp": open_ms,
        "open": candles.open[starts],
        "high": np.maximum.reduceat(candles.high, starts),
        "low": np.minimum.reduceat(candles.low, starts),
        "close": candles.close[ends - 1],
        "volume": np.add.reduceat(candles.volume, starts),
    }
    if candles.quote_volume is not None:
        columns["quote_volume"] = np.add.reduceat(candles.quote_volume, starts)
    market = Market(candles.market.exchange, candles.market.symbol, timeframe)
    kept = {name: values[whole] for name, values in columns.items()}
    return Candles.from_arrays(market, kept, has_volume=candles.has_volume, synthetic=candles.synthetic)
