"""Unknown names are answered with the nearest known one; known ones are found in any case where that is promised."""

from typing import Any

import pytest

from config import GapPolicy, MarketConfig, OptimizationProfile, RunConfig, RunMode, StrategyConfig
from config.objectives import OBJECTIVE_NAMES
from config.optimization import EXECUTORS, GPU_USES, SAMPLERS
from core.errors import ConfigError
from tests.config.build import optimization_config, run_config

UNKNOWN_KEYS: dict[str, tuple[dict[str, Any], str]] = {
    "top": ({"sede": 1}, r"sede is no setting of RunConfig\. Did you mean 'seed'\?"),
    "strategy": ({"strategy": {"ema_fats": 1}}, r"strategy\.ema_fats is no setting of StrategyConfig\. Did you mean 'ema_fast'\?"),
    "execution": ({"execution": {"takerfee": 0}}, r"execution\.takerfee is no setting of ExecutionConfig\. Did you mean 'taker_fee'\?"),
    "optimization": ({"optimization": {"profil": "FAST"}}, r"optimization\.profil is no setting .*Did you mean 'profile'\?"),
    "walkforward": ({"walkforward": {"stride": 20}}, r"walkforward\.stride is no setting .*Did you mean 'stride_days'\?"),
    "market": (
        {"mode": "MULTI", "markets": [{"exchange": "LOCAL", "symbol": "X"}, {"exchange": "LOCAL", "symbol": "Y", "qty": 1}]},
        r"markets\.1\.qty is no setting of MarketConfig\. (Did you mean 'order_qty'\?|Known: exchange, order_qty, symbol, timeframe\.)",
    ),
    "nothing near": ({"execution": {"zzz": 1}}, "execution.zzz is no setting of ExecutionConfig. Known: detail_timeframe, equity_fraction"),
    "section of another": ({"ema_fast": 1}, "ema_fast is no setting of RunConfig"),
}


@pytest.mark.parametrize(("settings", "message"), UNKNOWN_KEYS.values(), ids=UNKNOWN_KEYS.keys())
def test_unknown_key_offers_the_nearest_of_its_level(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run_config(**settings)


def test_several_unknown_keys_are_all_told() -> None:
    with pytest.raises(ConfigError) as caught:
        run_config(strategy={"ema_fats": 1, "ema_slwo": 2}, sede=3)
    for key in ("strategy.ema_fats", "strategy.ema_slwo", "sede"):
        assert f"{key} is no setting" in str(caught.value)


@pytest.mark.parametrize("text", ["thorough", "THOROUGH", "Thorough"])
def test_profile_is_found_in_any_case(text: str) -> None:
    assert optimization_config(profile=text).profile is OptimizationProfile.THOROUGH


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("optuna_sampler", SAMPLERS),
        ("walkforward_sampler", SAMPLERS),
        ("objective", OBJECTIVE_NAMES),
        ("executor", EXECUTORS),
        ("gpu", GPU_USES),
    ],
)
def test_choices_of_the_search_are_found_in_any_case(name: str, known: tuple[str, ...]) -> None:
    for value in known:
        assert getattr(optimization_config(**{name: value.upper()}), name) == value


WRONG_CHOICES = {
    "profile": ("FSAT", "optimization.profile: 'FSAT' is not known. Did you mean 'FAST'? Use one of FAST, BALANCED, THOROUGH"),
    "optuna_sampler": (
        "tpee",
        "optimization.optuna_sampler: 'tpee' is not known. Did you mean 'tpe'? Use one of tpe, gp, cmaes, nsga2",
    ),
    "walkforward_sampler": ("gird", "optimization.walkforward_sampler: 'gird' is not known. Did you mean 'grid'? Use one of tpe, gp"),
    "objective": ("sharp", "optimization.objective: 'sharp' is not known. Did you mean 'sharpe'?"),
    "gpu": ("offf", "optimization.gpu: 'offf' is not known. Did you mean 'off'? Use one of off, auto, on"),
    "executor": ("inlin", "optimization.executor: 'inlin' is not known. Did you mean 'inline'?"),
}


@pytest.mark.parametrize("name", WRONG_CHOICES)
def test_unknown_choice_offers_the_nearest(name: str) -> None:
    value, message = WRONG_CHOICES[name]
    with pytest.raises(ConfigError) as caught:
        run_config(optimization={name: value})
    assert message in str(caught.value)


@pytest.mark.parametrize("bad", [None, 5, True, ["tpe"]])
def test_choice_that_is_no_text_is_refused(bad: Any) -> None:
    with pytest.raises(ConfigError, match="is not known"):
        optimization_config(optuna_sampler=bad)


def test_mode_exchange_and_timeframe_are_found_in_any_case() -> None:
    run = run_config(mode="multi", markets=[{"exchange": "local", "symbol": "Btc", "timeframe": "4H"}])
    assert run.mode is RunMode.MULTI
    assert run.markets == (MarketConfig(exchange="LOCAL", symbol="Btc", timeframe="4h"),)
    assert RunConfig(exchange="simulated", timeframe="1D").all_markets[0].model_dump() == {
        "exchange": "SIMULATED", "symbol": "BTCUSDT", "timeframe": "1d", "order_qty": 0.1,
    }  # fmt: skip


def test_symbol_keeps_its_case() -> None:
    assert RunConfig(symbol="kPEPE/usdt").all_markets[0].symbol == "kPEPE/usdt"


def test_unknown_timeframe_is_told_with_its_place_and_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"^timeframe: '15min' is not known. Did you mean '15m'\?"):
        RunConfig(timeframe="15min")
    with pytest.raises(ConfigError, match=r"^markets.0.timeframe: '15min' is not known. Did you mean '15m'\?"):
        run_config(mode="MULTI", markets=[{"exchange": "LOCAL", "symbol": "X", "timeframe": "15min"}])


def test_gap_policies_and_log_levels_are_found_as_they_are_written() -> None:
    run = run_config(gaps="fill", log_levels={"core": "DEBUG"})
    assert (run.gaps, run.log_levels) == (GapPolicy.FILL, {"core": "DEBUG"})
    with pytest.raises(ConfigError, match=r"log_levels\.core = 'debug' is not allowed: input should be 'DEBUG', 'INFO'"):
        run_config(log_levels={"core": "debug"})


def test_profiles_are_what_the_stages_promise() -> None:
    found = {profile.value: (profile.trials, profile.timeout_trials, profile.relative_range) for profile in OptimizationProfile}
    assert found == {"FAST": (50, 16, 0.10), "BALANCED": (150, 50, 0.15), "THOROUGH": (300, 100, 0.25)}


def test_strategy_takes_any_name_for_the_registry_to_find() -> None:
    assert StrategyConfig(name="my/own_strategy.py").name == "my/own_strategy.py"
