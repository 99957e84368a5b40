"""OptimizationConfig: how hard to search, with which sampler, towards what."""

import re
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from config.base import Settings
from config.objectives import Constraints, checked_objective
from core.suggest import nearest

SAMPLERS = ("tpe", "gp", "cmaes", "nsga2", "nsga3", "qmc", "random", "grid")
# Their points do not depend on what became of earlier ones: there is no study to ask, so batches may be large.
STUDY_FREE_SAMPLERS = ("qmc", "random", "grid")
# They learn from values, not from ranks, and a value from fewer bars is another quantity: all their trials see all bars.
FULL_FIDELITY_SAMPLERS = ("gp", "nsga2", "nsga3")
# They can look for several objectives at once: by a Pareto rank of their own, or because they do not look at objectives at all.
SEVERAL_OBJECTIVES_SAMPLERS = ("tpe", "nsga2", "nsga3", *STUDY_FREE_SAMPLERS)
# The cost of a Gaussian process grows with the cube of its trials, and from here on it takes longer than what it saves.
GP_TRIALS = 50
LARGEST_LEARNING_BATCH = 1024
EXECUTORS = ("auto", "inline", "processes", "ray")
GPU_USES = ("off", "auto", "on")
# A plateau simulates dozens of neighbours for every trial of a batch, all of them in memory at once.
LARGEST_PLATEAU_BATCH = 1024
# Of a Ray cluster that runs already; "ray://" would be another protocol, for which every task is sent through one server.
_ADDRESS = re.compile(r"[\w.-]+:[1-9]\d{0,4}")


class OptimizationProfile(StrEnum):
    """How many trials a stage gets and how far the integer stage strays from the base parameters."""

    FAST = "FAST"
    BALANCED = "BALANCED"
    THOROUGH = "THOROUGH"

    @property
    def trials(self) -> int:
        """Trials of stages 7.1 and 7.2."""
        return {"FAST": 50, "BALANCED": 150, "THOROUGH": 300}[self.value]

    @property
    def timeout_trials(self) -> int:
        """Trials of stage 7.3: a third."""
        return self.trials // 3

    @property
    def relative_range(self) -> float:
        """Half-width of the integer ranges as a fraction of the base value."""
        return {"FAST": 0.10, "BALANCED": 0.15, "THOROUGH": 0.25}[self.value]


SamplerName = Literal["tpe", "gp", "cmaes", "nsga2", "nsga3", "qmc", "random", "grid"]


class OptimizationConfig(Settings):
    """The search of stage 7; walk-forward windows use it too.

    ``fidelity_levels`` are rising shares of the bars, the last one 1.0; ``batch`` trials are asked at once (it belongs to the result,
    the number of workers does not); ``min_trades`` is judged at full fidelity. ``gpu``: ``on`` lets a GPU drop trials below full fidelity,
    ``auto`` does so where batches are large enough to pay; without a device either goes on with the processor. ``trials`` is the number of
    trials in 7.1 and 7.2 (7.3 gets a third of it), 0 = the profile's; ``walkforward_sampler`` searches the walk-forward's windows, None
    = ``optuna_sampler``, or ``tpe`` where that is ``gp``. ``objective``: one name, a Python file of the user's, or several of them, which
    give a Pareto front. ``objective_blocks`` are the equal stretches of time whose lower quartile an objective ending in ``_quartile`` is.
    ``constraints`` are limits that the winner must keep. ``neighbourhood``: look around the winner of each stage, and at which
    parameters matter; walk-forward windows never do. ``executor`` and ``ray_address`` (HOST:PORT of a Ray cluster to join) say where
    trials are computed and change no result.
    """

    profile: OptimizationProfile = OptimizationProfile.BALANCED
    optuna_sampler: SamplerName = "tpe"
    walkforward_sampler: SamplerName | None = None
    trials: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    objective: str | tuple[str, ...] = "sharpe"
    objective_blocks: Annotated[int, Field(ge=4, le=64)] = 6
    constraints: Constraints = Constraints()
    executor: Literal["auto", "inline", "processes", "ray"] = "auto"
    ray_address: str | None = None
    gpu: Literal["off", "auto", "on"] = "off"
    multi_fidelity: bool = True
    fidelity_levels: tuple[float, ...] = (0.33, 0.66, 1.0)
    batch: Annotated[int, Field(ge=1, le=65_536)] = 8
    min_trades: Annotated[int, Field(ge=0, le=1_000_000)] = 10
    neighbourhood: bool = True

    @field_validator("profile", mode="before")
    @classmethod
    def _known_profile(cls, value: Any) -> Any:
        return _known(value, [profile.value for profile in OptimizationProfile], str.upper)

    @field_validator("optuna_sampler", mode="before")
    @classmethod
    def _known_sampler(cls, value: Any) -> Any:
        return _known(value, SAMPLERS, str.lower)

    @field_validator("walkforward_sampler", mode="before")
    @classmethod
    def _known_walkforward_sampler(cls, value: Any) -> Any:
        return None if value is None else _known(value, SAMPLERS, str.lower)

    @field_validator("objective", mode="before")
    @classmethod
    def _known_objective(cls, value: Any) -> Any:
        return checked_objective(value)

    @field_validator("executor", mode="before")
    @classmethod
    def _known_executor(cls, value: Any) -> Any:
        return _known(value, EXECUTORS, str.lower)

    @field_validator("ray_address")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        if value is not None and not _ADDRESS.fullmatch(value):
            raise ValueError(f"'{value}' is no address of a Ray cluster: write HOST:PORT, e.g. 10.0.0.5:6379")
        return value

    @field_validator("gpu", mode="before")
    @classmethod
    def _known_gpu_use(cls, value: Any) -> Any:
        if isinstance(value, bool):  # what YAML makes of on and off
            return "on" if value else "off"
        return _known(value, GPU_USES, str.lower)

    @model_validator(mode="after")
    def _rising_levels(self) -> "OptimizationConfig":
        levels = self.fidelity_levels
        rising = all(low < high for low, high in pairwise(levels))
        if not levels or not rising or levels[0] <= 0 or levels[-1] != 1.0:
            raise ValueError(f"fidelity_levels = {list(levels)} must rise strictly from above 0 to 1.0, e.g. [0.33, 0.66, 1.0]")
        return self

    @model_validator(mode="after")
    def _plateau_fits_memory(self) -> "OptimizationConfig":
        plateau = next((name for name in self.objectives if name.endswith("_plateau")), None)
        if plateau is not None and self.batch > LARGEST_PLATEAU_BATCH:
            raise ValueError(
                f"batch = {self.batch} is too large for objective {plateau}, which simulates the neighbours of every trial of a batch at "
                f"once: at most {LARGEST_PLATEAU_BATCH}"
            )
        return self

    @property
    def objectives(self) -> tuple[str, ...]:
        """The objectives as a tuple, in the user's order."""
        return (self.objective,) if isinstance(self.objective, str) else self.objective

    @model_validator(mode="after")
    def _what_the_sampler_can_do(self) -> "OptimizationConfig":
        for setting, name in (("optuna_sampler", self.optuna_sampler), ("walkforward_sampler", self.window_sampler)):
            if self.batch > LARGEST_LEARNING_BATCH and name not in STUDY_FREE_SAMPLERS:
                raise ValueError(
                    f"batch = {self.batch} is too large for {name}, which learns from batch to batch: {LARGEST_LEARNING_BATCH} at most. "
                    f"Use {', '.join(STUDY_FREE_SAMPLERS)} for larger ones (and set walkforward_sampler where it is not the same)"
                )
            if name == "gp" and self.trials > GP_TRIALS:
                raise ValueError(
                    f"trials = {self.trials} is too many for gp, which gets slower with each of them: {GP_TRIALS} at most. "
                    "Use tpe for more, or leave trials out: gp then takes the profile's number, but no more than that"
                )
            if len(self.objectives) > 1 and name not in SEVERAL_OBJECTIVES_SAMPLERS:
                raise ValueError(
                    f"{setting} = {name} searches for one objective, not for {len(self.objectives)} at once. "
                    f"Those that can: {', '.join(SEVERAL_OBJECTIVES_SAMPLERS)}"
                )
        return self

    @property
    def window_sampler(self) -> SamplerName:
        """The sampler of the walk-forward's windows; a Gaussian process in every window takes too long unless it is asked for."""
        return self.walkforward_sampler or ("tpe" if self.optuna_sampler == "gp" else self.optuna_sampler)

    def in_windows(self) -> "OptimizationConfig":
        """Return these settings as the walk-forward's windows use them."""
        return self.replace(optuna_sampler=self.window_sampler)

    def stage_trials(self, *, timeouts: bool = False) -> int:
        """Return the number of trials of stages 7.1 and 7.2, or of 7.3, which searches ``timeouts``."""
        if not self.trials:
            budget = self.profile.timeout_trials if timeouts else self.profile.trials
        else:
            budget = max(1, self.trials // 3) if timeouts else self.trials
        return min(budget, GP_TRIALS) if self.optuna_sampler == "gp" else budget

    @property
    def levels(self) -> tuple[float, ...]:
        """The fidelity levels in use: all of them, or full fidelity only; several objectives give no one order to race in."""
        races = self.multi_fidelity and self.optuna_sampler not in FULL_FIDELITY_SAMPLERS and len(self.objectives) == 1
        return self.fidelity_levels if races else (1.0,)


def _known(value: Any, names: Any, fold: Any) -> Any:
    """Return a string folded to the names' case; ValueError offers the nearest known name."""
    folded = fold(str(getattr(value, "value", value)))
    if folded not in names:
        raise ValueError(f"'{value}' is not known.{nearest(str(value), names)} Use one of {', '.join(names)}")
    return folded
