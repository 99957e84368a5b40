"""Real candles: the resampling oracle, every sound file under the default policy, every dirty one refused."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError
from market_data import find_holes, load_candles, read_candle_file
from market_data.resample import resample

DIRTY = {
    "bybit_OPUSDT_1m_pagination_gaps.parquet": (
        "1m",
        r"419,724 of 524,800 bars are missing \(79.978%\) in 524 holes, UTC: 2024-09-08 13:15 to 2024-09-09 02:36 \(801 bars\).* 519 more",
    ),
    "cdd_binance_BTCUSDT_1h_mixed_s_ms.csv": (
        "1h",
        r"2,649 row\(s\) repeat the time of an earlier row \(1,442 of them with other prices\)",
    ),
    "cdd_coinbase_BTCUSD_1h_banner_ampm_desc.csv": ("1h", r"1 line\(s\) stand before the header, first line 1"),
    "oniz_binanceusdm_BTCUSDT_1h_nan_rows.parquet": ("1h", r"26 row\(s\) hold nothing where a number must be .*first row 9824"),
}


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_twelve_five_minute_bars_are_the_hour_of_the_exchange(symbol: str, shared_data: Path) -> None:
    folder = shared_data / "candles"
    hours = read_candle_file(folder / f"BINANCE_{symbol}_1h.parquet")
    made = read_candle_file(folder / f"BINANCE_{symbol}_5m.parquet", timeframe="1h")
    _, ours, theirs = np.intersect1d(made.open_ms, hours.open_ms, return_indices=True)
    # Every hour we make exists at the exchange, the one in which it halted included; none of theirs is missing.
    assert len(ours) == len(made) == 10_260
    assert len(made) == len(hours.between(int(made.open_ms[0]), made.end_ms))
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(made, name)[ours], getattr(hours, name)[theirs], err_msg=name)
    np.testing.assert_allclose(made.volume[ours], hours.volume[theirs], rtol=1e-12)


def test_hours_make_the_days_of_the_exchange(shared_data: Path) -> None:
    hours = read_candle_file(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet")
    days = read_candle_file(shared_data / "candles" / "BINANCE_BTCUSDT_1d.parquet")
    made = resample(hours, days.timeframe)
    _, ours, theirs = np.intersect1d(made.open_ms, days.open_ms, return_indices=True)
    assert len(ours) > 1_500
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(made, name)[ours], getattr(days, name)[theirs], err_msg=name)


def test_halt_of_march_2023_is_the_one_hole(shared_data: Path) -> None:
    loaded = load_candles("LOCAL", str(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet"), "1h")
    assert [str(hole) for hole in find_holes(loaded.candles)] == ["2023-03-24 13:00 to 2023-03-24 14:00 (1 bar)"]
    assert loaded.quality.missing_bars == 1
    assert "1 of 37,924 bars are missing (0.003%)" in loaded.quality.warnings[0]


def test_every_sound_file_passes_the_default_policy(shared_data: Path) -> None:
    for path in sorted((shared_data / "candles").iterdir()):
        timeframe = read_candle_file(path).timeframe
        loaded = load_candles("LOCAL", str(path), timeframe)
        assert loaded.quality.missing_share <= 0.001, path.name
        assert len(loaded.quality.spikes) < 50, path.name


def test_list_of_dirty_files_is_complete(shared_data: Path) -> None:
    assert set(DIRTY) == {path.name for path in (shared_data / "dirty").iterdir()}


@pytest.mark.parametrize("name", DIRTY)
def test_dirty_file_is_refused_with_counts_and_the_first_offender(name: str, shared_data: Path) -> None:
    timeframe, reason = DIRTY[name]
    with pytest.raises(DataError, match=reason):
        load_candles("LOCAL", str(shared_data / "dirty" / name), timeframe)
