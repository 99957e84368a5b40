"""What a search costs, simulation and all: stage 7 against a bare Optuna loop, by Optuna's TPE, with an objective that returns a constant.

Usage: python -m benchmarks.search CANDLE_FILE   (hourly candles that hold the year 2024)

Both ask in batches, with every trial's own seed, and tell alike: of eight trials, two are complete and six pruned. The one proposes by
the product's sampler, simulates 8,784 bars, races, keeps a ledger on disk and the daily returns; the other makes Optuna's sampler anew
for each trial, reports, tells, and does nothing else. They take turns in one process, so that whatever else the machine does falls on both.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import optuna
from optuna.trial import TrialState

from config import OptimizationConfig, StrategyConfig
from core.candles import Candles
from core.clock import monotonic_seconds
from core.seeds import derive_seed
from market_data import read_candle_file
from optimization import STAGES, OptimizationEngine, Stage
from optimization.fidelity import level_ends
from optimization.sampling import distributions_of, make_sampler
from optimization.space import SearchSpace, stage_space
from optimization.times import PARTS, SearchTimes
from strategies import get_strategy

REPEATS = 5
LIMIT = 1.3
YEAR_2024 = (1_704_067_200_000, 1_735_689_600_000)
STRATEGY = StrategyConfig(rsi_long_threshold=45, rsi_short_threshold=55)
SEARCH = OptimizationConfig()


def constant_loop(space: SearchSpace, stage: Stage, trials: int) -> None:
    """Ask, report and tell ``trials`` trials of a constant, in the batches of stage 7, by Optuna's sampler."""
    grid = distributions_of(space)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    levels = len(level_ends(SEARCH.levels, 8784))
    for first in range(0, trials, SEARCH.batch):
        asked = []
        for number in range(first, min(first + SEARCH.batch, trials)):
            study.sampler = make_sampler(SEARCH.optuna_sampler, derive_seed(42, "constant", stage, None, number), grid)
            asked.append(study.ask(grid))
        reached = _levels_reached(len(asked), levels)
        for trial, level in zip(asked, reached, strict=True):
            if level == levels:
                study.tell(trial, 1.0)
            else:
                trial.report(1.0, level)
                study.tell(trial, state=TrialState.PRUNED)


def _levels_reached(trials: int, levels: int) -> list[int]:
    """Return how far each trial of a batch comes when all are equal: the first half goes on from each level."""
    reached, field = [1] * trials, trials
    for level in range(2, levels + 1):
        field = (field + 1) // 2
        reached[:field] = [level] * field
    return reached


def stage_7(candles: Candles, stages: Sequence[Stage]) -> tuple[SearchTimes, Mapping[Stage, int]]:
    """Run ``stages`` with a ledger on disk; return where the time went and how many trials there were."""
    with tempfile.TemporaryDirectory() as folder:
        engine = OptimizationEngine(candles, STRATEGY, opt_config=SEARCH, ledger_folder=Path(folder))
        times = SearchTimes()
        runs = {"7.1": engine.optimize_stage_7_1, "7.2": engine.optimize_stage_7_2, "7.3": engine.optimize_stage_7_3}
        found = {stage: runs[stage]()["num_trials"] for stage in stages}
        for stage in stages:
            times.add(engine.times(stage))
        return times, found


def seconds_of(action: Callable[[], object]) -> tuple[float, float]:
    """Return how long ``action`` takes: by the clock, and of the processor, which others on the machine do not add to."""
    started, used = monotonic_seconds(), time.process_time()
    action()
    return monotonic_seconds() - started, time.process_time() - used


def compare(candles: Candles, stages: Sequence[Stage]) -> float:
    """Print the ratios of the medians and return the one by the clock; both sides run once before, and then take turns."""
    spaces = {stage: stage_space(stage, get_strategy(STRATEGY.name), STRATEGY, SEARCH.profile.relative_range) for stage in stages}

    def constant() -> None:
        for stage in stages:
            constant_loop(spaces[stage], stage, SEARCH.stage_trials(timeouts=stage == "7.3"))

    constant()
    times, found = stage_7(candles, stages)
    pairs = [(seconds_of(constant), seconds_of(lambda: stage_7(candles, stages))) for _ in range(REPEATS)]
    shares = ", ".join(f"{part} {times.share(part):.0%}" for part in PARTS)
    print(f"{'+'.join(stages)}, {sum(found.values())} trials: {shares}")
    ratios = []
    for place, clock in enumerate(("by the clock", "of the processor")):
        bare, whole = (statistics.median([pair[side][place] for pair in pairs]) for side in (0, 1))
        ratios.append(whole / bare)
        each = "  ".join(f"{one[place]:.3f}/{other[place]:.3f}" for one, other in pairs)
        print(f"  {clock:16s} stage 7 {whole:6.3f} s   constant {bare:6.3f} s   ratio {ratios[-1]:5.2f} (limit {LIMIT})   each {each}")
    return ratios[0]


def main() -> None:
    """Measure and print; exit with 1 when a ratio is above the limit."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    candles = read_candle_file(sys.argv[1])
    year = candles.between(*YEAR_2024)
    print(f"{year.market}: {len(year)} bars, {SEARCH.profile.value}, {SEARCH.optuna_sampler}, batches of {SEARCH.batch}")
    ratios = [compare(year, ("7.1",)), compare(year, STAGES)]
    sys.exit(1 if max(ratios) > LIMIT else 0)


if __name__ == "__main__":
    main()
