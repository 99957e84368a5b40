"""The story of a trade agrees with the trade: from its signal to its exit, bar by bar, and nothing is invented."""

import re
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from backtest_engine import BacktestEngine, explain_missed_entry, explain_trade
from backtest_engine.inputs import checked_signals
from config import ExecutionConfig, SizingMethod, StrategyConfig
from core.candles import Candles
from core.errors import ConfigError
from core.market import MarketRules
from strategies import Signals
from tests.backtest_engine.finer import FINE, two_timeframes
from tests.backtest_engine.markets import BUSY, candles_of, random_walk

ACCOUNT = ExecutionConfig()
SETTINGS = {
    "tiers": BUSY,
    "market orders": BUSY.replace(enable_hybrid_engine=False),
    "slices": BUSY.replace(enable_hybrid_tier1=False, enable_hybrid_tier2=False, participation_rate=0.02),
    "fixed target": BUSY.replace(trailing_tp_enabled=False, exit_on_opposite_signal=False),
}


@pytest.fixture(scope="module")
def candles() -> Candles:
    return random_walk(300, seed=9, silent_share=0.15)


@pytest.mark.parametrize("first_bar", [0, 77])
@pytest.mark.parametrize("name", SETTINGS)
def test_every_trade_is_told_from_its_signal_to_its_exit(name: str, candles: Candles, first_bar: int) -> None:
    config: StrategyConfig = SETTINGS[name]
    result = BacktestEngine(candles, config, 2.0, first_bar=first_bar).run()
    assert len(result.trades) > 5
    for trade in result.trades.to_dicts():
        story = explain_trade(candles, config, 2.0, ACCOUNT, trade_id=trade["trade_id"], first_bar=first_bar)
        assert story[-1].open_ms == trade["exit_time"]
        assert story[0].open_ms < trade["entry_time"], "the signal comes before the entry"
        assert [bar.open_ms for bar in story] == list(range(story[0].open_ms, trade["exit_time"] + 1, candles.timeframe.ms))
        side = "long" if trade["direction"] > 0 else "short"
        assert f"at the close the strategy signals {side}" in story[0].events
        fills = [bar for bar in story if any(" fills at " in event for event in bar.events)]
        assert trade["entry_time"] in [bar.open_ms for bar in fills]
        assert all(bar.open_ms >= trade["entry_time"] for bar in fills if bar is not story[0])
        started = [bar for bar in story if any("starts working" in event for event in bar.events)]
        reversals = trade["exit_reason"] == "opposite_signal"  # the next entry starts in the bar of the exit
        assert len([bar for bar in started if bar is not story[0]]) == 1 + reversals
        closing = f"closed at {trade['exit_price']:.8g} ({trade['exit_reason'].replace('_', ' ')}), net {trade['net_pnl']:.2f}"
        assert any(closing in event for event in story[-1].events)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_run_on_detail_bars_is_told_by_its_decision_bars(name: str) -> None:
    config: StrategyConfig = SETTINGS[name]
    decisions, detail = two_timeframes(250, seed=4)
    result = BacktestEngine(decisions, config, 2.0, execution=FINE, detail=detail).run()
    assert len(result.trades) > 5
    for trade in result.trades.to_dicts():
        story = explain_trade(decisions, config, 2.0, FINE, trade_id=trade["trade_id"], detail=detail)
        hours = [bar.open_ms for bar in story]
        assert hours == list(range(hours[0], decisions.timeframe.floor(trade["exit_time"]) + 1, decisions.timeframe.ms))
        side = "long" if trade["direction"] > 0 else "short"
        assert f"at the close the strategy signals {side}" in story[0].events
        filled = [bar.open_ms for bar in story if any(" fills " in event for event in bar.events)]
        assert decisions.timeframe.floor(trade["entry_time"]) in filled
        assert all(hour >= decisions.timeframe.floor(trade["entry_time"]) for hour in filled if hour > hours[0])
        assert any("starts working" in event for bar in story[1:] for event in bar.events)
        closing = f"closed at {trade['exit_price']:.8g} ({trade['exit_reason'].replace('_', ' ')}), net {trade['net_pnl']:.2f}"
        assert any(closing in event for event in story[-1].events)
    for number, entry in enumerate(result.entries.to_dicts()):
        story = explain_missed_entry(decisions, config, 2.0, FINE, number=number, detail=detail)
        assert (story[0].open_ms, story[-1].open_ms) == (entry["signal_time"], decisions.timeframe.floor(entry["end_time"]))
        assert f"the entry is {entry['kind']}" in "\n".join(story[-1].events)


def test_fills_inside_a_decision_bar_are_told_though_the_position_is_closed_in_it_too() -> None:
    config = SETTINGS["market orders"].replace(atr_sl_multiplier=0.1)
    decisions, detail = two_timeframes(250, seed=4)
    result = BacktestEngine(decisions, config, 2.0, execution=FINE, detail=detail).run()
    within = result.trades.filter((pl.col("bars_held") == 0) & (pl.col("entry_time") < pl.col("exit_time")))
    assert len(within) > 0
    for trade in within.to_dicts():
        story = explain_trade(decisions, config, 2.0, FINE, trade_id=trade["trade_id"], detail=detail)
        words = f"tier 4 (market) fills {trade['qty']:g} on detail bars, average entry {trade['avg_entry']:.8g}"
        assert words in story[-1].events


@pytest.mark.parametrize("name", SETTINGS)
def test_every_unfilled_entry_is_told_to_its_end(name: str, candles: Candles) -> None:
    config: StrategyConfig = SETTINGS[name]
    result = BacktestEngine(candles, config, 2.0).run()
    for number, entry in enumerate(result.entries.to_dicts()):
        story = explain_missed_entry(candles, config, 2.0, ACCOUNT, number=number)
        assert (story[0].open_ms, story[-1].open_ms) == (entry["signal_time"], entry["end_time"])
        assert f"the entry is {entry['kind']}" in "\n".join(story[-1].events)


@pytest.mark.parametrize("finer", [False, True])
def test_what_a_trade_paid_in_funding_is_told_where_it_was_due(finer: bool) -> None:
    decisions, detail = two_timeframes(250, seed=4)
    account = (FINE if finer else ACCOUNT).replace(funding_rate=0.001)
    fills_on = detail if finer else None
    result = BacktestEngine(decisions, SETTINGS["market orders"], 2.0, execution=account, detail=fills_on).run()
    assert (result.trades["funding"] > 0).any()
    assert (result.trades["funding"] < 0).any()
    for trade in result.trades.to_dicts():
        story = explain_trade(decisions, SETTINGS["market orders"], 2.0, account, trade_id=trade["trade_id"], detail=fills_on)
        own = [bar for bar in story if bar.open_ms > decisions.timeframe.floor(trade["entry_time"])]
        sums = [
            (1 if match[1] == "pays" else -1) * float(match[2])
            for bar in own
            for event in bar.events
            if (match := re.fullmatch(r"the position (pays|receives) ([\d.]+) of funding", event))
        ]
        assert sum(sums) == pytest.approx(trade["funding"], abs=0.006 * (1 + len(sums)))


def told(prices: list[float], volumes: list[float], signals: dict[int, int], config: StrategyConfig) -> list[tuple[str, ...]]:
    """Return the events of each bar of the first trade's story over bars that stand still."""
    candles = candles_of(prices, prices, prices, prices, volumes)
    direction = np.array([signals.get(t, 0) for t in range(len(prices))], np.int8)
    ready = Signals(direction, candles.close, np.ones(len(prices)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backtest_engine.simulation.signals_of", lambda *_: checked_signals(ready, candles, config))
        return [bar.events for bar in explain_trade(candles, config, 1.0, ACCOUNT)]


AT_ONCE = StrategyConfig(enable_hybrid_engine=False, atr_sl_multiplier=50.0, trailing_sl_enabled=False)


def test_a_signal_in_a_silent_bar_waits_and_does_not_act() -> None:
    events = told([100.0] * 5, [9.0, 0.0, 9.0, 9.0, 9.0], {0: 1}, AT_ONCE)
    assert events[1] == ("a long signal from the bar before waits for a bar with trades",)
    assert events[2][0].startswith("an entry of 1 starts working with tier 4 (market)")


def test_an_opposite_signal_that_is_switched_off_is_said_to_be_ignored() -> None:
    events = told([100.0] * 4, [9.0] * 4, {0: 1, 1: -1}, AT_ONCE.replace(exit_on_opposite_signal=False))
    assert events[2] == ("a short signal from the bar before is ignored: exit_on_opposite_signal is off",)


def test_a_signal_of_a_side_that_is_switched_off_is_said_to_open_nothing() -> None:
    events = told([100.0] * 5, [9.0] * 5, {0: -1, 1: 1, 2: -1}, AT_ONCE.replace(allow_short=False, exit_on_disabled_side=True))
    assert events[0][0] == "a short signal from the bar before opens nothing: that side is switched off"
    assert events[2][0] == "a short signal from the bar before acts now"


def test_a_signal_for_the_side_held_is_said_to_be_ignored() -> None:
    events = told([100.0] * 4, [9.0] * 4, {0: 1, 1: 1}, AT_ONCE)
    assert events[2] == ("a long signal from the bar before is ignored: that side is held or working",)


def test_some_entries_are_partial_and_some_missed(candles: Candles) -> None:
    result = BacktestEngine(candles, SETTINGS["slices"], 2.0).run()
    assert set(result.entries["kind"]) >= {"partial"}


def test_a_bar_shows_its_candle_its_levels_and_its_equity(candles: Candles) -> None:
    result = BacktestEngine(candles, BUSY, 2.0).run()
    story = explain_trade(candles, BUSY, 2.0, ACCOUNT, trade_id=3)
    equity = dict(zip(result.equity["time"], result.equity["equity"], strict=True))
    entered, left = result.trades["entry_time"][3], result.trades["exit_time"][3]
    for bar in story:
        t = candles.index_of(bar.open_ms)
        expected = [getattr(candles, name)[t] for name in ("open", "high", "low", "close", "volume")]
        assert [bar.open, bar.high, bar.low, bar.close, bar.volume] == expected
        assert bar.equity == equity[bar.open_ms]
        held = entered <= bar.open_ms < left
        assert np.isfinite(bar.stop) == np.isfinite(bar.target) == held or bar.open_ms < entered


def test_a_rejected_entry_has_a_story_too(candles: Candles) -> None:
    poor = ACCOUNT.replace(initial_capital=20.0)  # leverage makes the order smaller than the market takes
    story = explain_missed_entry(candles, BUSY, 3.0, poor, MarketRules(qty_step=0.01, min_qty=3.0), number=0)
    assert re.fullmatch(r"the entry is rejected: 0 of 0\.\d+ filled \(below min qty\)", story[-1].events[-1])
    assert not any("starts working" in event for bar in story for event in bar.events)


@pytest.mark.parametrize("number", [-1, 10_000])
def test_what_is_not_there_has_no_story(number: int, candles: Candles) -> None:
    with pytest.raises(ConfigError, match=rf"there is no trade {number}: the run has \d+, numbered from 0"):
        explain_trade(candles, BUSY, 2.0, ACCOUNT, trade_id=number)
    with pytest.raises(ConfigError, match=rf"there is no missed entry {number}"):
        explain_missed_entry(candles, BUSY, 2.0, ACCOUNT, number=number)


def liquidated_at_the_open() -> tuple[Candles, Signals]:
    """Return bars in which a long of five times the account is gapped through its liquidation while a short signal waits to act."""
    opens, lows = [100.0, 100.0, 85.0, 85.0], [100.0, 100.0, 84.0, 85.0]
    candles = candles_of(opens, opens, lows, opens, [9.0] * 4)
    return candles, Signals(np.array([1, -1, 0, 0], np.int8), candles.close, np.full(4, 2.0))


def test_a_liquidation_says_where_it_stood_and_what_became_of_the_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    candles, ready = liquidated_at_the_open()
    config = AT_ONCE.replace(stop_type="none", trailing_tp_enabled=False)
    execution = ExecutionConfig(
        initial_capital=1000.0, leverage=5.0, maintenance_margin=0.1, sizing=SizingMethod.EQUITY, equity_fraction=5.0,
        taker_fee=0.0, slippage=0.0,
    )  # fmt: skip
    monkeypatch.setattr("backtest_engine.simulation.signals_of", lambda *_: checked_signals(ready, candles, config))
    story = explain_trade(candles, config, 1.0, execution)
    assert story[1].events == (
        "a long signal from the bar before acts now",
        "an entry of 50 starts working with tier 4 (market) (signal price 100, ATR 2, sized by equity)",
        "tier 4 (market) fills at 100, at the open",
        "no stop, target at 104, liquidation at 88.888889",
        "at the close the strategy signals short",
    )
    assert np.isnan(story[1].stop)
    assert story[1].target == 104.0
    assert story[1].liquidation == pytest.approx(80 / 0.9)
    assert story[2].events == (
        "a short signal from the bar before is gone: the position is liquidated at the open",
        "the position is closed at 85 (liquidation), net -792.50",
    )


def test_levels_are_told_as_the_market_takes_them() -> None:
    candles = random_walk(300, seed=9)
    rules = MarketRules(price_step=0.5)
    result = BacktestEngine(candles, BUSY, 2.0, rules=rules).run()
    for number in range(5):
        held = [bar for bar in explain_trade(candles, BUSY, 2.0, ACCOUNT, rules, number) if not np.isnan(bar.stop)]
        assert all(bar.stop % 0.5 == 0.0 for bar in held)
    assert len(result.trades) > 5


def test_the_first_trailing_level_of_a_position_without_a_stop_is_set_not_moved() -> None:
    candles = random_walk(300, seed=9, volatility=0.02)
    config = BUSY.replace(stop_type="none", trailing_sl_threshold=0.005)
    told_levels = 0
    for number in range(8):
        story = explain_trade(candles, config, 2.0, ACCOUNT, trade_id=number)
        for before, bar in pairwise(story):
            for event in (event for event in bar.events if event.startswith("the stop")):
                assert event.startswith("the stop is set to " if np.isnan(before.stop) else f"the stop moves from {before.stop:.8g} to ")
                told_levels += np.isnan(before.stop)
    assert told_levels > 2
