"""The default strategy: pullbacks in the direction of the trend, told by three EMAs and the RSI.

Long when the fast EMA is above the slow one, the close above the trend EMA and the RSI below its long threshold, on the first bar
where all of it holds; short is the mirror image.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from strategies.base import Indicator, Param, ParamRows, ParamValues, Signals
from strategies.columns import Columns
from strategies.indicators import atr, ema, rsi
from strategies.shared import atr_column, ema_column, ema_sides, first_of_run, prepare_columns
from strategies.sparse import Conditions, Words, sides

Values = NDArray[np.float64]
_EMAS = ("ema_fast", "ema_slow", "ema_trend")


class HybridTrend:
    """EMA / RSI / ATR pullback; every parameter is a field of StrategyConfig."""

    name = "hybrid_trend"
    params = (
        Param("ema_fast", "int", 20, 1, 5000, stage="7.1", relative=True, ordered="ema"),
        Param("ema_slow", "int", 50, 1, 5000, stage="7.1", relative=True, ordered="ema"),
        Param("ema_trend", "int", 200, 1, 5000, stage="7.1", relative=True, ordered="ema"),
        Param("rsi_period", "int", 14, 1, 5000, stage="7.1", relative=True),
        Param("atr_period", "int", 14, 1, 5000, stage="7.1", relative=True),
        Param("rsi_long_threshold", "float", 35.0, 20, 50, 1, stage="7.2"),
        Param("rsi_short_threshold", "float", 65.0, 50, 80, 1, stage="7.2"),
        Param("atr_sl_multiplier", "float", 1.5, 0.5, 5.0, 0.1, stage="7.2"),
        Param("atr_tp_multiplier", "float", 2.0, 1.0, 5.0, 0.1, stage="7.2"),
        Param("trailing_sl_threshold", "float", 0.02, 0.01, 0.10, 0.01, stage="7.2"),
        Param("trailing_tp_threshold", "float", 0.03, 0.01, 0.10, 0.01, stage="7.2"),
        Param("enable_trend_filter", "bool", True),
        Param("enable_rsi_filter", "bool", True),
    )

    def warmup(self, params: ParamValues) -> int:
        """Return the first bar at which every indicator in use is defined; filters that are off do not count."""
        bars = [params["ema_fast"] - 1, params["ema_slow"] - 1, params["atr_period"]]
        if params["enable_trend_filter"]:
            bars.append(params["ema_trend"] - 1)
        if params["enable_rsi_filter"]:
            bars.append(params["rsi_period"])
        return int(max(bars))

    def signals(self, candles: Candles, params: ParamValues) -> Signals:
        """Return entries on the first bar of each pullback, the fast EMA as touch level, and the ATR."""
        close = candles.close
        fast = ema(close, int(params["ema_fast"]))
        slow = ema(close, int(params["ema_slow"]))
        volatility = atr(candles.high, candles.low, close, int(params["atr_period"]))
        long_ok, short_ok = fast > slow, fast < slow
        if params["enable_trend_filter"]:
            trend = ema(close, int(params["ema_trend"]))
            long_ok &= close > trend
            short_ok &= close < trend
        if params["enable_rsi_filter"]:
            momentum = rsi(close, int(params["rsi_period"]))
            long_ok &= momentum < params["rsi_long_threshold"]
            short_ok &= momentum > params["rsi_short_threshold"]
        direction = first_of_run(long_ok).astype(np.int8) - first_of_run(short_ok).astype(np.int8)
        direction[: self.warmup(params) + 1] = 0
        return Signals(direction, fast, volatility)

    def indicators(self, candles: Candles, params: ParamValues) -> Sequence[Indicator]:
        """Return the EMAs over the candles, below them the RSI with its thresholds and the ATR; without those of filters that are off."""
        close, period = candles.close, int(params["rsi_period"])
        names = _EMAS if params["enable_trend_filter"] else _EMAS[:2]
        lines = [Indicator(f"EMA {int(params[name])}", "price", ema(close, int(params[name]))) for name in names]
        if params["enable_rsi_filter"]:
            thresholds = (float(params["rsi_long_threshold"]), float(params["rsi_short_threshold"]))
            lines.append(Indicator(f"RSI {period}", "oscillator", rsi(close, period), thresholds))
        volatility = atr(candles.high, candles.low, close, int(params["atr_period"]))
        return (*lines, Indicator(f"ATR {int(params['atr_period'])}", "oscillator", volatility))

    def prepare(self, columns: Columns, rows: ParamRows) -> Sequence[Callable[[], None]]:
        """Return what computes the EMAs and ATRs of all ``rows``."""
        trends = rows.column("ema_trend")[rows.column("enable_trend_filter") != 0]
        emas = np.concatenate([rows.column("ema_fast"), rows.column("ema_slow"), trends])
        return prepare_columns(columns, emas, rows.column("atr_period"))

    def conditions(self, columns: Columns, params: ParamValues) -> Conditions:
        """Return what ``signals`` is made of, from columns that many runs share."""
        fast, slow = int(params["ema_fast"]), int(params["ema_slow"])
        trend = int(params["ema_trend"]) if params["enable_trend_filter"] else None
        period = int(params["rsi_period"]) if params["enable_rsi_filter"] else None
        longs = _pullback(columns, fast, slow, trend, period, params["rsi_long_threshold"], long=True)
        shorts = _pullback(columns, fast, slow, trend, period, params["rsi_short_threshold"], long=False)
        return Conditions(longs, shorts, self.warmup(params) + 1, ema_column(columns, fast), atr_column(columns, int(params["atr_period"])))


def _pullback(columns: Columns, fast: int, slow: int, trend: int | None, period: int | None, threshold: float, *, long: bool) -> Words:
    """Return where all conditions of a side hold."""

    def all_of_them() -> Words:
        holds: Words = ema_sides(columns, fast, slow)[0 if long else 1]
        if trend is not None:
            holds = holds & _beyond_trend(columns, trend, above=long)
        return holds if period is None else holds & _rsi_beyond(columns, period, threshold, above=not long)

    return columns.whole(("pullback", long, fast, slow, trend, period, threshold), all_of_them)


def _rsi(columns: Columns, period: int) -> Values:
    return columns.values(("rsi", period), lambda candles: rsi(candles.close, period))


def _beyond_trend(columns: Columns, period: int, *, above: bool) -> Words:
    both = columns.words(("close and ema", period), lambda: sides(columns.candles.close, ema_column(columns, period)))
    side: Words = both[0 if above else 1]
    return side


def _rsi_beyond(columns: Columns, period: int, threshold: float, *, above: bool) -> Words:
    if above:
        return columns.flags(("rsi above", period, threshold), lambda _: _rsi(columns, period) > threshold)
    return columns.flags(("rsi below", period, threshold), lambda _: _rsi(columns, period) < threshold)


STRATEGY = HybridTrend()
