"""Laws that hold between runs: money scales, costs cost, the future does not reach back, long and short are mirror images."""

import numpy as np
import polars as pl
from hypothesis import assume, given
from hypothesis import strategies as st

from backtest_engine import BacktestResult, FundingRates, Simulation
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from strategies import Signals
from tests.backtest_engine.markets import BUSY, candles_of, random_walk

BARS = 400
RICH = ExecutionConfig(initial_capital=1_000_000.0)
MONEY = ["avg_entry", "exit_price", "gross_pnl", "fees", "slippage_cost", "net_pnl", "mfe", "mae"]

seeds = st.integers(0, 10_000)
settings = st.builds(
    lambda **changes: BUSY.replace(**changes),
    trailing_sl_enabled=st.booleans(),
    trailing_tp_enabled=st.booleans(),
    trailing_sl_threshold=st.floats(0.002, 0.05),
    trailing_tp_threshold=st.floats(0.002, 0.05),
    atr_sl_multiplier=st.floats(0.3, 5.0),
    atr_tp_multiplier=st.floats(0.3, 5.0),
    exit_on_opposite_signal=st.booleans(),
    enable_hybrid_engine=st.booleans(),
    hybrid_tier1_timeout=st.integers(0, 5),
    hybrid_tier2_timeout=st.integers(0, 5),
    hybrid_tier3_timeout=st.integers(0, 5),
    participation_rate=st.floats(0.001, 1.0),
)


def run(candles: Candles, config: StrategyConfig, execution: ExecutionConfig = RICH, qty: float = 5.0) -> BacktestResult:
    return Simulation(candles, config, qty, execution).run()


def scaled(candles: Candles, factor: float) -> Candles:
    return candles_of(factor * candles.open, factor * candles.high, factor * candles.low, factor * candles.close, candles.volume)


@given(seeds, settings, st.integers(-6, 6), st.floats(50.0, 1e6))
def test_prices_and_capital_times_a_factor_is_money_times_that_factor(
    seed: int, config: StrategyConfig, power: int, capital: float
) -> None:
    # a power of two: every number of the run is scaled without rounding, so that even the last bit agrees
    factor = 2.0**power
    candles = random_walk(BARS, seed, silent_share=0.1)
    one = run(candles, config, ExecutionConfig(initial_capital=capital, leverage=3))
    other = run(scaled(candles, factor), config, ExecutionConfig(initial_capital=capital * factor, leverage=3))
    expected = one.trades.with_columns(pl.col(MONEY) * factor)
    assert other.trades.drop("return_pct").equals(expected.drop("return_pct"))
    assert other.equity["equity"].equals(one.equity["equity"] * factor)


@given(seeds, settings)
def test_quantity_times_a_factor_is_money_times_that_factor_while_the_market_gives_it(seed: int, config: StrategyConfig) -> None:
    unlimited = config.replace(participation_rate=1.0, hybrid_tier3_timeout=0)
    candles = random_walk(BARS, seed)
    one, four = run(candles, unlimited, qty=1.0), run(candles, unlimited, qty=4.0)
    assert four.trades["net_pnl"].equals(one.trades["net_pnl"] * 4.0)


@given(seeds, settings, st.floats(0.0, 0.002), st.floats(0.0, 0.002), st.floats(1.0, 5.0))
def test_higher_fees_never_raise_the_net_of_the_same_trades(
    seed: int, config: StrategyConfig, maker: float, taker: float, times: float
) -> None:
    candles = random_walk(BARS, seed)
    low = run(candles, config, RICH.replace(maker_fee=maker, taker_fee=taker))
    high = run(candles, config, RICH.replace(maker_fee=maker * times, taker_fee=taker * times))
    same = ["direction", "entry_time", "avg_entry", "qty", "exit_time", "exit_price", "exit_reason", "gross_pnl", "slippage_cost"]
    assert high.trades.select(same).equals(low.trades.select(same))
    assert (high.trades["net_pnl"] <= low.trades["net_pnl"]).all()
    assert high.metrics.net_pnl <= low.metrics.net_pnl


@given(seeds, settings, st.integers(20, BARS - 1))
def test_bars_at_the_end_change_no_earlier_closed_trade(seed: int, config: StrategyConfig, cut: int) -> None:
    candles = random_walk(BARS, seed, silent_share=0.1)
    short, long = run(candles[:cut], config), run(candles, config)
    closed = short.trades.filter(pl.col("exit_reason") != "end_of_data")
    assert long.trades.head(len(closed)).equals(closed)
    # the last bar's equity of the short run holds the cost of closing
    assert long.equity["equity"][: cut - 1].equals(short.equity["equity"][: cut - 1])
    ended = short.entries.filter(pl.col("reason") != "end_of_data")
    assert long.entries.head(len(ended)).equals(ended)


@given(seeds, settings, st.booleans())
def test_longs_in_a_market_are_shorts_in_its_mirror_image(seed: int, config: StrategyConfig, has_volume: bool) -> None:
    # mirrored at a price, p -> K - p: what is a fraction of the price cannot be mirrored and is left out
    free = ExecutionConfig(initial_capital=1e9, maker_fee=0.0, taker_fee=0.0, slippage=0.0)
    plain = config.replace(trailing_sl_enabled=False, trailing_tp_enabled=False, ema_touch_tolerance=0.0)
    candles = on_grid(random_walk(BARS, seed, silent_share=0.1 if has_volume else 0.0))
    mirror = 2.0 ** np.ceil(np.log2(candles.high.max())) + 64.0
    mirrored = candles_of(mirror - candles.open, mirror - candles.low, mirror - candles.high, mirror - candles.close, candles.volume)
    signals = random_signals(candles, seed)
    opposite = Signals((-signals.direction).astype(np.int8), mirror - signals.touch_level, signals.atr)
    one = Simulation(candles, plain, 5.0, free, signals=signals).run()
    other = Simulation(mirrored, plain, 5.0, free, signals=opposite).run()
    same = ["entry_time", "exit_time", "exit_reason", "entry_tier", "bars_held"]
    assert other.trades.select(same).equals(one.trades.select(same))
    assert (other.trades["direction"] == -one.trades["direction"]).all()
    for name in ("qty", "gross_pnl", "net_pnl", "mfe", "mae"):
        np.testing.assert_allclose(other.trades[name], one.trades[name], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(other.equity["equity"], one.equity["equity"], rtol=1e-12)
    assert other.entries.drop("direction", "signal_price", "filled_qty").equals(one.entries.drop("direction", "signal_price", "filled_qty"))


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


@given(seeds, settings, st.integers(1, BARS - 50))
def test_the_account_starts_flat_at_the_first_bar(seed: int, config: StrategyConfig, first_bar: int) -> None:
    candles = random_walk(BARS, seed)
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
    without = run(candles, BUSY)
    assume(without.metrics.total_trades > 0)
    paid = Simulation(candles, BUSY, 5.0, RICH, funding=FundingRates(times, np.full(len(times), rate))).run()
    earned = Simulation(candles, BUSY, 5.0, RICH, funding=FundingRates(times, np.full(len(times), -rate))).run()
    assert paid.trades["exit_price"].equals(without.trades["exit_price"])
    np.testing.assert_array_equal(paid.trades["funding"], -earned.trades["funding"])
    np.testing.assert_allclose(paid.metrics.net_pnl, without.metrics.net_pnl - paid.metrics.funding, rtol=1e-9, atol=1e-6)
