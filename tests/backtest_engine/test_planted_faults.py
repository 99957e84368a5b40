"""The comparison with the oracle finds every planted fault: a fault like it in the kernels would not go unseen."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from random import Random

import pytest

from backtest_engine import Simulation
from tests.backtest_engine.oracle_bridge import OracleSignals, differences, simulation_of
from tests.backtest_engine.plain_kernels import FOLDER, MODULES, kernel_sources, load_plain
from tests.backtest_engine.planted_faults import FAULTS, Fault
from tests.backtest_engine.scenario_bridge import bars_and_detail_of, settings_of, signals_of
from tests.backtest_engine.stretches import pairs, records_of
from tests.oracle.bars import Bar
from tests.oracle.hybrid_trend import signals
from tests.oracle.outcome import OracleResult
from tests.oracle.random_cases import random_case
from tests.oracle.random_rules import RulesCase, random_detail_case, random_rules_case
from tests.oracle.settings import Settings
from tests.oracle.simulator import simulate
from tests.scenarios.all_scenarios import SCENARIOS
from tests.scenarios.oracle_run import funding_of
from tests.scenarios.scenario import Scenario

RANDOM_CASES = 200
DETAIL_CASES = 60
RULES_CASES = 100
HOUR_MS = 3_600_000
Funding = list[tuple[int, float]]

pytestmark = pytest.mark.xdist_group("planted_faults")


@dataclass(frozen=True)
class Solved:
    """A case with the oracle's answer."""

    bars: list[Bar]
    settings: Settings
    signals: OracleSignals
    funding: Funding
    detail: list[Bar] | None
    oracle: OracleResult


@pytest.fixture(scope="module")
def solved_cases(real_bars: list[Bar]) -> list[Solved]:
    """Return the scenarios, which are short, then random cases over real candles, of all kinds in turn: most faults are seen early."""
    plain = [_solved_random_case(seed, real_bars) for seed in range(RANDOM_CASES)]
    detail = [_solved(random_detail_case(seed, real_bars)) for seed in range(DETAIL_CASES)]
    rules = [_solved(random_rules_case(seed, real_bars)) for seed in range(RULES_CASES)]
    in_turn = (case for cases in zip_longest(rules, detail, plain) for case in cases if case is not None)
    return [*map(_solved_scenario, SCENARIOS), *in_turn]


def _solved_scenario(scenario: Scenario) -> Solved:
    settings, given = settings_of(scenario), signals_of(scenario)
    bars, detail = bars_and_detail_of(scenario)
    funding = funding_of(scenario)
    return Solved(bars, settings, given, funding, detail, simulate(bars, *given, settings, funding, detail))


def _solved_random_case(seed: int, real_bars: list[Bar]) -> Solved:
    case = random_case(seed, real_bars)
    times = range(case.bars[0].open_ms, case.bars[-1].open_ms, 8 * HOUR_MS) if seed % 5 == 0 else ()
    rng = Random(seed)
    funding = [(time, rng.uniform(-0.003, 0.003)) for time in times]
    given = signals(case.bars, case.settings)
    return Solved(case.bars, case.settings, given, funding, None, simulate(case.bars, *given, case.settings, funding))


def _solved(case: RulesCase) -> Solved:
    given = signals(case.bars, case.settings)
    oracle = simulate(case.bars, *given, case.settings, case.funding, case.detail)
    return Solved(case.bars, case.settings, given, case.funding, case.detail, oracle)


@pytest.fixture
def unchecked_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the finding to the oracle: the invariants, which the suite checks in every result, would find many a fault first."""
    monkeypatch.setattr(Simulation, "result", inspect.unwrap(Simulation.result))


def found_by_oracle(sources: Mapping[str, str], cases: list[Solved], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the differences in the first of ``cases`` in which kernels made of ``sources`` show any."""
    for name, kernel in load_plain(sources).items():
        monkeypatch.setattr(f"backtest_engine.simulation.{name}", kernel)
    for solved in cases:
        try:
            result = simulation_of(solved.bars, solved.settings, solved.funding, solved.signals, solved.detail).run()
        except (IndexError, ZeroDivisionError):
            # room is made for one trade a signal, which a case within the page never exceeds; nothing is left of a ruined account
            return [f"more trades or entries than the oracle's {len(solved.oracle.trades)} and {len(solved.oracle.events)}"]
        found = differences(result, solved.oracle, solved.bars, solved.detail)
        if found:
            return found
    return []


def found_bar_after_bar(sources: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the first run in which kernels made of ``sources`` do not pass many bars at once as they pass one by one.

    The oracle knows no score, whose sums are what most of that is about.
    """
    for name, kernel in load_plain(sources).items():
        monkeypatch.setattr(f"backtest_engine.simulation.{name}", kernel)
    for name, fast, slow in pairs(4):
        fast.advance(fast.bars)
        slow.advance(slow.bars)
        if records_of(fast) != records_of(slow):
            return [name]
    return []


def test_every_kernel_is_loaded_from_its_source() -> None:
    assert sorted(MODULES) == sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


def test_kernels_without_a_fault_agree_with_the_oracle(solved_cases: list[Solved], monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_by_oracle(kernel_sources(), solved_cases, monkeypatch) == []
    assert found_bar_after_bar(kernel_sources(), monkeypatch) == []


def test_faults_are_many_and_each_has_its_own_name() -> None:
    assert len(FAULTS) >= 100
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_every_fault_is_planted_exactly_once() -> None:
    sources = kernel_sources()
    moved = [fault.name for fault in FAULTS if sources[fault.kernel].count(fault.old) != 1]
    assert moved == [], "their place in the source has moved"


# All of them take four minutes: a sixth of every kernel's is tried with every change, the others are for the long campaigns.
SAMPLED = [pytest.param(fault, marks=() if at % 6 == 0 else pytest.mark.slow, id=fault.name) for at, fault in enumerate(FAULTS)]


@pytest.mark.parametrize("fault", SAMPLED)
@pytest.mark.usefixtures("unchecked_results")
def test_oracle_finds(fault: Fault, solved_cases: list[Solved], monkeypatch: pytest.MonkeyPatch) -> None:
    sources = kernel_sources()
    sources[fault.kernel] = sources[fault.kernel].replace(fault.old, fault.new)
    assert found_by_oracle(sources, solved_cases, monkeypatch) or found_bar_after_bar(sources, monkeypatch)
