"""Bar permutation: a history with the same bars in another order, so that whatever a strategy finds in the order is gone.

In logarithms a bar t is its gap ``g_t = o_t - c_(t-1)`` and its shape ``(h_t - o_t, l_t - o_t, c_t - o_t)``. One permutation reorders the
gaps, another one the shapes, and prices are rebuilt from the first open on:

    o'_t = c'_(t-1) + g_p(t)        h'_t, l'_t, c'_t = o'_t + shape_q(t)

All gaps and shapes are used once, so the drift, the distribution of returns, and the first and the last price stay; trends, reversals and
the clustering of volatility do not. Source: T. Masters, Permutation and Randomization Tests for Trading System Development (2020), ch. 4;
D. Aronson, Evidence-Based Technical Analysis (2006), ch. 6.
"""

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.errors import StatisticsError

Bars = NDArray[np.int64]


def permute_bars(candles: Candles, seed: int, *, first: int = 0, block: int = 1) -> Candles:
    """Return ``candles`` with the bars from ``first`` on in a random order; those before it stay as they are.

    The first open and the last close stay the same (but for rounding, 1e-9 of the price), and so do all times. The volume of a bar goes
    with its shape; so does its quote volume, scaled by the bar's new price, so that its average price stays where it was in the bar.
    ``block`` bars stay together, in their order, and a rest of the last ones in its place: 24 hourly bars keep the time of the day.
    What comes back is marked synthetic.

    Raises StatisticsError when there are fewer than two blocks to reorder or a price cannot be represented.
    """
    bars = len(candles) - first
    if first < 0 or block < 1 or bars < 2 * block:
        raise StatisticsError(
            f"there is nothing to reorder in {len(candles)} bars from bar {first} on in blocks of {block}: two blocks are needed at least."
        )
    generator = np.random.Generator(np.random.PCG64(seed))
    gaps, shapes = _order(bars, block, generator), first + _order(bars, block, generator)
    if first == 0:  # the first bar has no gap: what fell to it goes to where its own, of 0, has fallen
        gaps[np.argmin(gaps)], gaps[0] = gaps[0], 0
    return _rebuilt(candles, first, first + gaps, shapes)


def _order(bars: int, block: int, generator: np.random.Generator) -> Bars:
    """Return the numbers from 0 to ``bars`` - 1 with whole blocks of them reordered."""
    blocks = bars // block
    whole = generator.permutation(blocks)[:, None] * block + np.arange(block)
    return np.concatenate((whole.ravel(), np.arange(blocks * block, bars)))


def _rebuilt(candles: Candles, first: int, gaps: Bars, shapes: Bars) -> Candles:
    """Return ``candles`` whose bars from ``first`` on have the gaps and the shapes of other bars."""
    before = np.concatenate((candles.open[:1], candles.close[:-1]))
    opens = candles.open[shapes]
    steps = np.empty(2 * len(shapes))  # gap, body, gap, body, ...
    steps[0::2] = (np.log(candles.open) - np.log(before))[gaps]
    steps[1::2] = np.log(candles.close[shapes]) - np.log(opens)
    with np.errstate(over="ignore", invalid="ignore"):
        path = before[first] * np.exp(np.cumsum(steps))
        open_, close = path[0::2], path[1::2]
        high = np.maximum(open_ * (candles.high[shapes] / opens), np.maximum(open_, close))  # rounding may not push it below the close
        low = np.minimum(open_ * (candles.low[shapes] / opens), np.minimum(open_, close))
    if not (np.isfinite(high) & (low > 0)).all():
        raise StatisticsError(f"the bars of {candles.market} in another order lead to prices that no number can hold.")
    moved = {"open": open_, "high": high, "low": low, "close": close, "volume": candles.volume[shapes]}
    if candles.quote_volume is not None:
        moved["quote_volume"] = candles.quote_volume[shapes] * (open_ / opens)
    columns = {name: np.concatenate((getattr(candles, name)[:first], values)) for name, values in moved.items()}
    return Candles.from_arrays(candles.market, {"timestamp": candles.open_ms} | columns, has_volume=candles.has_volume, synthetic=True)
