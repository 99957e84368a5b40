"""The default sampler against the one of Optuna, whose formulas it has: the same split, the same densities, the same distribution."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import optuna
import pytest
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.samplers import TPESampler
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import _split_trials, default_gamma, default_weights
from optuna.trial import FrozenTrial, TrialState, create_trial
from scipy.stats import chi2_contingency, chisquare

from core.seeds import derive_seed
from optimization.kernels.normal import prior_share
from optimization.kernels.parzen import density, weights, widths
from optimization.kernels.tpe import candidates
from optimization.ledger import TrialLedger
from optimization.proposals import StudyProposals, make_proposals
from optimization.search import search
from optimization.space import Dimension, SearchSpace
from optimization.tpe import MOST_GOOD, START_TRIALS, TpeHistory, TpeProposals, good_trials, kept_tails, side
from optimization.verdicts import Verdict
from tests.optimization.fakes import FakeTrials, mixed, plan

Ints = NDArray[np.int64]
ROOM = np.array([6, 30, 60, 1, 999], np.int64)  # the last ones of five grids; the tails of the longest are not kept
SMALL = np.array([4, 7], np.int64)
SPACE = SearchSpace(tuple(Dimension(f"x{place}", "int", 0, int(end), 1) for place, end in enumerate(SMALL)), {"x0": 2, "x1": 3})


def grids(last: Ints) -> dict[str, BaseDistribution]:
    return {f"x{place}": IntDistribution(0, int(end)) for place, end in enumerate(last)}


def some_places(trials: int, last: Ints, seed: int) -> Ints:
    """Return trials of which half crowd about a point, as those of a search do."""
    rng = np.random.default_rng(seed)
    spread = rng.integers(0, last + 1, (trials, last.size))
    crowded = np.clip(np.rint(rng.normal(0.7 * last, 0.05 * last + 0.3, (trials, last.size))), 0, last).astype(np.int64)
    return np.where(rng.random((trials, 1)) < 0.5, spread, crowded)


def ordered(places: Ints) -> tuple[Ints, Ints]:
    """Return the places, rising for every parameter, and whose they are."""
    rows = np.argsort(places, axis=0, kind="stable").T.copy()
    return np.take_along_axis(places.T, rows, axis=1), rows


@pytest.fixture
def ties_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Optuna sort equal places in the order of their trials; its own sort leaves them in one that depends on the processor."""
    monkeypatch.setattr(np, "argsort", partial(np.argsort, kind="stable"))


def peer(places: Ints, last: Ints) -> _ParzenEstimator:
    """Return Optuna's estimator."""
    observations = {name: places[:, place].astype(float) for place, name in enumerate(grids(last))}
    return _ParzenEstimator(observations, grids(last), _ParzenEstimatorParameters(1.0, True, False, default_weights, True))


@pytest.mark.usefixtures("ties_in_order")
@pytest.mark.parametrize("trials", [1, 2, 3, 9, 24, 25, 26, 27, 40, 97, 98, 99, 150, 350])
def test_densities_are_those_of_optuna(trials: int) -> None:
    places, points = some_places(trials, ROOM, trials), some_places(200, ROOM, 1000 + trials)
    theirs = peer(places, ROOM).log_pdf({name: points[:, place].astype(float) for place, name in enumerate(grids(ROOM))})
    prior = [sum(math.log(prior_share(int(place), int(end))) for place, end in zip(point, ROOM, strict=True)) for point in points]
    ours = np.log(density(points.T.copy(), *ordered(places), ROOM, kept_tails(ROOM))) + prior
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("trials", [1, 2, 25, 120])
def test_kept_tails_change_nothing(trials: int) -> None:
    places, points = some_places(trials, ROOM, trials), some_places(50, ROOM, 7).T.copy()
    kept, made = (density(points, *ordered(places), ROOM, tails) for tails in (kept_tails(ROOM), np.empty((0, 0))))
    assert kept.tolist() == made.tolist()


@pytest.mark.parametrize("trials", [1, 2, 24, 25, 26, 27, 60, 1000])
def test_weights_are_those_of_optuna(trials: int) -> None:
    theirs = np.append(default_weights(trials), 1.0)
    np.testing.assert_allclose(weights(trials), theirs / theirs.sum(), rtol=1e-14)


@pytest.mark.usefixtures("ties_in_order")
@pytest.mark.parametrize("trials", [1, 2, 3, 10, 97, 98, 99, 300])
def test_widths_are_those_of_optuna(trials: int) -> None:
    places = some_places(trials, ROOM, trials)
    estimators: Any = peer(places, ROOM)._mixture_distribution.distributions
    values, rows = ordered(places)
    for place, end in enumerate(ROOM):
        ours = np.empty(trials)
        ours[rows[place]] = widths(values[place], int(end))[:-1]
        np.testing.assert_allclose(ours, estimators[place].sigma[:-1], rtol=1e-14)


@pytest.mark.parametrize("told", [1, 10, 16, 17, 100, 9_999, 10_001, 1_000_000])
def test_as_many_trials_are_good_as_in_optuna(told: int) -> None:
    assert good_trials(told) == default_gamma(told) <= MOST_GOOD


def frozen(verdict: Verdict | None, number: int) -> FrozenTrial:
    """Return what Optuna's study would hold of a trial; None = not told yet."""
    if verdict is None:
        trial = create_trial(state=TrialState.RUNNING)
    elif verdict.values:
        trial = create_trial(values=verdict.values, constraints=verdict.constraints)
    else:
        trial = create_trial(state=TrialState.PRUNED, intermediate_values={} if verdict.score is None else {verdict.level: verdict.score})
    trial.number = number
    return trial


def some_verdicts(trials: int, seed: int, limits: bool) -> list[Verdict]:
    """Return verdicts with many ties. With ``limits`` some break a constraint, but none is without any rank."""
    rng = np.random.default_rng(seed)
    found = []
    for kind in rng.integers(0, 4, trials):
        value = round(float(rng.normal()), 1)
        if kind == 0:
            found.append(Verdict(values=(value,)))
        elif kind == 1:
            found.append(Verdict(level=int(rng.integers(1, 3)), score=value))
        elif kind == 2 and limits:
            found.append(Verdict(values=(value,), violations=(round(float(rng.normal()), 1), round(float(rng.normal()), 1))))
        else:
            found.append(Verdict(level=1, score=value) if limits else Verdict())
    return found


@pytest.mark.parametrize("limits", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_the_good_trials_are_those_of_optuna(seed: int, limits: bool) -> None:
    verdicts = some_verdicts((12, 40, 130, 400)[seed % 4], seed, limits)
    history = TpeHistory(SMALL)
    for verdict in verdicts:
        history.rank(history.add([1, 1]), verdict.rank)
    running = [history.add([2, 2]) for _ in range(3)]
    trials = [frozen(verdict, number) for number, verdict in enumerate([*verdicts, *[None] * len(running)])]
    below, above = _split_trials(optuna.create_study(direction="maximize"), trials, default_gamma(len(verdicts)))
    assert np.flatnonzero(history.good).tolist() == [trial.number for trial in below]
    assert np.flatnonzero(~history.good).tolist() == [trial.number for trial in above]


def test_a_trial_without_any_rank_comes_after_one_that_breaks_a_limit() -> None:
    """The one difference to Optuna's order, in which it comes before."""
    history = TpeHistory(SMALL)
    for verdict in (Verdict(), Verdict(values=(9.0,), violations=(2.0,)), Verdict(values=(1.0,), violations=(0.5,)), Verdict()):
        history.rank(history.add([1, 1]), verdict.rank)
    assert np.flatnonzero(history.good).tolist() == [2]


@pytest.mark.parametrize("good", [1, 2, 5])
def test_points_are_drawn_from_the_density(good: int) -> None:
    places, draws = some_places(good, SMALL, good), 40_000
    values, rows = ordered(places)
    drawn = candidates(np.random.default_rng(5).random((draws, 3)), values, rows, SMALL)
    every = np.array(np.meshgrid(*[np.arange(end + 1) for end in SMALL], indexing="ij"), np.int64).reshape(2, -1)
    prior = np.array([math.prod(prior_share(int(place), int(end)) for place, end in zip(point, SMALL, strict=True)) for point in every.T])
    expected = prior * density(every, values, rows, SMALL, kept_tails(SMALL))
    assert math.isclose(expected.sum(), 1.0, rel_tol=1e-12)
    counted = np.bincount(np.ravel_multi_index(tuple(drawn), tuple(SMALL + 1)), minlength=expected.size)
    likely = expected > 5 / draws
    rest = expected[~likely].sum() * draws
    assert counted[~likely].sum() <= rest + 5 * math.sqrt(rest)
    assert chisquare(counted[likely], expected[likely] * counted[likely].sum() / expected[likely].sum()).pvalue > 0.01


def told_study(places: Ints, values: Sequence[float], last: Ints) -> optuna.Study:
    study = optuna.create_study(direction="maximize")
    for row, value in zip(places, values, strict=True):
        point = {name: int(each) for name, each in zip(grids(last), row, strict=True)}
        study.add_trial(create_trial(value=value, params=point, distributions=grids(last)))
    return study


@pytest.mark.usefixtures("ties_in_order")
@pytest.mark.parametrize("trials", [11, 19, 40])
def test_proposals_are_distributed_as_those_of_optuna(trials: int) -> None:
    """600 proposals from the same history: each point is as frequent as with Optuna."""
    places = some_places(trials, SMALL, 11)
    values = np.random.default_rng(trials).normal(size=trials).tolist()
    study, history = told_study(places, values, SMALL), TpeHistory(SMALL)
    for row, value in zip(places, values, strict=True):
        history.rank(history.add(row), Verdict(values=(value,)).rank)
    ours = [history.draw(derive_seed("ours", number)) for number in range(600)]
    theirs = []
    for number in range(600):
        sampler = TPESampler(seed=number, multivariate=True, constant_liar=False)  # no trial is open
        point = sampler.sample_relative(study, create_trial(state=TrialState.RUNNING), grids(SMALL))
        theirs.append([point[name] for name in grids(SMALL)])
    counts = [np.bincount(np.ravel_multi_index(tuple(np.array(each).T), tuple(SMALL + 1)), minlength=40) for each in (ours, theirs)]
    frequent = np.sum(counts, axis=0) >= 10
    assert frequent.sum() >= 3
    table = [np.append(each[frequent], each[~frequent].sum()) for each in counts]
    assert chi2_contingency(np.array(table)[:, np.sum(table, axis=0) > 0]).pvalue > 0.01


def test_the_first_trials_are_drawn_evenly() -> None:
    counts = np.zeros((2, 8), np.int64)
    for seed in range(4000):
        for place, value in enumerate(TpeHistory(SMALL).draw(seed)):
            counts[place, value] += 1
    assert all(chisquare(counts[place, : end + 1]).pvalue > 0.01 for place, end in enumerate(SMALL))


def test_open_trials_count_as_bad() -> None:
    history = TpeHistory(SMALL)
    for number in range(START_TRIALS):
        history.rank(history.add([number % 5, number % 8]), (0.0, float(number)))
    before = [history.draw(seed).tolist() for seed in range(200)]
    common = max(before, key=before.count)
    for _ in range(8):
        history.add(common)
    after = [history.draw(seed).tolist() for seed in range(200)]
    assert after.count(common) < before.count(common)


def test_the_order_is_kept_while_trials_come_in() -> None:
    places = some_places(150, ROOM, 3)
    history = TpeHistory(ROOM)
    for row in places:
        history.add(row)
    chosen = np.random.default_rng(1).random(150) < 0.3
    for wanted in (True, False):
        values, rows = side(history._places, history._order, chosen == wanted)
        expected_values, expected_rows = ordered(places[chosen == wanted])
        assert (values.tolist(), rows.tolist()) == (expected_values.tolist(), expected_rows.tolist())


def test_a_base_off_the_grid_is_not_learned_from() -> None:
    proposals = TpeProposals(SearchSpace(SPACE.dimensions, {"x0": 99, "x1": 3}), lambda number: number)
    assert proposals.ask(range(8))[0] == {"x0": 99, "x1": 3}
    assert proposals._history._count == 7


def test_a_duplicate_has_the_rank_of_the_trial_that_it_repeats() -> None:
    wanted = plan(space=SPACE, budget=80)
    found, proposals = search(wanted, TrialLedger({}), FakeTrials(mixed)), TpeProposals(SPACE, wanted.seed_of)
    proposals.replay(found)
    ranks = {row: rank for rank, row in proposals._history._ranks}
    repeated = [record for record in found if record.duplicate_of is not None]
    assert len(repeated) > 3
    assert all(ranks[record.trial] == ranks[record.duplicate_of] for record in repeated if record.duplicate_of is not None)


def test_several_objectives_are_searched_by_optuna() -> None:
    wanted = plan(objectives=("sharpe", "net_pnl"))
    assert isinstance(make_proposals("tpe", SPACE, wanted.seed_of, batch=8, budget=30, objectives=2), StudyProposals)
    assert isinstance(make_proposals("tpe", SPACE, wanted.seed_of, batch=8, budget=30), TpeProposals)
