"""A search whose points are fixed beforehand: fast enough to be repeated on hundreds of permuted histories.

Every series gets the very same treatment: in stages 7.1, 7.2 and 7.3 the points of a Sobol' set that the seed decides, the base first, each
stage with the best of those before it. A sampler that learns would need milliseconds for every trial; here only the kernel works.
The value of a series is that of its best trial, by the rules of the search: few trades, ruin and broken constraints cannot win.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from config import ExecutionConfig, OptimizationConfig, StrategyConfig
from core.candles import Candles
from core.funding import FundingRates
from core.market import MarketRules
from core.seeds import derive_seed
from optimization import STAGES, Stage
from optimization.evaluation import SimulationTrials
from optimization.fidelity import Outcome
from optimization.isolation import isolated_where_marked
from optimization.neighbourhood.low_discrepancy import cover
from optimization.objectives import Goal, Judge, ObjectiveError
from optimization.objectives.constraints import broken
from optimization.space import Dimension, SearchSpace, stage_space
from strategies import ParamValue, get_strategy, with_params

# Of a larger search so many points of 7.1 and 7.2 stand for all: those of the THOROUGH profile.
MOST_POINTS = 300
_SETS_KEPT = 64
Point = dict[str, ParamValue]


@dataclass(frozen=True, slots=True)
class FixedSearchSettings:
    """What is searched: ``strategy`` as the base of every series, the budget and rules of ``optimization``, ``execution``, ``seed``.

    Orders fill on the strategy's own bars, whatever ``detail_timeframe`` says: there are no finer ones of a permuted history. ``share``
    (0..1) of the budget is spent on a series, one point and the base at least.
    """

    strategy: StrategyConfig
    order_qty: float
    optimization: OptimizationConfig
    execution: ExecutionConfig
    rules: MarketRules
    seed: int
    share: float = 1.0

    @property
    def objective(self) -> str:
        """The search's first objective where a trial's own metrics tell it, else sharpe: blocks and neighbours cost too much here."""
        name = self.optimization.objectives[0]
        return name if Goal.of(name).form in ("whole", "own") else "sharpe"

    def most_points(self, stage: Stage) -> int:
        """Return how many points of ``stage`` are tried at most, the base among them."""
        timeouts = stage == "7.3"
        budget = min(self.optimization.stage_trials(timeouts=timeouts), MOST_POINTS // 3 if timeouts else MOST_POINTS)
        return max(2, round(self.share * budget))


@dataclass(frozen=True, slots=True)
class Found:
    """The best of the set on one series: its ``config`` (the base's when no trial is valid), its ``value`` (nan then), and how many
    ``trials`` were simulated.
    """

    config: StrategyConfig
    value: float
    trials: int


class FixedSearch:
    """Searches series after series with the same points, which are isolated where ``folder``, the study's, is marked so.

    Raises ConfigError for an objective of the user's that cannot be loaded.
    """

    def __init__(self, settings: FixedSearchSettings, folder: Path | None = None) -> None:
        self.settings, self._folder = settings, folder
        self.judge = Judge((settings.objective,), settings.optimization.constraints)
        self.execution = settings.execution.model_copy(update={"detail_timeframe": None})

    def best(self, candles: Candles, funding: FundingRates | None = None, first_bar: int = 0) -> Found:
        """Return the best of the set on ``candles``; the bars before ``first_bar`` only warm indicators up.

        Raises BacktestError or ConfigError when the base itself cannot be simulated.
        """
        settings = self.settings
        trials = SimulationTrials(
            candles, settings.strategy, settings.order_qty, self.execution, settings.rules, first_bar, funding, threads=1
        )
        found, chosen = Found(settings.strategy, math.nan, 0), Point()
        for stage in STAGES:
            points = [chosen | point for point in self.points(stage, found.config)]
            values = self.values(trials, points)
            best = max(range(len(points)), key=[_rank(value) for value in values].__getitem__)  # the first of equals
            chosen = points[best] if math.isfinite(values[best]) else chosen
            found = Found(with_params(settings.strategy, chosen), values[best], found.trials + len(points))
        return found

    def values(self, trials: SimulationTrials, points: Sequence[Point]) -> list[float]:
        """Return the objective of each of ``points`` at full fidelity, nan for one that could not win in a search."""
        outcomes = isolated_where_marked(trials, self._folder).start(points).advance(range(len(points)), trials.bars)
        return [self.value_of(outcome, trials.bars) for outcome in outcomes]

    def value_of(self, outcome: Outcome, bars: int) -> float:
        """Return the objective of one trial that has seen all of its ``bars``, nan when it could not win in a search."""
        if isinstance(outcome, Exception) or outcome["ruined"] or outcome["total_trades"] < self.settings.optimization.min_trades:
            return math.nan
        try:
            value = self.judge.values(outcome)[0]
        except ObjectiveError:
            return math.nan
        return math.nan if broken(self.judge.violations(outcome, bars, bars)) else value

    def points(self, stage: Stage, config: StrategyConfig) -> Iterator[Point]:
        """Yield the base of ``stage``, then the points of its set."""
        space = stage_space(stage, get_strategy(config.name), config, self.settings.optimization.profile.relative_range)
        yield dict(space.base)
        if space.dimensions:
            seed = derive_seed(self.settings.seed, "fixed set", stage)
            most = self.settings.most_points(stage)
            others = (dict(point) for point in _cover(space.dimensions, most, seed) if point != space.base)
            yield from islice(others, most - 1)


def _rank(value: float) -> float:
    return value if math.isfinite(value) else -math.inf


@lru_cache(_SETS_KEPT)
def _cover(dimensions: tuple[Dimension, ...], count: int, seed: int) -> tuple[Mapping[str, ParamValue], ...]:
    """Return ``count`` points all over the grid of ``dimensions``, or all of them where there are no more."""
    space = SearchSpace(dimensions, {})
    return tuple(space.params(indices) for indices in cover(space, count, seed))
