"""What a proposal of the default sampler costs, and how good the searches are that it makes: beside Optuna's TPE, whose formulas it has.

Usage: python -m benchmarks.sampler CANDLE_FILE [SEEDS]   (hourly candles that hold the first 90 days of 2024)

Both propose for the same objectives with the same seeds, batch by batch, every trial at full fidelity. The processor's time is that of
asking and telling alone. Of each objective: the median best value over all seeds, how many seeds ended better and worse than Optuna's, and
how likely chance alone would set the two samples of best values so far apart (Mann and Whitney, two-sided).
"""

import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scipy.stats import mannwhitneyu

from config import ExecutionConfig, OptimizationConfig, StrategyConfig
from core.candles import Candles
from core.market import MarketRules
from core.seeds import derive_seed
from market_data import read_candle_file
from optimization import Stage
from optimization.evaluation import SimulationTrials
from optimization.proposals import Proposals, StudyProposals
from optimization.space import Dimension, SearchSpace, canonical_key, stage_space
from optimization.tpe import TpeProposals
from optimization.trial_record import TrialRecord
from strategies import get_strategy
from strategies.base import ParamValue

Points = Sequence[Mapping[str, ParamValue]]
Values = Callable[[Points], list[float]]
TRIALS, BATCH = 150, 8
SEARCH = OptimizationConfig()
STRATEGY = StrategyConfig(rsi_long_threshold=45, rsi_short_threshold=55)
FIRST_90_DAYS = (1_704_067_200_000, 1_711_843_200_000)
CUBE = SearchSpace(tuple(Dimension(f"x{each}", "float", -2.0, 2.0, 0.05) for each in range(5)), {f"x{each}": 1.5 for each in range(5)})


def bowl(points: Points) -> list[float]:
    """Return a smooth hill whose top lies off the middle, narrower in some parameters than in others."""
    return [-sum((1 + place) * (float(value) - 0.6) ** 2 for place, value in enumerate(point.values())) for point in points]


def waves(points: Points) -> list[float]:
    """Return a hill full of smaller ones (Rastrigin's function)."""
    return [
        -sum((float(value) - 0.6) ** 2 + 0.3 * (1 - math.cos(2 * math.pi * (float(value) - 0.6))) for value in point.values())
        for point in points
    ]


def valley(points: Points) -> list[float]:
    """Return a curved ridge along which parameters move together (Rosenbrock's function, its logarithm)."""
    found = []
    for point in points:
        x = [float(value) for value in point.values()]
        found.append(-math.log1p(sum(100 * (x[each + 1] - x[each] ** 2) ** 2 + (1 - x[each]) ** 2 for each in range(len(x) - 1))))
    return found


def sharpe_on(candles: Candles) -> Values:
    """Return the product's own objective: the Sharpe ratio of a backtest, nan below ten trades."""
    trials = SimulationTrials(candles, STRATEGY, 0.1, ExecutionConfig(), MarketRules())

    def values(points: Points) -> list[float]:
        found = []
        for outcome in trials.start(points).advance(range(len(points)), trials.bars):
            enough = not isinstance(outcome, Exception) and outcome["total_trades"] >= SEARCH.min_trades
            found.append(float(outcome["sharpe_ratio"]) if enough and not isinstance(outcome, Exception) else math.nan)
        return found

    return values


def search(proposals: Proposals, values: Values) -> tuple[float, float]:
    """Return the best value of a search, and the processor's seconds that its sampler took."""
    best, spent, seen = -math.inf, 0.0, dict[str, TrialRecord]()
    for first in range(0, TRIALS, BATCH):
        numbers = range(first, min(first + BATCH, TRIALS))
        started = time.process_time()
        points = proposals.ask(numbers)
        spent += time.process_time() - started
        records = []
        for number, point, value in zip(numbers, points, values(points), strict=True):
            key, known = canonical_key(point), math.isfinite(value)
            original = seen.get(key)
            record = TrialRecord(
                number, "7.1", None, point, key, "complete" if known else "few_trades", 1, 1, (value if known else None,), {},
                duplicate_of=None if original is None else original.trial,
            )  # fmt: skip
            seen.setdefault(key, record)
            records.append(record)
            best = max(best, value) if known else best
        started = time.process_time()
        proposals.tell(records)
        spent += time.process_time() - started
    return best, spent


def compare(label: str, space: SearchSpace, values: Values, seeds: int) -> None:
    """Print what both samplers come to."""
    bests: tuple[list[float], list[float]] = ([], [])
    costs = [0.0, 0.0]
    for seed in range(seeds):

        def seed_of(number: int, seed: int = seed) -> int:
            return derive_seed(seed, label, number)

        both: tuple[Proposals, ...] = (TpeProposals(space, seed_of), StudyProposals(space, "tpe", seed_of, BATCH))
        for place, proposals in enumerate(both):
            best, spent = search(proposals, values)
            bests[place].append(best)
            costs[place] += spent
    better, worse = (sum(sign * (own - peer) > 0 for own, peer in zip(*bests, strict=True)) for sign in (1, -1))
    own, peer = (1000 * cost / (seeds * TRIALS) for cost in costs)
    chance = mannwhitneyu(*bests).pvalue
    print(
        f"{label:22s} best: own {statistics.median(bests[0]):9.4f}   Optuna {statistics.median(bests[1]):9.4f}   "
        f"better {better:2d}, worse {worse:2d} of {seeds}   p {chance:4.2f}   a trial: own {own:5.3f} ms   Optuna {peer:5.2f} ms"
    )


def main() -> None:
    """Measure and print."""
    candles = read_candle_file(Path(sys.argv[1])).between(*FIRST_90_DAYS)
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    print(f"{TRIALS} trials in batches of {BATCH}, {seeds} seeds; {candles.market}: {len(candles)} bars")
    for label, values in (("bowl", bowl), ("waves", waves), ("valley", valley)):
        compare(f"{label}, 5 parameters", CUBE, values, seeds)
    stages: tuple[Stage, ...] = ("7.1", "7.2")
    for stage in stages:
        space = stage_space(stage, get_strategy(STRATEGY.name), STRATEGY, SEARCH.profile.relative_range)
        compare(f"Sharpe ratio, {stage}", space, sharpe_on(candles), seeds)


if __name__ == "__main__":
    main()
