"""The plainest trend follower: long when the fast EMA rises above the slow one, short when it falls below."""

from collections.abc import Sequence

import numpy as np

from core.candles import Candles
from strategies.base import Indicator, Param, ParamRows, ParamValues, Signals
from strategies.columns import Columns
from strategies.conditions import ConditionPlan
from strategies.indicators import atr, ema
from strategies.shared import first_of_run


class EmaCross:
    """A signal on every bar at which the fast EMA crosses the slow one; both are seeded with the mean of their first closes.

    Without filters it is in the market all the time, so it is a yardstick rather than a proposal. ``enable_hybrid_engine: off`` enters at
    the next open. The ATR serves the stops only.
    """

    name = "ema_cross"
    params = (
        Param("fast", "int", 20, 1, 5000, stage="7.1", relative=True, ordered="periods"),
        Param("slow", "int", 50, 1, 5000, stage="7.1", relative=True, ordered="periods"),
        Param("atr_period", "int", 14, 1, 5000, stage="7.1", relative=True),
        Param("atr_sl_multiplier", "float", 1.5, 0.5, 5.0, 0.1, stage="7.2"),
        Param("atr_tp_multiplier", "float", 2.0, 1.0, 5.0, 0.1, stage="7.2"),
        Param("trailing_sl_threshold", "float", 0.02, 0.01, 0.10, 0.01, stage="7.2"),
        Param("trailing_tp_threshold", "float", 0.03, 0.01, 0.10, 0.01, stage="7.2"),
    )

    def warmup(self, params: ParamValues) -> int:
        """Return the first bar at which both EMAs and the ATR are defined."""
        return int(max(params["fast"] - 1, params["slow"] - 1, params["atr_period"]))

    def signals(self, candles: Candles, params: ParamValues) -> Signals:
        """Return the crossings, the fast EMA as touch level, and the ATR."""
        fast, slow = ema(candles.close, int(params["fast"])), ema(candles.close, int(params["slow"]))
        direction = first_of_run(fast > slow).astype(np.int8) - first_of_run(fast < slow).astype(np.int8)
        direction[: self.warmup(params) + 1] = 0
        return Signals(direction, fast, atr(candles.high, candles.low, candles.close, int(params["atr_period"])))

    def indicators(self, candles: Candles, params: ParamValues) -> Sequence[Indicator]:
        """Return both EMAs over the candles and the ATR below them."""
        volatility = atr(candles.high, candles.low, candles.close, int(params["atr_period"]))
        return (
            *(Indicator(f"EMA {int(params[name])}", "price", ema(candles.close, int(params[name]))) for name in ("fast", "slow")),
            Indicator(f"ATR {int(params['atr_period'])}", "oscillator", volatility),
        )

    def conditions(self, columns: Columns, rows: ParamRows) -> ConditionPlan:
        """Return what the signals of ``rows`` are made of."""
        fast, slow, period = (rows.column(name) for name in ("fast", "slow", "atr_period"))
        plan = ConditionPlan(columns)
        above, below = plan.emas_apart(fast, slow)
        return plan.of_runs([above], [below], fast, period, np.maximum(np.maximum(fast, slow) - 1, period) + 1)


STRATEGY = EmaCross()
