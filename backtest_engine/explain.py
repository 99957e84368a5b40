"""The bar-by-bar story of one trade or missed entry: the same kernel, advanced one bar at a time and watched.

Nothing is decided here: every sentence is read off the state before and after a bar and off the records written in it. A run on detail
bars is told by its decision bars, each with what its detail bars came to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from backtest_engine.codes import (
    AT_OPEN,
    ENTRY_KIND_NAMES,
    LIQUIDATION,
    NO_FILL,
    REASON_NAMES,
    RESTING_LIMIT,
    SLICE,
    STOP_ORDER,
)  # fmt: skip
from backtest_engine.records import Record
from backtest_engine.simulation import Simulation
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.errors import ConfigError
from core.funding import FundingRates
from core.market import MarketRules

_FILL_WORDS = {
    AT_OPEN: "at the open",
    RESTING_LIMIT: "inside the bar by a resting limit (maker)",
    STOP_ORDER: "inside the bar by a stop order",
    SLICE: "over the bar at its VWAP",
}
_TIER_WORDS = {1: "tier 1 (EMA touch)", 2: "tier 2 (limit)", 3: "tier 3 (VWAP slices)", 4: "tier 4 (market)"}


@dataclass(frozen=True, slots=True)
class BarStory:
    """One bar of the strategy's timeframe: its candle, what happened in it, and the levels that hold from its close on (``nan`` = none).

    ``stop`` and ``liquidation`` are the prices that the market acts at, ``target`` that of the order or where the trailing take profit
    begins.
    """

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    events: tuple[str, ...]
    stop: float
    target: float
    equity: float
    liquidation: float = np.nan


def explain_trade(
    candles: Candles,
    strategy_config: StrategyConfig,
    order_qty: float,
    execution: ExecutionConfig,
    rules: MarketRules | None = None,
    trade_id: int = 0,
    *,
    first_bar: int = 0,
    funding: FundingRates | None = None,
    detail: Candles | None = None,
) -> list[BarStory]:
    """Return the story of trade ``trade_id`` from the bar of its signal to its exit; ConfigError when there is no such trade.

    ``first_bar`` as for Simulation.
    """
    fresh = partial(Simulation, candles, strategy_config, order_qty, execution, rules, first_bar, funding, detail)
    watched = fresh()
    trades = fresh().run().trades
    if not 0 <= trade_id < len(trades):
        raise ConfigError(f"there is no trade {trade_id}: {_counted(len(trades), 'trade')}.")
    entry_bar, exit_bar = (_bar_at(watched.candles, int(trades[name][trade_id])) for name in ("entry_time", "exit_time"))
    watched.advance(entry_bar)
    first = _first_bar_of_entry(watched, entry_bar, int(trades["direction"][trade_id]))
    return _story(fresh(), first, exit_bar)


def explain_missed_entry(
    candles: Candles,
    strategy_config: StrategyConfig,
    order_qty: float,
    execution: ExecutionConfig,
    rules: MarketRules | None = None,
    number: int = 0,
    *,
    first_bar: int = 0,
    funding: FundingRates | None = None,
    detail: Candles | None = None,
) -> list[BarStory]:
    """Return the story of entry event ``number`` (missed, partial or rejected, in order) from its signal to its end.

    ``first_bar`` as for Simulation.
    """
    fresh = partial(Simulation, candles, strategy_config, order_qty, execution, rules, first_bar, funding, detail)
    told = fresh()
    entries = fresh().run().entries
    if not 0 <= number < len(entries):
        raise ConfigError(f"there is no missed entry {number}: {_counted(len(entries), 'such entry')}.")
    first, last = (_bar_at(told.candles, int(entries[name][number])) for name in ("signal_time", "end_time"))
    return _story(told, first, last)


def _counted(count: int, what: str) -> str:
    return f"the run has {count}, numbered from 0" if count else f"the run has no {what}"


def _bar_at(candles: Candles, ms: int) -> int:
    """Return the number of the bar in whose time ``ms`` lies."""
    return int(np.searchsorted(candles.open_ms, ms, side="right")) - 1


def _first_bar_of_entry(before_entry: Simulation, entry_bar: int, direction: int) -> int:
    """Return the bar of the signal behind the fill in ``entry_bar``, from the state just before that bar.

    What works in the other direction then is the remainder of a position that the signal reverses.
    """
    state = before_entry.state_at()
    if state["entry_direction"] == direction:
        return int(state["entry_signal_bar"])
    return int(state["signal_bar"]) if state["signal"] != 0 and before_entry.signal_at(entry_bar - 1) == 0 else entry_bar - 1


def _story(simulation: Simulation, first: int, last: int) -> list[BarStory]:
    simulation.advance(first)
    story = []
    for t in range(first, last + 1):
        before, written = simulation.state_at(), simulation.events()
        simulation.advance(t + 1)
        if t + 1 == simulation.bars:
            simulation.finish()
        events = tuple(_events(simulation, t, before, tuple(map(len, written))))
        story.append(_bar_story(simulation, t, events))
    return story


def _bar_story(simulation: Simulation, t: int, events: tuple[str, ...]) -> BarStory:
    candles, state = simulation.candles, simulation.state_at()
    held = state["direction"] != 0
    return BarStory(
        int(candles.open_ms[t]),
        float(candles.open[t]),
        float(candles.high[t]),
        float(candles.low[t]),
        float(candles.close[t]),
        float(candles.volume[t]),
        events,
        _level(state["stop_order"]) if held else np.nan,
        _target(state) if held else np.nan,
        float(state["equity"]),
        _level(state["liquidation"]) if held else np.nan,
    )


def _events(simulation: Simulation, t: int, before: Record, written: tuple[int, ...]) -> Iterator[str]:
    after = simulation.state_at()
    trades, entries = simulation.events()
    if paid := _funding(before, after, trades[written[0] :]):
        yield f"the position {'pays' if paid > 0.0 else 'receives'} {abs(paid):.2f} of funding"
    if t > 0 and simulation.signal_at(t - 1) != 0:
        yield _fate_of_signal(simulation, simulation.signal_at(t - 1), before, after, trades[written[0] :])
    on_detail = None if simulation.detail is None else tuple(_fills_on_detail(before, after, trades[written[0] :]))
    filled = _filled(before, after) if on_detail is None else bool(on_detail)
    started = _entry_started(simulation, before, after, filled)
    if started:
        basis = f"signal price {after['entry_signal_price']:.8g}, ATR {after['entry_atr']:.6g}{_basis_of_size(simulation, after)}"
        yield f"an entry of {after['entry_wanted']:g} starts working with {_TIER_WORDS[simulation.first_tier]} ({basis})"
    tier = simulation.first_tier if started else int(before["active_tier"])
    if on_detail is not None:
        yield from on_detail
    elif filled:
        yield f"{_TIER_WORDS[tier]} fills at {after['fill_price']:.8g}, {_FILL_WORDS[int(after['fill'])]}"
    if after["entry_direction"] != 0 and tier not in (0, after["active_tier"]):
        yield f"{_TIER_WORDS[tier]} timed out; {_TIER_WORDS[int(after['active_tier'])]} is active from the next bar"
    for entry in entries[written[1] :]:
        share = f"{entry['filled_qty']:g} of {entry['wanted_qty']:g} filled"
        yield f"the entry is {ENTRY_KIND_NAMES[entry['kind']]}: {share} ({_reason(entry['reason'])})"
    for trade in trades[written[0] :]:
        yield f"the position is closed at {trade['exit_price']:.8g} ({_reason(trade['exit_reason'])}), net {trade['net_pnl']:.2f}"
    yield from _levels(before, after)
    if t < simulation.bars - 1 and simulation.signal_at(t) != 0:
        yield f"at the close the strategy signals {_side(simulation.signal_at(t))}"


def _funding(before: Record, after: Record, closed: Sequence[Record]) -> float:
    """Return what the positions of a bar paid in it, negative where they received."""
    open_then, open_now = (float(state["trade_funding"]) if state["direction"] != 0 else 0.0 for state in (before, after))
    return sum(float(trade["funding"]) for trade in closed) + open_now - open_then


def _basis_of_size(simulation: Simulation, after: Record) -> str:
    """Return what else the quantity and the distances of stop and target hang on, where it is not the usual."""
    sizing = simulation.execution.sizing
    regime = f", volatility regime x{after['entry_regime']:.4g}" if after["entry_regime"] != 1.0 else ""
    return regime + (f", sized by {sizing}" if sizing != "fixed" else "")


def _fate_of_signal(simulation: Simulation, signal: int, before: Record, after: Record, trades: Sequence[np.void]) -> str:
    words = f"a {_side(signal)} signal from the bar before"
    if after["signal"] != 0:
        return f"{words} waits for a bar with trades"
    if signal in (before["direction"], before["entry_direction"]):
        return f"{words} is ignored: that side is held or working"
    if before["direction"] == -signal and not simulation.exits_on_opposite_signal:
        return f"{words} is ignored: exit_on_opposite_signal is off"
    if before["direction"] == 0 and before["entry_direction"] == 0 and not simulation.may_open(signal):
        return f"{words} opens nothing: that side is switched off"
    began = before["entry_signal_bar"] != after["entry_signal_bar"]  # in a later detail bar
    if len(trades) and before["direction"] == -signal and trades[0]["exit_reason"] == LIQUIDATION and not began:
        return f"{words} is gone: the position is liquidated at the open"
    return f"{words} acts now"


def _filled(before: Record, after: Record) -> bool:
    """Return whether the bar filled an entry; one in which nothing happened leaves the whole state, an older fill included, as it was."""
    return bool(after["fill"] != NO_FILL and before.tobytes() != after.tobytes())


def _fills_on_detail(before: Record, after: Record, closed: Sequence[Record]) -> Iterator[str]:
    """Say what each position of a decision bar gained in it, in their order: the state knows the last of its detail bars only."""
    known: Record | None = before if before["direction"] != 0 else None
    for position in (*closed, *([after] if after["direction"] != 0 else [])):
        for tier, words in _TIER_WORDS.items():
            gained = position[f"tier{tier}_qty"] - (0.0 if known is None else known[f"tier{tier}_qty"])
            if gained > 0.0:
                yield f"{words} fills {gained:g} on detail bars, average entry {position['avg_entry']:.8g}"
        known = None


def _entry_started(simulation: Simulation, before: Record, after: Record, filled: bool) -> bool:
    """Return whether an entry began in the bar, though it may have ended in it too or followed another one there."""
    began = before["entry_direction"] == 0 and (after["entry_direction"] != 0 or filled)
    return simulation.first_tier != 0 and bool(began or before["entry_signal_bar"] != after["entry_signal_bar"])


def _levels(before: Record, after: Record) -> Iterator[str]:
    if after["direction"] == 0:
        return
    if before["direction"] == 0 or before["trades"] != after["trades"]:  # a reversal opens in the bar that closes
        levels = [("stop", after["stop_order"]), ("target", _target(after)), ("liquidation", after["liquidation"])]
        yield ", ".join(_placed(name, price) for name, price in levels if name != "liquidation" or np.isfinite(price))
    elif after["stop_order"] != before["stop_order"]:
        rule = f"{_reason(after['stop_reason'])}, best price {after['extreme']:.8g}"
        start = f"moves from {before['stop_order']:.8g}" if np.isfinite(before["stop_order"]) else "is set"
        yield f"the stop {start} to {after['stop_order']:.8g} ({rule})"


def _placed(name: str, price: float) -> str:
    return f"{name} at {price:.8g}" if np.isfinite(price) else f"no {name}"


def _target(state: Record) -> float:
    """Return the price of the target's order or, while it trails, where the trailing take profit begins; nan without a target."""
    ordered = _level(state["target_order"])
    return _level(state["target"]) if np.isnan(ordered) else ordered


def _level(price: float) -> float:
    return float(price) if np.isfinite(price) else np.nan


def _side(direction: int) -> str:
    return "long" if direction > 0 else "short"


def _reason(code: int) -> str:
    return REASON_NAMES[int(code)].replace("_", " ")
