"""Every scenario, and every worked example of docs/execution.md, through the engine."""

import pytest

from tests.backtest_engine.scenario_bridge import run_through_engine
from tests.conftest import ROOT
from tests.scenarios.all_scenarios import SCENARIOS
from tests.scenarios.checks import assert_outcome
from tests.scenarios.scenario import Scenario
from tests.scenarios.worked_examples import read_examples

EXAMPLES = read_examples(ROOT / "docs" / "execution.md")


@pytest.mark.parametrize("scenario", [*SCENARIOS, *EXAMPLES], ids=lambda scenario: scenario.name)
def test_the_outcome_is_the_expected_one(scenario: Scenario) -> None:
    assert_outcome(scenario, run_through_engine(scenario))
