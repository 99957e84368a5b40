"""Drawdowns of drawn histories are those that a single history would show."""

import numpy as np
import pytest

from walkforward.significance.drawdowns import equity_of, max_drawdowns, running_drawdowns


def test_deepest_drawdown_is_the_worst_fall_between_any_two_days() -> None:
    rows = np.random.default_rng(1).standard_normal((20, 100)) * 0.02
    rows[0] = np.abs(rows[0])
    expected = []
    for row in rows:
        equity = [1.0]
        for change in row:
            equity.append(equity[-1] * (1 + change))
        expected.append(min(later / earlier - 1 for day, earlier in enumerate(equity) for later in equity[day:]))
    assert max_drawdowns(rows) == pytest.approx(expected, abs=1e-12)


def test_drawdown_by_hand() -> None:
    returns = np.array([[0.1, -0.5, 1.0, -0.1], [-0.2, 0.5, 0.0, 0.0]])
    equity = equity_of(returns)
    assert equity == pytest.approx(np.array([[1.1, 0.55, 1.1, 0.99], [0.8, 1.2, 1.2, 1.2]]))
    assert running_drawdowns(equity) == pytest.approx(np.array([[0, -0.5, 0, -0.1], [-0.2, 0, 0, 0]]))
    assert max_drawdowns(returns) == pytest.approx([-0.5, -0.2])  # the first day falls from the start


def test_nothing_is_lost_twice() -> None:
    assert equity_of(np.array([[-1.2, -1.2, 5.0]])).tolist() == [[0.0, 0.0, 0.0]]
    assert max_drawdowns(np.array([[0.5, -3.0]])).tolist() == [-1.0]
    assert running_drawdowns(np.array([[-4.0]]), 10.0).tolist() == [[-1.0]]
