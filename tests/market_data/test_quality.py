"""The quality report counts what is remarkable and touches nothing."""

import numpy as np
import pytest

from config.run import GapPolicy
from core.candles import Candles
from core.canonical_json import dumps
from market_data.quality import SPIKE_MOVE, assess, find_spikes
from tests.exchanges.candle_tables import HOUR_MS, START_MS
from tests.market_data.series import series


def with_columns(candles: Candles, **columns: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Candles:
    frame = {row: candles.to_polars()[row].to_numpy() for row in ("timestamp", "open", "high", "low", "close", "volume")}
    return Candles.from_arrays(candles.market, frame | columns, has_volume=candles.has_volume)


def quiet(bars: int = 1200) -> Candles:
    """Return a market whose bars move by about 0.1 %."""
    k = np.arange(bars)
    closes = 100 * (1 + 0.001 * np.sin(k * 1.7))
    opens = np.concatenate(([100.0], closes[:-1]))
    candles = series(bars)
    return with_columns(candles, open=opens, high=np.maximum(opens, closes), low=np.minimum(opens, closes), close=closes)


def with_extreme(candles: Candles, k: int, name: str, factor: float) -> Candles:
    values = getattr(candles, name).copy()
    values[k] *= factor
    return with_columns(candles, **{name: values})


def test_flawless_series_has_an_empty_report() -> None:
    report = assess(quiet(), GapPolicy.AUTO)
    assert (report.bars, report.expected_bars, report.missing_bars, report.missing_share) == (1200, 1200, 0, 0.0)
    assert not report.holes + report.spikes + report.warnings
    assert report.duplicate_bars == 0
    assert (report.zero_volume_bars, report.zero_volume_runs, report.filled_bars, report.policy) == (0, 0, 0, "auto")


def test_holes_are_listed_with_their_share_and_a_warning() -> None:
    report = assess(series(1000, missing=[7, 8, 20]), GapPolicy.KEEP)
    assert report.holes == ((START_MS + 7 * HOUR_MS, START_MS + 9 * HOUR_MS, 2), (START_MS + 20 * HOUR_MS, START_MS + 21 * HOUR_MS, 1))
    assert (report.missing_bars, report.missing_share) == (3, 0.003)
    assert "3 of 1,000 bars are missing (0.300%) in 2 holes, UTC: 2024-01-01 07:00 to 2024-01-01 09:00 (2 bars)" in report.warnings[0]


def test_bars_without_trades_are_counted_in_runs() -> None:
    volume = np.ones(100)
    volume[[0, 10, 11, 12, 50, 99]] = 0
    report = assess(with_columns(quiet(100), volume=volume), GapPolicy.AUTO)
    assert (report.zero_volume_bars, report.zero_volume_runs, report.longest_zero_volume_run) == (6, 4, 3)


def test_volume_that_means_nothing_is_not_counted() -> None:
    silent = with_columns(series(100, has_volume=False), volume=np.zeros(100))
    assert assess(silent, GapPolicy.AUTO).zero_volume_bars == 0


@pytest.mark.parametrize(("name", "factor"), [("high", 1.2), ("low", 0.8)])
def test_spike_is_flagged_and_kept(name: str, factor: float) -> None:
    candles = with_extreme(quiet(), 700, name, factor)
    spikes = find_spikes(candles)
    assert [ms for ms, _ in spikes] == [START_MS + 700 * HOUR_MS]
    assert spikes[0][1] == pytest.approx(getattr(candles, name)[700] / candles.close[699] - 1)
    report = assess(candles, GapPolicy.AUTO)
    assert report.spikes == tuple(spikes)
    assert report.bars == 1200
    assert "1 bar(s) move 5% or more" in report.warnings[-1]


@pytest.mark.parametrize("k", [1, 499, 500, 501, 1199])
def test_spike_is_found_wherever_it_stands(k: int) -> None:
    assert [ms for ms, _ in find_spikes(with_extreme(quiet(), k, "high", 2.0))] == [START_MS + k * HOUR_MS]


def test_small_moves_are_no_spikes() -> None:
    assert find_spikes(with_extreme(quiet(), 700, "high", 1 + SPIKE_MOVE / 2)) == []


def test_large_moves_of_a_wild_market_are_no_spikes() -> None:
    k = np.arange(600)
    closes = 100 * (1 + 0.1 * np.sin(k * 1.7))
    opens = np.concatenate(([100.0], closes[:-1]))
    wild = with_columns(series(600), open=opens, high=np.maximum(opens, closes), low=np.minimum(opens, closes), close=closes)
    assert find_spikes(wild) == []


def test_jump_over_a_hole_is_no_spike() -> None:
    k = np.arange(1200)
    jumped = quiet()
    factor = np.where(k < 700, 1.0, 1.5)
    moved = with_columns(jumped, **{name: getattr(jumped, name) * factor for name in ("high", "low", "close")}, open=jumped.open * factor)
    assert len(find_spikes(moved)) == 1
    rows = np.delete(k, 699)
    holed = Candles.from_arrays(
        moved.market, {name: moved.to_polars()[name].to_numpy()[rows] for name in ("timestamp", "open", "high", "low", "close", "volume")}
    )
    assert find_spikes(holed) == []


@pytest.mark.parametrize("bars", [1, 2, 3])
def test_tiny_series_have_a_report(bars: int) -> None:
    assert assess(series(bars), GapPolicy.AUTO).bars == bars


def test_report_is_plain_data() -> None:
    text = dumps(assess(series(1000, missing=[7]), GapPolicy.KEEP).as_dict())
    assert '"holes":[[' in text
    assert '"policy":"keep"' in text
