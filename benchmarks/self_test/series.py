"""Series whose truth is known: without structure (a random walk; real bars in another order), and with an edge planted in them.

The edge is a hidden swing: the drift of a random walk is alternately up and down by ``strength`` standard deviations of a bar's return,
for a number of bars drawn evenly from half to one and a half of ``MEAN_SWING``, the first of which is cut at a random place. Nothing else
differs: same volatility, same bars, and over many swings no drift. A strategy that buys dips while prices rise, and sells rallies while
they fall, is right about the swing more often than not. With strength 0 it is a random walk.

Highs and lows are those of a path in continuous time: between two steps they are drawn as the extremes of a Brownian bridge. Of the steps
alone they would not do: stops fill at their own price, which a path in steps jumps over, and a strategy without costs then earns a Sharpe
ratio of 0.9 on a random walk of 12 steps a bar.
"""

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.market import Market
from core.seeds import derive_seed
from core.timeframe import TIMEFRAMES
from walkforward.significance.bar_permutation import permute_bars

HOUR_MS = 3_600_000
START_MS = 1_609_459_200_000  # 2021-01-01
FIRST_PRICE = 30_000.0
VOLATILITY = 0.005  # standard deviation of an hour's log return: 47 % a year
STEPS = 12  # of a bar's path
MEAN_SWING = 480  # bars: 20 days
Floats = NDArray[np.float64]


def random_walk(seed: int, days: int) -> Candles:
    """Return ``days`` of hourly bars of a geometric Brownian motion whose price is a martingale."""
    return planted(seed, days, 0.0)


def planted(seed: int, days: int, strength: float) -> Candles:
    """Return ``days`` of hourly bars with hidden swings of ``strength`` standard deviations a bar."""
    generator = np.random.Generator(np.random.PCG64(derive_seed("self-test", seed)))
    bars = days * 24
    drift = strength * VOLATILITY * _swings(generator, bars) - VOLATILITY**2 / 2
    steps = generator.standard_normal((bars, STEPS)) * (VOLATILITY / np.sqrt(STEPS)) + (drift / STEPS)[:, None]
    path = np.cumsum(steps.ravel()).reshape(bars, STEPS)
    opens = np.concatenate(([0.0], path[:-1, -1]))
    starts = np.column_stack((opens, path[:, :-1]))
    high, low = (side * _bridge_highs(generator, side * starts, side * path).max(axis=1) for side in (1.0, -1.0))
    logs = {"open": opens, "high": high, "low": low, "close": path[:, -1]}
    columns = {name: FIRST_PRICE * np.exp(values) for name, values in logs.items()}
    times = START_MS + np.arange(bars, dtype=np.int64) * HOUR_MS
    volume = generator.uniform(500.0, 1500.0, bars)
    return Candles.from_arrays(
        Market("LOCAL", "PLANTED", TIMEFRAMES["1h"]), {"timestamp": times, **columns, "volume": volume}, synthetic=True
    )


def _bridge_highs(generator: np.random.Generator, starts: Floats, ends: Floats) -> Floats:
    """Return the highest values between ``starts`` and ``ends`` (both in logarithms, a step apart) of paths in continuous time.

    P(max > m) = exp(-2 (m - start) (m - end) / variance), solved for m at a uniform random number.
    """
    reach = 2 * VOLATILITY**2 / STEPS * generator.standard_exponential(starts.shape)
    return (starts + ends + np.sqrt((ends - starts) ** 2 + reach)) / 2


def _swings(generator: np.random.Generator, bars: int) -> Floats:
    """Return float64[bars]: +1 in rising swings, -1 in falling ones."""
    count = 2 * bars // MEAN_SWING + 4
    lengths = generator.integers(MEAN_SWING // 2, 3 * MEAN_SWING // 2 + 1, count)
    lengths[0] = generator.integers(1, lengths[0] + 1)
    directions = np.where((np.arange(count) + generator.integers(2)) % 2 == 0, 1.0, -1.0)
    return np.repeat(directions, lengths)[:bars]


def shuffled(real: Candles, number: int, series: int, days: int) -> Candles:
    """Return ``days`` of ``real`` hourly candles, reordered: the ``number``-th of ``series`` stretches that begin evenly over the file."""
    room = len(real) - days * 24
    first = 0 if series < 2 else room * number // (series - 1)
    return permute_bars(real[first : first + days * 24], derive_seed("self-test", "shuffled", number))
