"""Every scenario through the slow reference simulator."""

from collections import Counter

import pytest

from tests.scenarios.all_scenarios import SCENARIOS
from tests.scenarios.checks import assert_outcome, assert_valid_candles
from tests.scenarios.oracle_run import run
from tests.scenarios.scenario import Scenario

OF_REAL_MARKETS = {
    "slippage_range_share", "slippage_impact", "slippage_cap", "price_step", "min_notional",
    "funding_rate", "funding_interval_hours", "maintenance_margin", "liquidation_fee",
    "stop_type", "target_type", "stop_distance", "target_distance",
    "regime_response", "regime_lookback", "regime_min_multiplier", "regime_max_multiplier",
    "sizing", "equity_fraction", "risk_per_trade", "volatility_target", "kelly_fraction", "kelly_min_trades",
    "detail_bars",
}  # fmt: skip

by_name = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


def test_every_scenario_has_its_own_name() -> None:
    assert [name for name, count in Counter(scenario.name for scenario in SCENARIOS).items() if count > 1] == []


def test_every_rule_of_real_markets_has_scenarios() -> None:
    used = {name for scenario in SCENARIOS for name in scenario.settings}
    assert used >= OF_REAL_MARKETS
    assert any(scenario.funding for scenario in SCENARIOS)
    assert any(scenario.ambiguous for scenario in SCENARIOS)


@by_name
def test_the_candles_are_valid(scenario: Scenario) -> None:
    assert_valid_candles(scenario)


@by_name
def test_the_outcome_is_the_expected_one(scenario: Scenario) -> None:
    assert_outcome(scenario, run(scenario), rel=1e-12)
