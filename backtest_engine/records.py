"""The single definition of every record that crosses into a kernel: numbers only. Signals are in ``strategies.sparse``."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Inside a kernel a structured record is read and written by attribute, which numpy's type stubs cannot say.
Record = Any
State = Record
Rules = Record
Score = Record
RecordArray = NDArray[np.void]
RecordPair = tuple[Record, Record]


class Decisions(NamedTuple):
    """Which decision bar each bar of the market belongs to, read-only; all arrays have length 0 where every bar is its own.

    ``of`` and ``place`` int64, one per bar of the market: the number of its decision bar, and its place in it by the clock, 0 to
    ``inside - 1``. ``first`` int64: the first bar of the market in each decision bar, and behind the last one the number of bars.
    ``close`` float64, one per decision bar. ``inside`` is how many bars of the market fit into a decision bar.
    """

    of: NDArray[np.int64]
    place: NDArray[np.int64]
    first: NDArray[np.int64]
    close: Floats
    inside: int


class Windows(NamedTuple):
    """The extremes of some bars in a row, of those from each bar on that has so many; float64, all of length 0 where nobody asks."""

    high: Floats  # the highest high of a few bars
    low: Floats
    span_high: Floats  # of many
    span_low: Floats
    highest: float  # of all bars
    lowest: float


class Bars(NamedTuple):
    """The market as the kernel sees it; float64 arrays of one length, read-only.

    ``vwap`` is the bar's volume-weighted price (length 0 = no run has the hybrid engine); ``volume`` in the base currency; ``funding`` the
    sum of the funding rates due in each bar (length 0 = no funding). ``has_volume`` says whether volume may stop a fill. ``decisions`` are
    the bars the strategy decides on.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    vwap: Floats
    funding: Floats
    has_volume: bool
    decisions: Decisions
    windows: Windows


class Bar(NamedTuple):
    """One bar ``t`` as the step functions see it, with what was known before it: the close of the bar before and, of the decision bar
    before, the levels and in its first bar only the signal.

    ``place`` is that of the bar among the ``inside`` bars that fit into its decision bar, ``last`` whether it is the last one there.
    """

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
    signal_bar: int
    signal_price: float
    touch_level: float
    previous_atr: float
    previous_regime: float
    place: int
    inside: int
    last: bool


class Frame(NamedTuple):
    """What the figures of a run need besides its score: how many bars, how many of them closed with a position, the equity at both ends."""

    bars: int
    bars_in_position: int
    first: float
    last: float
    ruined: bool
    periods_per_year: float
    free_return: float


# Records are aligned: of others a GPU reads every number byte by byte.
# What a run does not change: see StrategyConfig, ExecutionConfig and MarketRules for the meaning of each number.
RULES_DTYPE = np.dtype(
    [
        ("initial_capital", "f8"),
        ("maker_fee", "f8"),
        ("taker_fee", "f8"),
        ("slippage", "f8"),
        ("growing_slip", "?"),  # whether range or size add to it
        ("slippage_range_share", "f8"),
        ("slippage_impact", "f8"),
        ("slippage_cap", "f8"),
        ("leverage", "f8"),
        ("maintenance_margin", "f8"),
        ("liquidation_fee", "f8"),
        ("sizing", "i8"),
        ("order_qty", "f8"),
        ("equity_fraction", "f8"),
        ("risk_per_trade", "f8"),
        ("volatility_target", "f8"),
        ("kelly_fraction", "f8"),
        ("kelly_min_trades", "i8"),
        ("root_periods", "f8"),  # square root of the bars in a year
        ("qty_step", "f8"),
        ("min_qty", "f8"),
        ("min_notional", "f8"),
        ("price_step", "f8"),
        ("steps_per_unit", "f8"),  # 0 where 1 is no multiple of the step
        ("stop_type", "i8"),
        ("target_type", "i8"),
        ("atr_sl_multiplier", "f8"),
        ("atr_tp_multiplier", "f8"),
        ("stop_distance", "f8"),
        ("target_distance", "f8"),
        ("regime_response", "f8"),
        ("regime_lookback", "i8"),
        ("regime_min_multiplier", "f8"),
        ("regime_max_multiplier", "f8"),
        ("trailing_sl_enabled", "?"),
        ("trailing_sl_threshold", "f8"),
        ("trailing_tp_enabled", "?"),
        ("trailing_tp_threshold", "f8"),
        ("trailing_tp_lock", "f8"),
        ("exit_on_opposite_signal", "?"),
        ("allow_long", "?"),
        ("allow_short", "?"),
        ("hybrid_engine", "?"),
        ("timeout1", "i8"),  # 0 when the tier is switched off
        ("timeout2", "i8"),
        ("timeout3", "i8"),
        ("timeout4", "i8"),
        ("ema_touch_tolerance", "f8"),
        ("limit_offset_atr", "f8"),
        ("participation_rate", "f8"),
        ("max_chase_atr", "f8"),
        ("free_return", "f8"),  # the risk-free rate of one bar
    ],
    align=True,
)

# The account, the position, the working entry and the waiting signal: all that a run carries from bar to bar.
STATE_DTYPE = np.dtype(
    [
        ("cash", "f8"),
        ("equity", "f8"),  # at the last close of the market
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
        ("position_regime", "f8"),
        ("base_stop", "f8"),
        ("trail", "f8"),  # nan = no trailing level reached yet
        ("trail_reason", "i8"),
        ("stop", "f8"),
        ("stop_reason", "i8"),
        ("target", "f8"),
        ("liquidation", "f8"),  # out of reach without a maintenance margin
        ("edge", "f8"),  # nearer to the account's end than that, a bar is looked at closely
        ("stop_order", "f8"),  # stop and target as the market takes them
        ("target_order", "f8"),  # out of reach while it trails
        ("quiet_low", "f8"),  # a bar between these two touches nothing
        ("quiet_high", "f8"),
        ("extreme", "f8"),
        ("better_high", "f8"),  # a bar above or below has a better price than the extreme; out of reach on the other side
        ("better_low", "f8"),
        ("stir_high", "f8"),  # a bar above or below may move a trailing level; out of reach where none can
        ("stir_low", "f8"),
        ("seen_high", "f8"),  # since the last fill
        ("seen_low", "f8"),
        ("trade_fees", "f8"),
        ("trade_slippage", "f8"),
        ("trade_funding", "f8"),
        ("mfe", "f8"),
        ("mae", "f8"),
        # working entry; entry_direction 0 = none
        ("entry_direction", "i8"),
        ("entry_signal_bar", "i8"),
        ("entry_signal_price", "f8"),
        ("entry_regime", "f8"),  # before entry_atr: the two are copied to the position's, which as one pair would wait for two writes
        ("entry_atr", "f8"),
        ("entry_wanted", "f8"),
        ("entry_filled", "f8"),
        ("entry_remaining", "f8"),  # a slice too small to be seen in it is filled all the same
        ("active_tier", "i8"),
        ("age", "i8"),
        ("limit_price", "f8"),
        # waiting signal; 0 = none
        ("signal", "i8"),
        ("signal_bar", "i8"),
        ("signal_price", "f8"),
        ("signal_atr", "f8"),
        ("signal_regime", "f8"),
        # counters
        ("trades", "i8"),
        ("entries", "i8"),  # entry events logged
        ("ambiguous", "i8"),  # exits that another order of prices inside their bar would have changed
        ("bars_in_position", "i8"),
        # the record of closed trades for sizing by it
        ("fresh_bar", "i8"),  # the bar that closed a trade not yet in it; 0 = none
        ("fresh_return", "f8"),  # net P&L / entry notional
        ("known_trades", "i8"),
        ("known_wins", "i8"),
        ("known_losses", "i8"),
        ("known_gain", "f8"),  # sums of the returns of wins and, as positive numbers, losses
        ("known_loss", "f8"),
        ("fill", "i8"),  # how the entry was filled in this bar (NO_FILL ... SLICE)
        ("opened", "i8"),  # 1 when that fill opened the position
        ("fill_price", "f8"),
        ("next_signal", "i8"),  # how many of the signals have been seen
    ],
    align=True,
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
    ],
    align=True,
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
    ],
    align=True,
)
