"""The default strategy: a pullback (RSI) inside a trend (three EMAs), with the fast EMA as touch level."""

from collections.abc import Sequence
from math import isnan, nan

from tests.oracle.bars import Bar
from tests.oracle.indicators import atr, ema, rsi
from tests.oracle.settings import Settings


def signals(bars: Sequence[Bar], settings: Settings) -> tuple[list[int], list[float], list[float]]:
    """Return the signal (+1, -1, 0), the touch level and the ATR of every bar."""
    closes = [bar.close for bar in bars]
    fast = ema(closes, settings.ema_fast)
    slow = ema(closes, settings.ema_slow)
    # A filter that is off counts for nothing, not even for the warm-up.
    trend = ema(closes, settings.ema_trend) if settings.enable_trend_filter else None
    strength = rsi(closes, settings.rsi_period) if settings.enable_rsi_filter else None
    ranges = atr(bars, settings.atr_period)

    in_use = [series for series in (fast, slow, trend, strength, ranges) if series is not None]
    first_defined = _first_defined(in_use, len(bars))
    long_ok, short_ok = [], []
    for t, close in enumerate(closes):
        trend_t = nan if trend is None else trend[t]
        strength_t = nan if strength is None else strength[t]
        trend_l = trend is None or close > trend_t
        trend_s = trend is None or close < trend_t
        rsi_l = strength is None or strength_t < settings.rsi_long_threshold
        rsi_s = strength is None or strength_t > settings.rsi_short_threshold
        long_ok.append(fast[t] > slow[t] and trend_l and rsi_l)
        short_ok.append(fast[t] < slow[t] and trend_s and rsi_s)
    return [_signal(t, first_defined, long_ok, short_ok, settings) for t in range(len(bars))], fast, ranges


def _first_defined(in_use: Sequence[Sequence[float]], bar_count: int) -> int:
    """Return W: the first bar at which every series is defined, the number of bars if that never happens."""
    for t in range(bar_count):
        if not any(isnan(series[t]) for series in in_use):
            return t
    return bar_count


def _signal(t: int, first_defined: int, long_ok: Sequence[bool], short_ok: Sequence[bool], settings: Settings) -> int:
    if t <= first_defined:
        return 0
    if (settings.allow_long or settings.exit_on_disabled_side) and long_ok[t] and not long_ok[t - 1]:
        return 1
    if (settings.allow_short or settings.exit_on_disabled_side) and short_ok[t] and not short_ok[t - 1]:
        return -1
    return 0
