"""From a market's name to candles whose quality is known."""

from pathlib import Path

import polars as pl
import pytest

from config.run import GapPolicy
from core.errors import ConfigError, DataError
from core.paths import Paths
from market_data import load_candles, read_candle_file
from tests.exchanges.candle_tables import HOUR_MS, START_MS, table, write_csv

DAY_MS = 24 * HOUR_MS


def test_file_loads_with_its_report(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48))
    loaded = load_candles("local", str(path), "1H")
    assert (len(loaded.candles), loaded.quality.bars) == (48, 48)
    assert loaded.quality.warnings == ()


def test_folder_of_the_given_paths_is_used(tmp_path: Path) -> None:
    (tmp_path / "data" / "candles").mkdir(parents=True)
    write_csv(tmp_path / "data" / "candles" / "ABC.csv", table(48))
    assert len(load_candles("LOCAL", "ABC", "1h", paths=Paths.under(tmp_path)).candles) == 48
    with pytest.raises(ConfigError, match="LOCAL has no candles 'ABC'"):
        load_candles("LOCAL", "ABC", "1h", paths=Paths.under(tmp_path / "elsewhere"))


def test_end_is_exclusive(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48))
    candles = load_candles("LOCAL", str(path), "1h", START_MS + HOUR_MS, START_MS + 3 * HOUR_MS).candles
    assert candles.open_ms.tolist() == [START_MS + HOUR_MS, START_MS + 2 * HOUR_MS]


def test_simulated_market_loads_and_stays_marked() -> None:
    loaded = load_candles("SIMULATED", "BTCUSDT", "4h", START_MS, START_MS + 10 * DAY_MS)
    assert loaded.candles.synthetic
    assert loaded.quality.bars == 60
    assert loaded.quality.warnings == ()


def test_coarser_bars_are_made_of_the_files(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(24 * 8, start_ms=START_MS + 5 * HOUR_MS))
    loaded = load_candles("LOCAL", str(path), "1d")
    assert loaded.candles.open_ms.tolist() == [START_MS + k * DAY_MS for k in range(1, 8)]
    assert str(loaded.candles.market) == "LOCAL X 1d"
    assert load_candles("LOCAL", str(path), "1d", START_MS + DAY_MS + 1, START_MS + 3 * DAY_MS + 1).candles.open_ms.tolist() == [
        START_MS + 2 * DAY_MS,
        START_MS + 3 * DAY_MS,
    ]


def test_finer_bars_cannot_be_made(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48))
    with pytest.raises(DataError, match="LOCAL X has 1h candles, of which no 15m candles can be made"):
        load_candles("LOCAL", str(path), "15m")
    with pytest.raises(DataError, match="15m candles cannot be made of 1h candles"):
        read_candle_file(path, timeframe="15m")


@pytest.mark.parametrize("policy", [GapPolicy.AUTO, GapPolicy.REFUSE])
def test_holes_that_the_policy_does_not_allow_are_refused(policy: GapPolicy, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48).filter(pl.int_range(48) != 20))
    with pytest.raises(
        DataError, match=r"1 of 48 bars are missing \(2.083%\) in 1 hole, UTC: 2024-01-01 20:00 to 2024-01-01 21:00 \(1 bar\)"
    ):
        load_candles("LOCAL", str(path), "1h", gaps=policy)


def test_few_holes_are_kept_with_a_warning(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(1000).filter(pl.int_range(1000) != 20))
    loaded = load_candles("LOCAL", str(path), "1h")
    assert (len(loaded.candles), loaded.quality.missing_bars, loaded.quality.policy) == (999, 1, "auto")
    assert "They are left as they are" in loaded.quality.warnings[0]


def test_filled_bars_are_counted(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48).filter(~pl.int_range(48).is_between(20, 24)))
    loaded = load_candles("LOCAL", str(path), "1h", gaps=GapPolicy.FILL)
    assert (len(loaded.candles), loaded.quality.filled_bars, loaded.quality.missing_bars) == (48, 5, 0)
    assert (loaded.quality.zero_volume_bars, loaded.quality.zero_volume_runs) == (5, 1)
    assert "5 missing bars were filled" in loaded.quality.warnings[0]
    assert loaded.quality.filled == ((START_MS + 20 * HOUR_MS, START_MS + 25 * HOUR_MS, 5),)


def test_filled_ranges_are_told_in_the_bars_that_were_fetched(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(96).filter(~pl.int_range(96).is_between(30, 31)))
    loaded = load_candles("LOCAL", str(path), "1d", gaps=GapPolicy.FILL)
    assert loaded.quality.filled == ((START_MS + 30 * HOUR_MS, START_MS + 32 * HOUR_MS, 2),)
    assert load_candles("LOCAL", str(path), "1d", gaps=GapPolicy.KEEP).quality.filled == ()


def test_holes_of_the_finer_bars_are_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(2400).filter(pl.int_range(2400) != 50))
    loaded = load_candles("LOCAL", str(path), "1d")
    assert (len(loaded.candles), loaded.quality.missing_bars) == (100, 0)
    assert "made of bars with holes: LOCAL X 1h: 1 of 2,400 bars are missing" in loaded.quality.warnings[0]


@pytest.mark.parametrize("shift", [1, 50])
def test_dates_outside_the_data_name_the_span(shift: int, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48))
    start_ms = START_MS + shift * 2 * DAY_MS
    with pytest.raises(
        DataError, match="no bars from .* there are bars from 2024-01-01 00:00 to 2024-01-03 00:00 UTC. Choose dates inside"
    ):
        load_candles("LOCAL", str(path), "1h", start_ms, start_ms + DAY_MS)


def test_dates_beyond_the_data_are_a_warning(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48))
    warnings = load_candles("LOCAL", str(path), "1h", START_MS - DAY_MS, START_MS + 9 * DAY_MS).quality.warnings
    assert "asked from 2023-12-31 00:00 UTC, but the first bar is 2024-01-01 00:00" in warnings[0]
    assert "asked until 2024-01-10 00:00 UTC, but the last bar closes at 2024-01-03 00:00" in warnings[1]


@pytest.mark.parametrize("end_ms", [START_MS, START_MS - HOUR_MS])
def test_reversed_dates_are_refused(end_ms: int) -> None:
    with pytest.raises(ConfigError, match="the start, 2024-01-01 00:00 UTC, must be before the end"):
        load_candles("SIMULATED", "BTCUSDT", "1h", START_MS, end_ms)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'SIMULATED'"):
        load_candles("SIMULATE", "BTCUSDT", "1h")
    with pytest.raises(ConfigError, match="timeframe '7m' is not known"):
        load_candles("SIMULATED", "BTCUSDT", "7m")


def test_file_is_read_on_its_own_grid_or_a_coarser_one(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48))
    assert str(read_candle_file(path).market) == "LOCAL X 1h"
    assert str(read_candle_file(str(path), exchange="BINANCE", symbol="BTCUSDT", timeframe="1d").market) == "BINANCE BTCUSDT 1d"


def test_file_keeps_its_holes(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(48).filter(pl.int_range(48) % 5 != 4))
    assert len(read_candle_file(path)) == 39
