"""Permutation tests with re-optimization: the fixed-set search, or a whole walk-forward of it, on the real and on permuted candles.

In sample every bar is permuted and the score of a history is the best of the set on all of it. In the walk-forward only the bars behind the
first training window are, every window is searched in sample with the set and its best is tested on the days after it, and the score is
the objective of the tests stitched together. Funding stays at its times. The work comes in chunks that any executor can compute, each of
which keeps its scores in a file of its folder, so that an interrupted run goes on.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from backtest_engine import Simulation
from core.atomic_files import write_bytes
from core.candles import Candles
from core.canonical_json import digest, dump_bytes, read_json
from core.code_version import code_version
from core.errors import BacktestError, ConfigError, CorruptFileError, DataError, StatisticsError
from core.funding import FundingRates
from core.seeds import derive_seed
from optimization import STAGES, SearchProgress
from optimization.executors import Lost, MarketSeries, Study, Tick
from optimization.objectives import Goal
from strategies import strategy_digest, strategy_label
from walkforward.fixed_search import FixedSearch, FixedSearchSettings
from walkforward.result import OutOfSampleRun
from walkforward.significance.bar_permutation import permute_bars
from walkforward.significance.permutation_test import PermutationTest, permutation_test
from walkforward.stitching import stitched_metrics
from walkforward.windows import Window

# In a walk-forward this share of the budget is spent on every window: fifteen windows then take about as long as one whole search.
WINDOW_SHARE = 1 / 6
# Histories of one study, and after how many of them its file is written and its progress told.
CHUNK = 10
_PORTION = 5
_FILE = "scores.json"


@dataclass(frozen=True, slots=True)
class PermutationChunk:
    """The histories ``first`` to ``end`` - 1 of a test, 0 being the real candles; with ``windows`` that of a walk-forward."""

    settings: FixedSearchSettings
    first: int
    end: int
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class PermutationScores:
    """What a chunk came to: one score for each history from ``first`` on, nan where nothing was valid.

    ``trouble`` says why the history after the last of ``scores`` has none at all: the test has no value then.
    """

    first: int
    scores: tuple[float, ...]
    trouble: str | None = None


def permutation_studies(
    series: str, settings: FixedSearchSettings, permutations: int, folder: Path | None = None, windows: Sequence[Window] = ()
) -> list[Study]:
    """Return the studies of a test with so many ``permutations`` on the series called ``series``; none for 0.

    ``windows``: of the walk-forward, oldest first; none is the test in sample. Each study keeps its scores in a folder of its own under
    ``folder``.
    """
    kind = "walk-forward permutations" if windows else "permutations"
    own = settings_of(settings, windows=bool(windows))
    borders = [(first, min(first + CHUNK, permutations + 1)) for first in range(0, permutations + 1, CHUNK)]
    chunks = [PermutationChunk(own, first, end, tuple(windows)) for first, end in borders]
    return [
        Study(
            f"{kind} {chunk.first} to {chunk.end - 1} of {series}", series, work_on_permutations, chunk,
            None if folder is None else folder / f"{chunk.first:05d}",
        )
        for chunk in (chunks if permutations else [])
    ]  # fmt: skip


def settings_of(settings: FixedSearchSettings, *, windows: bool) -> FixedSearchSettings:
    """Return ``settings`` as a walk-forward's windows are searched with, or as the whole series is."""
    return replace(settings, share=WINDOW_SHARE if windows else 1.0)


def work_on_permutations(series: MarketSeries, argument: PermutationChunk, folder: Path | None, tick: Tick) -> PermutationScores:
    """Score the histories of a chunk, those apart that its file holds already: what an executor hands to a worker."""
    search, total = FixedSearch(argument.settings, folder), argument.end - argument.first
    identity = _identity(series, argument, search)
    kept = _kept(folder, identity)
    scores = kept[:total]
    if len(kept) > total:  # of a run that asked for more permutations
        _keep(folder, identity, scores)
    while len(scores) < total:
        try:
            for number in range(argument.first + len(scores), argument.first + min(len(scores) + _PORTION, total)):
                scores.append(score_of(search, series, number, argument.windows))
        except (BacktestError, ConfigError, DataError, StatisticsError) as error:
            return PermutationScores(argument.first, tuple(scores), str(error))
        _keep(folder, identity, scores)
        best = max((score for score in scores if math.isfinite(score)), default=math.nan)
        tick(SearchProgress(STAGES[-1], None, len(scores), total, best))
    return PermutationScores(argument.first, tuple(scores))


def permutation_result(chunks: Sequence[PermutationScores | Lost]) -> PermutationTest:
    """Return the test that the results of all studies add up to.

    Raises StatisticsError when there are no permutations, one of them could not be searched, or the real candles have no score.
    """
    whole = sorted((chunk for chunk in chunks if isinstance(chunk, PermutationScores)), key=lambda chunk: chunk.first)
    troubles = [chunk.reason for chunk in chunks if isinstance(chunk, Lost)] + [each.trouble for each in whole if each.trouble]
    if troubles:
        raise StatisticsError(f"not all histories could be searched: {troubles[0]}")
    scores = [score for chunk in whole for score in chunk.scores]
    return permutation_test(scores[0] if scores else math.nan, scores[1:])


def permutation_note(settings: FixedSearchSettings, *, windows: bool) -> str:
    """Return what a reader of the result should know: what was tried on every history, and what is not as in the run's own search."""
    own = settings_of(settings, windows=windows)
    tried = " + ".join(str(own.most_points(stage)) for stage in STAGES)
    note = f"The same {tried} fixed points of 7.1, 7.2 and 7.3 on every {'window of every history' if windows else 'history'}"
    first = Goal.of(settings.optimization.objectives[0])
    if first.name != settings.objective:
        note += f"; judged by {settings.objective}, because {first.label} is not known without further simulations"
    if settings.execution.detail_timeframe is not None:
        note += "; orders fill on the strategy's own bars, because there are no finer ones of a permuted history"
    return note + "."


def score_of(search: FixedSearch, series: MarketSeries, number: int, windows: Sequence[Window] = ()) -> float:
    """Return the score of history ``number`` (0 = the real candles), nan where nothing in it is valid.

    Raises StatisticsError for too few bars and for windows that do not follow each other in time, and what a simulation raises.
    """
    if any(window.oos_start < window.is_end or window.is_end < windows[0].is_end for window in windows):
        raise StatisticsError("combinatorial windows do not follow each other in time, so no days come after the first training window.")
    first = windows[0].is_end if windows else 0
    seed = derive_seed(search.settings.seed, series.candles.market.slug, "walk-forward permutation" if windows else "permutation", number)
    candles = permute_bars(series.candles, seed, first=first) if number else series.candles
    return _stitched_value(search, candles, series.funding, windows) if windows else search.best(candles, series.funding).value


def _stitched_value(search: FixedSearch, candles: Candles, funding: FundingRates | None, windows: Sequence[Window]) -> float:
    """Return the objective of what the best of the set in each window earned in the days after it."""
    settings, runs = search.settings, []
    for window in windows:
        chosen = search.best(candles[: window.is_end], funding, window.is_start).config
        test = Simulation(
            candles[: window.oos_end], chosen, settings.order_qty, search.execution, settings.rules, window.oos_start, funding
        ).run()
        runs.append((window.index, OutOfSampleRun.of({}, test)))
    whole = stitched_metrics(runs, search.execution, candles.timeframe.periods_per_year)
    return search.judge.values(whole.as_dict())[0]


def _identity(series: MarketSeries, chunk: PermutationChunk, search: FixedSearch) -> str:
    """Return a digest of everything that the scores follow from."""
    settings = chunk.settings
    return digest(
        {
            "candles": series.candles.digest,
            "funding": None if series.funding is None else series.funding.digest,
            "base": settings.strategy.model_dump(mode="json") | {"name": strategy_label(settings.strategy.name)},
            "strategy": strategy_digest(settings.strategy.name),
            "order_qty": settings.order_qty,
            "optimization": settings.optimization.model_dump(mode="json", exclude={"executor", "ray_address", "gpu", "objective"}),
            "objective": [Goal.of(settings.objective).label, list(search.judge.digests)],
            "execution": search.execution.model_dump(mode="json"),
            "rules": asdict(settings.rules),
            "seed": settings.seed,
            "share": settings.share,
            "first": chunk.first,
            "windows": [asdict(window) for window in chunk.windows],
            "code": code_version(),
        }
    )


def _keep(folder: Path | None, identity: str, scores: Sequence[float]) -> None:
    if folder is not None:
        content = {"schema": 1, "identity": identity, "scores": scores, "digest": digest([identity, scores])}
        write_bytes(folder / _FILE, dump_bytes(content))


def _kept(folder: Path | None, identity: str) -> list[float]:
    """Return the scores that an interrupted run of the very same chunk has left in ``folder``; CorruptFileError for any others."""
    if folder is None or not (folder / _FILE).is_file():
        return []
    content = read_json(folder / _FILE)
    if not isinstance(content, dict) or content.get("identity") != identity:
        return []
    scores = content.get("scores", [])
    if content.get("digest") != digest([identity, scores]):
        raise CorruptFileError(
            f"{folder / _FILE} does not hold the scores that were written. Remove it and resume: they are computed again."
        )
    return [math.nan if score is None else float(score) for score in scores]
