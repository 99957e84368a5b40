"""Every scenario through the slow reference simulator."""

from collections import Counter

import pytest

from tests.scenarios.all_scenarios import SCENARIOS
from tests.scenarios.checks import assert_outcome, assert_valid_candles
from tests.scenarios.oracle_run import run
from tests.scenarios.scenario import Scenario

by_name = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


def test_every_scenario_has_its_own_name() -> None:
    assert [name for name, count in Counter(scenario.name for scenario in SCENARIOS).items() if count > 1] == []


@by_name
def test_the_candles_are_valid(scenario: Scenario) -> None:
    assert_valid_candles(scenario)


@by_name
def test_the_outcome_is_the_expected_one(scenario: Scenario) -> None:
    assert_outcome(scenario, run(scenario), rel=1e-12)
