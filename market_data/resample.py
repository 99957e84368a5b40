"""Coarser bars from finer ones."""

import numpy as np

from core.candle_checks import Times
from core.candles import Candles
from core.errors import DataError
from core.market import Market
from core.timeframe import Timeframe
from exchanges.calendars import Flags, calendar_of, venue_timeframe

# A bar is made when at least this share of its source bars is there.
LEAST_COVERAGE = 0.5


def resample(candles: Candles, timeframe: Timeframe) -> Candles:
    """Return bars of ``timeframe`` made of ``candles``: first open, highest high, lowest low, last close, sum of the volumes.

    Weeks begin on Monday 00:00 UTC. A first bar whose beginning and a last bar whose end lie outside the series are left out.
    A bar with holes inside is made when at least half of its source bars are there (a venue halts and its own hourly bar shows
    what was traded until then); with fewer it is left out, and is a hole of the result.

    Bars of a venue with sessions lie on its own grid, and only the hours of its sessions count: the hour that the closing cuts short
    is whole, and so is a week with a holiday. Raises DataError when ``timeframe`` is no multiple of the source's, or no bar is complete.
    """
    own, timeframe = candles.timeframe, venue_timeframe(candles.market.exchange, timeframe)
    if timeframe == own:
        return candles
    if timeframe.ms % own.ms:
        raise DataError(f"{candles.market}: {timeframe} candles cannot be made of {own} candles; choose a multiple of {own}.")
    starts, open_ms = _first_bars(candles, timeframe)
    ends = np.concatenate((starts[1:], [len(candles)]))
    whole = _whole_bars(candles, open_ms, ends - starts, timeframe)
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


def _first_bars(candles: Candles, timeframe: Timeframe) -> tuple[Times, Times]:
    """Return the number of the first source bar of every coarse bar, and the open time of the coarse bar."""
    first, step, count = int(candles.open_ms[0]), candles.timeframe.ms, len(candles)
    phase = (first - timeframe.offset_ms) % timeframe.ms
    if candles.end_ms - first == count * step and phase % step == 0:
        # Without holes they are evenly spaced; dividing half a million times would take longer than all the rest.
        starts = np.arange(-(phase // step), count, timeframe.ms // step, dtype=np.int64)
        open_ms = first + step * starts
        starts[0] = 0
        return starts, open_ms
    buckets = (candles.open_ms - timeframe.offset_ms) // timeframe.ms
    starts = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1])))
    return starts, buckets[starts] * timeframe.ms + timeframe.offset_ms


def _whole_bars(candles: Candles, open_ms: Times, counts: Times, timeframe: Timeframe) -> Flags:
    """Return which coarse bars, made of ``counts`` source bars, have enough of them and lie inside the series."""
    calendar, own = calendar_of(candles.market.exchange), candles.timeframe
    if calendar is None:
        enough: Flags = counts >= LEAST_COVERAGE * (timeframe.ms // own.ms)
        inside: Flags = (open_ms >= candles.open_ms[0]) & (open_ms + timeframe.ms <= candles.end_ms)
        return enough & inside
    # The bars of regular sessions before a moment; none of them may lie between the series and the ends of a coarse bar.
    expected = calendar.expected_opens(own, int(open_ms[0]), int(open_ms[-1]) + timeframe.ms)
    at_open, at_close = np.searchsorted(expected, open_ms), np.searchsorted(expected, open_ms + timeframe.ms)
    begun, ended = np.searchsorted(expected, (candles.open_ms[0], candles.end_ms))
    enough = counts >= LEAST_COVERAGE * (at_close - at_open)
    inside = (at_open >= begun) & (at_close <= ended)
    return enough & inside
