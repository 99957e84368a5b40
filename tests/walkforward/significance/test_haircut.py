"""Multiple-testing haircuts: worked by hand, against another implementation, and their limits."""

import math
from typing import Literal

import numpy as np
import pytest
from holdout import adjust_pvalues, haircut_sharpe_ratios

from core.errors import StatisticsError
from walkforward.significance.haircut import benjamini_yekutieli, bonferroni, haircut_sharpe, holm

METHODS: list[tuple[str, Literal["bonferroni", "holm", "by"]]] = [("bonferroni", "bonferroni"), ("holm", "holm"), ("bhy", "by")]


def test_adjustments_by_hand() -> None:
    p_values = np.array([0.03, 0.01, 0.04])
    assert bonferroni(p_values) == pytest.approx([0.09, 0.03, 0.12])
    assert holm(p_values) == pytest.approx([0.06, 0.03, 0.06])  # the largest, 0.04, may not be below the 0.06 before it
    assert benjamini_yekutieli(p_values) == pytest.approx([0.04 * 11 / 6, 0.03 * 11 / 6, 0.04 * 11 / 6])


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values_are_those_of_holdout(seed: int) -> None:
    p_values = np.random.default_rng(seed).uniform(size=40) ** 4
    assert bonferroni(p_values) == pytest.approx(adjust_pvalues(p_values, "bonferroni"), rel=1e-14)
    assert holm(p_values) == pytest.approx(adjust_pvalues(p_values, "holm"), rel=1e-14)
    assert benjamini_yekutieli(p_values) == pytest.approx(adjust_pvalues(p_values, "by"), rel=1e-12)


@pytest.mark.parametrize(("name", "theirs"), METHODS)
def test_haircut_ratios_are_those_of_holdout(name: str, theirs: Literal["bonferroni", "holm", "by"]) -> None:
    sharpes = np.abs(np.random.default_rng(2).normal(0.06, 0.05, 30))
    expected = haircut_sharpe_ratios(sharpes, 730, method=theirs)
    for chosen in range(30):
        found = getattr(haircut_sharpe(sharpes, 730, chosen), name)
        assert found.p_value == pytest.approx(expected[chosen].adjusted_pvalue, rel=1e-12)
        assert found.sharpe == pytest.approx(expected[chosen].adjusted_sharpe, rel=1e-9, abs=1e-12)


def test_for_the_best_trial_holm_is_bonferroni_and_strictest_is_last() -> None:
    sharpes = np.random.default_rng(3).normal(0.0, 0.05, 200)
    sharpes[17] = 0.3
    cut = haircut_sharpe(sharpes, 365, 17)
    assert cut.holm == cut.bonferroni
    assert 0.3 > cut.bonferroni.sharpe > cut.bhy.sharpe > 0


def test_sure_losses_are_no_discoveries_that_make_room_for_others() -> None:
    luck = np.random.default_rng(5).normal(0.0, 0.03, 20)
    luck[4] = 0.25
    with_losses, with_idle = (np.concatenate((luck, np.full(80, ratio))) for ratio in (-0.9, -1e-9))
    found, expected = haircut_sharpe(with_losses, 365, 4), haircut_sharpe(with_idle, 365, 4)
    assert found == expected
    assert found.holm == found.bonferroni
    assert found.bhy.p_value > found.bonferroni.p_value == pytest.approx(100 * found.p_value)


def test_a_loss_has_nothing_to_cut_from() -> None:
    with pytest.raises(StatisticsError, match="not above 0"):
        haircut_sharpe([0.1, -0.2], 365, 1)


def test_one_test_needs_no_haircut_and_weak_ratios_keep_nothing() -> None:
    alone = haircut_sharpe([0.1], 365, 0)
    assert alone.bonferroni.sharpe == alone.bhy.sharpe == pytest.approx(0.1)
    weak = haircut_sharpe([0.01] * 50, 365, 4)
    assert (weak.bonferroni.p_value, weak.bonferroni.sharpe) == (1.0, 0.0)


def test_ratios_beyond_what_a_p_value_can_hold_stay_what_they_are() -> None:
    assert haircut_sharpe([3.0, 0.1], 400, 0).bhy.sharpe == 3.0


def test_trials_without_a_ratio_are_no_tests() -> None:
    with_idle = haircut_sharpe([math.nan, 0.1, math.nan, 0.15], 365, 3)
    assert with_idle == haircut_sharpe([0.1, 0.15], 365, 1)
    with pytest.raises(StatisticsError, match="chosen trial has no Sharpe"):
        haircut_sharpe([0.1, math.nan], 365, 1)
    with pytest.raises(StatisticsError, match="1 period:"):
        haircut_sharpe([0.1], 1, 0)


def test_dictionary_holds_every_figure() -> None:
    entry = haircut_sharpe([0.1, 0.2], 365, 1).as_dict()
    assert set(entry) == {"p_value", "bonferroni", "holm", "bhy"}
    assert set(entry["bhy"]) == {"p_value", "sharpe"}  # type: ignore[call-overload]
