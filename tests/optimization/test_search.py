"""The search loop: states, duplicates, the base, what the sampler is told."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from core.errors import OptimizationError
from optimization.ledger import TrialLedger
from optimization.proposals import StudyProposals
from optimization.search import SearchPlan, SearchProgress, best_of, search
from optimization.space import Dimension, SearchSpace
from optimization.trial_record import State, TrialRecord
from optimization.verdicts import Verdict
from tests.optimization.fakes import SPACE, FakeTrials, Metrics, Params, hill, metrics, mixed, plan

TINY = SearchSpace((Dimension("x", "int", 0, 4, 1),), {"x": 2})


def run(wanted: SearchPlan, measure: Callable[[Params, float], Metrics] = hill) -> list[TrialRecord]:
    return search(wanted, TrialLedger({}), FakeTrials(measure))


def test_trial_0_is_the_base_and_always_finishes() -> None:
    found = run(plan(), lambda params, share: hill(params, share) | {"sharpe_ratio": -99.0 if dict(params) == dict(SPACE.base) else 1.0})
    assert dict(found[0].params) == dict(SPACE.base)
    assert (found[0].state, found[0].fidelity, found[0].value) == ("complete", 3, -99.0)


def test_the_budget_is_used_up_exactly_and_in_order() -> None:
    found = run(plan(budget=30))
    assert [record.trial for record in found] == list(range(30))
    assert {record.stage for record in found} == {"7.1"}


def test_each_batch_halves_on_its_way_up() -> None:
    found = run(plan(budget=48))
    for first in range(8, 48, 8):
        new = [record for record in found[first : first + 8] if record.state != "duplicate"]
        reached = [sum(record.fidelity >= level for record in new) for level in (1, 2, 3)]
        half = (len(new) + 1) // 2
        assert reached == [len(new), half, (half + 1) // 2]


def test_a_pruned_trial_keeps_its_scores_and_the_bars_it_cost() -> None:
    pruned = [record for record in run(plan()) if record.state == "pruned"]
    assert {record.bars for record in pruned} == {297, 594}
    assert all(len(record.scores) == record.fidelity == (1 if record.bars == 297 else 2) for record in pruned)


def test_without_multi_fidelity_every_trial_is_complete() -> None:
    found = run(plan(levels=(1.0,)))
    assert {record.state for record in found} <= {"complete", "duplicate"}
    assert {record.bars for record in found if record.state == "complete"} == {900}


def test_the_winner_is_the_best_complete_trial_and_the_first_of_equals() -> None:
    found = run(plan(levels=(1.0,)), lambda params, _share: metrics(float(min(params["period"], 30))))
    winner = best_of(found)
    assert winner is not None
    assert winner.value == max(record.value for record in found if record.state == "complete")
    assert winner.trial == min(record.trial for record in found if record.value == winner.value)


def few_trades(_params: Params, share: float) -> Metrics:
    return metrics(9.0, trades=9 if share == 1.0 else 0)


@pytest.mark.parametrize(
    ("measure", "state"),
    [
        (few_trades, "few_trades"),
        (lambda _params, share: metrics(9.0, ruined=share == 1.0), "ruined"),
        (lambda _params, share: metrics(math.nan if share == 1.0 else 9.0), "undefined"),
    ],
)
def test_named_states_never_win(measure: Callable[[Params, float], Metrics], state: str) -> None:
    found = run(plan(), measure)
    assert best_of(found) is None
    assert {record.state for record in found if record.fidelity == 3} == {state}
    assert all(math.isnan(record.value) for record in found)


def test_one_valid_trial_wins_over_any_number_of_invalid_ones_that_look_better() -> None:
    def measure(params: Params, _share: float) -> Metrics:
        return metrics(-3.0, trades=10) if dict(params) == dict(SPACE.base) else metrics(9.0, trades=9)

    winner = best_of(run(plan(), measure))
    assert winner is not None
    assert (winner.trial, winner.value) == (0, -3.0)


def test_trades_are_counted_at_full_fidelity_only() -> None:
    found = run(plan(), lambda params, share: hill(params, share) | {"total_trades": 10 if share == 1.0 else 0})
    assert {record.state for record in found} <= {"complete", "pruned", "duplicate"}


def test_few_trades_comes_before_undefined_and_ruin_before_both() -> None:
    assert {r.state for r in run(plan(levels=(1.0,)), lambda *_: metrics(math.nan, trades=0))} == {"few_trades"}
    assert {r.state for r in run(plan(levels=(1.0,)), lambda *_: metrics(math.nan, trades=0, ruined=True))} == {"ruined"}


def test_a_failed_trial_is_recorded_with_its_message_and_the_search_goes_on() -> None:
    def measure(params: Params, share: float) -> Metrics:
        if params["period"] != 20:
            raise ValueError("period is unlucky")
        return hill(params, share)

    found = run(plan(), measure)
    failed = [record for record in found if record.state == "failed"]
    assert len(found) == 30
    assert failed
    assert all(record.error == "ValueError: period is unlucky" and not record.metrics for record in failed)


def test_a_search_in_which_everything_fails_says_so() -> None:
    def measure(_params: Params, _share: float) -> Metrics:
        raise ValueError("the candles are odd")

    with pytest.raises(OptimizationError, match="all 30 trials of stage 7.1 failed, the first one with ValueError: the candles are odd"):
        run(plan(), measure)


def test_duplicates_use_up_the_budget_but_are_not_simulated() -> None:
    trials = FakeTrials()
    found = search(plan(space=TINY, budget=40), TrialLedger({}), trials)
    duplicates = [record for record in found if record.state == "duplicate"]
    assert len(found) == 40
    assert len(trials.started) == 40 - len(duplicates) == len({record.key for record in found}) <= 5
    for record in duplicates:
        assert record.duplicate_of is not None
        assert found[record.duplicate_of].key == record.key
        assert found[record.duplicate_of].state != "duplicate"
        assert (record.bars, record.fidelity, dict(record.metrics)) == (0, 0, {})
    assert any(record.duplicate_of is not None and record.duplicate_of // 8 == record.trial // 8 for record in duplicates), (
        "in one batch too"
    )


def test_duplicates_are_told_as_the_trial_they_repeat() -> None:
    wanted = plan(space=TINY, budget=24)
    proposals, found = StudyProposals(wanted.space, wanted.sampler, wanted.seed_of, 8), run(wanted)
    for first in range(0, 24, 8):
        proposals.ask(range(first, first + 8))
        proposals.tell(found[first : first + 8])
    told = proposals._study.trials
    for record in found:
        original = record if record.duplicate_of is None else found[record.duplicate_of]
        assert told[record.trial].value == told[original.trial].value
        assert told[record.trial].state == told[original.trial].state


@pytest.mark.parametrize(
    ("state", "scores", "expected"),
    [
        ("complete", (1.0, 2.0, 3.0), Verdict(values=(3.0,))),
        ("pruned", (1.0, 2.0), Verdict(level=2, score=2.0)),
        ("pruned", (1.0, None), Verdict()),
        ("few_trades", (1.0, 2.0, 3.0), Verdict()),
        ("ruined", (1.0, None), Verdict()),
        ("undefined", (1.0, 2.0, None), Verdict()),
        ("failed", (1.0,), Verdict()),
    ],
)
def test_what_the_sampler_is_told(state: State, scores: tuple[float | None, ...], expected: Verdict) -> None:
    changed = replace(run(plan(budget=1))[0], state=state, scores=scores, values=scores[-1:], fidelity=len(scores))
    assert Verdict.of(changed) == expected


def test_states_that_never_win_rank_below_every_score_in_the_sampler() -> None:
    found = run(plan(budget=80), mixed)
    assert {record.state for record in found} >= {"complete", "pruned", "few_trades", "ruined", "failed"}
    study = StudyProposals(SPACE, "tpe", plan().seed_of, 8)
    study.replay(found)
    for record, told in zip(found, study._study.trials, strict=True):
        if record.state in ("few_trades", "ruined", "undefined", "failed"):
            assert told.state == optuna.trial.TrialState.PRUNED
            assert not told.intermediate_values


@pytest.mark.parametrize(
    "base", [{"period": 20, "multiplier": 1.55, "threshold": 35.0}, {"period": 99, "multiplier": 1.5, "threshold": 35.0}]
)
def test_a_base_off_the_grid_is_tried_as_it_is_may_win_and_is_not_told(base: dict[str, float], tmp_path: Path) -> None:
    def measure(params: Params, share: float) -> Metrics:
        return metrics(9.0) if dict(params) == base else hill(params, share)

    wanted = plan(space=SearchSpace(SPACE.dimensions, base))
    found = run(wanted, measure)
    winner = best_of(found)
    assert winner is not None
    assert (winner.trial, dict(winner.params)) == (0, base)
    study = StudyProposals(wanted.space, wanted.sampler, wanted.seed_of, 8)
    study.replay(found)
    assert len(study._study.trials) == len(found) - 1


def test_an_empty_space_has_the_base_as_its_only_trial() -> None:
    found = run(plan(space=SearchSpace((), {})))
    assert [(record.trial, record.state, dict(record.params)) for record in found] == [(0, "complete", {})]


def test_progress_is_reported_after_every_batch() -> None:
    heard: list[SearchProgress] = []
    found = search(plan(window=4), TrialLedger({}), FakeTrials(), heard.append)
    assert [(each.stage, each.window, each.done, each.total) for each in heard] == [("7.1", 4, done, 30) for done in (8, 16, 24, 30)]
    best = best_of(found)
    assert best is not None
    assert heard[-1].best_value == best.value


def test_progress_keeps_the_front_through_a_batch_of_nothing_but_failures() -> None:
    values = {0: (0.0, 4.0), 1: (3.0, 3.0), 4: (4.0, 0.0), 5: (3.1, 2.85)}

    def measure(params: Params, _share: float) -> Metrics:
        if params["x"] not in values:
            raise RuntimeError("this point cannot be simulated")
        first, second = values[int(params["x"])]
        return metrics(first) | {"calmar_ratio": second}

    heard: list[SearchProgress] = []
    line = SearchSpace((Dimension("x", "int", 0, 5, 1),), {"x": 0})
    wanted = plan(space=line, sampler="grid", objectives=("sharpe", "calmar"), levels=(1.0,), batch=2, budget=6)
    found = search(wanted, TrialLedger({}), FakeTrials(measure), heard.append)
    assert [record.state for record in found[2:4]] == ["failed", "failed"]
    knees = [best_of(found[: each.done]) for each in heard]
    assert [each.best_value for each in heard] == [each.value for each in knees if each is not None]


def test_progress_without_a_valid_trial_has_no_value() -> None:
    heard: list[SearchProgress] = []
    search(plan(budget=8), TrialLedger({}), FakeTrials(few_trades), heard.append)
    assert math.isnan(heard[-1].best_value)


def test_optunas_own_messages_stay_away_and_its_verbosity_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    before = optuna.logging.get_verbosity()
    run(plan(budget=16))
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")
