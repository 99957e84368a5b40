"""Money: the one function that moves cash, and what is booked when a position ends."""

import numpy as np

from backtest_engine.codes import LIQUIDATION, SIZE_BY_KELLY
from backtest_engine.kernels.excursions import mark_excursions
from backtest_engine.kernels.prices import taker_price
from backtest_engine.kernels.sizing import note_return
from backtest_engine.records import Bar, Record, Rules, State
from strategies.jit import njit_inner


@njit_inner
def apply_fill(state: State, side: int, qty: float, price: float, fee_rate: float, slippage: float) -> float:
    """Book ``qty`` bought (side +1) or sold (-1) at ``price``: the only mutator of cash, position and fees.

    In the position's direction it adds and averages the entry; against it, it takes off and realises the P&L, which is returned.
    ``slippage`` is the price worsening included in ``price``, per unit.
    """
    fee = price * qty * fee_rate
    realised = 0.0
    if state.direction == 0 or state.direction == side:
        total = state.qty + qty
        state.avg_entry = price if state.qty == 0.0 else (state.avg_entry * state.qty + price * qty) / total
        state.qty = total
        state.direction = side
    else:
        realised = state.direction * qty * (price - state.avg_entry)
        state.qty -= qty
    state.cash += realised
    state.cash -= fee
    state.trade_fees += fee
    state.trade_slippage += slippage * qty
    return realised


@njit_inner
def close_position(
    bar: Bar, rules: Rules, state: State, price: float, fee_rate: float, slippage: float, reason: int, trade: Record
) -> None:
    """Sell or buy back the whole position at ``price`` in ``bar`` and write it into ``trade``, the next free record."""
    direction, qty = state.direction, state.qty
    mark_excursions(state)
    favourable = direction * qty * (price - state.avg_entry)
    state.mfe = max(state.mfe, favourable)
    state.mae = min(state.mae, favourable)
    gross = apply_fill(state, -direction, qty, price, fee_rate, slippage)
    trade.direction = direction
    trade.entry_bar = state.entry_bar
    trade.avg_entry = state.avg_entry
    trade.qty = qty
    trade.entry_tier = state.entry_tier
    trade.tier1_qty = state.tier1_qty
    trade.tier2_qty = state.tier2_qty
    trade.tier3_qty = state.tier3_qty
    trade.tier4_qty = state.tier4_qty
    trade.exit_bar = bar.t
    trade.exit_price = price
    trade.exit_reason = reason
    trade.gross_pnl = gross
    trade.fees = state.trade_fees
    trade.slippage_cost = state.trade_slippage
    trade.funding = state.trade_funding
    trade.net_pnl = gross - state.trade_fees - state.trade_funding
    trade.mfe = state.mfe
    trade.mae = state.mae
    state.trades += 1
    if rules.sizing == SIZE_BY_KELLY:
        note_return(state, trade.net_pnl / (state.avg_entry * qty), bar.t)
    clear_position(state)


@njit_inner
def clear_position(state: State) -> None:
    """Leave nothing of the position behind."""
    state.direction = 0
    state.qty = 0.0
    state.avg_entry = 0.0
    state.entry_tier = 0
    state.tier1_qty = 0.0
    state.tier2_qty = 0.0
    state.tier3_qty = 0.0
    state.tier4_qty = 0.0
    state.trail = np.nan
    state.trail_reason = 0
    state.stop_reason = 0
    state.trade_fees = 0.0
    state.trade_slippage = 0.0
    state.trade_funding = 0.0
    state.mfe = 0.0
    state.mae = 0.0


@njit_inner
def close_at_taker(bar: Bar, rules: Rules, state: State, price: float, reason: int, trade: Record) -> None:
    """Close the whole position at ``price`` worsened by slip, as taker; a liquidation pays a fee of its own too."""
    paid = taker_price(price, -state.direction, state.qty, bar, rules)
    fee_rate = rules.taker_fee + rules.liquidation_fee if reason == LIQUIDATION else rules.taker_fee
    close_position(bar, rules, state, paid, fee_rate, abs(paid - price), reason, trade)


@njit_inner
def write_off(state: State, last_trade: Record) -> None:
    """Book the loss beyond the account into the last trade, so that cash ends at exactly 0; no signal acts any more."""
    last_trade.net_pnl -= state.cash
    state.cash = 0.0
    state.equity = 0.0
    state.signal = 0
    state.ruined = 1
