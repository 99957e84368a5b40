"""The worked examples of docs/execution.md give the outcomes printed there."""

import pytest

from tests.conftest import ROOT
from tests.scenarios.checks import assert_outcome, assert_valid_candles
from tests.scenarios.oracle_run import run
from tests.scenarios.scenario import Scenario
from tests.scenarios.worked_examples import read_examples

EXAMPLES = read_examples(ROOT / "docs" / "execution.md")


def test_the_page_has_its_examples() -> None:
    # A change of the page's form must not silently leave nothing to check.
    assert len(EXAMPLES) >= 23
    assert all(len(example.equity) == len(example.rows) // example.detail_bars for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_gives_what_the_page_says(example: Scenario) -> None:
    assert_valid_candles(example)
    assert_outcome(example, run(example))
