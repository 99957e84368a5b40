"""How much an entry wants, from what was known at the close before it."""

import numpy as np

from backtest_engine.codes import (
    BELOW_MIN_NOTIONAL,
    BELOW_MIN_QTY,
    BELOW_STEP,
    BY_ATR,
    NO_BET,
    SIZE_BY_EQUITY,
    SIZE_BY_KELLY,
    SIZE_BY_RISK,
    SIZE_BY_VOLATILITY,
)  # fmt: skip
from backtest_engine.records import Rules, State
from strategies.jit import njit_inner


@njit_inner
def entry_quantity(rules: Rules, state: State, t: int) -> float:
    """Return the quantity to enter with in bar ``t``: the sizing's, capped by leverage, rounded down to the market's step."""
    qty: float = min(wanted_quantity(rules, state, t), rules.leverage * state.equity / state.signal_price)
    if rules.qty_step > 0.0:
        # 1e-9 of a step: 0.3 / 0.1 is 2.9999999999999996 and means three steps
        qty = np.floor(qty / rules.qty_step + 1e-9) * rules.qty_step
    return qty


@njit_inner
def rejection(rules: Rules, state: State, t: int, qty: float) -> int:
    """Return why ``qty``, the quantity for bar ``t``, is no order, 0 when it is one."""
    if not qty > 0.0:
        return BELOW_STEP if wanted_quantity(rules, state, t) > 0.0 else NO_BET
    if qty < rules.min_qty:
        return BELOW_MIN_QTY
    return BELOW_MIN_NOTIONAL if qty * state.signal_price < rules.min_notional else 0


@njit_inner
def wanted_quantity(rules: Rules, state: State, t: int) -> float:
    """Return what the sizing asks for; infinite where nothing is at risk, so that leverage decides."""
    if rules.sizing == SIZE_BY_EQUITY:
        return share_of_equity(rules.equity_fraction, state)
    if rules.sizing == SIZE_BY_RISK:
        distance = rules.atr_sl_multiplier * state.signal_atr if rules.stop_type == BY_ATR else state.signal_price * rules.stop_distance
        return divided(rules.risk_per_trade * state.equity, distance * state.signal_regime)
    if rules.sizing == SIZE_BY_VOLATILITY:
        return divided(rules.volatility_target * state.equity, state.signal_atr * rules.root_periods)
    if rules.sizing == SIZE_BY_KELLY:
        if state.fresh_bar < t:
            learn(state)
        return kelly_quantity(rules, state)
    fixed: float = rules.order_qty
    return fixed


@njit_inner
def share_of_equity(share: float, state: State) -> float:
    """Return the quantity that is worth ``share`` of the equity at the signal's price."""
    qty: float = share * state.equity / state.signal_price
    return qty


@njit_inner
def divided(amount: float, divisor: float) -> float:
    """Return ``amount / divisor``, infinite for a divisor of 0."""
    return np.inf if divisor == 0.0 else amount / divisor


@njit_inner
def kelly_quantity(rules: Rules, state: State) -> float:
    """Return the size by the record so far; the size by equity while that is too short or of one kind. Not positive: do not bet."""
    wins, losses = state.known_wins, state.known_losses
    if state.known_trades < rules.kelly_min_trades or wins == 0 or losses == 0:
        return share_of_equity(rules.equity_fraction, state)
    p = wins / (wins + losses)
    f = p / (state.known_loss / losses) - (1.0 - p) / (state.known_gain / wins)
    return share_of_equity(rules.kelly_fraction * f, state)


@njit_inner
def note_return(state: State, value: float, t: int) -> None:
    """Keep the return of a trade closed in bar ``t`` until that bar's entry is sized: the signal that closes a trade does not know it.

    A bar closes at most one trade before its entry is sized, so the one before it is known by now.
    """
    learn(state)
    state.fresh_return = value
    state.fresh_bar = t


@njit_inner
def learn(state: State) -> None:
    """Add the trade closed last, if it is not yet there, to the record."""
    if state.fresh_bar == 0:
        return
    state.fresh_bar = 0
    value = state.fresh_return
    state.known_trades += 1
    if value > 0.0:
        state.known_wins += 1
        state.known_gain += value
    elif value < 0.0:
        state.known_losses += 1
        state.known_loss -= value
