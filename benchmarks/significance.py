"""What the statistics of the verdict cost, against the seconds that each may take.

Usage: python -m benchmarks.significance

The processor's time counts, of all threads together: a goal is about one core. What the permutation tests cost,
``benchmarks.permutations`` tells.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.clock import monotonic_seconds
from walkforward.significance.cpcv import path_sharpes
from walkforward.significance.cscv import overfitting_probability
from walkforward.significance.inputs import Floats
from walkforward.significance.intervals import drawdown_interval, sharpe_interval
from walkforward.significance.monte_carlo import equity_cone
from walkforward.significance.reality_check import reality_check
from walkforward.significance.romano_wolf import romano_wolf
from walkforward.significance.superior_ability import superior_ability

REPEATS = 3
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to compute in at most ``limit`` seconds of one core (None: shown only); ``action`` computes it once."""

    name: str
    limit: float | None
    action: Callable[[], object]


def noise(days: int, trials: int) -> Floats:
    """Return daily returns, float64[days, trials], of trials that share most of their luck, as those of one search do."""
    generator = np.random.Generator(np.random.PCG64(1))
    return np.asarray(0.01 * (0.8 * generator.standard_normal((days, 1)) + 0.6 * generator.standard_normal((days, trials))))


def goals() -> tuple[Goal, ...]:
    """Return everything that is measured."""
    search, day, bars = noise(365, 350), noise(365, 1)[:, 0], noise(2160, 500)
    return (
        Goal("superior ability, 2,000 resamples, 350 trials x 365 days", 2.0, lambda: superior_ability(search, RESAMPLES, 1)),
        Goal("overfitting, 12,870 splits, 500 trials x 2,160 bars", 1.5, lambda: overfitting_probability(bars, 16)),
        Goal("Reality Check, 2,000 resamples, 350 trials x 365 days", None, lambda: reality_check(search, RESAMPLES, 1)),
        Goal("Romano-Wolf, the same", None, lambda: romano_wolf(search, RESAMPLES, 1)),
        Goal("combinatorial paths, 6 groups, 2 tested, 350 trials x 365 days", None, lambda: path_sharpes(search, 6, 2, 3, 3)),
        Goal("interval of the Sharpe ratio, 2,000 resamples, 365 days", None, lambda: sharpe_interval(day, RESAMPLES, 1)),
        Goal("interval of the drawdown, the same", None, lambda: drawdown_interval(day, RESAMPLES, 1)),
        Goal("equity cone, 2,000 histories of 365 days", None, lambda: equity_cone(day, RESAMPLES, 1)),
    )


def measured(action: Callable[[], object]) -> tuple[float, float]:
    """Return the least seconds that ``action`` took, of the processor and by the clock; it ran once before."""
    action()
    taken = []
    for _ in range(REPEATS):
        started, used = monotonic_seconds(), time.process_time()
        action()
        taken.append((time.process_time() - used, monotonic_seconds() - started))
    return min(processor for processor, _ in taken), min(clock for _, clock in taken)


def main() -> None:
    """Measure and print; exit with 1 when a goal is missed."""
    missed = 0
    for goal in goals():
        processor, clock = measured(goal.action)
        limit = "" if goal.limit is None else f"   limit {goal.limit:.1f} s"
        print(f"{goal.name:62s} {processor:7.3f} s of the processor {clock:7.3f} s by the clock{limit}")
        missed += goal.limit is not None and processor > goal.limit
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
