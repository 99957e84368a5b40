"""What may stand under optimization.objective, and what is said of the rest."""

from typing import Any

import pytest

from config import OptimizationConfig, RunConfig
from config.objectives import OBJECTIVE_NAMES
from core.errors import ConfigError


def config(**settings: Any) -> OptimizationConfig:
    return OptimizationConfig(**settings)


@pytest.mark.parametrize("name", OBJECTIVE_NAMES)
def test_every_name_is_one_objective(name: str) -> None:
    assert config(objective=name).objectives == (name,)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("Sharpe, CALMAR", ("sharpe", "calmar")),
        (["sharpe", "net_pnl_plateau"], ("sharpe", "net_pnl_plateau")),
        (("sharpe",), ("sharpe",)),
        ("folder/Mine.py", ("folder/Mine.py",)),
        (["sharpe", "Mine.py"], ("sharpe", "Mine.py")),
    ],
)
def test_objectives_are_a_name_a_list_or_names_with_commas(given: Any, names: tuple[str, ...]) -> None:
    assert config(objective=given).objectives == names


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("sharpe_platau", "Did you mean 'sharpe_plateau'?"),
        ("quartile", "is not known"),
        (["sharpe", "clamar"], "'clamar' is not known. Did you mean 'calmar'?"),
        (["sharpe", "Sharpe"], "'sharpe' is listed twice"),
        (["a/mine.py", "b/mine.py"], "'mine.py' is listed twice"),
        ([], "the list is empty"),
        ("", "is no name"),
        ("sharpe,", "is no name"),
        (None, "is no name"),
        (3, "is no name"),
        ([1, 2], "is no name"),
        (["sharpe", "sortino", "calmar", "net_pnl", "expectancy"], "5 objectives are too many"),
    ],
)
def test_what_cannot_be_an_objective_is_refused(given: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(objective=given)
    assert told in str(caught.value)


def test_what_is_wrong_inside_other_settings_is_said_in_the_same_words() -> None:
    wrong = {"objective": ["sharpe", "sharpe"], "trials": -1, "constraints": {"max_drawdown": True, "min_trades": 0}}
    with pytest.raises(ConfigError) as caught:
        RunConfig(optimization=wrong)  # type: ignore[arg-type]
    assert set(str(caught.value).split("; optimization.")) == {
        "optimization.trials = -1 is not allowed: must be a whole number from 0 to 1000000",
        "objective: 'sharpe' is listed twice; name each objective once",
        "constraints.max_drawdown: True is a switch; a limit is a number, or null for none",
        "constraints.min_trades = 0 is not allowed: must be a number from 1 to 1000000",
    }


@pytest.mark.parametrize("sampler", ["gp", "cmaes"])
def test_samplers_for_one_objective_refuse_several(sampler: str) -> None:
    with pytest.raises(ConfigError, match="searches for one objective, not for 2 at once"):
        config(objective=["sharpe", "calmar"], optuna_sampler=sampler)


def test_the_sampler_of_the_windows_is_refused_by_its_own_name() -> None:
    with pytest.raises(ConfigError, match="walkforward_sampler = cmaes searches for one objective"):
        config(objective=["sharpe", "calmar"], walkforward_sampler="cmaes")


def test_several_objectives_run_at_full_fidelity() -> None:
    assert config(objective=["sharpe", "calmar"]).levels == (1.0,)
    assert config(objective=["sharpe"]).levels == (0.33, 0.66, 1.0)


def test_a_plateau_of_huge_batches_is_refused() -> None:
    with pytest.raises(ConfigError, match="too large for objective sharpe_plateau"):
        config(objective="sharpe_plateau", optuna_sampler="qmc", batch=2048)


@pytest.mark.parametrize("blocks", [3, 65])
def test_blocks_are_few_or_many_within_reason(blocks: int) -> None:
    with pytest.raises(ConfigError, match="objective_blocks"):
        config(objective_blocks=blocks)
