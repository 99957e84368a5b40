"""The verdict on whole runs: noise does not pass, an edge does. A sample here; the full campaigns are slow."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.self_test.calibration import THREE_YEARS
from benchmarks.self_test.campaigns import BASE, QUICK, SHUFFLED, WALKS, noise, power, run_all
from benchmarks.self_test.runs import Outcome, Series, SeriesFailedError, run_series
from benchmarks.self_test.series import planted
from core.logs import release_logging
from core.paths import Paths
from market_data import read_candle_file
from pipeline.app import App
from pipeline.cli import run_command_line
from pipeline.interrupts import Interrupts

SIX_MONTHS = 183
SAMPLE = [*BASE, *QUICK, "significance.resamples=200", "significance.permutations=20"]  # 1 of 21 is still below 0.05


def in_this_process(arguments: Sequence[str], work: Path) -> None:
    code = run_command_line(arguments, App(Paths.under(work), Interrupts()))
    release_logging()
    if code:
        raise SeriesFailedError(f"exit status {code}")


def outcomes(series: Sequence[Series], folder: Path) -> list[Outcome]:
    return [run_series(each, folder, SAMPLE, in_this_process) for each in series]


@pytest.mark.parametrize("group", [WALKS, SHUFFLED])
def test_none_of_ten_series_of_noise_passes_and_every_gate_has_a_number(group: str, shared_data: Path, tmp_path: Path) -> None:
    real = read_candle_file(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet")
    found = outcomes([series for series in noise(real, 10, SIX_MONTHS) if series.group == group], tmp_path)
    assert [outcome.passed for outcome in found] == [False] * 5
    assert [outcome.reasons for outcome in found] == [{}] * 5


def test_large_edge_passes(tmp_path: Path) -> None:
    """Or else the test above would only say that nothing passes."""
    (found,) = outcomes([Series("edge", "edge", lambda: planted(0, 300, 0.25))], tmp_path)
    assert found.passed, found


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_noise_passes_one_time_in_twenty_at_most(shared_data: Path, tmp_path: Path) -> None:
    real = read_candle_file(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet")
    groups, troubles = run_all(noise(real, 100, THREE_YEARS), tmp_path, QUICK, 2, lambda _line: None)
    found = [outcome for group in groups.values() for outcome in group]
    assert not troubles
    assert len(found) == 100
    assert sum(outcome.passed for outcome in found) <= 5
    assert sum(outcome.computed for outcome in found) >= 90


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_half_of_the_edges_with_a_sharpe_ratio_of_3_pass(tmp_path: Path) -> None:
    groups, troubles = run_all(power([3.0], 40), tmp_path, QUICK, 2, lambda _line: None)
    assert not troubles
    assert len(groups["Sharpe 3"]) == 40
    assert sum(outcome.passed for outcome in groups["Sharpe 3"]) >= 20
