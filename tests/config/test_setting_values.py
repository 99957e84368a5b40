"""A wrong value is refused with its field, the value itself and what would be right."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from config import ExecutionConfig, MarketConfig, OptimizationConfig, RunConfig, StrategyConfig, WalkForwardConfig
from config.base import Settings
from core.errors import ConfigError
from tests.config.build import execution_config

PERIOD = "must be a whole number from 1 to 5000"
THRESHOLD = "must be a number from 0 to 100"
MULTIPLIER = "must be a number above 0 to 100"
FRACTION = "must be a number above 0 below 1"
TIMEOUT = "must be a whole number from 0 to 1000"
FEE = "must be a number from 0 below 0.1"
QUANTITY = "must be a number above 0 to 1000000000000000.0"
DAYS = "must be a number above 0 to 36525"
COUNT = "must be a whole number from 0 to 1000000"

Row = tuple[type[Settings], str, Any, str]

OUT_OF_RANGE: list[Row] = [
    *[(StrategyConfig, f"ema_{which}", bad, PERIOD) for which in ("fast", "slow", "trend") for bad in (0, -1, 5001)],
    *[(StrategyConfig, f"{which}_period", bad, PERIOD) for which in ("rsi", "atr") for bad in (0, 5001)],
    *[(StrategyConfig, f"rsi_{side}_threshold", bad, THRESHOLD) for side in ("long", "short") for bad in (-0.1, 100.1)],
    *[(StrategyConfig, f"atr_{which}_multiplier", bad, MULTIPLIER) for which in ("sl", "tp") for bad in (0, -1, 100.5)],
    *[(StrategyConfig, f"trailing_{which}_threshold", bad, FRACTION) for which in ("sl", "tp") for bad in (0, 1, -0.5)],
    *[(StrategyConfig, "trailing_tp_lock", bad, "must be a number from 0 to 1") for bad in (-0.1, 1.1)],
    *[(StrategyConfig, f"hybrid_tier{tier}_timeout", bad, TIMEOUT) for tier in (1, 2, 3, 4) for bad in (-1, 1001)],
    *[(StrategyConfig, "ema_touch_tolerance", bad, "must be a number from 0 below 1") for bad in (-0.1, 1)],
    *[(StrategyConfig, "limit_offset_atr", bad, THRESHOLD) for bad in (-0.1, 101)],
    *[(StrategyConfig, "participation_rate", bad, "must be a number above 0 to 1") for bad in (0, 1.1)],
    *[(StrategyConfig, "max_chase_atr", bad, "must be a number from 0 to 1000") for bad in (-1, 1001)],
    *[(ExecutionConfig, f"{fee}", bad, FEE) for fee in ("maker_fee", "taker_fee", "slippage") for bad in (-0.0001, 0.1)],
    *[(StrategyConfig, "stop_distance", bad, FRACTION) for bad in (0, 1, -0.02)],
    *[(StrategyConfig, "target_distance", bad, MULTIPLIER) for bad in (0, 101)],
    *[(StrategyConfig, "regime_response", bad, "must be a number from -10 to 10") for bad in (-11, 10.5)],
    *[(StrategyConfig, "regime_lookback", bad, "must be a whole number from 2 to 5000") for bad in (1, 5001)],
    *[(StrategyConfig, "regime_min_multiplier", bad, "must be a number above 0 to 1") for bad in (0, 1.1)],
    *[(StrategyConfig, "regime_max_multiplier", bad, "must be a number from 1 to 100") for bad in (0.9, 101)],
    *[(ExecutionConfig, "slippage_range_share", bad, "must be a number from 0 to 1") for bad in (-0.1, 1.1)],
    *[(ExecutionConfig, "slippage_impact", bad, "must be a number from 0 to 10") for bad in (-0.1, 11)],
    *[(ExecutionConfig, "slippage_cap", bad, "must be a number above 0 below 0.5") for bad in (0, 0.5)],
    *[(ExecutionConfig, "funding_rate", bad, "must be a number from -0.1 to 0.1") for bad in (-0.2, 0.2)],
    *[(ExecutionConfig, "funding_interval_hours", bad, "must be a whole number from 1 to 24") for bad in (0, 25)],
    *[(ExecutionConfig, "maintenance_margin", bad, "must be a number from 0 below 1") for bad in (-0.1, 1)],
    *[(ExecutionConfig, "liquidation_fee", bad, FEE) for bad in (-0.0001, 0.1)],
    *[(ExecutionConfig, "equity_fraction", bad, "must be a number above 0 to 1000") for bad in (0, 1001)],
    *[
        (ExecutionConfig, f"{name}", bad, "must be a number above 0 to 1")
        for name in ("risk_per_trade", "kelly_fraction")
        for bad in (0, 2)
    ],
    *[(ExecutionConfig, "volatility_target", bad, MULTIPLIER) for bad in (0, 101)],
    *[(ExecutionConfig, "kelly_min_trades", bad, "must be a whole number from 2 to 1000000") for bad in (1, 1_000_001)],
    *[(ExecutionConfig, "initial_capital", bad, QUANTITY) for bad in (0, -1, 2e15)],
    *[(ExecutionConfig, "leverage", bad, "must be a number above 0 to 1000") for bad in (0, 1001)],
    *[(ExecutionConfig, "risk_free_rate", bad, "must be a number from -1 to 1") for bad in (-1.1, 1.1)],
    *[(OptimizationConfig, "batch", bad, "must be a whole number from 1 to 65536") for bad in (0, 65_537)],
    *[(OptimizationConfig, "trials", bad, "must be a whole number from 0 to 1000000") for bad in (-1, 1_000_001)],
    *[(OptimizationConfig, "objective_blocks", bad, "must be a whole number from 4 to 64") for bad in (3, 65)],
    *[(OptimizationConfig, "min_trades", bad, COUNT) for bad in (-1, 1_000_001)],
    *[(WalkForwardConfig, f"{part}_days", bad, DAYS) for part in ("is_length", "oos_length", "stride") for bad in (0, -1, 40_000)],
    *[(WalkForwardConfig, name, bad, COUNT) for name in ("min_trades_per_window", "embargo_bars") for bad in (-1, 1_000_001)],
    *[(WalkForwardConfig, "groups", bad, "must be a whole number from 3 to 16") for bad in (2, 17)],
    *[(WalkForwardConfig, "tested_groups", bad, "must be a whole number from 1 to 15") for bad in (0, 16)],
    *[(WalkForwardConfig, "min_profit_factor_per_window", bad, "must be a number from 0 to 1000000") for bad in (-0.1, 1e7)],
    *[(RunConfig, "order_qty", bad, QUANTITY) for bad in (0, -0.1, 2e15)],
    *[(RunConfig, "seed", bad, "must be a whole number from 0 below 4294967296") for bad in (-1, 2**32)],
]
NO_NUMBERS: list[Row] = [
    (settings, name, bad, reason)
    for settings, name, reason in (
        (StrategyConfig, "ema_fast", PERIOD),
        (StrategyConfig, "atr_sl_multiplier", MULTIPLIER),
        (StrategyConfig, "hybrid_tier4_timeout", TIMEOUT),
        (ExecutionConfig, "taker_fee", FEE),
        (WalkForwardConfig, "stride_days", DAYS),
        (RunConfig, "order_qty", QUANTITY),
    )
    for bad in (math.nan, math.inf, -math.inf, "many", "", None, [1], True, False)
]
OF_ANOTHER_KIND: list[Row] = [
    (StrategyConfig, "ema_fast", 20.5, PERIOD),
    (StrategyConfig, "enable_trend_filter", "maybe", "input should be a valid boolean"),
    (StrategyConfig, "trailing_sl_enabled", 2, "input should be a valid boolean"),
    (StrategyConfig, "name", "", "string should have at least 1 character"),
    (StrategyConfig, "params", [1], "input should be a valid dictionary"),
    (OptimizationConfig, "multi_fidelity", None, "input should be a valid boolean"),
    (OptimizationConfig, "fidelity_levels", 5, "input should be a valid tuple"),
    (RunConfig, "gaps", "guess", "input should be 'auto', 'refuse', 'fill' or 'keep'"),
    (RunConfig, "mode", "DUAL", "input should be 'SINGLE' or 'MULTI'"),
    (RunConfig, "strategy", 5, "input should be a valid dictionary or instance of StrategyConfig"),
    (RunConfig, "markets", 5, "input should be a valid tuple"),
    (RunConfig, "symbol", 5, "input should be a valid string"),
    (RunConfig, "exchange", "", "string should have at least 1 character"),
]


def named(row: Row) -> str:
    return f"{row[0].__name__}.{row[1]}={row[2]!r}"


def refusal(settings: type[Settings], **values: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(**values)
    return str(caught.value)


@pytest.mark.parametrize("row", [*OUT_OF_RANGE, *NO_NUMBERS, *OF_ANOTHER_KIND], ids=named)
def test_wrong_value_is_told_with_its_field_and_its_range(row: Row) -> None:
    settings, name, value, reason = row
    assert f"{name} = {value!r} is not allowed: {reason}" in refusal(settings, **{name: value})


def test_every_bounded_number_of_every_setting_has_a_row() -> None:
    for settings in (StrategyConfig, ExecutionConfig, OptimizationConfig, WalkForwardConfig, RunConfig):
        numbers = {name for name, field in settings.model_fields.items() if field.annotation in (int, float)}
        assert numbers == {name for owner, name, _, _ in OUT_OF_RANGE if owner is settings}


def test_field_inside_other_settings_is_named_with_its_path() -> None:
    assert refusal(RunConfig, strategy={"ema_fast": 0}) == f"strategy.ema_fast = 0 is not allowed: {PERIOD}"
    market = {"exchange": "LOCAL", "symbol": "X", "order_qty": 0}
    assert refusal(RunConfig, mode="MULTI", markets=[market]).startswith("markets.0.order_qty = 0 is not allowed: must be a number above 0")


def test_all_wrong_values_are_told_at_once() -> None:
    message = refusal(RunConfig, seed=-1, strategy={"ema_fast": 0, "rsi_period": 0}, execution={"leverage": 0})
    told = ("seed = -1", "strategy.ema_fast = 0", "strategy.rsi_period = 0", "execution.leverage = 0")
    assert [message.count(f"{what} is not allowed: must be") for what in told] == [1] * 4


@pytest.mark.parametrize("value", ["a lot", None, [1]])
def test_value_of_a_strategys_own_parameter_is_a_number_or_a_switch(value: Any) -> None:
    assert f"strategy.params.speed.int = {value!r} is not allowed" in refusal(RunConfig, strategy={"params": {"speed": value}})


def test_strategys_own_parameters_keep_their_kind() -> None:
    own = StrategyConfig(params={"on": True, "length": 3, "share": 3.0}).params
    assert {name: type(value) for name, value in own.items()} == {"on": bool, "length": int, "share": float}


def test_numbers_written_as_text_are_numbers() -> None:
    assert execution_config(slippage="1e-4").slippage == 0.0001


BUILDERS: dict[str, Callable[[], StrategyConfig]] = {
    "new": lambda: StrategyConfig(ema_fast=0),
    "replaced": lambda: StrategyConfig().replace(ema_fast=0),
    "validated": lambda: StrategyConfig.model_validate({"ema_fast": 0}),
}


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS.keys())
def test_every_way_of_building_settings_tells_mistakes_alike(build: Callable[[], StrategyConfig]) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"ema_fast = 0 is not allowed: {PERIOD}")):
        build()


@pytest.mark.parametrize("settings", [StrategyConfig(), ExecutionConfig(), OptimizationConfig(), WalkForwardConfig(), RunConfig()])
def test_settings_are_frozen(settings: Settings) -> None:
    for name in type(settings).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(settings, name, getattr(settings, name))


def test_replace_checks_the_new_values_against_the_old() -> None:
    with pytest.raises(ConfigError, match="ema_fast = 20 must be below ema_slow = 10"):
        StrategyConfig().replace(ema_slow=10)
    with pytest.raises(ConfigError, match=r"ema_quick is no setting of StrategyConfig"):
        StrategyConfig().replace(ema_quick=10)


def test_replace_leaves_the_original_and_keeps_unset_what_nobody_set() -> None:
    first = StrategyConfig(ema_fast=10)
    second = first.replace(ema_slow=60)
    assert first == StrategyConfig(ema_fast=10)
    assert second == StrategyConfig(ema_fast=10, ema_slow=60)
    assert second.model_fields_set == {"ema_fast", "ema_slow"}


def test_replace_keeps_settings_inside_settings() -> None:
    run = RunConfig(strategy=StrategyConfig(ema_fast=10), seed=1).replace(seed=2)
    assert (run.strategy.ema_fast, run.seed, run.strategy.model_fields_set) == (10, 2, {"ema_fast"})


def test_text_is_taken_without_the_spaces_around_it() -> None:
    assert MarketConfig(exchange=" local ", symbol=" X ").model_dump() == {
        "exchange": "LOCAL", "symbol": "X", "timeframe": "1h", "order_qty": 0.1,
    }  # fmt: skip
