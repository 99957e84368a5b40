"""Every scenario through the slow reference simulator."""

from collections import Counter

import pytest

from tests.oracle.settings import Settings
from tests.scenarios.all_scenarios import KERNEL_SCENARIOS, SCENARIOS
from tests.scenarios.checks import assert_outcome, assert_valid_candles
from tests.scenarios.new_rules import NOT_IN_THE_KERNEL
from tests.scenarios.oracle_run import run
from tests.scenarios.scenario import Scenario

by_name = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


def test_every_scenario_has_its_own_name() -> None:
    assert [name for name, count in Counter(scenario.name for scenario in SCENARIOS).items() if count > 1] == []


def test_rules_not_in_the_kernel_are_settings_of_the_oracle_each_with_scenarios() -> None:
    assert set(Settings.__dataclass_fields__) >= NOT_IN_THE_KERNEL
    used = {name for scenario in SCENARIOS for name in scenario.settings}
    assert used >= NOT_IN_THE_KERNEL
    assert len(KERNEL_SCENARIOS) < len(SCENARIOS)


@by_name
def test_the_candles_are_valid(scenario: Scenario) -> None:
    assert_valid_candles(scenario)


@by_name
def test_the_outcome_is_the_expected_one(scenario: Scenario) -> None:
    assert_outcome(scenario, run(scenario), rel=1e-12)
