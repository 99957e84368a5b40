"""Laws that hold between runs: money scales, costs cost, the future does not reach back, long and short are mirror images."""

from typing import Any

import numpy as np
import polars as pl
from hypothesis import assume, given
from hypothesis import strategies as st

from backtest_engine import BacktestResult, FundingRates, Simulation
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from strategies import Signals
from tests.backtest_engine.laws import Drawn, capitals, drawn_for
from tests.backtest_engine.markets import BUSY, candles_of, random_walk

BARS = 400
RICH = ExecutionConfig(initial_capital=1_000_000.0)
MONEY_ONLY = ["gross_pnl", "fees", "slippage_cost", "funding", "net_pnl", "mfe", "mae"]
SIZES = ["qty", "tier1_qty", "tier2_qty", "tier3_qty", "tier4_qty", *MONEY_ONLY]
MONEY = ["avg_entry", "exit_price", *MONEY_ONLY]

seeds = st.integers(0, 10_000)


def run(candles: Candles, drawn: Drawn, capital: float = 1e6, qty: float = 5.0, **options: Any) -> BacktestResult:
    execution = drawn.execution.replace(initial_capital=capital)
    return Simulation(candles, drawn.strategy, qty, execution, drawn.rules, **options).run()


def scaled(candles: Candles, prices: float, volumes: float = 1.0) -> Candles:
    o, h, low, c = (prices * getattr(candles, name) for name in ("open", "high", "low", "close"))
    return candles_of(o, h, low, c, volumes * candles.volume)


@given(seeds, drawn_for("prices"), st.integers(-6, 6), capitals())
def test_prices_and_capital_times_a_factor_is_money_times_that_factor(seed: int, drawn: Drawn, power: int, capital: float) -> None:
    # a power of two: every number of the run is scaled without rounding, so that even the last bit agrees
    factor = 2.0**power
    candles = random_walk(BARS, seed, silent_share=0.1)
    rules = drawn.changed(price_step=drawn.rules.price_step * factor, min_notional=drawn.rules.min_notional * factor)
    one, other = run(candles, drawn, capital), run(scaled(candles, factor), rules, capital * factor)
    assert other.trades.drop("return_pct").equals(one.trades.with_columns(pl.col(MONEY) * factor).drop("return_pct"))
    assert other.equity["equity"].equals(one.equity["equity"] * factor)
    assert other.entries.drop("signal_price").equals(one.entries.drop("signal_price"))


@given(seeds, drawn_for("sizes"), st.integers(-6, 6), capitals())
def test_volumes_order_and_capital_times_a_factor_is_quantity_and_money_times_that_factor(
    seed: int, drawn: Drawn, power: int, capital: float
) -> None:
    factor = 2.0**power
    candles = random_walk(BARS, seed, silent_share=0.1)
    rules = drawn.changed(**{name: getattr(drawn.rules, name) * factor for name in ("qty_step", "min_qty", "min_notional")})
    one, other = run(candles, drawn, capital), run(scaled(candles, 1.0, factor), rules, capital * factor, 5.0 * factor)
    assert other.trades.drop("return_pct").equals(one.trades.with_columns(pl.col(SIZES) * factor).drop("return_pct"))
    assert other.equity["equity"].equals(one.equity["equity"] * factor)


@given(seeds, drawn_for("fees"), st.floats(1.0, 5.0))
def test_higher_fees_never_raise_the_net_of_the_same_trades(seed: int, drawn: Drawn, times: float) -> None:
    candles = random_walk(BARS, seed)
    fees = drawn.execution
    dear = drawn.changed(maker_fee=fees.maker_fee * times, taker_fee=fees.taker_fee * times)
    low, high = run(candles, drawn), run(candles, dear)
    same = ["direction", "entry_time", "avg_entry", "qty", "exit_time", "exit_price", "exit_reason", "gross_pnl", "slippage_cost"]
    assert high.trades.select(same).equals(low.trades.select(same))
    assert (high.trades["net_pnl"] <= low.trades["net_pnl"]).all()
    assert high.metrics.net_pnl <= low.metrics.net_pnl


@given(seeds, drawn_for("split"), capitals(), st.lists(st.integers(0, BARS), max_size=4))
def test_a_run_split_at_any_bars_is_the_whole_run(seed: int, drawn: Drawn, capital: float, cuts: list[int]) -> None:
    candles = random_walk(BARS, seed, silent_share=0.1)
    execution = drawn.execution.replace(initial_capital=capital)
    whole, parts = (Simulation(candles, drawn.strategy, 5.0, execution, drawn.rules) for _ in range(2))
    for end in sorted(cuts):
        parts.advance(end)
    assert parts.run().digest == whole.run().digest
    assert repr(parts.metrics()) == repr(whole.metrics())


@given(seeds, drawn_for("end"), capitals(), st.integers(20, BARS - 1))
def test_bars_at_the_end_change_no_earlier_closed_trade(seed: int, drawn: Drawn, capital: float, cut: int) -> None:
    candles = random_walk(BARS, seed, silent_share=0.1)
    short, long = run(candles[:cut], drawn, capital), run(candles, drawn, capital)
    closed = short.trades.filter(pl.col("exit_reason") != "end_of_data")
    assert long.trades.head(len(closed)).equals(closed)
    # the last bar's equity of the short run holds the cost of closing
    assert long.equity["equity"][: cut - 1].equals(short.equity["equity"][: cut - 1])
    ended = short.entries.filter(pl.col("reason") != "end_of_data")
    assert long.entries.head(len(ended)).equals(ended)


@given(seeds, drawn_for("mirror at a price"), st.booleans())
def test_longs_in_a_market_are_shorts_in_its_mirror_image(seed: int, drawn: Drawn, has_volume: bool) -> None:
    # mirrored at a price, p -> K - p: what is a fraction of the price cannot be mirrored and is left out
    candles = on_grid(random_walk(BARS, seed, silent_share=0.1 if has_volume else 0.0))
    mirror = 2.0 ** np.ceil(np.log2(candles.high.max())) + 64.0
    mirrored = candles_of(mirror - candles.open, mirror - candles.low, mirror - candles.high, mirror - candles.close, candles.volume)
    signals = random_signals(candles, seed)
    opposite = Signals((-signals.direction).astype(np.int8), mirror - signals.touch_level, signals.atr)
    one, other = run(candles, drawn, 1e9, signals=signals), run(mirrored, drawn, 1e9, signals=opposite)
    same = ["entry_time", "exit_time", "exit_reason", "entry_tier", "bars_held"]
    assert other.trades.select(same).equals(one.trades.select(same))
    assert (other.trades["direction"] == -one.trades["direction"]).all()
    for name in ("qty", "gross_pnl", "net_pnl", "mfe", "mae"):
        np.testing.assert_allclose(other.trades[name], one.trades[name], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(other.equity["equity"], one.equity["equity"], rtol=1e-12)
    assert other.entries.drop("direction", "signal_price", "filled_qty").equals(one.entries.drop("direction", "signal_price", "filled_qty"))


@given(seeds, drawn_for("mirror of logarithms"), st.floats(0.003, 0.1), st.floats(0.003, 0.1))
def test_longs_in_a_market_are_shorts_in_the_market_of_its_reciprocals(seed: int, drawn: Drawn, stop: float, target: float) -> None:
    # p -> K / p turns every logarithm of a return around. A long's stop at avg * (1 - s) is a short's at avg * (1 + s / (1 - s)), its
    # target at avg * (1 + g) one at avg * (1 - g / (1 + g)); then both trade in the same bars and each return's logarithm is the other's.
    candles = random_walk(BARS, seed, silent_share=0.1)
    mirror = 10_000.0
    mirrored = candles_of(mirror / candles.open, mirror / candles.low, mirror / candles.high, mirror / candles.close, candles.volume)
    signals = random_signals(candles, seed)
    opposite = Signals((-signals.direction).astype(np.int8), mirror / signals.touch_level, signals.atr)
    longs = drawn.changed(allow_short=False, stop_distance=stop, target_distance=target)
    shorts = drawn.changed(allow_long=False, stop_distance=stop / (1 - stop), target_distance=target / (1 + target))
    one, other = run(candles, longs, 1e9, signals=signals), run(mirrored, shorts, 1e9, signals=opposite)
    same = ["entry_time", "exit_time", "exit_reason", "entry_tier", "bars_held", "qty"]
    assert other.trades.select(same).equals(one.trades.select(same))
    moves = [np.log(run.trades["exit_price"].to_numpy() / run.trades["avg_entry"].to_numpy()) for run in (one, other)]
    np.testing.assert_allclose(moves[1], -moves[0], rtol=1e-9, atol=1e-12)


def on_grid(candles: Candles) -> Candles:
    """Return the candles with prices in 64ths, which add and subtract without rounding."""
    o, h, low, c = (np.round(getattr(candles, name) * 64.0) / 64.0 for name in ("open", "high", "low", "close"))
    return candles_of(o, h, low, c, candles.volume)


def random_signals(candles: Candles, seed: int) -> Signals:
    rng = np.random.default_rng(seed)
    direction = np.where(rng.random(len(candles)) < 0.1, rng.choice([-1, 1], len(candles)), 0).astype(np.int8)
    touch = np.round((candles.close + rng.normal(0.0, 0.5, len(candles))) * 64.0) / 64.0
    atr = np.round(rng.uniform(0.25, 2.0, len(candles)) * 64.0) / 64.0
    return Signals(direction, touch, atr)


@given(seeds, drawn_for("split"), st.integers(1, BARS - 50))
def test_the_account_starts_flat_at_the_first_bar(seed: int, drawn: Drawn, first_bar: int) -> None:
    # the volatility regime looks back beyond the first bar, which candles that begin there cannot
    candles, config = random_walk(BARS, seed), drawn.strategy.replace(regime_response=0.0)
    result = Simulation(candles, config, 5.0, RICH, first_bar=first_bar).run()
    assert len(result.equity) == BARS - first_bar
    assert result.equity["equity"][0] == RICH.initial_capital
    # the first bar acts like bar 0: it may give a signal and never acts on the one before it
    assert result.trades["entry_time"].min() is None or result.trades["entry_time"].min() > candles.open_ms[first_bar]
    # the signals of a strategy that is warm are those of the whole series
    ready = Signals(*(getattr(whole_signals(candles, config), name)[first_bar:] for name in ("direction", "touch_level", "atr")))
    assert Simulation(candles[first_bar:], config, 5.0, RICH, signals=ready).run().digest == result.digest


def whole_signals(candles: Candles, config: StrategyConfig) -> Signals:
    found = Simulation(candles, config, 5.0, RICH)._signals
    direction = np.zeros(len(candles), np.int8)
    direction[found.bars] = found.directions
    return Signals(direction, found.touch_level, found.atr)


@given(seeds, st.floats(-0.01, 0.01))
def test_funding_moves_money_between_the_sides_and_changes_no_trade(seed: int, rate: float) -> None:
    candles = random_walk(BARS, seed)
    times = candles.open_ms[::8] + 1
    without = Simulation(candles, BUSY, 5.0, RICH).run()
    assume(without.metrics.total_trades > 0)
    paid = Simulation(candles, BUSY, 5.0, RICH, funding=FundingRates(times, np.full(len(times), rate))).run()
    earned = Simulation(candles, BUSY, 5.0, RICH, funding=FundingRates(times, np.full(len(times), -rate))).run()
    assert paid.trades["exit_price"].equals(without.trades["exit_price"])
    np.testing.assert_array_equal(paid.trades["funding"], -earned.trades["funding"])
    np.testing.assert_allclose(paid.metrics.net_pnl, without.metrics.net_pnl - paid.metrics.funding, rtol=1e-9, atol=1e-6)
