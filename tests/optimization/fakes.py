"""Trials without a market: pure functions of their parameters, which remember what was asked of them."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.canonical_json import dumps
from optimization.search import SearchPlan
from optimization.space import Dimension, SearchSpace

Params = Mapping[str, bool | int | float]
Metrics = dict[str, float | int | bool]

SPACE = SearchSpace(
    (
        Dimension("period", "int", 10, 40, 1),
        Dimension("multiplier", "float", 0.5, 5.0, 0.1),
        Dimension("threshold", "float", 20.0, 50.0, 1.0),
    ),
    {"period": 20, "multiplier": 1.5, "threshold": 35.0},
)


def noise(*parts: Any) -> float:
    """Return a number in [0, 1) that depends on ``parts`` only."""
    return int.from_bytes(hashlib.sha256(dumps(parts).encode()).digest()[:6], "big") / 2**48


def hill(params: Params, share: float) -> Metrics:
    """Return metrics with one smooth best point; the less is simulated, the more noise lies on it."""
    away = sum((float(value) / 30.0 - 1.0) ** 2 for value in params.values())
    return metrics(-away + (1.0 - share) * noise(dumps(params), share), trades=50)


def metrics(sharpe: float, trades: int = 50, *, ruined: bool = False) -> Metrics:
    return {"sharpe_ratio": sharpe, "net_pnl": 100.0 * sharpe, "total_trades": trades, "ruined": ruined, "calmar_ratio": math.nan}


def mixed(params: Params, share: float) -> Metrics:
    """Return every kind of outcome, in a mixture that depends on the parameters only."""
    chance = noise("kind", dict(params))
    if chance < 0.05 or (chance < 0.15 and share == 1.0):
        raise RuntimeError("this point cannot be simulated")
    if 0.15 < chance < 0.2:
        return metrics(math.nan)
    if 0.2 < chance < 0.3:
        return metrics(5.0, ruined=share > 0.5)
    return hill(params, share) | {"total_trades": int(100 * noise("trades", dict(params)))}


@dataclass
class FakeRun:
    """One trial; ``trials.advances`` gets (number of the start, first bar, end) for each stretch that is simulated."""

    trials: "FakeTrials"
    number: int
    params: Params
    done: int = 0

    def advance(self, end: int) -> Metrics:
        self.trials.advances.append((self.number, self.done, end))
        if len(self.trials.advances) == self.trials.interrupt_at:
            raise KeyboardInterrupt
        self.done = end
        return self.trials.measure(self.params, end / self.trials.bars)


@dataclass
class FakeTrials:
    """An ``Evaluate`` over ``bars`` bars; ``interrupt_at`` raises KeyboardInterrupt in that stretch (1 = the first)."""

    measure: Callable[[Params, float], Metrics] = hill
    bars: int = 900
    interrupt_at: int = 0
    started: list[Params] = field(default_factory=list)
    advances: list[tuple[int, int, int]] = field(default_factory=list)

    def start(self, points: Sequence[Params]) -> "FakeHeat":
        first = len(self.started)
        self.started += points
        return FakeHeat([FakeRun(self, first + place, params) for place, params in enumerate(points)])


@dataclass
class FakeHeat:
    """Trials of a batch."""

    runs: list[FakeRun]

    def advance(self, places: Sequence[int], end: int) -> list[Metrics | Exception]:
        return [self._outcome(self.runs[place], end) for place in places]

    def _outcome(self, run: FakeRun, end: int) -> Metrics | Exception:
        try:
            return run.advance(end)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a trial that fails is an outcome, whatever it raises
            return error


def plan(**changes: Any) -> SearchPlan:
    """Return a plan of 30 trials in batches of 8 over ``SPACE``, with ``changes``."""
    usual = SearchPlan(
        stage="7.1",
        space=SPACE,
        slug="fake_x_1h",
        window=None,
        seed=42,
        sampler="tpe",
        objectives=("sharpe",),
        levels=(0.33, 0.66, 1.0),
        batch=8,
        budget=30,
        min_trades=10,
    )
    return replace(usual, **changes)
