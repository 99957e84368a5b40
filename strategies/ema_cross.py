"""The plainest trend follower: long when the fast EMA rises above the slow one, short when it falls below."""

from collections.abc import Callable, Sequence

import numpy as np

from core.candles import Candles
from strategies.base import Indicator, Param, ParamRows, ParamValues, Run, Signals, run_in_turn
from strategies.columns import Columns
from strategies.indicators import atr, ema
from strategies.shared import atr_column, ema_atr_table, ema_column, ema_sides, first_of_run, prepare_columns, sides_of_runs
from strategies.sparse import Conditions, ConditionTable


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

    def prepare(self, columns: Columns, rows: ParamRows) -> Sequence[Callable[[], None]]:
        """Return what computes the EMAs and ATRs of all ``rows``."""
        return prepare_columns(columns, np.concatenate([rows.column("fast"), rows.column("slow")]), rows.column("atr_period"))

    def conditions_of(self, columns: Columns, rows: ParamRows, run: Run = run_in_turn) -> ConditionTable:
        """Return what ``conditions`` says of each of ``rows``."""
        fast, slow, period = (rows.column(name) for name in ("fast", "slow", "atr_period"))
        table, places, volatility = ema_atr_table(columns, np.concatenate([fast, slow]), period, run)
        touch = places[: len(rows)]
        words, which = sides_of_runs(table, touch, places[len(rows) :], run)
        firsts = np.maximum(np.maximum(fast, slow) - 1, period) + 1
        # each value of an EMA and an ATR is made of the one before: what is no number stays none to the last bar
        return ConditionTable(table, touch, volatility, words, which, firsts, sound=bool(np.isfinite(table[:, -1]).all()))

    def conditions(self, columns: Columns, params: ParamValues) -> Conditions:
        """Return what ``signals`` is made of, from columns that many runs share."""
        fast, slow = int(params["fast"]), int(params["slow"])
        both, volatility = ema_sides(columns, fast, slow), atr_column(columns, int(params["atr_period"]))
        return Conditions(both[0], both[1], self.warmup(params) + 1, ema_column(columns, fast), volatility)


STRATEGY = EmaCross()
