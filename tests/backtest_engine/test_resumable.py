"""A run in pieces is the run in one go, bit for bit, wherever it is split."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest_engine import Simulation
from config import ExecutionConfig
from tests.backtest_engine.markets import BUSY, random_walk
from tests.backtest_engine.oracle_bridge import simulation_of
from tests.backtest_engine.scenario_bridge import engine_of
from tests.oracle.bars import Bar
from tests.oracle.random_cases import random_case
from tests.scenarios.all_scenarios import SCENARIOS
from tests.scenarios.oracle_run import decision_rows

BARS = 300


def in_pieces(simulation: Simulation, ends: list[int]) -> str:
    """Return the digest of the run that stops at each of ``ends``, looking at its metrics there."""
    for end in sorted(ends):
        simulation.advance(end)
        if end:
            simulation.metrics()
    return simulation.run().digest


@pytest.mark.xdist_group("oracle")
def test_random_cases_in_random_pieces(real_bars: list[Bar]) -> None:
    trades = 0
    for seed in range(150):
        case = random_case(seed, real_bars)
        rng = Random(seed)
        ends = [rng.randint(0, len(case.bars)) for _ in range(rng.randint(1, 12))]
        whole = simulation_of(case.bars, case.settings).run()
        assert in_pieces(simulation_of(case.bars, case.settings), ends) == whole.digest, f"seed {seed}, split at {sorted(ends)}"
        trades += whole.metrics.total_trades
    assert trades > 1000


def test_scenarios_bar_by_bar() -> None:
    for scenario in SCENARIOS:
        every_bar = list(range(len(decision_rows(scenario)) + 1))
        assert in_pieces(engine_of(scenario), every_bar) == engine_of(scenario).run().digest, scenario.name


def test_a_case_bar_by_bar(real_bars: list[Bar]) -> None:
    for seed in range(20):
        case = random_case(seed, real_bars)
        every_bar = list(range(len(case.bars) + 1))
        assert in_pieces(simulation_of(case.bars, case.settings), every_bar) == simulation_of(case.bars, case.settings).run().digest


@given(ends=st.lists(st.integers(0, BARS), max_size=6), seed=st.integers(0, 50), first_bar=st.integers(0, 60))
def test_splitting_anywhere_changes_nothing(ends: list[int], seed: int, first_bar: int) -> None:
    candles = random_walk(BARS + first_bar, seed, silent_share=0.2)

    def fresh() -> Simulation:
        return Simulation(candles, BUSY, 2.0, ExecutionConfig(initial_capital=500.0), first_bar=first_bar)

    assert in_pieces(fresh(), ends) == fresh().run().digest


def test_metrics_on_the_way_are_those_of_a_run_that_ends_there_but_for_the_open_position() -> None:
    candles = random_walk(BARS, 4)
    on_the_way = Simulation(candles, BUSY, 2.0, ExecutionConfig())
    for end in (50, 120, 290):
        on_the_way.advance(end)
        there = Simulation(candles[:end], BUSY, 2.0, ExecutionConfig())
        there.advance(end)
        # as text: an undefined figure, nan, is not equal to itself
        assert str(on_the_way.metrics()) == str(there.metrics())


def test_looking_at_the_state_is_no_change() -> None:
    candles = random_walk(BARS, 4)
    watched = Simulation(candles, BUSY, 2.0, ExecutionConfig())
    for end in range(0, BARS, 7):
        watched.advance(end)
        state = watched.state_at()
        state["cash"] = -1.0
        watched.events()
        watched.signal_at(end)
    assert watched.run().digest == Simulation(candles, BUSY, 2.0, ExecutionConfig()).run().digest
