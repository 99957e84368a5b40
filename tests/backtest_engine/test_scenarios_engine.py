"""Every scenario, and every worked example of docs/execution.md, through the engine."""

import pytest

from tests.backtest_engine.scenario_bridge import run_through_engine
from tests.conftest import ROOT
from tests.scenarios.all_scenarios import KERNEL_SCENARIOS
from tests.scenarios.checks import assert_outcome
from tests.scenarios.scenario import Scenario
from tests.scenarios.worked_examples import read_examples

EXAMPLES = [example for example in read_examples(ROOT / "docs" / "execution.md") if example.detail_bars == 1]


@pytest.mark.parametrize("scenario", [*KERNEL_SCENARIOS, *EXAMPLES], ids=lambda scenario: scenario.name)
def test_the_outcome_is_the_expected_one(scenario: Scenario) -> None:
    assert_outcome(scenario, run_through_engine(scenario))
