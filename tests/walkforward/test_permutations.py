"""Permutation tests: a pure function of candles, settings and seed, honest on noise, sharp on a planted edge."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backtest_engine import Simulation
from config import ExecutionConfig
from core.candles import Candles
from core.canonical_json import dump_bytes, read_json
from core.errors import CorruptFileError, StatisticsError
from core.funding import FundingRates
from core.market import MarketRules
from optimization import SearchProgress
from optimization.executors import Inline, Lost, MarketSeries, Study, ignore_done, ignore_tick
from optimization.executors.slices import study_slice
from tests.walkforward.markets import HOUR, NEVER, SEARCH, STRATEGY, WINDOWS, candles, poisoned
from walkforward import permutations
from walkforward.fixed_search import FixedSearch, FixedSearchSettings
from walkforward.groups import windows_of
from walkforward.permutations import (
    CHUNK,
    PermutationChunk,
    PermutationScores,
    permutation_note,
    permutation_result,
    permutation_studies,
    score_of,
    settings_of,
    work_on_permutations,
)
from walkforward.result import OutOfSampleRun
from walkforward.significance.bar_permutation import permute_bars
from walkforward.stitching import stitched_metrics
from walkforward.windows import Window, split

TINY = SEARCH.replace(trials=6)
SETTINGS = FixedSearchSettings(STRATEGY, 1.0, TINY, ExecutionConfig(), MarketRules(), 42)


def run(studies: list[Study], series: MarketSeries) -> list[PermutationScores]:
    return Inline().run(studies, {"TEST": series}, ignore_done, ignore_tick)


def windows(series: Candles) -> list[Window]:
    return split(series.open_ms, series.timeframe.ms, WINDOWS)


def made_of(steps: np.ndarray) -> Candles:
    """Return candles whose closes rise by ``steps`` of a fraction."""
    bars, close = len(steps), 100 * np.exp(np.cumsum(steps))
    open_ = np.concatenate(([100.0], close[:-1]))
    columns = {
        "timestamp": 1_704_067_200_000 + np.arange(bars, dtype=np.int64) * HOUR, "open": open_, "close": close,
        "high": np.maximum(open_, close) * 1.001, "low": np.minimum(open_, close) * 0.999, "volume": np.full(bars, 1e6),
    }  # fmt: skip
    return Candles.from_arrays(candles(1).market, columns)


def noise(seed: int) -> Candles:
    """Return candles in which the order of the bars means nothing: their bodies are independent, and all wicks equal."""
    return made_of(np.random.default_rng(seed).normal(0, 0.006, 240))


def test_studies_score_the_real_candles_and_every_permutation_once() -> None:
    series = MarketSeries(candles(20))
    studies = permutation_studies("TEST", SETTINGS, CHUNK + 2)
    numbers = [number for study in studies for number in range(study.argument.first, study.argument.end)]
    assert numbers == list(range(CHUNK + 3))
    chunks = run(studies, series)
    search = FixedSearch(SETTINGS)
    test = permutation_result(chunks)
    assert test.permutations == CHUNK + 2
    assert test.real == search.best(series.candles).value == score_of(search, series, 0)
    assert test.scores == tuple(score_of(search, series, number) for number in range(1, CHUNK + 3))
    assert len(set(test.scores)) > CHUNK / 2
    assert permutation_result(chunks[::-1]) == test


def test_permutations_follow_from_the_seed() -> None:
    series = MarketSeries(candles(20))
    scores = {seed: score_of(FixedSearch(replace(SETTINGS, seed=seed)), series, 1) for seed in (1, 1, 2)}
    assert scores[1] == score_of(FixedSearch(replace(SETTINGS, seed=1)), series, 1)
    assert scores[1] != scores[2]


def test_p_is_uniform_where_the_order_of_the_bars_means_nothing() -> None:
    search, count = FixedSearch(replace(SETTINGS, optimization=TINY.replace(min_trades=0), share=0.5)), 9
    found = []
    for seed in range(24):
        series = MarketSeries(noise(seed))
        scores = [score_of(search, series, number) for number in range(count + 1)]
        found.append(permutation_result([PermutationScores(0, tuple(scores))]).value)
    steps = np.arange(1, count + 2) / (count + 1)
    distance = max(abs(np.mean(np.array(found) <= step + 1e-9) - step) for step in steps)
    assert distance < 1.63 / np.sqrt(len(found))  # Kolmogorov and Smirnov at 1 %
    assert 0.35 < np.mean(found) < 0.75


def test_p_is_at_its_floor_for_a_planted_edge() -> None:
    """Half of the time prices rise, half of the time they fall, with pullbacks: in another order there are no such stretches."""
    noisy = np.random.default_rng(1).normal(0, 0.004, 720)
    series = MarketSeries(made_of(noisy + 0.003 * np.sign(np.sin(np.arange(720) / 25))))
    test = permutation_result(run(permutation_studies("TEST", SETTINGS, 39), series))
    assert (test.better, test.value) == (0, 1 / 40)


def test_walk_forward_score_is_that_of_windows_searched_and_tested_one_by_one() -> None:
    series = candles(40)
    parts = windows(series)
    assert len(parts) == 2
    settings = settings_of(SETTINGS, windows=True)
    search = FixedSearch(settings)
    runs = []
    for window in parts:
        chosen = search.best(series[: window.is_end], None, window.is_start).config
        runs.append((window.index, OutOfSampleRun.of({}, Simulation(
            series[: window.oos_end], chosen, 1.0, ExecutionConfig(), MarketRules(), window.oos_start
        ).run())))  # fmt: skip
    whole = stitched_metrics(runs, ExecutionConfig(), series.timeframe.periods_per_year)
    test = permutation_result(run(permutation_studies("TEST", SETTINGS, 3, windows=parts), MarketSeries(series)))
    assert test.real == whole.sharpe_ratio
    assert len({test.real, *test.scores}) == 4


def test_walk_forward_permutes_only_what_comes_after_the_first_training_window(monkeypatch: pytest.MonkeyPatch) -> None:
    series, seen = candles(40), list[Candles]()

    def keep(each: Candles, seed: int, *, first: int = 0, block: int = 1) -> Candles:
        seen.append(permute_bars(each, seed, first=first, block=block))
        return seen[-1]

    monkeypatch.setattr(permutations, "permute_bars", keep)
    parts = windows(series)
    score_of(FixedSearch(settings_of(SETTINGS, windows=True)), MarketSeries(series), 1, parts)
    assert np.array_equal(seen[0].close[: parts[0].is_end], series.close[: parts[0].is_end])
    assert not np.array_equal(seen[0].close[parts[0].is_end :], series.close[parts[0].is_end :])
    score_of(FixedSearch(SETTINGS), MarketSeries(series), 1)
    assert not np.array_equal(seen[1].close[: parts[0].is_end], series.close[: parts[0].is_end])


def test_walk_forward_reads_nothing_after_a_window() -> None:
    series = candles(40)
    parts = windows(series)[:1]
    search = FixedSearch(settings_of(SETTINGS, windows=True))
    late, early = poisoned(series, parts[0].oos_end), poisoned(series, parts[0].oos_start + 24)
    assert score_of(search, MarketSeries(late), 0, parts) == score_of(search, MarketSeries(series), 0, parts)
    assert score_of(search, MarketSeries(early), 0, parts) != score_of(search, MarketSeries(series), 0, parts)


def test_interrupted_chunk_goes_on_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series, chunk = MarketSeries(candles(20)), PermutationChunk(SETTINGS, 0, 8)
    ticks = list[SearchProgress]()
    whole = work_on_permutations(series, chunk, tmp_path / "whole", ticks.append)
    assert [(tick.done, tick.total) for tick in ticks] == [(5, 8), (8, 8)]

    def stop(progress: SearchProgress) -> None:
        raise KeyboardInterrupt(progress.done)

    with pytest.raises(KeyboardInterrupt):
        work_on_permutations(series, chunk, tmp_path / "half", stop)
    scored = list[int]()

    def count(search: FixedSearch, each: MarketSeries, number: int, parts: tuple[Window, ...]) -> float:
        scored.append(number)
        return score_of(search, each, number, parts)

    monkeypatch.setattr(permutations, "score_of", count)
    assert work_on_permutations(series, chunk, tmp_path / "half", ticks.append) == whole
    assert scored == [5, 6, 7]
    assert (tmp_path / "half" / "scores.json").read_bytes() == (tmp_path / "whole" / "scores.json").read_bytes()
    assert work_on_permutations(series, chunk, tmp_path / "half", ticks.append) == whole
    assert scored == [5, 6, 7]


@pytest.mark.parametrize(("before", "now"), [(9, 4), (4, 9)])
def test_more_or_fewer_permutations_than_before_leave_the_bytes_of_a_fresh_run(tmp_path: Path, before: int, now: int) -> None:
    series = MarketSeries(candles(20))
    for folder, counts in ((tmp_path / "other", (before, now)), (tmp_path / "fresh", (now,))):
        for count in counts:
            chunks = run(permutation_studies("TEST", SETTINGS, count, folder), series)
        assert permutation_result(chunks).permutations == now
    assert (tmp_path / "other" / "00000" / "scores.json").read_bytes() == (tmp_path / "fresh" / "00000" / "scores.json").read_bytes()


@pytest.mark.parametrize("damage", ["text", 0.25, None, "fewer"])
def test_scores_that_are_not_those_written_are_refused(tmp_path: Path, damage: str | float | None) -> None:
    series, chunk = MarketSeries(candles(20)), PermutationChunk(SETTINGS, 0, 3)
    work_on_permutations(series, chunk, tmp_path, lambda _: None)
    content = read_json(tmp_path / "scores.json")
    content["scores"] = content["scores"][:1] if damage == "fewer" else [damage, *content["scores"][1:]]
    (tmp_path / "scores.json").write_bytes(dump_bytes(content))
    with pytest.raises(CorruptFileError, match=r"scores\.json does not hold the scores that were written\. Remove it and resume"):
        work_on_permutations(series, chunk, tmp_path, lambda _: None)


def test_chunk_in_slices_comes_to_the_same() -> None:
    """Workers that share no disk get a study in slices: each ends after a batch or two, the next goes on from the files."""
    series, chunk = MarketSeries(candles(20)), PermutationChunk(SETTINGS, 0, 17)
    files, slices = dict[str, bytes](), 0
    while not (part := study_slice(work_on_permutations, series, chunk, files, 0.0)).finished:
        files, slices = files | part.changed, slices + 1
    assert slices == 2
    assert part.result == work_on_permutations(series, chunk, None, lambda _: None)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SETTINGS, seed=43),
        replace(SETTINGS, strategy=STRATEGY.replace(rsi_period=5)),
        replace(SETTINGS, execution=ExecutionConfig(taker_fee=0.001)),
        replace(SETTINGS, optimization=TINY.replace(trials=7)),
        replace(SETTINGS, optimization=TINY.replace(objective="net_pnl")),
        replace(SETTINGS, order_qty=2.0),
    ],
)
def test_scores_of_other_settings_are_not_taken_for_these(tmp_path: Path, changed: FixedSearchSettings) -> None:
    series = MarketSeries(candles(20))
    work_on_permutations(series, PermutationChunk(SETTINGS, 0, 2), tmp_path, lambda _: None)
    kept = work_on_permutations(series, PermutationChunk(changed, 0, 2), tmp_path, lambda _: None)
    assert kept == work_on_permutations(series, PermutationChunk(changed, 0, 2), None, lambda _: None)


def test_where_trials_are_computed_is_no_other_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series = MarketSeries(candles(20))
    whole = work_on_permutations(series, PermutationChunk(SETTINGS, 0, 2), tmp_path, lambda _: None)
    monkeypatch.delattr(permutations, "score_of")
    elsewhere = replace(SETTINGS, optimization=TINY.replace(executor="processes"))
    assert work_on_permutations(series, PermutationChunk(elsewhere, 0, 2), tmp_path, lambda _: None) == whole


def test_funding_is_paid_on_permuted_candles_too() -> None:
    series = candles(20)
    rates = FundingRates(series.open_ms[::8].copy(), np.full(len(series.open_ms[::8]), 0.01))
    search = FixedSearch(SETTINGS)
    for number in (0, 1):
        assert score_of(search, MarketSeries(series, funding=rates), number) != score_of(search, MarketSeries(series), number)


def test_finer_candles_change_no_score_and_the_note_says_so() -> None:
    finer = replace(SETTINGS, execution=ExecutionConfig(detail_timeframe="1h"))
    series = candles(20)
    for number in (0, 1):
        assert score_of(FixedSearch(finer), MarketSeries(series, detail=series), number) == score_of(
            FixedSearch(SETTINGS), MarketSeries(series), number
        )
    assert "the strategy's own bars" in permutation_note(finer, windows=False)
    assert "bars" not in permutation_note(SETTINGS, windows=False)


def test_note_names_the_points_and_an_objective_that_stands_in() -> None:
    assert permutation_note(SETTINGS, windows=False) == "The same 6 + 6 + 2 fixed points of 7.1, 7.2 and 7.3 on every history."
    quartile = replace(SETTINGS, optimization=SEARCH.replace(trials=60, objective="calmar_quartile"))
    assert permutation_note(quartile, windows=True) == (
        "The same 10 + 10 + 3 fixed points of 7.1, 7.2 and 7.3 on every window of every history; judged by sharpe, because "
        "calmar_quartile is not known without further simulations."
    )


def test_no_permutations_are_no_studies_and_no_p() -> None:
    assert permutation_studies("TEST", SETTINGS, 0) == []
    with pytest.raises(StatisticsError, match=r"no permuted history was made"):
        permutation_result([])


def test_search_without_a_valid_trial_on_the_real_candles_has_no_p() -> None:
    with pytest.raises(StatisticsError, match="none of the settings tried has a valid result"):
        permutation_result(run(permutation_studies("TEST", replace(SETTINGS, strategy=NEVER), 2), MarketSeries(candles(20))))


def test_history_that_cannot_be_made_or_a_lost_chunk_leaves_no_p() -> None:
    series = MarketSeries(candles(20)[:480])
    one = replace(windows(candles(40))[0], is_end=479, oos_start=479, oos_end=480)
    with pytest.raises(StatisticsError, match="two blocks are needed"):
        permutation_result(run(permutation_studies("TEST", SETTINGS, 2, windows=[one]), series))
    around = replace(windows(candles(40))[0], is_end=480, oos_start=240, oos_end=360)
    with pytest.raises(StatisticsError, match="do not follow each other in time"):
        permutation_result(run(permutation_studies("TEST", SETTINGS, 2, windows=[around]), series))
    with pytest.raises(StatisticsError, match="its worker died 4 times"):
        permutation_result([PermutationScores(0, (1.0, 0.5)), Lost.after(4, "exit code 1")])


def test_each_study_has_a_folder_of_its_own(tmp_path: Path) -> None:
    studies = permutation_studies("TEST", SETTINGS, 2 * CHUNK, tmp_path)
    assert [study.folder for study in studies] == [tmp_path / "00000", tmp_path / f"{CHUNK:05d}", tmp_path / f"{2 * CHUNK:05d}"]
    assert len({study.name for study in studies}) == 3


def test_combinatorial_windows_have_no_permutation_test_and_say_why() -> None:
    series = MarketSeries(candles(40))
    groups = windows_of(series.candles, WINDOWS.replace(scheme="combinatorial", groups=4))
    chunks = run(permutation_studies("TEST", SETTINGS, 2, windows=groups), series)
    with pytest.raises(StatisticsError, match="combinatorial windows do not follow each other in time"):
        permutation_result(chunks)
