"""What the terminal says of the account and the protection: the words follow the settings that act, and only those."""

import re
from typing import Any

import pytest

from config import ExecutionConfig, SizingMethod, StrategyConfig
from config.strategy import Distance
from core.paths import Paths
from pipeline.account_rows import account_rows, idle_settings, quantity_words
from pipeline.market_costs import cautions
from reporting.selection import SelectedMarket
from tests.pipeline.conftest import Invoke

MARKET = SelectedMarket("SIMULATED", "BTCUSDT", "1h", 0.1, "simulated_btcusdt_1h", True)


def words(name: str, execution: ExecutionConfig | None = None, strategy: StrategyConfig | None = None) -> str | None:
    return dict(account_rows(execution or ExecutionConfig(), strategy or StrategyConfig())).get(name)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "the quantity of the market"),
        ({"sizing": "equity", "equity_fraction": 0.5}, "0.5 of the equity"),
        ({"sizing": "risk", "risk_per_trade": 0.02}, "so much that the stop loses 0.02 of the equity"),
        ({"sizing": "volatility", "volatility_target": 0.3}, "an annual volatility of 0.3 of the equity"),
        ({"sizing": "kelly"}, "0.25 of the Kelly size of the trades closed so far; 0.1 of the equity until 30 are"),
    ],
)
def test_size_is_told_by_the_setting_that_makes_it(settings: dict[str, Any], expected: str) -> None:
    assert words("size of an entry", ExecutionConfig(**settings)) == expected


def test_stop_and_target_are_told_by_their_type() -> None:
    assert words("stop") == "1.5 ATR from the average entry"
    assert words("stop", strategy=StrategyConfig(stop_type=Distance.PERCENT, stop_distance=0.015)) == "1.5000% from the average entry"
    assert words("target", strategy=StrategyConfig(target_type=Distance.NONE)) == "none"
    assert words("volatility regime") is None
    assert words("volatility regime", strategy=StrategyConfig(regime_response=1)) is not None


def test_liquidation_is_told_or_said_to_be_off() -> None:
    assert words("liquidation") == "off (execution.maintenance_margin is 0)"
    margin = ExecutionConfig(leverage=10, maintenance_margin=0.005)
    assert words("liquidation", margin) == "at a maintenance margin of 0.5000%, with a fee of 1.0000% on top"
    assert words("leverage", margin) == "a position of 10 times the equity at most"


def test_settings_that_were_given_and_change_nothing_are_named() -> None:
    assert idle_settings(ExecutionConfig(), StrategyConfig()) == ()
    assert idle_settings(ExecutionConfig(equity_fraction=0.5), StrategyConfig(stop_distance=0.01)) == (
        "execution.equity_fraction is set but has no effect here: execution.sizing decides.",
        "strategy.stop_distance is set but has no effect here: strategy.stop_type decides.",
    )
    both = ExecutionConfig(sizing=SizingMethod.EQUITY, equity_fraction=0.5), StrategyConfig(stop_type=Distance.PERCENT, stop_distance=0.01)
    assert idle_settings(*both) == ()


def test_every_setting_that_can_be_idle_is_told_with_its_switch() -> None:
    execution = ExecutionConfig(**{name: getattr(ExecutionConfig(), name) for name in ExecutionConfig.model_fields})
    off = {"trailing_sl_enabled": False, "trailing_tp_enabled": False, "stop_type": Distance.NONE, "target_type": Distance.NONE}
    strategy = StrategyConfig(**{name: getattr(StrategyConfig(), name) for name in StrategyConfig.model_fields} | off)
    assert len(idle_settings(execution, strategy)) == 14


def test_quantity_of_a_market_is_shown_only_where_it_acts() -> None:
    assert quantity_words(ExecutionConfig(), "0.1") == "0.1"
    assert quantity_words(ExecutionConfig(sizing=SizingMethod.RISK), "0.1") == "sized by risk"


@pytest.mark.parametrize(("leverage", "margin", "warned"), [(1, 0, False), (5, 0, True), (5, 0.01, False)])
def test_leverage_that_nothing_liquidates_is_a_caution(leverage: float, margin: float, warned: bool, paths: Paths) -> None:
    said = cautions(MARKET, StrategyConfig(), ExecutionConfig(leverage=leverage, maintenance_margin=margin), paths)
    assert any("no position is ever liquidated" in text for text in said) is warned


def test_stages_say_what_is_at_stake_and_what_has_no_effect(invoke: Invoke) -> None:
    sets = ("execution.sizing=risk", "strategy.stop_type=percent", "execution.leverage=5")
    ended = invoke("backtest", "--start", "2024-01-01", "--end", "2024-02-10", *(part for each in sets for part in ("--set", each)))
    assert ended.code == 0, ended.text
    assert "sized by risk" in ended.out
    assert "so much that the stop loses 0.01 of the equity" in ended.out
    assert "no position is ever liquidated here" in ended.out
    idle = next(line for line in ended.out.splitlines() if "atr_sl_multiplier" in line)
    assert idle.rstrip().endswith("has no effect")


def test_funding_and_liquidations_are_told_where_there_are_any(invoke: Invoke) -> None:
    dates = ("--start", "2024-01-01", "--end", "2024-04-01")
    plain = invoke("backtest", *dates)
    assert "Funding" not in plain.out
    assert "ended in a liquidation" not in plain.out
    sets = ("funding_rate=0.0005", "leverage=40", "maintenance_margin=0.02", "sizing=equity", "equity_fraction=40")
    ended = invoke("backtest", *dates, *(part for each in sets for part in ("--set", f"execution.{each}")))
    assert ended.code == 0, ended.text
    funding = next(line for line in ended.out.splitlines() if line.strip().startswith("Funding"))
    assert float(funding.split()[-1].replace(",", "")) != 0.0
    assert re.search(r"[1-9]\d* of \d+ trades of the baseline ended in a liquidation\.", ended.out)
