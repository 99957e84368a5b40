"""The kernel and the independent oracle agree on random cases of all rules of real markets: costs, margin, stops, sizes, steps."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from backtest_engine import Simulation
from tests.backtest_engine.oracle_bridge import HOUR_MS, OracleSignals, candles_of, configs_of, differences, simulation_of
from tests.oracle.bars import Bar
from tests.oracle.hybrid_trend import signals
from tests.oracle.outcome import OracleResult
from tests.oracle.random_cases import random_case
from tests.oracle.random_rules import RulesCase, random_rules_case
from tests.oracle.simulator import simulate

CASES = 2000
OFTEN = 400  # so many of them in every run of the suite
EXITS = {
    "stop_loss", "trailing_stop", "trailing_take_profit", "take_profit", "opposite_signal", "liquidation", "ruin", "end_of_data",
}  # fmt: skip


def answer(case: RulesCase) -> OracleResult:
    return simulate(case.bars, *signals(case.bars, case.settings), case.settings, case.funding, case.detail)


def disagreements(seeds: Iterable[int], real_bars: list[Bar]) -> tuple[dict[int, list[str]], Counter[str]]:
    """Return what the two do not agree on, by seed, and how often each kind of exit and size occurred."""
    found, seen = {}, Counter[str]()
    for seed in seeds:
        case = random_rules_case(seed, real_bars)
        oracle = answer(case)
        different = differences(
            simulation_of(case.bars, case.settings, case.funding, detail=case.detail).run(), oracle, case.bars, case.detail
        )
        if different:
            found[seed] = different[:3]
        seen.update(trade.exit_reason for trade in oracle.trades)
        seen.update({case.settings.sizing: len(oracle.trades), "ambiguous": oracle.ambiguous_exits, "detail": case.detail is not None})
        seen.update({"funding": sum(trade.funding != 0 for trade in oracle.trades)})
    return found, seen


def test_engine_equals_oracle_on_random_cases_of_all_rules(real_bars: list[Bar]) -> None:
    found, seen = disagreements(range(OFTEN), real_bars)
    assert not found
    # the comparison means something only while each of these happens in it
    assert set(seen) >= EXITS | {"fixed", "equity", "risk", "volatility", "kelly"}
    assert min(seen["liquidation"], seen["ambiguous"], seen["funding"], seen["kelly"], seen["detail"]) > 50


@pytest.mark.slow
def test_engine_equals_oracle_on_the_rest_of_2000_random_cases_of_all_rules(real_bars: list[Bar]) -> None:
    found, seen = disagreements(range(OFTEN, CASES), real_bars)
    assert not found
    assert seen["liquidation"] > 500


@pytest.mark.parametrize("factor", [1e-12, 1e-6, 1e9])
def test_engine_equals_oracle_whatever_a_price_is_worth(factor: float, real_bars: list[Bar]) -> None:
    """The same account in the same market, with prices from 1e-8 to 1e14 and steps from 1e-14 to a billion."""
    trades, stepped = 0, 0
    for seed in range(60):
        case = priced(random_rules_case(seed, real_bars), factor)
        oracle = answer(case)
        ours = simulation_of(case.bars, case.settings, case.funding, detail=case.detail).run()
        assert not differences(ours, oracle, case.bars, case.detail), seed
        trades += len(oracle.trades)
        stepped += len(oracle.trades) * (case.settings.price_step > 0)
    assert min(trades, stepped) > 200


def priced(case: RulesCase, factor: float) -> RulesCase:
    """Return ``case`` with prices multiplied and quantities divided by ``factor``: every sum of money stays what it was."""

    def scaled(bars: list[Bar]) -> list[Bar]:
        return [
            replace(bar, **{name: getattr(bar, name) * factor for name in ("open", "high", "low", "close")}, volume=bar.volume / factor)
            for bar in bars
        ]

    s = case.settings
    settings = replace(
        s,
        order_qty=s.order_qty / factor,
        price_step=s.price_step * factor,
        qty_step=s.qty_step / factor,
        min_qty=s.min_qty / factor,
    )
    return replace(case, bars=scaled(case.bars), detail=case.detail and scaled(case.detail), settings=settings)


@pytest.mark.parametrize("seed", range(40))
def test_history_before_the_first_bar_counts_for_the_volatility_regime_only(seed: int, real_bars: list[Bar]) -> None:
    """The account starts at ``first_bar``; the oracle is told so by signals of 0 before it, where nothing can happen to it."""
    case = random_case(seed, real_bars)
    first, bars = len(case.bars) // 3, case.bars
    settings = replace(case.settings, regime_response=1.5, regime_lookback=12, bar_ms=HOUR_MS)
    direction, touch, atr = signals(bars, settings)
    late: OracleSignals = ([0] * first + list(direction[first:]), touch, atr)
    strategy, execution, rules = configs_of(settings)
    result = Simulation(candles_of(bars, settings), strategy, settings.order_qty, execution, rules, first).run()
    oracle = simulate(bars, *late, settings)
    assert len(result.trades) == len(oracle.trades)
    scale = max(1.0, float(np.abs(oracle.equity).max()))
    np.testing.assert_allclose(result.equity["equity"], oracle.equity[first:], rtol=1e-9, atol=1e-9 * scale)
