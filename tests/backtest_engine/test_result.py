"""The tables of a result: their columns and types, empty or not, and the digest that stands for all of them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from backtest_engine import BacktestEngine, BacktestResult, FundingRates, Simulation, as_candles
from config import ExecutionConfig, StrategyConfig
from core.errors import ConfigError
from core.market import MarketRules
from strategies import Signals
from tests.backtest_engine.markets import BUSY, START_MS, flat, random_walk

HOUR_MS = 3_600_000

TRADES = {
    "trade_id": pl.Int64, "direction": pl.Int8, "entry_time": pl.Int64, "avg_entry": pl.Float64, "qty": pl.Float64, "entry_tier": pl.Int8,
    "tier1_qty": pl.Float64, "tier2_qty": pl.Float64, "tier3_qty": pl.Float64, "tier4_qty": pl.Float64, "exit_time": pl.Int64,
    "exit_price": pl.Float64, "exit_reason": pl.String, "gross_pnl": pl.Float64, "fees": pl.Float64, "slippage_cost": pl.Float64,
    "funding": pl.Float64, "net_pnl": pl.Float64, "return_pct": pl.Float64, "bars_held": pl.Int64, "mfe": pl.Float64, "mae": pl.Float64,
}  # fmt: skip
EQUITY = {"time": pl.Int64, "equity": pl.Float64, "drawdown_pct": pl.Float64}
ENTRIES = {
    "direction": pl.Int8, "signal_time": pl.Int64, "end_time": pl.Int64, "reason": pl.String, "wanted_qty": pl.Float64,
    "filled_qty": pl.Float64, "signal_price": pl.Float64,
}  # fmt: skip


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    thin = BUSY.replace(enable_hybrid_tier1=False, limit_offset_atr=0.5, participation_rate=0.02, enable_hybrid_tier4=False)
    return BacktestEngine(random_walk(800, seed=2), thin, 5.0).run()


@pytest.mark.parametrize("kind", ["busy", "without a trade", "of one bar"])
def test_tables_have_the_same_columns_and_types_empty_or_not(kind: str, result: BacktestResult) -> None:
    runs = {"busy": result, "without a trade": BacktestEngine(flat([100.0] * 30)).run(), "of one bar": BacktestEngine(flat([100.0])).run()}
    found = runs[kind]
    assert dict(found.trades.schema) == TRADES
    assert dict(found.equity.schema) == EQUITY
    for table in (found.missed_entries, found.partial_entries, found.rejected_entries):
        assert dict(table.schema) == ENTRIES
    assert dict(found.entries.schema) == {"kind": pl.String} | ENTRIES


def test_every_kind_of_entry_has_its_own_table(result: BacktestResult) -> None:
    never = BUSY.replace(enable_hybrid_tier1=False, enable_hybrid_tier3=False, enable_hybrid_tier4=False, limit_offset_atr=5.0)
    missed = BacktestEngine(random_walk(800), never, 1.0).run()
    assert len(missed.missed_entries) == len(missed.entries) > 0
    assert (missed.missed_entries["filled_qty"] == 0.0).all()
    assert len(result.partial_entries) > 0
    poor = ExecutionConfig(initial_capital=20.0)  # leverage makes the order smaller than the market takes
    rejected = BacktestEngine(random_walk(800), BUSY, 2.0, execution=poor, rules=MarketRules(min_qty=2.0)).run()
    assert len(rejected.rejected_entries) == len(rejected.entries) > 0
    assert set(rejected.rejected_entries["reason"]) == {"below_min_qty"}
    partial = result.partial_entries
    assert (partial["filled_qty"] > 0.0).all()
    assert (partial["filled_qty"] < partial["wanted_qty"]).all()


def test_a_partial_entry_belongs_to_a_trade_of_its_quantity(result: BacktestResult) -> None:
    filled = set(result.partial_entries["filled_qty"].to_list())
    assert filled
    assert filled <= set(result.trades["qty"].to_list())


def test_the_return_of_a_trade_is_its_net_over_the_entry_s_notional(result: BacktestResult) -> None:
    trades = result.trades
    expected = 100 * trades["net_pnl"] / (trades["avg_entry"] * trades["qty"])
    np.testing.assert_allclose(trades["return_pct"], expected, rtol=1e-12)


def test_equal_runs_have_equal_digests() -> None:
    first, second = (BacktestEngine(random_walk(500), BUSY, 1.0).run() for _ in range(2))
    assert first.digest == second.digest
    assert first.trades.equals(second.trades)


CHANGES: dict[str, Callable[[BacktestResult], BacktestResult]] = {
    "a bit of the equity": lambda r: replace(r, _equity=np.nextafter(r._equity, 0.0)),
    "a trade less": lambda r: replace(r, _trades=r._trades[:-1]),
    "an entry event less": lambda r: replace(r, _entries=r._entries[:-1]),
    "other times": lambda r: replace(r, candles=random_walk(801)[1:]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_the_run_produced_is_in_the_digest(what: str, result: BacktestResult) -> None:
    assert CHANGES[what](result).digest != result.digest


def test_settings_that_change_nothing_do_not_change_the_digest() -> None:
    candles = random_walk(500)
    costs = ExecutionConfig(risk_free_rate=0.05)  # moves ratios, not money
    assert BacktestEngine(candles, BUSY, 1.0, execution=costs).run().digest == BacktestEngine(candles, BUSY, 1.0).run().digest


def test_candles_are_labelled_with_what_the_caller_says() -> None:
    walk = random_walk(30)
    assert str(as_candles(walk, None, None, None).market) == "LOCAL WALK 1h"
    assert as_candles(walk, None, None, None) is walk
    assert str(as_candles(walk, "BINANCE", "BTCUSDT", "1H").market) == "BINANCE BTCUSDT 1h"
    assert str(as_candles(walk.to_polars(), None, None, "1h").market) == "LOCAL frame 1h"
    assert str(BacktestEngine(walk, symbol="OTHER").run().market) == "LOCAL OTHER 1h"
    with pytest.raises(ConfigError, match="contradicts"):
        as_candles(walk, None, None, "1d")


def test_without_volume_the_cap_and_no_trade_bars_are_off() -> None:
    walk = random_walk(400, silent_share=1.0)
    deaf = replace(walk, has_volume=False)
    assert BacktestEngine(walk, BUSY, 1.0).run().metrics.total_trades == 0
    assert BacktestEngine(deaf, BUSY, 1.0).run().metrics.total_trades > 5


@pytest.mark.parametrize(
    ("time", "bar"),
    [(0, 0), (1, 0), (HOUR_MS - 1, 0), (HOUR_MS, 1), (9 * HOUR_MS, 9), (10 * HOUR_MS - 1, 9), (10 * HOUR_MS, None), (-1, None)],
)
def test_funding_belongs_to_the_bar_that_holds_its_time(time: int, bar: int | None) -> None:
    rates = FundingRates(np.array([START_MS + time]), np.array([0.01]))
    found = rates.per_bar(flat([100.0] * 10))
    assert np.flatnonzero(found).tolist() == ([] if bar is None else [bar])


def test_funding_due_in_a_hole_is_paid_in_the_bar_before_it_and_rates_of_a_bar_add_up() -> None:
    candles = flat([100.0] * 10)
    kept = candles.to_polars().filter(~pl.int_range(10).is_in([4, 5]))
    holed = as_candles(kept, None, None, "1h")
    times = START_MS + HOUR_MS * np.array([4, 5, 5, 6]) + np.array([0, 0, 1, 0])
    rates = FundingRates(times, np.array([0.01, 0.02, 0.03, 0.5]))
    np.testing.assert_allclose(rates.per_bar(holed), [0, 0, 0, 0.06, 0.5, 0, 0, 0])


def test_a_position_pays_funding_on_its_value_at_the_open() -> None:
    candles = flat([100.0, 100.0, 100.0, 110.0, 110.0])
    rates = FundingRates(np.array([START_MS + HOUR_MS, START_MS + 3 * HOUR_MS]), np.array([0.5, 0.01]))
    at_once = StrategyConfig(enable_hybrid_engine=False, atr_sl_multiplier=50.0, trailing_sl_enabled=False)
    for side in (1, -1):
        signals = Signals(np.array([side, 0, 0, 0, 0], np.int8), candles.close, np.ones(5))
        trade = Simulation(candles, at_once, 2.0, ExecutionConfig(), funding=rates, signals=signals).run().trades.row(0, named=True)
        # entered in bar 1, and so not carried into it; then 2 at 110, of which longs pay 1 %
        assert trade["funding"] == pytest.approx(side * 2 * 110 * 0.01)
        assert trade["net_pnl"] == pytest.approx(trade["gross_pnl"] - trade["fees"] - trade["funding"])
