"""OptimizationConfig: how hard to search, with which sampler, towards what."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from config.base import Settings
from config.objectives import Constraints, checked_objective
from core.suggest import nearest

SAMPLERS = ("tpe", "random")
EXECUTORS = ("auto", "inline", "processes")
GPU_USES = ("off", "auto", "on")
# A plateau simulates dozens of neighbours for every trial of a batch, all of them in memory at once.
LARGEST_PLATEAU_BATCH = 1024


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


class OptimizationConfig(Settings):
    """The search of stage 7; walk-forward windows use it too.

    ``fidelity_levels`` are rising shares of the bars, the last one 1.0; ``batch`` trials are asked at once (it belongs to the result,
    the number of workers does not); ``min_trades`` is judged at full fidelity. ``gpu``: ``on`` lets a GPU drop trials below full fidelity,
    ``auto`` does so where batches are large enough to pay; without a device either goes on with the processor.
    ``objective``: one name, a Python file of the user's, or several of them, which give a Pareto front. ``objective_blocks`` are the equal
    stretches of time whose lower quartile an objective ending in ``_quartile`` is. ``constraints`` are limits that the winner must keep.
    ``neighbourhood``: look around the winner of each stage, and at which parameters matter; walk-forward windows never do.
    """

    profile: OptimizationProfile = OptimizationProfile.BALANCED
    optuna_sampler: Literal["tpe", "random"] = "tpe"
    objective: str | tuple[str, ...] = "sharpe"
    objective_blocks: Annotated[int, Field(ge=4, le=64)] = 6
    constraints: Constraints = Constraints()
    executor: Literal["auto", "inline", "processes"] = "auto"
    gpu: Literal["off", "auto", "on"] = "off"
    multi_fidelity: bool = True
    fidelity_levels: tuple[float, ...] = (0.33, 0.66, 1.0)
    batch: Annotated[int, Field(ge=1, le=1024)] = 8
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

    @field_validator("objective", mode="before")
    @classmethod
    def _known_objective(cls, value: Any) -> Any:
        return checked_objective(value)

    @field_validator("executor", mode="before")
    @classmethod
    def _known_executor(cls, value: Any) -> Any:
        return _known(value, EXECUTORS, str.lower)

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

    @property
    def levels(self) -> tuple[float, ...]:
        """The fidelity levels in use: all of them, or full fidelity only; several objectives give no one order to race in."""
        return self.fidelity_levels if self.multi_fidelity and len(self.objectives) == 1 else (1.0,)


def _known(value: Any, names: Any, fold: Any) -> Any:
    """Return a string folded to the names' case; ValueError offers the nearest known name."""
    folded = fold(str(getattr(value, "value", value)))
    if folded not in names:
        raise ValueError(f"'{value}' is not known.{nearest(str(value), names)} Use one of {', '.join(names)}")
    return folded
