"""The p-value of a permutation test counts the real history among its own."""

import math

import pytest

from core.errors import StatisticsError
from walkforward.significance.permutation_test import histogram, permutation_test


def test_p_is_one_more_than_those_as_good_over_one_more_than_all() -> None:
    test = permutation_test(2.0, [1.0, 2.0, 3.0, 0.5])
    assert (test.value, test.permutations, test.better, test.real) == (3 / 5, 4, 2, 2.0)
    assert test.scores == (1.0, 2.0, 3.0, 0.5)


def test_p_is_at_its_floor_when_none_is_as_good_and_1_when_all_are() -> None:
    assert permutation_test(9.0, [1.0] * 99).value == pytest.approx(0.01)
    assert permutation_test(1.0, [1.0] * 99).value == 1.0


def test_history_without_a_score_is_worse_than_any() -> None:
    test = permutation_test(-5.0, [math.nan, math.nan, -4.0])
    assert (test.better, test.value) == (1, 0.5)


@pytest.mark.parametrize("real", [math.nan, math.inf])
def test_real_history_without_a_score_has_no_p(real: float) -> None:
    with pytest.raises(StatisticsError, match="none of the settings tried has a valid result"):
        permutation_test(real, [1.0])


def test_no_permutations_give_no_p() -> None:
    with pytest.raises(StatisticsError, match=r"significance\.permutations"):
        permutation_test(1.0, [])


def test_json_holds_every_score_in_at_most_thirty_bars() -> None:
    content = permutation_test(0.5, [math.nan, *(number / 100 for number in range(100))]).as_dict()
    assert {name: content[name] for name in ("permutations", "better", "real")} == {"permutations": 101, "better": 50, "real": 0.5}
    assert len(content["scores"]) == 30
    assert sum(count for _, count in content["scores"]) == 100
    assert content["scores"][0][0] == 0.0


def test_equal_scores_are_one_bar_and_none_are_no_bar() -> None:
    assert [count for _, count in histogram([2.0, 2.0])] == [2]
    assert histogram([math.nan]) == []
