"""The default strategy: pullbacks in the direction of the trend, told by three EMAs and the RSI.

Long when the fast EMA is above the slow one, the close above the trend EMA and the RSI below its long threshold, on the first bar
where all of it holds; short is the mirror image.
"""

from collections.abc import Sequence

import numpy as np

from core.candles import Candles
from strategies.base import Indicator, Param, ParamRows, ParamValues, Signals
from strategies.columns import Columns
from strategies.conditions import CLOSES, ConditionPlan
from strategies.indicators import atr, ema, rsi
from strategies.shared import first_of_run, rsi_column

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

    def conditions(self, columns: Columns, rows: ParamRows) -> ConditionPlan:
        """Return what the signals of ``rows`` are made of; a side that lacks a filter needs the condition of its EMAs once more instead."""
        fast, slow, trend = (rows.column(name) for name in _EMAS)
        momentum, volatility = rows.column("rsi_period"), rows.column("atr_period")
        trending, filtered = rows.column("enable_trend_filter") != 0, rows.column("enable_rsi_filter") != 0
        plan = ConditionPlan(columns)
        above, below = plan.emas_apart(fast, slow)
        longs, shorts = ([side, side.copy(), side.copy()] for side in (above, below))
        longs[1][trending], shorts[1][trending] = plan.emas_apart(np.full(trending.sum(), CLOSES), trend[trending])
        for side, name, beyond in ((longs, "rsi_long_threshold", False), (shorts, "rsi_short_threshold", True)):
            side[2][filtered] = plan.beyond(rsi_column, momentum[filtered], rows.values(name)[filtered], above=beyond)
        firsts = np.maximum(np.maximum(fast, slow) - 1, volatility) + 1
        firsts = np.maximum(firsts, np.where(trending, trend, 0))
        firsts = np.maximum(firsts, np.where(filtered, momentum + 1, 0))
        return plan.of_runs(longs, shorts, fast, volatility, firsts)


STRATEGY = HybridTrend()
