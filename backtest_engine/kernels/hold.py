"""Holding: bars in which a position is only carried on, passed without looking for what cannot happen in them."""

from backtest_engine.codes import NO_FILL
from backtest_engine.kernels.bar import equity_at
from backtest_engine.kernels.excursions import see, set_extreme
from backtest_engine.kernels.levels import update_trailing
from backtest_engine.kernels.scoring import calm_from, count_drawdown, keep_sums, sums_of, with_return
from backtest_engine.records import Rules, Score, State
from backtest_engine.score_records import Held
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


@njit_inline
def see_between(bottom: float, top: float, state: State) -> None:
    """Let the prices of bars that moved no trailing level into what the position has seen, and into its best price."""
    see(state, top, bottom)
    if state.seen_high > state.better_high or state.seen_low < state.better_low:
        set_extreme(state, state.seen_high if state.direction > 0 else state.seen_low)


@njit_inline
def begin_holding(state: State, score: Score, bar: int) -> Held:
    """Take what changes in every held bar out of the records; ``bar`` is the last decision bar, whose return is counted next."""
    return Held(
        score.pending == 1, score.before, state.equity, sums_of(score, bar), score.peak, calm_from(score),
        state.seen_high, state.seen_low, state.cash, state.direction * state.qty, state.avg_entry,
    )  # fmt: skip


@njit_inline
def hold_bar(held: Held, high: float, low: float, close: float, rules: Rules, state: State, score: Score) -> Held:
    """Carry the position over one quiet bar: the same steps as ``begin_bar`` and ``carry_on``."""
    sums, peak, calm, worth = held.sums, held.peak, held.calm, held.worth
    if held.pending:
        sums = with_return(sums, score, held.before, worth, rules.free_return)
        if worth > peak or worth < calm:
            count_drawdown(score, worth)
            peak, calm = score.peak, calm_from(score)
    if high > state.stir_high:
        improve(state, high, rules)
    if low < state.stir_low:
        improve(state, low, rules)
    return Held(
        True, worth, held.cash + held.signed_qty * (close - held.avg_entry), sums, peak, calm,
        high if high > held.seen_high else held.seen_high, low if low < held.seen_low else held.seen_low,
        held.cash, held.signed_qty, held.avg_entry,
    )  # fmt: skip


@njit_inline
def improve(state: State, price: float, rules: Rules) -> None:
    """Make ``price`` the best one since entry, and let the trailing levels follow."""
    set_extreme(state, price)
    update_trailing(state, rules)


@njit_inline
def end_holding(held: Held, bars: int, state: State, score: Score, bar: int) -> None:
    """Put what has changed in ``bars`` held bars, of which decision bar ``bar`` was the last, back into the records."""
    state.fill, state.opened, state.equity = NO_FILL, 0, held.worth
    see_between(held.seen_low, held.seen_high, state)
    state.bars_in_position += bars
    score.before, score.pending = held.before, 1
    keep_sums(score, held.sums, bar)
