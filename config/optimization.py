"""OptimizationConfig: how hard to search, with which sampler, towards what."""

import re
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from config.base import Settings
from core.suggest import nearest

SAMPLERS = ("tpe", "random")
OBJECTIVES = ("sharpe", "sortino", "calmar", "profit_factor", "net_pnl")
EXECUTORS = ("auto", "inline", "processes", "ray")
GPU_USES = ("off", "auto", "on")
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


class OptimizationConfig(Settings):
    """The search of stage 7; walk-forward windows use it too.

    ``fidelity_levels`` are rising shares of the bars, the last one 1.0; ``batch`` trials are asked at once (it belongs to the result,
    the number of workers does not); ``min_trades`` is judged at full fidelity. ``gpu``: ``on`` lets a GPU drop trials below full fidelity,
    ``auto`` does so where batches are large enough to pay; without a device either goes on with the processor.
    ``executor`` and ``ray_address`` (HOST:PORT of a Ray cluster to join) say where trials are computed and change no result.
    """

    profile: OptimizationProfile = OptimizationProfile.BALANCED
    optuna_sampler: Literal["tpe", "random"] = "tpe"
    objective: Literal["sharpe", "sortino", "calmar", "profit_factor", "net_pnl"] = "sharpe"
    executor: Literal["auto", "inline", "processes", "ray"] = "auto"
    ray_address: str | None = None
    gpu: Literal["off", "auto", "on"] = "off"
    multi_fidelity: bool = True
    fidelity_levels: tuple[float, ...] = (0.33, 0.66, 1.0)
    batch: Annotated[int, Field(ge=1, le=1024)] = 8
    min_trades: Annotated[int, Field(ge=0, le=1_000_000)] = 10

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
        return _known(value, OBJECTIVES, str.lower)

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

    @property
    def levels(self) -> tuple[float, ...]:
        """The fidelity levels in use: all of them, or full fidelity only."""
        return self.fidelity_levels if self.multi_fidelity else (1.0,)


def _known(value: Any, names: Any, fold: Any) -> Any:
    """Return a string folded to the names' case; ValueError offers the nearest known name."""
    folded = fold(str(getattr(value, "value", value)))
    if folded not in names:
        raise ValueError(f"'{value}' is not known.{nearest(str(value), names)} Use one of {', '.join(names)}")
    return folded
