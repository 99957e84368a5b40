"""The single definition of every record that crosses into a kernel: numbers only."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Directions = NDArray[np.int8]
# Inside a kernel a structured record is read and written by attribute, which numpy's type stubs cannot say.
Record = Any
State = Record
RecordArray = NDArray[np.void]
RecordPair = tuple[Record, Record]


class Bars(NamedTuple):
    """The market as the kernel sees it; float64 arrays of one length, read-only.

    ``vwap`` is the bar's volume-weighted price; ``volume`` in the base currency; ``funding`` the sum of the funding rates due in each
    bar (length 0 = no funding). ``has_volume`` says whether volume may stop a fill.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    vwap: Floats
    funding: Floats
    has_volume: bool


class SignalArrays(NamedTuple):
    """The strategy's words, one per bar: direction int8, touch level and ATR float64."""

    direction: Directions
    touch_level: Floats
    atr: Floats


class Bar(NamedTuple):
    """One bar ``t`` as the step functions see it, with what was known at the close before it (``previous_*``, ``signal``, levels)."""

    t: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float
    funding: float
    has_volume: bool
    traded: bool
    previous_close: float
    signal: int
    touch_level: float
    previous_atr: float


class Rules(NamedTuple):
    """Everything a run does not change: see StrategyConfig, ExecutionConfig and MarketRules for the meaning of each number."""

    initial_capital: float
    maker_fee: float
    taker_fee: float
    slippage: float
    leverage: float
    order_qty: float
    qty_step: float
    min_qty: float
    atr_sl_multiplier: float
    atr_tp_multiplier: float
    trailing_sl_enabled: bool
    trailing_sl_threshold: float
    trailing_tp_enabled: bool
    trailing_tp_threshold: float
    trailing_tp_lock: float
    exit_on_opposite_signal: bool
    hybrid_engine: bool
    timeout1: int  # 0 when the tier is switched off
    timeout2: int
    timeout3: int
    timeout4: int
    ema_touch_tolerance: float
    limit_offset_atr: float
    participation_rate: float
    max_chase_atr: float


# The account, the position, the working entry and the waiting signal: all that a run carries from bar to bar.
STATE_DTYPE = np.dtype(
    [
        ("cash", "f8"),
        ("equity", "f8"),  # at the last close
        ("ruined", "i8"),
        # position; direction 0 = flat
        ("direction", "i8"),
        ("qty", "f8"),
        ("avg_entry", "f8"),
        ("entry_bar", "i8"),
        ("entry_tier", "i8"),
        ("tier1_qty", "f8"),
        ("tier2_qty", "f8"),
        ("tier3_qty", "f8"),
        ("tier4_qty", "f8"),
        ("position_atr", "f8"),
        ("base_stop", "f8"),
        ("trail", "f8"),  # nan = no trailing level reached yet
        ("trail_reason", "i8"),
        ("stop", "f8"),
        ("stop_reason", "i8"),
        ("target", "f8"),
        ("extreme", "f8"),
        ("trade_fees", "f8"),
        ("trade_slippage", "f8"),
        ("trade_funding", "f8"),
        ("mfe", "f8"),
        ("mae", "f8"),
        # working entry; entry_direction 0 = none
        ("entry_direction", "i8"),
        ("entry_signal_bar", "i8"),
        ("entry_signal_price", "f8"),
        ("entry_atr", "f8"),
        ("entry_wanted", "f8"),
        ("entry_remaining", "f8"),
        ("active_tier", "i8"),
        ("age", "i8"),
        ("limit_price", "f8"),
        # waiting signal; 0 = none
        ("signal", "i8"),
        ("signal_bar", "i8"),
        ("signal_price", "f8"),
        ("signal_atr", "f8"),
        # counters
        ("trades", "i8"),
        ("entries", "i8"),  # entry events logged
        ("bars_in_position", "i8"),
        ("fill", "i8"),  # how the entry was filled in this bar (NO_FILL ... SLICE)
        ("opened", "i8"),  # 1 when that fill opened the position
        ("fill_price", "f8"),
    ]
)

TRADE_DTYPE = np.dtype(
    [
        ("direction", "i8"),
        ("entry_bar", "i8"),
        ("avg_entry", "f8"),
        ("qty", "f8"),
        ("entry_tier", "i8"),
        ("tier1_qty", "f8"),
        ("tier2_qty", "f8"),
        ("tier3_qty", "f8"),
        ("tier4_qty", "f8"),
        ("exit_bar", "i8"),
        ("exit_price", "f8"),
        ("exit_reason", "i8"),
        ("gross_pnl", "f8"),
        ("fees", "f8"),
        ("slippage_cost", "f8"),
        ("funding", "f8"),
        ("net_pnl", "f8"),
        ("mfe", "f8"),
        ("mae", "f8"),
    ]
)

ENTRY_DTYPE = np.dtype(
    [
        ("kind", "i8"),
        ("reason", "i8"),
        ("direction", "i8"),
        ("signal_bar", "i8"),
        ("end_bar", "i8"),
        ("wanted_qty", "f8"),
        ("filled_qty", "f8"),
    ]
)
