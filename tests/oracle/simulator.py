"""The order of events in a bar, one function per step."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from tests.oracle.account import Account
from tests.oracle.bars import Bar
from tests.oracle.entry_tiers import MARKET_TIER, Fill, FillKind, WorkingEntry, activate_tier, fill_active_tier, next_tier
from tests.oracle.exits import Exit, best_of, exit_of_carried, same_bar_exit, worst_of
from tests.oracle.outcome import EntryEvent, OracleResult
from tests.oracle.protection import more_protective, raise_trailing_levels
from tests.oracle.settings import Settings


def simulate(
    bars: Sequence[Bar],
    direction: Sequence[int],
    touch_level: Sequence[float],
    atr: Sequence[float],
    settings: Settings,
    funding: Sequence[tuple[int, float]] = (),
) -> OracleResult:
    """Run the bars with the given signals (+1, -1, 0), touch levels and ATRs, a fixed order quantity, and funding (time in ms, rate)."""
    if not bars:
        raise ValueError("data without bars is refused")
    run = _Run(bars, direction, touch_level, atr, settings, funding)
    run.equity[0] = settings.initial_capital
    for t in range(1, len(bars)):
        run.advance(t)
        if run.ruined:
            break
    if not run.ruined:
        run.step_6_end_of_data()
    return OracleResult(run.account.trades, run.events, run.equity, run.ruined, run.account.cash)


@dataclass(frozen=True)
class _Signal:
    """A signal with what it keeps while it waits: the close and the ATR of its own bar."""

    direction: int
    bar: int
    price: float
    atr: float


class _Run:
    """The state between bars: account, working entry, waiting signal, log and equity."""

    def __init__(
        self,
        bars: Sequence[Bar],
        direction: Sequence[int],
        touch_level: Sequence[float],
        atr: Sequence[float],
        settings: Settings,
        funding: Sequence[tuple[int, float]],
    ) -> None:
        self.bars = bars
        self.direction = direction
        self.touch_level = touch_level
        self.atr = atr
        self.settings = settings
        self.funding = funding
        self.account = Account(bars, settings)
        self.entry: WorkingEntry | None = None
        self.waiting: _Signal | None = None
        self.events: list[EntryEvent] = []
        # Equity after ruin stays 0.
        self.equity = [0.0] * len(bars)
        self.ruined = False

    def advance(self, t: int) -> None:
        """Run the steps of bar ``t`` in their order."""
        self.step_0_funding(t)
        self.step_1_signal(t)
        self.step_2_exits_of_a_carried_position(t)
        fill = self.step_3_working_entry(t)
        self.step_4_same_bar_protection(t, fill)
        self.step_5_close_of_bar(t)

    def traded(self, t: int) -> bool:
        """When V[t] == 0 nothing fills; data declared without volume does not know no-trade bars."""
        return not (self.settings.has_volume and self.bars[t].volume == 0)

    # Step 0: funding, no-trade bars included.

    def step_0_funding(self, t: int) -> None:
        """A position carried into t pays d * qty * O[t] * rate for every funding time in [T[t], T[t+1])."""
        held = self.account.position
        if held is None:
            return
        start, after = self.bars[t].open_ms, self.bars[t + 1].open_ms if t + 1 < len(self.bars) else None
        for time, rate in self.funding:
            if time >= start and (after is None or time < after):
                self.account.pay_funding(held.direction * held.qty * self.bars[t].open * rate)

    # Step 1: the signal of the bar before, or one that waited for a traded bar.

    def step_1_signal(self, t: int) -> None:
        """s = signal[t-1]; it is consumed when this step first sees it on a traded bar."""
        signal = self.waiting
        if self.direction[t - 1] != 0:
            # A later non-zero signal replaces the waiting one.
            signal = _Signal(self.direction[t - 1], t - 1, self.bars[t - 1].close, self.atr[t - 1])
        self.waiting = None
        if signal is None:
            return
        if self.traded(t):
            self._act(signal, t)
        else:
            self._act_in_a_no_trade_bar(signal, t)

    def _act(self, signal: _Signal, t: int) -> None:
        # Position open in direction d, s == -d, exit_on_opposite_signal on: closed at O[t], any working remainder cancelled.
        if self._would_close(signal):
            self._exit(self.bars[t].open, t, "opposite_signal")
        else:
            self._cancel_opposed_unfilled_entry(signal, t)
        # Now flat with nothing working: an entry starts working in this bar.
        if self.account.position is None and self.entry is None:
            self._start_entry(signal, t)
        # A signal in the direction already held or working is ignored.

    def _act_in_a_no_trade_bar(self, signal: _Signal, t: int) -> None:
        # Cancelling an unfilled working entry takes effect at once.
        self._cancel_opposed_unfilled_entry(signal, t)
        # A signal that would close a position or start an entry waits for the next traded bar; any other is gone.
        would_start = self.account.position is None and self.entry is None
        if self._would_close(signal) or would_start:
            self.waiting = signal

    def _would_close(self, signal: _Signal) -> bool:
        held = self.account.position
        return held is not None and signal.direction == -held.direction and self.settings.exit_on_opposite_signal

    def _cancel_opposed_unfilled_entry(self, signal: _Signal, t: int) -> None:
        # Only a working entry in direction d, nothing filled, and s == -d: cancelled, whatever exit_on_opposite_signal says.
        if self.account.position is None and self.entry is not None and signal.direction == -self.entry.direction:
            self._cancel_entry(t, "opposite_signal")

    def _start_entry(self, signal: _Signal, t: int) -> None:
        qty = self._order_qty(self.equity[t - 1], signal.price)
        # A quantity that is not positive, or below the market's minimum, is rejected and counted.
        if qty <= 0 or qty < self.settings.min_qty:
            self.events.append(EntryEvent("rejected", "rejected", signal.bar, t, signal.direction, qty, 0.0))
            return
        # Its first tier is the first enabled one with timeout > 0; if there is none the entry is missed at once.
        tier = next_tier(self.settings, after=0) if self.settings.enable_hybrid_engine else MARKET_TIER
        if tier is None:
            self.events.append(EntryEvent("missed", "no_tier", signal.bar, t, signal.direction, qty, 0.0))
            return
        self.entry = WorkingEntry(signal.direction, signal.bar, signal.price, signal.atr, wanted=qty, remaining=qty, tier=tier)
        activate_tier(self.entry, tier, self.bars[t - 1].close, self.settings)

    def _order_qty(self, equity: float, signal_price: float) -> float:
        """The sizer's quantity, capped at leverage * equity[t-1] / signal_price, rounded down to the market's step."""
        qty = min(self.settings.order_qty, self.settings.leverage * equity / signal_price)
        step = self.settings.qty_step
        # 0.3 / 0.1 is 2.9999999999999996; a quantity that is a multiple of the step but for rounding must stay what it is.
        return floor(qty / step + 1e-9) * step if step > 0 else qty

    # Step 2: exits of a position carried into t, with the levels as they stood at the end of t-1.

    def step_2_exits_of_a_carried_position(self, t: int) -> None:
        """Open at or beyond the stop, stop touched, fixed take profit traded through."""
        held = self.account.position
        if held is not None and self.traded(t):
            self._take(exit_of_carried(self.bars[t], held.protection, self.settings), t)

    # Step 3: the active tier of the working entry tries to fill.

    def step_3_working_entry(self, t: int) -> Fill | None:
        """Fill what the active tier can, then age the entry if something is left."""
        entry = self.entry
        if entry is None:
            return None
        fill = fill_active_tier(entry, self.bars[t], self.touch_level[t - 1], self.settings) if self.traded(t) else None
        if fill is not None:
            self.account.apply_entry_fill(fill, entry, t)
            entry.remaining -= fill.qty
            entry.filled += fill.qty
            # The entry is complete as soon as nothing remains (below 1e-12 of its quantity).
            if entry.remaining < 1e-12 * entry.wanted:
                self.entry = None
                return fill
        self._age_entry(entry, t)
        return fill

    def _age_entry(self, entry: WorkingEntry, t: int) -> None:
        # If something is still left, age += 1; when age reaches the tier's timeout, the next tier becomes active for bar t+1.
        entry.age += 1
        if entry.age < self.settings.tier_timeout(entry.tier):
            return
        following = next_tier(self.settings, after=entry.tier)
        if following is None:
            # Tier 5: at the end of step 3 of the bar in which the last timeout ran out, what is left is cancelled.
            self._cancel_entry(t, "expired")
        else:
            activate_tier(entry, following, self.bars[t].close, self.settings)

    # Step 4: same-bar protection, with the levels set by the fill.

    def step_4_same_bar_protection(self, t: int, fill: Fill | None) -> None:
        """Check the position that step 3 opened or added to against the rest of its bar."""
        held = self.account.position
        if held is not None and fill is not None:
            newly_opened = held.entry_bar == t
            found = same_bar_exit(self.bars[t], held.protection, fill.kind, newly_opened=newly_opened, settings=self.settings)
            self._take(found, t)

    # Step 5: the close of the bar, no-trade bars included.

    def step_5_close_of_bar(self, t: int) -> None:
        """Update the extreme and the trailing levels (effective from t+1), mark equity at C[t], check ruin."""
        close = self.bars[t].close
        if self.account.position is not None:
            self._update_extreme(t)
            held = self.account.position
            raise_trailing_levels(held.protection, held.extreme, held.avg_entry, self.settings)
        self.equity[t] = self.account.equity_at(close)
        # Ruin: when equity at a close is <= 0 (flat or not), everything ends here.
        if self.equity[t] <= 0:
            if self.account.position is not None:
                self._exit(close, t, "ruin")
            self._cancel_entry(t, "ruin")
            self._settle_ruin(t)

    def _update_extreme(self, t: int) -> None:
        held = self.account.position
        assert held is not None
        bar, d = self.bars[t], held.direction
        best, worst = best_of(bar, d), worst_of(bar, d)
        if held.entry_bar == t:
            # max(fill, H[t]) for a fill at the open, max(fill, C[t]) for an intrabar fill or a slice (long).
            fill_price = held.avg_entry
            if held.first_kind is not FillKind.AT_OPEN:
                best, worst = bar.close, bar.close
            best = best if more_protective(d, best, fill_price) else fill_price
            worst = fill_price if more_protective(d, worst, fill_price) else worst
        if more_protective(d, best, held.extreme):
            held.extreme = best
        held.mfe = max(held.mfe, d * held.qty * (best - held.avg_entry))
        held.mae = min(held.mae, d * held.qty * (worst - held.avg_entry))

    def _settle_ruin(self, t: int) -> None:
        self.account.write_off()
        self.equity[t] = 0.0
        self.ruined = True

    # Step 6: after the last bar.

    def step_6_end_of_data(self) -> None:
        """Close an open position at C[N-1], cancel a working entry, rewrite equity[N-1] to the final cash."""
        last = len(self.bars) - 1
        if self.account.position is not None:
            self._exit(self.bars[last].close, last, "end_of_data")
        self._cancel_entry(last, "end_of_data")
        self.equity[last] = self.account.cash
        # If the closing costs leave cash <= 0 that is a ruin too.
        if self.account.cash <= 0:
            self._settle_ruin(last)

    # What several steps do.

    def _take(self, found: Exit | None, t: int) -> None:
        if found is not None:
            self._exit(found.quoted, t, found.reason, maker=found.maker)

    def _exit(self, quoted: float, t: int, reason: str, *, maker: bool = False) -> None:
        """Close the position; an exit cancels a working remainder."""
        self.account.close_position(quoted, t, reason, maker=maker)
        self._cancel_entry(t, reason)

    def _cancel_entry(self, t: int, reason: str) -> None:
        """Every cancelled working entry is counted: partial if anything of it had filled, else missed."""
        entry = self.entry
        if entry is None:
            return
        kind = "partial" if entry.filled > 0 else "missed"
        self.events.append(EntryEvent(kind, reason, entry.signal_bar, t, entry.direction, entry.wanted, entry.filled))
        self.entry = None
