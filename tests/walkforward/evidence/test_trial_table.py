"""Which trials are compared side by side: all, or of very many a fair picture that holds the winner."""

from dataclasses import replace

import numpy as np
import pytest

from tests.walkforward.evidence.searches import ACCOUNT, ledgers, series
from tests.walkforward.markets import SEARCH, STRATEGY
from walkforward.evidence.trial_points import search_trials
from walkforward.evidence.trial_returns import daily_returns
from walkforward.evidence.trial_table import chosen_trials, trial_table
from walkforward.significance.moments import trial_sharpes


def test_table_holds_every_point_with_the_ratios_of_all() -> None:
    trials = search_trials(ledgers(), STRATEGY, SEARCH)
    table = trial_table(series(), ACCOUNT, trials, 1_000, 1)
    assert table.names == tuple(point.name for point in trials.points)
    assert table.matrix.tobytes() == daily_returns(series(), ACCOUNT, [point.params for point in trials.points]).tobytes()
    assert np.array_equal(table.sharpes, trial_sharpes(table.matrix), equal_nan=True)
    saver = replace(ACCOUNT, execution=ACCOUNT.execution.replace(risk_free_rate=0.3))
    excess = trial_table(series(), saver, trials, 1_000, 1).excess
    assert np.array_equal(excess, trial_sharpes(table.matrix - 0.3 / 365.25), equal_nan=True)
    assert np.array_equal(table.excess, table.sharpes, equal_nan=True), "without a rate"
    assert table.drawn.tolist() == [point.drawn for point in trials.points]
    assert table.frame.height == len(table.days) == 60


def test_of_too_many_trials_the_table_holds_some_and_the_ratios_of_all() -> None:
    trials = search_trials(ledgers(), STRATEGY, SEARCH)
    whole, part = (trial_table(series(), ACCOUNT, trials, most, 1) for most in (1_000, 10))
    assert len(part.names) == 10
    assert trials.winner_place is not None
    assert trials.points[trials.winner_place].name in part.names
    assert np.array_equal(part.sharpes, whole.sharpes, equal_nan=True)
    places = [whole.names.index(name) for name in part.names]
    assert part.matrix.tobytes() == np.ascontiguousarray(whole.matrix[:, places]).tobytes()


@pytest.mark.parametrize("most", [10, 11, 50])
def test_half_are_the_best_and_the_others_are_spread_over_the_rest(most: int) -> None:
    sharpes = np.random.Generator(np.random.PCG64(4)).normal(size=500)
    sharpes[7] = np.nan
    chosen = chosen_trials(sharpes, most, seed=9, winner=None)
    assert len(set(chosen.tolist())) == most
    order = np.argsort(np.where(np.isnan(sharpes), np.inf, -sharpes))
    best = -(-most // 2)
    assert set(order[:best].tolist()) <= set(chosen.tolist())
    ranks = sorted(np.flatnonzero(np.isin(order, chosen)).tolist())[best:]
    groups = np.array_split(np.arange(best, 500), most - best)
    assert all(group[0] <= rank <= group[-1] for group, rank in zip(groups, ranks, strict=True)), "one of each group"


def test_the_draw_follows_its_seed_and_always_holds_the_winner() -> None:
    sharpes = np.linspace(1.0, -1.0, 200)
    assert chosen_trials(sharpes, 20, 1, winner=150).tolist() == chosen_trials(sharpes, 20, 1, winner=150).tolist()
    assert chosen_trials(sharpes, 20, 1, winner=150).tolist() != chosen_trials(sharpes, 20, 2, winner=150).tolist()
    assert all(150 in chosen_trials(sharpes, 20, seed, winner=150) for seed in range(20))
