"""Strategies that look ahead, each in another way that people have looked ahead by mistake; and honest twins that do the same rightly."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.timeframe import DAY_MS
from strategies import Param, ParamValues, Signals
from strategies.indicators import atr, ema, session_vwap

Floats = NDArray[np.float64]
Idea = Callable[[Candles, int], Signals]
LONGEST = 60  # bars that an honest twin looks back at most


@dataclass(frozen=True)
class Planted:
    """A strategy that is one function of candles and a number that varies it (a horizon, a window), from 2 on."""

    idea: Idea
    variant: int = 3
    name: str = "planted"
    params: tuple[Param, ...] = field(default=())

    def warmup(self, params: ParamValues) -> int:
        return LONGEST

    def signals(self, candles: Candles, params: ParamValues) -> Signals:
        return self.idea(candles, self.variant)


def rule(candles: Candles, score: Floats) -> Signals:
    """Return entries where ``score`` changes its sign after the warm-up, with honest levels."""
    side = np.sign(np.nan_to_num(score)).astype(np.int8)
    direction = np.where(side != np.append(np.int8(0), side[:-1]), side, 0).astype(np.int8)
    direction[: LONGEST + 1] = 0
    return Signals(direction, candles.close, volatility(candles))


def volatility(candles: Candles) -> Floats:
    """Return the mean range of the last five bars."""
    spread = candles.high - candles.low
    return mean_of_last(spread, 5)


def mean_of_last(values: Floats, window: int) -> Floats:
    out = np.full(len(values), np.nan)
    if len(values) >= window:
        out[window - 1 :] = np.lib.stride_tricks.sliding_window_view(values, window).mean(axis=1)
    return out


def ahead(values: NDArray[np.generic], bars: int) -> Floats:
    """Return every bar's value ``bars`` later; the last one known where there is none."""
    return values.astype(np.float64)[np.minimum(np.arange(len(values)) + bars, len(values) - 1)]


def behind(values: Floats, bars: int) -> Floats:
    """Return every bar's value ``bars`` earlier, nan where there is none."""
    return np.concatenate((np.full(min(bars, len(values)), np.nan), values[: max(0, len(values) - bars)]))


def trend(candles: Candles, window: int = 8) -> Floats:
    """Return an honest score: the close against its mean of the last bars."""
    return candles.close - mean_of_last(candles.close, window)


def future_close(candles: Candles, variant: int) -> Signals:
    return rule(candles, ahead(candles.close, variant) - candles.close)


def future_high(candles: Candles, variant: int) -> Signals:
    highest = np.maximum.accumulate(candles.high[::-1])[::-1]
    return rule(candles, candles.close * (1 + variant / 200) - highest)


def centred_window(candles: Candles, variant: int) -> Signals:
    return rule(candles, candles.close - np.convolve(candles.close, np.ones(2 * variant + 1) / (2 * variant + 1), mode="same"))


def z_score_of_everything(candles: Candles, variant: int) -> Signals:
    return rule(candles, (candles.close - candles.close.mean()) / candles.close.std() + variant / 100)


def min_max_scaling(candles: Candles, variant: int) -> Signals:
    low, high = candles.close.min(), candles.close.max()
    return rule(candles, (candles.close - low) / max(high - low, 1e-12) - 1 / variant)


def quantile_of_everything(candles: Candles, variant: int) -> Signals:
    return rule(candles, candles.volume - np.quantile(candles.volume, 1 - 1 / (variant + 1)))


def trend_line_through_everything(candles: Candles, variant: int) -> Signals:
    bars = np.arange(len(candles), dtype=np.float64)
    slope = np.cov(bars, candles.close)[0, 1] / bars.var(ddof=1) if len(candles) > 1 else 0.0
    return rule(candles, candles.close - candles.close[0] - slope * bars * (1 + variant / 100))


def bar_of_a_longer_timeframe(candles: Candles, variant: int) -> Signals:
    group = candles.open_ms // (candles.timeframe.ms * (variant + 1))
    last = np.searchsorted(group, group, side="right") - 1
    return rule(candles, candles.close[last] - candles.open)


def range_of_the_whole_day(candles: Candles, variant: int) -> Signals:
    day = candles.open_ms // DAY_MS
    first = np.searchsorted(day, day, side="left")
    starts, number = np.unique(first, return_inverse=True)
    high, low = np.maximum.reduceat(candles.high, starts)[number], np.minimum.reduceat(candles.low, starts)[number]
    return rule(candles, candles.close - (high + variant * low) / (1 + variant))


def signal_a_bar_early(candles: Candles, variant: int) -> Signals:
    honest = rule(candles, trend(candles, 4 * variant))
    return Signals(np.append(honest.direction[1:], np.int8(0)), honest.touch_level, honest.atr)


def gaps_filled_backwards(candles: Candles, variant: int) -> Signals:
    anchors = np.flatnonzero(candles.open_ms // candles.timeframe.ms % (variant + 2) == 0)
    following = np.searchsorted(anchors, np.arange(len(candles)))
    filled = np.append(candles.close[anchors], np.nan)[following]
    return rule(candles, filled - candles.close)


def gaps_interpolated(candles: Candles, variant: int) -> Signals:
    bars = np.arange(len(candles))
    anchors = bars[candles.open_ms // candles.timeframe.ms % (variant + 2) == 0]
    line = np.interp(bars, anchors, candles.close[anchors]) if len(anchors) else candles.close
    return rule(candles, line - candles.open)


def touch_level_only(candles: Candles, variant: int) -> Signals:
    honest = rule(candles, trend(candles))
    return Signals(honest.direction, ahead(candles.low, variant - 1), honest.atr)


def atr_only(candles: Candles, variant: int) -> Signals:
    honest = rule(candles, trend(candles))
    return Signals(honest.direction, honest.touch_level, ahead(honest.atr, variant - 1))


def some_bars_only(candles: Candles, variant: int) -> Signals:
    honest = rule(candles, trend(candles))
    peeking = candles.open_ms // candles.timeframe.ms % (40 + variant) == 0
    peeking[: LONGEST + 1] = False
    told = np.sign(ahead(candles.close, 1) - candles.close).astype(np.int8)
    return Signals(np.where(peeking, told, honest.direction), honest.touch_level, honest.atr)


def volume_to_come(candles: Candles, variant: int) -> Signals:
    honest = rule(candles, trend(candles))
    busy = ahead(candles.volume, variant) > candles.volume
    return Signals(np.where(busy, honest.direction, np.int8(0)), honest.touch_level, honest.atr)


def calm_days_to_come(candles: Candles, variant: int) -> Signals:
    honest = rule(candles, trend(candles))
    spread = (candles.high - candles.low) / candles.close
    coming = np.append(spread[1:], np.zeros(variant))
    storm = np.lib.stride_tricks.sliding_window_view(coming, variant).max(axis=1)
    return Signals(np.where(storm < 0.02, honest.direction, np.int8(0)), honest.touch_level, honest.atr)


def number_of_bars(candles: Candles, variant: int) -> Signals:
    share = np.arange(len(candles)) / len(candles)
    return rule(candles, np.sin(variant * 40 * share))


def last_timestamp(candles: Candles, variant: int) -> Signals:
    hours_left = (candles.open_ms[-1] - candles.open_ms) / candles.timeframe.ms
    return rule(candles, np.sin(hours_left / (variant + 5)))


def turning_points(candles: Candles, variant: int) -> Signals:
    """Mark every low and high at its own bar, as zigzag lines do: that it was one is known later."""
    size = 2 * variant + 1
    direction = np.zeros(len(candles), np.int8)
    if len(candles) >= size:
        lows = np.lib.stride_tricks.sliding_window_view(candles.low, size)
        highs = np.lib.stride_tricks.sliding_window_view(candles.high, size)
        direction[variant : len(candles) - variant] = (lows.argmin(axis=1) == variant).astype(np.int8) - (highs.argmax(axis=1) == variant)
    direction[: LONGEST + 1] = 0
    return Signals(direction, candles.close, volatility(candles))


def smoothed_both_ways(candles: Candles, variant: int) -> Signals:
    back = ema(ema(candles.close, 1)[::-1].copy(), variant)[::-1]
    return rule(candles, candles.close - np.nan_to_num(back, nan=float(candles.close[-1])))


def central_slope(candles: Candles, variant: int) -> Signals:
    return rule(candles, np.gradient(candles.close) - variant / 100 if len(candles) > 1 else candles.close)


def last_bit(candles: Candles, variant: int) -> Signals:
    honest = rule(candles, trend(candles, variant + 4))
    return Signals(honest.direction, np.nextafter(candles.close, candles.close[-1]), honest.atr)


LEAKS: dict[str, Idea] = {
    idea.__name__: idea
    for idea in (
        future_close, future_high, centred_window, z_score_of_everything, min_max_scaling, quantile_of_everything,
        trend_line_through_everything, bar_of_a_longer_timeframe, range_of_the_whole_day, signal_a_bar_early, gaps_filled_backwards,
        gaps_interpolated, touch_level_only, atr_only, some_bars_only, volume_to_come, calm_days_to_come, number_of_bars, last_timestamp,
        turning_points, smoothed_both_ways, central_slope, last_bit,
    )
}  # fmt: skip


def past_close(candles: Candles, variant: int) -> Signals:
    return rule(candles, candles.close - behind(candles.close, variant))


def trailing_window(candles: Candles, variant: int) -> Signals:
    return rule(candles, trend(candles, 2 * variant + 1))


def z_score_of_the_past(candles: Candles, variant: int) -> Signals:
    mean, square = mean_of_last(candles.close, 50), mean_of_last(candles.close**2, 50)
    return rule(candles, (candles.close - mean) / np.sqrt(np.maximum(square - mean**2, 1e-12)) - variant / 10)


def closed_bar_of_a_longer_timeframe(candles: Candles, variant: int) -> Signals:
    length = candles.timeframe.ms * (variant + 1)
    group = candles.open_ms // length
    closed = np.searchsorted(group, group, side="left") - 1  # the last bar of the group before
    known = np.where(closed >= 0, candles.close[closed], np.nan)
    return rule(candles, candles.close - known)


def confirmed_turning_points(candles: Candles, variant: int) -> Signals:
    marked = turning_points(candles, variant)
    direction = np.concatenate((np.zeros(variant, np.int8), marked.direction))[: len(candles)]
    direction[: LONGEST + 1] = 0
    return Signals(direction, marked.touch_level, marked.atr)


def session(candles: Candles, variant: int) -> Signals:
    average = session_vwap(candles.open_ms, candles.high, candles.low, candles.close, candles.volume, DAY_MS // 2)
    return rule(candles, candles.close - average * (1 + variant / 1000))


def wilder(candles: Candles, variant: int) -> Signals:
    honest = rule(candles, candles.close - ema(candles.close, variant + 2))
    return Signals(honest.direction, honest.touch_level, atr(candles.high, candles.low, candles.close, variant))


def running_sum(candles: Candles, variant: int) -> Signals:
    """Compare with a mean made of cumulative sums, whose rounding depends on the first bar, on prices that often repeat."""
    prices = np.round(candles.close, 1)
    sums = np.append(0.0, np.cumsum(prices))
    mean = np.full(len(candles), np.nan)
    if len(candles) >= 2 * variant:
        mean[2 * variant - 1 :] = (sums[2 * variant :] - sums[: -2 * variant]) / (2 * variant)
    return rule(candles, prices - mean)


HONEST: dict[str, Idea] = {
    idea.__name__: idea
    for idea in (
        past_close, trailing_window, z_score_of_the_past, closed_bar_of_a_longer_timeframe, confirmed_turning_points, session, wilder,
        running_sum,
    )
}  # fmt: skip
