"""Which series a campaign is made of, and running them several at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from benchmarks.self_test.calibration import STRATEGY, STRENGTHS, THREE_YEARS
from benchmarks.self_test.runs import Outcome, Series, SeriesFailedError, run_series
from benchmarks.self_test.series import planted, random_walk, shuffled
from core.candles import Candles

WALKS, SHUFFLED = "random walk", "shuffled bars"
BASE = [
    f"strategy.rsi_long_threshold={STRATEGY.rsi_long_threshold:g}",
    f"strategy.rsi_short_threshold={STRATEGY.rsi_short_threshold:g}",
]
# Three years give fifteen windows of two months, in which the strategy trades often enough for each to be scored.
WINDOWS = ["walkforward.is_length_days=180", "walkforward.oos_length_days=60", "walkforward.stride_days=60"]
# A seventh of the time: few points, which no sampler has to think about, and as many tries of luck as a p-value of 0.05 needs.
QUICK = [
    "optimization.profile=FAST", "optimization.optuna_sampler=qmc", "significance.resamples=500", "significance.permutations=40",
    "significance.walkforward_permutations=5",
]  # fmt: skip


def noise(real: Candles, series: int, days: int) -> list[Series]:
    """Return ``series`` series without structure: every other one a random walk, the others ``real`` with its bars in another order."""
    walks = [Series(WALKS, f"walk-{n:03d}", partial(random_walk, n, days)) for n in range((series + 1) // 2)]
    count = series // 2
    return walks + [Series(SHUFFLED, f"shuffled-{n:03d}", partial(shuffled, real, n, count, days)) for n in range(count)]


def power(sharpes: Sequence[float], series: int, days: int = THREE_YEARS) -> list[Series]:
    """Return ``series`` series for each true Sharpe ratio of ``sharpes``; each has random numbers of its own."""
    return [
        Series(f"Sharpe {sharpe:g}", f"planted-{n:03d}", partial(planted, round(1000 * sharpe) + n, days, STRENGTHS[sharpe]))
        for sharpe in sharpes
        for n in range(series)
    ]


def run_all(
    campaign: Sequence[Series], folder: Path, assignments: Sequence[str], processes: int, tell: Callable[[str], None]
) -> tuple[dict[str, list[Outcome]], list[str]]:
    """Run ``campaign``, ``processes`` series at a time; return the outcomes of each group in order, and what went wrong.

    ``assignments`` are settings over those that all campaigns share. ``tell`` gets a line for every series that has ended. What has ended
    stays in ``folder``, and is not run again by another call.
    """
    found: dict[tuple[str, str], Outcome] = {}
    troubles: list[str] = []
    with ThreadPoolExecutor(processes) as pool:
        waiting = {pool.submit(run_series, series, folder, [*BASE, *WINDOWS, *assignments]): series for series in campaign}
        for number, (series, ended) in enumerate(_ended(waiting), 1):
            try:
                found[series.group, series.name] = ended.result()
                word = "PASS" if ended.result().passed else "fail"
            except SeriesFailedError as error:
                troubles.append(str(error))
                word = "error"
            tell(f"{number} of {len(campaign)}: {series.group}, {series.name}: {word}")
    groups = dict.fromkeys(series.group for series in campaign)
    return {group: [found[key] for key in sorted(found) if key[0] == group] for group in groups}, troubles


def _ended(waiting: dict[Future[Outcome], Series]) -> Iterator[tuple[Series, Future[Outcome]]]:
    try:
        for ended in as_completed(waiting):
            yield waiting[ended], ended
    except KeyboardInterrupt:
        for each in waiting:
            each.cancel()
        raise
