"""The cone, its drawdowns and the risk of ruin against exact results of random walks; shuffles against every order there is."""

import itertools
import json
import math

import numpy as np
import pytest

from core.canonical_json import dumps
from core.errors import StatisticsError
from walkforward.significance import monte_carlo
from walkforward.significance.inputs import Floats
from walkforward.significance.monte_carlo import MOST_POINTS, SENTENCE, equity_cone, shuffled_drawdown

PATHS = 3000
STEP = 0.01


def coin(days: int) -> Floats:
    """Days that win or lose the same logarithm, as many of one kind as of the other: drawn one by one, a fair random walk."""
    return np.asarray(np.expm1(np.tile([STEP, -STEP], days // 2)))


def spread(probability: float) -> float:
    """Return four standard errors of a share of the paths."""
    return 4 * math.sqrt(probability * (1 - probability) / PATHS)


def walk_ends_at(net: int, days: int) -> float:
    return math.comb(days, (days + net) // 2) / 2**days if (days + net) % 2 == 0 else 0.0


def test_risk_of_ruin_is_the_one_of_the_reflection_principle() -> None:
    days, barrier = 100, 10
    below = sum(walk_ends_at(net, days) for net in range(-days, -barrier))
    exact = 2 * below + walk_ends_at(-barrier, days)
    level = math.exp(-STEP * (barrier - 0.5))
    assert equity_cone(coin(days), PATHS, 1, 1.0, (level,)).ruin[level] == pytest.approx(exact, abs=spread(exact))


def test_cone_at_the_end_is_the_one_of_the_binomial_walk() -> None:
    cone = equity_cone(coin(100), PATHS, 2, 1.0)
    for quantile, places in cone.cone.items():
        net = round(math.log(places[-1]) / STEP)
        reached = sum(walk_ends_at(place, 100) for place in range(-100, net + 1))
        assert reached - walk_ends_at(net, 100) - spread(quantile) <= quantile <= reached + spread(quantile)
    assert cone.final_return == pytest.approx(0.0, abs=2.1 * STEP)


def test_cone_begins_at_the_start_and_its_lines_keep_their_order() -> None:
    result = equity_cone(np.random.default_rng(1).standard_normal(1000) * 0.01, 500, 3)
    assert result.days[0] == 0
    assert result.days[-1] == 1000
    assert len(result.days) == MOST_POINTS
    lines = np.array(list(result.cone.values()))
    assert (lines[:, 0] == 1).all()
    assert (np.diff(lines, axis=0) >= 0).all()
    depths = np.array(list(result.depth_cone.values()))
    assert (depths[:, 0] == 0).all()
    assert (np.diff(depths, axis=0) <= 0).all()  # a larger share of histories stays above a deeper line
    assert (np.diff(depths, axis=1) <= 0).all()  # a deepest drawdown only deepens
    assert list(result.drawdown.values()) == depths[:, -1].tolist()


def test_short_data_keep_every_day() -> None:
    assert equity_cone(coin(30), 50, 1).days == tuple(range(31))


def test_many_histories_show_fewer_days_from_the_first_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    full = equity_cone(coin(100), 300, 1, 1.0)
    monkeypatch.setattr(monte_carlo, "MOST_CELLS", 300 * 5)
    few = equity_cone(coin(100), 300, 1, 1.0)
    assert few.days == (0, 25, 50, 75, 100)
    assert few.cone == {share: tuple(line[day] for day in few.days) for share, line in full.cone.items()}
    assert (few.drawdown, few.ruin) == (full.drawdown, full.ruin)


def test_no_history_is_no_cone() -> None:
    with pytest.raises(StatisticsError, match="at least one"):
        equity_cone(coin(100), 0, 1)


def test_day_that_loses_everything_ends_a_history() -> None:
    returns = np.full(40, 0.001)
    returns[7] = -1.5
    result = equity_cone(returns, PATHS, 4, 1.0, (0.5,))
    exact = 1 - (1 - 1 / 40) ** 40
    assert result.ruin[0.5] == pytest.approx(exact, abs=spread(exact))
    assert result.drawdown[0.95] == -1.0
    assert result.cone[0.5][-1] == 0.0


def test_stretches_widen_the_cone_where_days_depend() -> None:
    returns = np.random.default_rng(2).standard_normal(500) * 0.01
    for day in range(1, 500):
        returns[day] += 0.6 * returns[day - 1]
    widths = []
    for block in (1.0, None):
        cone = equity_cone(returns - returns.mean(), 800, 5, block).cone
        widths.append(math.log(cone[0.95][-1] / cone[0.05][-1]))
    assert widths[1] / widths[0] == pytest.approx(2.0, rel=0.3)


def test_seed_decides_the_cone_and_the_report_keeps_plain_numbers() -> None:
    returns = np.random.default_rng(3).standard_normal(100) * 0.01
    first, again = equity_cone(returns, 300, 6), equity_cone(returns, 300, 6)
    assert dumps(first.as_dict()) == dumps(again.as_dict())
    kept = json.loads(dumps(first.as_dict()))
    assert set(kept["cone"]["quantiles"]) == {"0.05", "0.25", "0.5", "0.75", "0.95"}
    assert [row["level"] for row in kept["ruin"]] == [0.9, 0.75, 0.5, 0.25]
    assert kept["drawdown"]["0.99"] <= kept["drawdown"]["0.5"] <= 0


def test_shuffles_meet_every_order_of_the_trades() -> None:
    pnls, capital = np.array([10.0, -5.0, -5.0, 4.0]), 100.0
    exact = []
    for order in itertools.permutations(pnls):
        equity = capital + np.cumsum(order)
        exact.append((equity / np.maximum(np.maximum.accumulate(equity), capital) - 1).min())
    result = shuffled_drawdown(pnls, capital, PATHS, 7)
    assert result.actual == pytest.approx(-10 / 110)
    share = float(np.mean(np.array(exact) < result.actual - 1e-12))
    assert result.deeper == pytest.approx(share, abs=spread(share))
    assert result.drawdown[0.99] == pytest.approx(min(exact))
    assert min(abs(result.drawdown[0.5] - depth) for depth in exact) < 1e-12


def test_no_order_is_deeper_than_all_losses_first() -> None:
    worst = shuffled_drawdown(np.array([-0.2, -0.2, 0.1, 0.1, 0.3]), 1.0, 500, 1)
    assert worst.deeper == 0.0
    assert worst.actual == worst.drawdown[0.99] == pytest.approx(-0.4)


def test_orders_that_differ_by_rounding_alone_are_not_deeper() -> None:
    assert shuffled_drawdown(np.array([-0.7, -0.1, -0.3, -0.2]), 1.5, 500, 1).deeper == 0.0


def test_shuffles_say_that_they_prove_no_edge() -> None:
    assert shuffled_drawdown(np.array([1.0, -1.0]), 10.0, 10, 1).as_dict()["sentence"] == SENTENCE
    assert "nothing about whether there is an edge" in SENTENCE


def test_more_than_everything_lost_is_everything_lost() -> None:
    assert shuffled_drawdown(np.array([-8.0, -8.0]), 10.0, 10, 1).actual == -1.0


@pytest.mark.parametrize(
    ("returns", "levels", "reason"),
    [
        (np.ones(19), (0.5,), "19 days are too few"),
        (np.zeros(100), (0.5,), "never change"),
        (coin(100), (1.0,), "between 0 and 1"),
        (np.full(100, math.nan), (0.5,), "finite"),
    ],
)
def test_cone_that_cannot_be_drawn_says_why(returns: Floats, levels: tuple[float, ...], reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        equity_cone(returns, 10, 1, ruin_levels=levels)


@pytest.mark.parametrize(
    ("pnls", "capital", "shuffles", "reason"),
    [
        (np.zeros(0), 10.0, 10, "only one order"),
        (np.ones(1), 10.0, 10, "only one order"),
        (np.array([1.0, math.nan]), 10.0, 10, "finite"),
        (np.ones(2), 0.0, 10, "capital above 0"),
        (np.ones(2), math.nan, 10, "capital above 0"),
        (np.ones(2), 10.0, 0, "at least one shuffle"),
    ],
)
def test_trades_that_cannot_be_shuffled_say_why(pnls: Floats, capital: float, shuffles: int, reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        shuffled_drawdown(pnls, capital, shuffles, 1)
