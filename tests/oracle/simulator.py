"""The order of events in a bar, one function per step."""

from collections.abc import Sequence

from tests.oracle.account import Account
from tests.oracle.bars import Bar
from tests.oracle.decision_bars import DecisionBars
from tests.oracle.entry_tiers import MARKET_TIER, Fill, WorkingEntry, activate_tier, fill_active_tier, next_tier
from tests.oracle.excursions import update_extreme
from tests.oracle.exits import (
    Exit,
    exit_of_carried,
    liquidated_at_the_open,
    liquidation_without_trade,
    same_bar_exit,
)
from tests.oracle.funding import rate_due
from tests.oracle.liquidation import liquidation_price
from tests.oracle.outcome import EntryEvent, OracleResult
from tests.oracle.protection import raise_trailing_levels
from tests.oracle.settings import Settings
from tests.oracle.signal_feed import Signal, SignalFeed
from tests.oracle.sizing import SizeInputs, order_qty, rejection


def simulate(
    bars: Sequence[Bar],
    direction: Sequence[int],
    touch_level: Sequence[float],
    atr: Sequence[float],
    settings: Settings,
    funding: Sequence[tuple[int, float]] = (),
    detail: Sequence[Bar] | None = None,
) -> OracleResult:
    """Run the bars with the given signals (+1, -1, 0), touch levels and ATRs, and funding (time in ms, rate).

    With ``detail`` the decisions are those of ``bars`` and everything else happens on the finer bars.
    """
    if not bars:
        raise ValueError("data without bars is refused")
    if settings.slippage_impact > 0 and not settings.has_volume:
        raise ValueError("slippage_impact needs volume")
    market = bars if detail is None else detail
    feed = SignalFeed(bars, DecisionBars(market, bars, settings), direction, touch_level, atr)
    run = _Run(feed, settings, funding, market)
    run.equity[0] = settings.initial_capital
    for t in range(1, len(run.bars)):
        run.advance(t)
        if run.ruined:
            break
    if not run.ruined:
        run.step_6_end_of_data()
    equity = [value for t, value in enumerate(run.equity) if run.decided.is_last(t)]
    return OracleResult(run.account.trades, run.events, equity, run.ruined, run.account.cash, run.ambiguous_exits)


class _Run:
    """The state between bars: account, working entry, waiting signal, log and equity."""

    def __init__(
        self,
        feed: SignalFeed,
        settings: Settings,
        funding: Sequence[tuple[int, float]],
        bars: Sequence[Bar],
    ) -> None:
        self.feed = feed
        self.bars = bars
        self.decided = feed.decided
        self.settings = settings
        self.funding = funding
        self.account = Account(bars, self.decided.of, settings)
        self.entry: WorkingEntry | None = None
        self.waiting: Signal | None = None
        self.events: list[EntryEvent] = []
        # Equity after ruin stays 0.
        self.equity = [0.0] * len(bars)
        self.ruined = False
        self.liquidated_at_open = False
        self.ambiguous_exits = 0

    def advance(self, t: int) -> None:
        """Run the steps of bar ``t`` in their order."""
        self.step_0_funding_and_liquidation(t)
        self.step_1_signal(t)
        self.step_2_exits_of_a_carried_position(t)
        fill = self.step_3_working_entry(t)
        self.step_4_same_bar_protection(t, fill)
        self.step_5_close_of_bar(t)

    def traded(self, t: int) -> bool:
        """When V[t] == 0 nothing fills; data declared without volume does not know no-trade bars."""
        return not (self.settings.has_volume and self.bars[t].volume == 0)

    # Step 0: funding, then the liquidation at the open, no-trade bars included.

    def step_0_funding_and_liquidation(self, t: int) -> None:
        """A position carried into t pays d * qty * O[t] * r[t]; then O[t] may lie at or beyond its liquidation price."""
        self.liquidated_at_open = False
        held = self.account.position
        if held is None:
            return
        self.account.pay_funding(held.direction * held.qty * self.bars[t].open * rate_due(self.bars, t, self.funding, self.settings))
        found = liquidated_at_the_open(self.bars[t], held.protection, self._liquidation_price())
        self.liquidated_at_open = found is not None
        self._take(found, t)

    def _liquidation_price(self) -> float | None:
        held = self.account.position
        return None if held is None else liquidation_price(held, self.account.cash, self.settings)

    # Step 1: the signal of the bar before, or one that waited for a traded bar.

    def step_1_signal(self, t: int) -> None:
        """s = signal[t-1]; it is consumed when this step first sees it on a traded bar."""
        # A later non-zero signal replaces the waiting one.
        signal = self.feed.new_signal(t, self.settings) or self.waiting
        self.waiting = None
        if signal is None or self.liquidated_at_open:
            # No signal acts in the bar of a liquidation at the open, nor later: it is gone.
            return
        if self.traded(t):
            self._act(signal, t)
        else:
            self._act_in_a_no_trade_bar(signal, t)

    def _act(self, signal: Signal, t: int) -> None:
        # Position open in direction d, s == -d, exit_on_opposite_signal on: closed at O[t], any working remainder cancelled.
        if self._would_close(signal):
            self._exit(self.bars[t].open, t, "opposite_signal")
        else:
            self._cancel_opposed_unfilled_entry(signal, t)
        # Now flat with nothing working: an entry starts working in this bar, unless its side is switched off.
        if self._would_start(signal):
            self._start_entry(signal, t)
        # A signal in the direction already held or working is ignored.

    def _act_in_a_no_trade_bar(self, signal: Signal, t: int) -> None:
        # Cancelling an unfilled working entry takes effect at once.
        self._cancel_opposed_unfilled_entry(signal, t)
        # A signal that would close a position or start an entry waits for the next traded bar; any other is gone.
        if self._would_close(signal) or self._would_start(signal):
            self.waiting = signal

    def _would_start(self, signal: Signal) -> bool:
        allowed = self.settings.allow_long if signal.direction > 0 else self.settings.allow_short
        return self.account.position is None and self.entry is None and allowed

    def _would_close(self, signal: Signal) -> bool:
        held = self.account.position
        return held is not None and signal.direction == -held.direction and self.settings.exit_on_opposite_signal

    def _cancel_opposed_unfilled_entry(self, signal: Signal, t: int) -> None:
        # Only a working entry in direction d, nothing filled, and s == -d: cancelled, whatever exit_on_opposite_signal says.
        if self.account.position is None and self.entry is not None and signal.direction == -self.entry.direction:
            self._cancel_entry(t, "opposite_signal")

    def _start_entry(self, signal: Signal, t: int) -> None:
        # The trade that this very signal has just closed is not known when the order is sized.
        closed = [trade for trade in self.account.trades if trade.exit_time < self.bars[t].open_ms]
        known = SizeInputs(self.equity[t - 1], signal.price, signal.atr, signal.regime, closed)
        qty = order_qty(known, self.settings)
        # A quantity that is not positive, or below the market's minima, is rejected and counted.
        reason = rejection(qty, known, self.settings)
        if reason is not None:
            self.events.append(EntryEvent("rejected", reason, signal.bar, t, signal.direction, qty, 0.0))
            return
        # Its first tier is the first enabled one with timeout > 0; if there is none the entry is missed at once.
        tier = next_tier(self.settings, after=0) if self.settings.enable_hybrid_engine else MARKET_TIER
        if tier is None:
            self.events.append(EntryEvent("missed", "no_tier", signal.bar, t, signal.direction, qty, 0.0))
            return
        self.entry = WorkingEntry(signal.direction, signal.bar, signal.price, signal.atr, signal.regime, qty, remaining=qty, tier=tier)
        activate_tier(self.entry, tier, self.bars[t - 1].close, self.settings)

    # Step 2: exits of a position carried into t, with the levels as they stood at the end of t-1.

    def step_2_exits_of_a_carried_position(self, t: int) -> None:
        """Open at or beyond the stop, liquidation or stop touched, fixed take profit traded through."""
        held = self.account.position
        if held is None:
            return
        if self.traded(t):
            self._take(exit_of_carried(self.bars[t], held.protection, self._liquidation_price(), self.settings), t)
        else:
            self._take(liquidation_without_trade(self.bars[t], held.protection, self._liquidation_price()), t)

    # Step 3: the active tier of the working entry tries to fill.

    def step_3_working_entry(self, t: int) -> Fill | None:
        """Fill what the active tier can, then age the entry if something is left."""
        entry = self.entry
        if entry is None:
            return None
        fill = self._fill(entry, t) if self.traded(t) else None
        if fill is not None:
            self.account.apply_entry_fill(fill, entry, t)
            entry.remaining -= fill.qty
            entry.filled += fill.qty
            # The entry is complete as soon as nothing remains (below 1e-12 of its quantity).
            if entry.remaining < 1e-12 * entry.wanted:
                self.entry = None
                return fill
        # Timeouts count decision bars.
        if self.decided.is_last(t):
            self._age_entry(entry, t)
        return fill

    def _fill(self, entry: WorkingEntry, t: int) -> Fill | None:
        return fill_active_tier(entry, self.bars[t], self.decided.place[t], self.feed.touch_level_before(t), self.settings)

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
            liquidation = self._liquidation_price()
            found = same_bar_exit(self.bars[t], held.protection, liquidation, fill, newly_opened=newly_opened, settings=self.settings)
            self._take(found, t)

    # Step 5: the close of the bar, no-trade bars included.

    def step_5_close_of_bar(self, t: int) -> None:
        """Update the extreme and the trailing levels (effective from t+1), mark equity at C[t], check ruin."""
        close = self.bars[t].close
        if self.account.position is not None:
            held = self.account.position
            update_extreme(held, self.bars[t], entry_bar=held.entry_bar == t)
            raise_trailing_levels(held.protection, held.extreme, held.avg_entry, self.settings)
        self.equity[t] = self.account.equity_at(close)
        # Ruin: when equity at a close is <= 0 (flat or not), everything ends here.
        if self.equity[t] <= 0:
            if self.account.position is not None:
                self._exit(close, t, "ruin")
            self._cancel_entry(t, "ruin")
            self._settle_ruin(t)

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
            self.ambiguous_exits += found.ambiguous
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
