"""The rules of real markets are the same in single runs, batches and runs in pieces, bit for bit, before the first bar too."""

from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest_engine import BatchSimulation, Simulation
from config import ExecutionConfig, SizingMethod, StrategyConfig
from core.candles import Candles
from core.errors import ConfigError
from core.market import MarketRules
from tests.backtest_engine.markets import BUSY, candles_of, random_walk
from tests.backtest_engine.oracle_bridge import simulation_of
from tests.oracle.bars import Bar
from tests.oracle.random_rules import RulesCase, random_rules_case

BARS = 500
CANDLES = random_walk(BARS, seed=21, silent_share=0.1, volatility=0.03)
STEPS = MarketRules(qty_step=0.001, min_qty=0.01, min_notional=5.0, price_step=0.05)
COSTLY: dict[str, Any] = {
    "initial_capital": 900.0, "leverage": 8.0, "maintenance_margin": 0.05, "slippage_range_share": 0.02, "slippage_impact": 0.1,
    "funding_rate": 0.0005,
}  # fmt: skip
SIZES: dict[str, dict[str, Any]] = {
    "fixed": {}, "equity": {"equity_fraction": 6.0}, "risk": {"risk_per_trade": 0.05}, "volatility": {"volatility_target": 3.0},
    "kelly": {"kelly_min_trades": 4, "equity_fraction": 3.0},
}  # fmt: skip
STOPS = {
    "atr": BUSY.replace(regime_response=1.0, regime_lookback=30),
    "percent": BUSY.replace(stop_type="percent", target_type="percent", regime_response=-0.5, regime_lookback=12),
    "none": BUSY.replace(stop_type="none", target_type="none", trailing_sl_threshold=0.05),
}


def account(sizing: str) -> ExecutionConfig:
    return ExecutionConfig(**COSTLY, sizing=SizingMethod(sizing), **SIZES[sizing])


def values(seed: int, rows: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "ema_fast": rng.integers(2, 5, rows),
        "atr_period": rng.integers(3, 7, rows),
        "stop_distance": rng.uniform(0.005, 0.1, rows),
        "target_distance": rng.uniform(0.005, 0.2, rows),
        "atr_sl_multiplier": rng.uniform(0.5, 8.0, rows),
        "regime_lookback": rng.integers(5, 40, rows),
        "regime_response": rng.choice([0.0, 1.0, -1.5], rows),
        "trailing_tp_enabled": rng.random(rows) < 0.5,
    }


@pytest.mark.parametrize(("sizing", "stop"), [pair for pair in product(SIZES, STOPS) if pair != ("risk", "none")])  # that is refused
def test_every_row_of_a_batch_is_the_single_run(sizing: str, stop: str) -> None:
    columns, first_bar, liquidated = values(3, 6), 60, 0
    batch = BatchSimulation(CANDLES, STOPS[stop], columns, 1000.0, account(sizing), STEPS, first_bar)
    for end in (17, 230, batch.bars):
        batch.advance(end)
    for row in range(6):
        settings = STOPS[stop].replace(**{name: column[row].item() for name, column in columns.items()})
        alone = Simulation(CANDLES, settings, 1000.0, account(sizing), STEPS, first_bar)
        result = alone.run()
        assert repr(batch.metrics(row)) == repr(alone.metrics())
        assert batch._states[row]["ambiguous"] == result.ambiguous_exits
        liquidated += int((result.trades["exit_reason"] == "liquidation").sum())
    assert liquidated > 0 or (sizing, stop) != ("fixed", "none")


def simulation_of_case(case: RulesCase) -> Simulation:
    return simulation_of(case.bars, case.settings, case.funding, detail=case.detail)


def test_random_cases_of_all_rules_in_random_pieces(real_bars: list[Bar]) -> None:
    trades = 0
    for seed in range(120):
        case, rng = random_rules_case(seed, real_bars), Random(seed)
        whole, pieces = simulation_of_case(case).run(), simulation_of_case(case)
        for end in sorted(rng.randint(0, pieces.bars) for _ in range(8)):
            pieces.advance(end)
        split = pieces.run()
        assert (split.digest, split.ambiguous_exits) == (whole.digest, whole.ambiguous_exits), f"seed {seed}"
        trades += whole.metrics.total_trades
    assert trades > 500


@given(st.integers(0, 300), st.sampled_from(sorted(STOPS)))
def test_the_future_changes_nothing_of_the_past(seed: int, stop: str) -> None:
    candles = random_walk(BARS, seed, volatility=0.03)
    cut = 100 + seed
    short, long = (Simulation(each, STOPS[stop], 9.0, account("kelly"), STEPS).run() for each in (candles[:cut], candles))
    closed = short.trades.filter(short.trades["exit_reason"] != "end_of_data")
    assert long.trades.head(len(closed)).equals(closed)


def without_volume(candles: Candles) -> Candles:
    columns = {name: getattr(candles, name) for name in ("open", "high", "low", "close", "volume")}
    return Candles.from_arrays(candles.market, {"timestamp": candles.open_ms} | columns, has_volume=False)


IMPOSSIBLE: dict[str, tuple[StrategyConfig, dict[str, Any], Candles]] = {
    "sizing = risk needs a stop": (BUSY.replace(stop_type="none"), {"sizing": "risk"}, CANDLES),
    "slippage_impact = 0.5 needs the bars' volume": (BUSY, {"slippage_impact": 0.5}, without_volume(CANDLES)),
}


@pytest.mark.parametrize("message", IMPOSSIBLE)
def test_settings_that_cannot_go_together_are_refused_before_any_kernel(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    strategy, execution, candles = IMPOSSIBLE[message]
    for name in ("simulation.run_rows", "batch.run_rows"):
        monkeypatch.delattr(f"backtest_engine.{name}")
    with pytest.raises(ConfigError, match=message):
        Simulation(candles, strategy, 1.0, ExecutionConfig(**execution))
    with pytest.raises(ConfigError, match=message):
        BatchSimulation(candles, strategy, {"atr_sl_multiplier": [1.0, 2.0]}, 1.0, ExecutionConfig(**execution))


@pytest.mark.parametrize("sizing", sorted(set(SIZES) - {"fixed"}))
def test_only_a_fixed_size_looks_at_the_order_quantity(sizing: str) -> None:
    with pytest.raises(ConfigError, match="order_qty = 0.0"):
        Simulation(CANDLES, BUSY, 0.0, account("fixed"))
    runs = [Simulation(CANDLES, BUSY, qty, account(sizing)).run() for qty in (0.0, 5.0, float("nan"))]
    assert len({run.digest for run in runs}) == 1
    assert runs[0].metrics.total_trades > 0


def test_a_constant_is_charged_only_where_the_data_has_no_rates() -> None:
    flat_prices = [100.0] * 40
    candles = candles_of(flat_prices, flat_prices, flat_prices, flat_prices, [9.0] * 40)
    execution = ExecutionConfig(funding_rate=0.01, funding_interval_hours=4)
    due = Simulation(candles, BUSY, 1.0, execution)._bars.funding
    # from 2024-01-01 00:00 on, every fourth hour
    np.testing.assert_array_equal(due, np.where(np.arange(40) % 4 == 0, 0.01, 0.0))


def test_a_hole_in_the_data_belongs_to_the_bar_before_it() -> None:
    candles = random_walk(30)
    kept = np.array([0, 1, 2, 9, 10, 29])
    columns = {name: getattr(candles, name)[kept] for name in ("open", "high", "low", "close", "volume")}
    holed = Candles.from_arrays(candles.market, {"timestamp": candles.open_ms[kept]} | columns)
    due = Simulation(holed, BUSY, 1.0, ExecutionConfig(funding_rate=1e-4, funding_interval_hours=1))._bars.funding
    np.testing.assert_allclose(due, np.array([1, 1, 7, 1, 19, 1]) * 1e-4)
