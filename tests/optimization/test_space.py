"""Search spaces: ranges, order by construction, grids with one spelling."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import OptimizationProfile, StrategyConfig
from core.errors import ConfigError
from optimization.space import Dimension, SearchSpace, canonical_key, stage_space
from strategies import Param, Strategy, get_strategy, with_params

DEFAULT = get_strategy("hybrid_trend")
EMAS = ("ema_fast", "ema_slow", "ema_trend")


def bounds(space: SearchSpace) -> dict[str, tuple[float, float]]:
    return {each.name: (each.low, each.high) for each in space.dimensions}


def strategy_of(*params: Param) -> Strategy:
    return cast(Strategy, SimpleNamespace(name="own", params=params))


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("FAST", {"ema_fast": (18, 22), "ema_slow": (45, 55), "ema_trend": (180, 220), "rsi_period": (13, 15), "atr_period": (13, 15)}),
        ("BALANCED", {"ema_fast": (17, 23), "ema_slow": (42, 58), "ema_trend": (170, 230), "rsi_period": (12, 16), "atr_period": (12, 16)}),
        ("THOROUGH", {"ema_fast": (15, 25), "ema_slow": (37, 63), "ema_trend": (150, 250), "rsi_period": (10, 18), "atr_period": (10, 18)}),
    ],
)
def test_integers_range_by_the_profiles_share_of_their_base(profile: str, expected: Mapping[str, tuple[int, int]]) -> None:
    space = stage_space("7.1", DEFAULT, StrategyConfig(), OptimizationProfile(profile).relative_range)
    assert bounds(space) == expected
    assert all(each.kind == "int" and each.step == 1 for each in space.dimensions)


def test_a_range_reaches_at_least_one_step_and_never_below_the_parameters_minimum() -> None:
    space = stage_space("7.1", DEFAULT, StrategyConfig(rsi_period=1, atr_period=2), 0.10)
    assert bounds(space)["rsi_period"] == (1, 2)
    assert bounds(space)["atr_period"] == (1, 3)


def test_floats_of_the_default_strategy_have_the_documented_bounds_and_steps() -> None:
    space = stage_space("7.2", DEFAULT, StrategyConfig(), 0.15)
    assert {each.name: (each.low, each.high, each.step) for each in space.dimensions} == {
        "rsi_long_threshold": (20, 50, 1),
        "rsi_short_threshold": (50, 80, 1),
        "atr_sl_multiplier": (0.5, 5.0, 0.1),
        "atr_tp_multiplier": (1.0, 5.0, 0.1),
        "trailing_sl_threshold": (0.01, 0.10, 0.01),
        "trailing_tp_threshold": (0.01, 0.10, 0.01),
    }


@pytest.mark.parametrize(
    ("settings", "left_out"),
    [
        ({"stop_type": "percent"}, {"atr_sl_multiplier"}),
        ({"stop_type": "none"}, {"atr_sl_multiplier"}),
        ({"target_type": "percent"}, {"atr_tp_multiplier"}),
        ({"target_type": "none"}, {"atr_tp_multiplier", "trailing_tp_threshold"}),
        ({"trailing_sl_enabled": False}, {"trailing_sl_threshold"}),
        ({"trailing_tp_enabled": False}, {"trailing_tp_threshold"}),
    ],
)
def test_what_has_no_effect_is_not_searched(settings: dict[str, Any], left_out: set[str]) -> None:
    every = set(stage_space("7.2", DEFAULT, StrategyConfig(), 0.15).names)
    assert every - set(stage_space("7.2", DEFAULT, StrategyConfig(**settings), 0.15).names) == left_out


def test_timeouts_have_the_documented_bounds() -> None:
    space = stage_space("7.3", DEFAULT, StrategyConfig(), 0.15)
    assert list(bounds(space).values()) == [(2, 8), (1, 6), (2, 7), (1, 3)]


def test_timeouts_of_tiers_that_are_off_are_not_searched() -> None:
    assert stage_space("7.3", DEFAULT, StrategyConfig(enable_hybrid_tier2=False), 0.15).names == (
        "hybrid_tier1_timeout",
        "hybrid_tier3_timeout",
        "hybrid_tier4_timeout",
    )
    assert not stage_space("7.3", DEFAULT, StrategyConfig(enable_hybrid_engine=False), 0.15).dimensions


def test_a_stage_without_parameters_has_an_empty_space_of_one_point() -> None:
    space = stage_space("7.1", strategy_of(Param("own_level", "float", 1.0, 0.0, 2.0, 0.5, stage="7.2")), StrategyConfig(), 0.15)
    assert (space.dimensions, space.size, dict(space.base)) == ((), 1, {})


@given(
    periods=st.lists(st.integers(1, 400), min_size=3, max_size=3, unique=True).map(sorted),
    share=st.sampled_from([0.10, 0.15, 0.25]),
)
def test_fast_below_slow_below_trend_holds_at_every_point(periods: list[int], share: float) -> None:
    config = StrategyConfig(ema_fast=periods[0], ema_slow=periods[1], ema_trend=periods[2])
    space = stage_space("7.1", DEFAULT, config, share)
    fast, slow, trend = (bounds(space)[name] for name in EMAS)
    assert fast[0] <= fast[1] < slow[0] <= slow[1] < trend[0] <= trend[1]
    assert space.indices(space.base) is not None, "the base is a point of its own space"
    assert dict(space.base) == {name: getattr(config, name) for name in space.names}


def test_overlapping_neighbours_are_cut_in_the_middle_of_their_overlap() -> None:
    space = stage_space("7.1", DEFAULT, StrategyConfig(ema_fast=20, ema_slow=22, ema_trend=200), 0.25)
    assert bounds(space)["ema_fast"] == (15, 20)  # uncut 15-25 and 16-28: the middle is 20.5
    assert bounds(space)["ema_slow"] == (21, 28)


def test_bases_that_are_out_of_order_because_a_filter_is_off_are_not_cut() -> None:
    config = StrategyConfig(ema_fast=10, ema_slow=100, ema_trend=50, enable_trend_filter=False)
    space = stage_space("7.1", DEFAULT, config, 0.10)
    assert bounds(space)["ema_slow"] == (90, 110)
    assert bounds(space)["ema_trend"] == (45, 55)


def test_a_searched_parameter_keeps_clear_of_a_fixed_one_in_its_group() -> None:
    low = Param("low", "float", 10.0, 0.0, 30.0, 0.5, stage="7.2", ordered="band")
    middle = Param("middle", "float", 20.0, 0.0, 100.0, 1.0, ordered="band")
    high = Param("high", "float", 25.0, 15.0, 40.0, 1.0, stage="7.2", ordered="band")
    assert bounds(stage_space("7.2", strategy_of(low, middle, high), StrategyConfig(), 0.15)) == {"low": (0.0, 19.5), "high": (21.0, 40.0)}


def test_a_group_that_leaves_nothing_to_search_is_refused() -> None:
    first = Param("first", "float", 1.0, 0.0, 10.0, 1.0, stage="7.2", ordered="pair")
    second = Param("second", "float", 2.0, -5.0, -1.0, 1.0, stage="7.2", ordered="pair")
    with pytest.raises(ConfigError, match="second has nothing to search"):
        stage_space("7.2", strategy_of(first, second), StrategyConfig(), 0.15)


def test_switches_with_a_stage_are_searched_too() -> None:
    space = stage_space("7.1", strategy_of(Param("shy", "bool", True, stage="7.1")), StrategyConfig(), 0.15)
    assert [space.params({"shy": index}) for index in (0, 1)] == [{"shy": False}, {"shy": True}]
    assert space.indices({"shy": True}) == {"shy": 1}


@pytest.mark.parametrize("name", ["7.1", "7.2", "7.3"])
def test_every_value_of_every_grid_has_one_spelling_and_fits_the_settings(name: Any) -> None:
    space = stage_space(name, DEFAULT, StrategyConfig(), 0.25)
    for grid in space.dimensions:
        values = [grid.value(index) for index in range(grid.last + 1)]
        assert (values[0], values[-1]) == (grid.low, grid.high)
        assert all(len(repr(value)) <= 5 for value in values), "0.30000000000000004 is no spelling of 0.3"
        assert [grid.index(value) for value in values] == list(range(len(values)))
        assert len({canonical_key({grid.name: value}) for value in values}) == len(values)
    with_params(StrategyConfig(), space.params({each.name: each.last for each in space.dimensions}))


def test_values_off_the_grid_or_outside_have_no_index() -> None:
    grid = Dimension("x", "float", 0.5, 5.0, 0.1)
    assert [grid.index(value) for value in (0.4, 5.1, 0.55, 1.2345)] == [None] * 4
    assert grid.index(0.1 + 0.2 + 0.4) == 2


def test_a_base_that_is_on_the_grid_but_for_rounding_takes_the_grids_spelling() -> None:
    space = stage_space("7.2", DEFAULT, StrategyConfig(atr_sl_multiplier=0.1 + 0.2 + 0.4), 0.15)
    assert space.base["atr_sl_multiplier"] == 0.7


def test_keys_do_not_depend_on_the_order_of_names() -> None:
    assert canonical_key({"a": 1, "b": 0.5}) == canonical_key({"b": 0.5, "a": 1}) == '{"a":1,"b":0.5}'
