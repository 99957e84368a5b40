"""Holding: bars in which a position is only carried on, passed without looking for what cannot happen in them."""

from backtest_engine.codes import NO_FILL
from backtest_engine.kernels.bar import equity_at
from backtest_engine.kernels.excursions import see, set_extreme
from backtest_engine.kernels.levels import update_trailing
from backtest_engine.records import Rules, State
from strategies.jit import njit_inline


@njit_inline
def is_quiet(high: float, low: float, rate: float, state: State) -> bool:
    """Return whether a bar leaves nothing to do but its close, for a position with nothing working and no signal to act on.

    No funding is due; stop, fixed target, liquidation and ruin are out of reach: steps 0 to 4 of ``advance_bar`` would find nothing,
    nor would the ruin of step 5.
    """
    quiet: bool = low > state.quiet_low and high < state.quiet_high and rate == 0.0
    return quiet


@njit_inline
def carry_on(high: float, low: float, close: float, rules: Rules, state: State) -> None:
    """Step 5 of a quiet bar: raise the extreme and with it the trailing levels, mark the account at the close."""
    state.fill = NO_FILL
    state.opened = 0
    see(state, high, low)
    if high > state.better_high or low < state.better_low:
        set_extreme(state, high if state.direction > 0 else low)
        update_trailing(state, rules)
    state.equity = equity_at(state, close)
