"""Multi-fidelity: who goes on, who stops, and that no bar is simulated twice."""

import logging
import math

import pytest

from optimization.fidelity import Entrant, level_ends, race
from optimization.ledger import TrialLedger
from optimization.search import best_of, search
from tests.optimization.fakes import SPACE, FakeTrials, Metrics, Params, hill, metrics, plan

ENDS = (297, 594, 900)


def entrants(count: int) -> list[Entrant]:
    return [Entrant(number, {"x": number}) for number in range(count)]


def by_table(*rows: tuple[float, ...]) -> FakeTrials:
    """Return trials whose score at each level is written in row ``x``."""

    def measure(params: Params, share: float) -> Metrics:
        return metrics(rows[int(params["x"])][min(int(share * 3), 2)])

    return FakeTrials(measure)


def levels_reached(field: list[Entrant]) -> list[int]:
    return [len(entrant.scores) for entrant in field]


@pytest.mark.parametrize(
    ("levels", "bars", "ends"),
    [
        ((0.33, 0.66, 1.0), 8784, (2898, 5797, 8784)),
        ((0.29, 1.0), 100, (29, 100)),  # 0.29 * 100 is 28.999999999999996 in binary
        ((1.0,), 77, (77,)),
        ((0.33, 0.66, 1.0), 1, (1, 1, 1)),
    ],
)
def test_levels_end_at_the_floor_of_their_share(levels: tuple[float, ...], bars: int, ends: tuple[int, ...]) -> None:
    assert level_ends(levels, bars) == ends


@pytest.mark.parametrize(
    ("batch", "expected"), [(1, (1, 1, 1)), (2, (2, 1, 1)), (3, (3, 2, 1)), (5, (5, 3, 2)), (6, (6, 3, 2)), (7, (7, 4, 2)), (8, (8, 4, 2))]
)
def test_the_better_half_rounded_up_goes_on_from_each_level(batch: int, expected: tuple[int, ...]) -> None:
    field = entrants(batch)
    race(field, by_table(*[(float(n),) * 3 for n in range(batch)]), ENDS, "sharpe")
    reached = levels_reached(field)
    assert tuple(sum(count >= level for count in reached) for level in (1, 2, 3)) == expected
    assert reached == sorted(reached), "the higher the score, the further it came"


def test_each_level_ranks_by_its_own_scores() -> None:
    field = entrants(4)
    race(field, by_table((9.0, 1.0, 0.0), (8.0, 2.0, 5.0), (1.0, 99.0, 99.0), (0.0, 99.0, 99.0)), ENDS, "sharpe")
    assert levels_reached(field) == [2, 3, 1, 1]
    assert field[1].scores == [8.0, 2.0, 5.0]


def test_ties_are_decided_by_trial_order() -> None:
    field = entrants(8)
    race(field, by_table(*[(1.0, 1.0, 1.0)] * 8), ENDS, "sharpe")
    assert levels_reached(field) == [3, 3, 2, 2, 1, 1, 1, 1]


def test_trials_that_cannot_be_ranked_come_last_in_trial_order() -> None:
    field = entrants(4)
    race(field, by_table((math.nan,) * 3, (math.nan,) * 3, (-5.0,) * 3, (math.nan,) * 3), ENDS, "sharpe")
    assert levels_reached(field) == [2, 1, 3, 1]
    assert field[0].scores == [None, None]


def test_a_ruined_trial_cannot_be_ranked_however_good_its_score_looks() -> None:
    def measure(params: Params, _share: float) -> Metrics:
        return metrics(9.0, ruined=True) if params["x"] == 0 else metrics(-1.0)

    field = entrants(2)
    race(field, FakeTrials(measure), ENDS, "sharpe")
    assert levels_reached(field) == [1, 3]
    assert field[0].scores == [None]


def test_every_trial_continues_its_own_simulation() -> None:
    trials = by_table(*[(float(n),) * 3 for n in range(8)])
    race(entrants(8), trials, ENDS, "sharpe")
    assert len(trials.started) == 8
    for number in range(8):
        stretches = [(first, end) for started, first, end in trials.advances if started == number]
        assert stretches == [(0, 297), (297, 594), (594, 900)][: len(stretches)]


def test_a_finisher_goes_to_the_end_without_taking_a_place() -> None:
    field = entrants(8)
    race(field, by_table(*[(float(n),) * 3 for n in range(8)]), ENDS, "sharpe", frozenset({0}))
    assert levels_reached(field) == [3, 1, 1, 1, 2, 2, 3, 3]


def test_a_trial_that_raises_is_marked_and_logged_once_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    def measure(params: Params, share: float) -> Metrics:
        if params["x"] == 3 and share > 0.5:
            raise ZeroDivisionError("no volume\n  at all")
        return metrics(float(params["x"]))

    field = entrants(4)
    with caplog.at_level(logging.ERROR):
        race(field, FakeTrials(measure), ENDS, "sharpe")
    assert field[3].error == "ZeroDivisionError: no volume at all"
    assert (field[3].scores, field[3].bars) == ([3.0], 297)
    assert levels_reached(field) == [1, 1, 3, 1]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_is_no_fault_of_the_trial_stops_the_race(error: type[BaseException]) -> None:
    def measure(_params: Params, _share: float) -> Metrics:
        raise error

    with pytest.raises(error):
        race(entrants(2), FakeTrials(measure), ENDS, "sharpe")


def test_bars_of_a_batch_are_the_stated_ones() -> None:
    """docs/search.md: of eight trials on a year of hours 40,754 bars are simulated instead of 70,272."""
    ends = level_ends((0.33, 0.66, 1.0), 8784)
    field = entrants(8)
    race(field, FakeTrials(lambda params, _share: metrics(float(params["x"])), bars=8784), ends, "sharpe")
    assert sum(entrant.bars for entrant in field) == 8 * 2898 + 4 * 2899 + 2 * 2987 == 40_754


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "qmc", "random", "grid"])
@pytest.mark.parametrize(("batch", "levels"), [(1, (0.33, 0.66, 1.0)), (5, (0.33, 0.66, 1.0)), (8, (0.33, 0.66, 1.0)), (16, (0.1, 1.0))])
def test_where_every_level_ranks_as_the_last_one_does_nothing_better_than_the_winner_was_stopped(
    sampler: str, batch: int, levels: tuple[float, ...]
) -> None:
    def measure(params: Params, share: float) -> Metrics:
        score = hill(params, 1.0)["sharpe_ratio"]
        return metrics(share * score - 3.0 * (1.0 - share))

    found = search(plan(sampler=sampler, batch=batch, levels=levels, budget=48), TrialLedger({}), FakeTrials(measure))
    winner = best_of(found)
    assert winner is not None
    at_the_end = [(measure(record.params, 1.0)["sharpe_ratio"], -record.trial) for record in found]
    assert (winner.value, -winner.trial) == max(at_the_end)


@pytest.mark.parametrize("batch", [1, 2, 5, 8, 13])
@pytest.mark.parametrize("base_is", ["best", "worst"])
def test_bars_of_a_search_are_the_stated_ones(batch: int, base_is: str) -> None:
    """Of n new trials in a batch n simulate the first stretch, the better half (rounded up) the next, and so on; the base all of them."""

    def measure(params: Params, share: float) -> Metrics:
        at_base = dict(params) == dict(SPACE.base)
        return metrics(99.0 if base_is == "best" else -99.0) if at_base else hill(params, share)

    found = search(plan(sampler="random", batch=batch, budget=48), TrialLedger({}), FakeTrials(measure))
    stated = 900 - 297 if base_is == "worst" and batch > 1 else 0  # the base goes on beyond the first level, in nobody's place
    for first in range(0, 48, batch):
        running, begin = sum(record.state != "duplicate" for record in found[first : first + batch]), 0
        for end in ENDS:
            stated += running * (end - begin)
            running, begin = (running + 1) // 2, end
    assert sum(record.bars for record in found) == stated
