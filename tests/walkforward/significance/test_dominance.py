"""Stochastic dominance of samples, on cases known from the definition."""

import numpy as np
import pytest

from walkforward.significance.dominance import Dominance, dominance_of

CASES = {
    "higher everywhere": ([2.0, 3.0, 4.0], [1.0, 2.0, 3.0], Dominance(True, True)),
    "lower everywhere": ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], Dominance(False, False)),
    "the same": ([1.0, 2.0], [2.0, 1.0], Dominance(False, False)),
    "the same, twice as many": ([1.0, 2.0], [1.0, 1.0, 2.0, 2.0], Dominance(False, False)),
    "narrower about the same mean": ([2.0, 3.0], [1.0, 4.0], Dominance(False, True)),
    "wider about the same mean": ([1.0, 4.0], [2.0, 3.0], Dominance(False, False)),
    "higher on average, worse at the bottom": ([0.0, 9.0], [1.0, 2.0], Dominance(False, False)),
    "one value": ([1.0], [1.0], Dominance(False, False)),
}


@pytest.mark.parametrize(("chosen", "others", "expected"), CASES.values(), ids=CASES)
def test_dominance_is_as_defined(chosen: list[float], others: list[float], expected: Dominance) -> None:
    assert dominance_of(np.array(chosen), np.array(others)) == expected
