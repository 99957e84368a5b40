"""EMA, RSI and ATR as TA-Lib defines them; a value that is not defined yet is nan."""

from collections.abc import Sequence
from math import nan

from tests.oracle.bars import Bar


def ema(values: Sequence[float], period: int) -> list[float]:
    """Return the exponential moving average, seeded with the mean of the first ``period`` values."""
    result = [nan] * len(values)
    if len(values) < period:
        return result
    average = _mean(values[:period])
    result[period - 1] = average
    k = 2 / (period + 1)
    for t in range(period, len(values)):
        average += k * (values[t] - average)
        result[t] = average
    return result


def rsi(closes: Sequence[float], period: int) -> list[float]:
    """Return Wilder's relative strength index; the first value is at bar ``period``, which has ``period`` changes behind it."""
    changes = [closes[t] - closes[t - 1] for t in range(1, len(closes))]
    gains = _wilder([max(change, 0.0) for change in changes], period)
    losses = _wilder([max(-change, 0.0) for change in changes], period)
    # changes[0] belongs to bar 1.
    return [nan][: len(closes)] + [_strength(gain, loss) for gain, loss in zip(gains, losses, strict=True)]


def atr(bars: Sequence[Bar], period: int) -> list[float]:
    """Return Wilder's average true range; the first true range is at bar 1, so the first value is at bar ``period``."""
    ranges = [_true_range(bars[t], bars[t - 1].close) for t in range(1, len(bars))]
    return [nan][: len(bars)] + _wilder(ranges, period)


def _wilder(values: Sequence[float], period: int) -> list[float]:
    result = [nan] * len(values)
    if len(values) < period:
        return result
    average = _mean(values[:period])
    result[period - 1] = average
    for t in range(period, len(values)):
        average = (average * (period - 1) + values[t]) / period
        result[t] = average
    return result


def _mean(values: Sequence[float]) -> float:
    # Added one by one: the built-in sum compensates rounding errors from Python 3.12 on, and the page says left to right.
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def _strength(gain: float, loss: float) -> float:
    if gain + loss == 0:
        return 50.0
    return 100 * gain / (gain + loss)


def _true_range(bar: Bar, previous_close: float) -> float:
    return max(bar.high - bar.low, abs(bar.high - previous_close), abs(bar.low - previous_close))
