"""What the permutation tests cost: the whole search on 200 permuted histories, and a walk-forward on 100, in two processes.

Usage: python -m benchmarks.permutations CANDLE_FILE   (hourly candles that hold the year 2024)

The clock counts, so nothing else should run on the machine; the workers have been started before.
"""

import sys

from config import ExecutionConfig, OptimizationConfig, SignificanceConfig, StrategyConfig, WalkForwardConfig
from core.clock import monotonic_seconds
from core.market import MarketRules
from market_data import read_candle_file
from optimization import STAGES
from optimization.executors import MarketSeries, Processes, Study, ignore_done, ignore_tick
from walkforward.fixed_search import FixedSearchSettings
from walkforward.permutations import permutation_note, permutation_result, permutation_studies
from walkforward.windows import split

WORKERS = 2
LIMIT = 15.0
YEAR_2024 = (1_704_067_200_000, 1_735_689_600_000)
SETTINGS = FixedSearchSettings(
    StrategyConfig(rsi_long_threshold=45, rsi_short_threshold=55), 0.1, OptimizationConfig(), ExecutionConfig(), MarketRules(), 42
)


def seconds_of(workers: Processes, studies: list[Study], series: MarketSeries) -> float:
    """Compute ``studies``, print their p-value and return how long it took."""
    started = monotonic_seconds()
    found = workers.run(studies, {SETTINGS.strategy.name: series}, ignore_done, ignore_tick)
    taken = monotonic_seconds() - started
    test = permutation_result(found)
    print(f"  {test.permutations} permutations: {taken:6.2f} s   p = {test.value:.3f}")
    return taken


def main() -> None:
    """Measure and print; exit with 1 when the test in sample takes too long."""
    candles = read_candle_file(sys.argv[1]).between(*YEAR_2024)
    windows = split(candles.open_ms, candles.timeframe.ms, WalkForwardConfig())
    series, workers, name = MarketSeries(candles), Processes(WORKERS), SETTINGS.strategy.name
    counts = SignificanceConfig()
    workers.run(permutation_studies(name, SETTINGS, 2 * WORKERS * 10), {name: series}, ignore_done, ignore_tick)
    print(f"{candles.market}: {len(candles)} bars, {sum(map(SETTINGS.most_points, STAGES))} trials; limit {LIMIT} s on {WORKERS} cores")
    print(f"  {permutation_note(SETTINGS, windows=False)}")
    taken = seconds_of(workers, permutation_studies(name, SETTINGS, counts.permutations), series)
    print(f"  {permutation_note(SETTINGS, windows=True)} {len(windows)} windows.")
    seconds_of(workers, permutation_studies(name, SETTINGS, counts.walkforward_permutations, windows=windows), series)
    workers.close()
    sys.exit(1 if taken > LIMIT else 0)


if __name__ == "__main__":
    main()
