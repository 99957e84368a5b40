"""LOCAL: how a symbol becomes a file."""

import os
from pathlib import Path

import pytest

from core.errors import ConfigError, DataError
from core.paths import Paths
from core.timeframe import Timeframe
from exchanges.local import LocalExchange
from tests.exchanges.candle_tables import HOUR_MS, START_MS, table, write_csv

HOUR = Timeframe.parse("1h")


@pytest.fixture
def local(tmp_path: Path) -> LocalExchange:
    paths = Paths.under(tmp_path)
    folder = paths.data / "candles"
    folder.mkdir(parents=True)
    write_csv(folder / "BTCUSDT.csv", table())
    table(60).write_parquet(folder / "ETHUSDT.parquet")
    (folder / "notes.txt").write_text("no candles")
    return LocalExchange(paths)


def test_symbols_are_the_stems_of_candle_files(local: LocalExchange) -> None:
    assert local.symbols() == ["BTCUSDT", "ETHUSDT"]


def test_symbols_of_an_absent_folder_are_none(tmp_path: Path) -> None:
    local = LocalExchange(Paths.under(tmp_path))
    assert local.symbols() == []
    assert local.check_connectivity().ok


def test_environment_names_another_folder(local: LocalExchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_csv(other / "SOLUSDT.csv", table())
    monkeypatch.setenv("LOCAL_CANDLES_DIR", str(other))
    assert local.symbols() == ["SOLUSDT"]
    assert len(local.fetch("SOLUSDT", HOUR, None, None)) == 48


def test_folder_that_cannot_be_listed_is_no_connection(local: LocalExchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_CANDLES_DIR", str(tmp_path / "data" / "candles" / "notes.txt"))
    status = local.check_connectivity()
    assert not status.ok
    assert "cannot be listed" in status.message


@pytest.mark.parametrize("symbol", ["BTCUSDT", "BTCUSDT.csv"])
def test_name_with_or_without_suffix_finds_the_file(local: LocalExchange, symbol: str) -> None:
    candles = local.fetch(symbol, HOUR, None, None)
    assert str(candles.market) == "LOCAL BTCUSDT 1h"


def test_path_works_from_the_current_folder_and_from_the_root(
    local: LocalExchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    path = write_csv(tmp_path / "mine" / "my candles.csv", table())
    monkeypatch.chdir(tmp_path)
    for symbol in ("mine/my candles.csv", str(path), "./mine/my candles.csv"):
        assert local.fetch(symbol, HOUR, None, None).market.symbol == "my candles"


def test_home_is_expanded(local: LocalExchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(tmp_path / "X.csv", table())
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(local.fetch("~/X.csv", HOUR, None, None)) == 48


def test_link_to_a_file_works(local: LocalExchange, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "data" / "candles" / "BTCUSDT.csv")
    assert local.fetch(str(tmp_path / "link.csv"), HOUR, None, None).market.symbol == "link"


def test_unknown_name_offers_the_nearest(local: LocalExchange) -> None:
    with pytest.raises(ConfigError, match="LOCAL has no candles 'BTCUSD' in .*Did you mean 'BTCUSDT'"):
        local.fetch("BTCUSD", HOUR, None, None)
    with pytest.raises(ConfigError, match=r"there is no candle file nowhere/ETHUSD.parquet.*Did you mean 'ETHUSDT'"):
        local.fetch("nowhere/ETHUSD.parquet", HOUR, None, None)


def test_unknown_name_in_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="set LOCAL_CANDLES_DIR, or give the path of a file"):
        LocalExchange(Paths.under(tmp_path)).fetch("BTCUSDT", HOUR, None, None)


def test_name_of_two_files_is_ambiguous(local: LocalExchange, tmp_path: Path) -> None:
    table().write_parquet(tmp_path / "data" / "candles" / "BTCUSDT.parquet")
    with pytest.raises(ConfigError, match=r"'BTCUSDT' is 2 files: BTCUSDT.csv, BTCUSDT.parquet"):
        local.fetch("BTCUSDT", HOUR, None, None)
    assert len(local.fetch("BTCUSDT.parquet", HOUR, None, None)) == 48


def test_folder_and_odd_names_end_in_our_errors(local: LocalExchange, tmp_path: Path) -> None:
    for symbol in (str(tmp_path), "/dev/null", "x\0y.csv", "9" * 5000 + ".csv", "", ".", "~nobody/x.csv"):
        with pytest.raises((ConfigError, DataError)):
            local.fetch(symbol, HOUR, None, None)


def test_coarser_timeframe_has_the_file_as_its_source(local: LocalExchange) -> None:
    assert local.source_timeframe("BTCUSDT", Timeframe.parse("1d")) == HOUR
    with pytest.raises(DataError, match="holds 1h candles, not 1d. Ask for 1h; market_data.load_candles makes 1d candles"):
        local.fetch("BTCUSDT", Timeframe.parse("1d"), None, None)


def test_finer_timeframe_says_what_the_file_has(local: LocalExchange) -> None:
    with pytest.raises(DataError, match="has 1h candles, of which no 5m candles can be made. Use 1h or 4h or 1d or 1w"):
        local.source_timeframe("BTCUSDT", Timeframe.parse("5m"))


@pytest.mark.parametrize(
    ("start_ms", "end_ms"),
    [(START_MS + 48 * HOUR_MS, None), (None, START_MS), (START_MS - 9 * HOUR_MS, START_MS), (START_MS + 1, START_MS + 2)],
)
def test_dates_outside_the_data_name_its_span(local: LocalExchange, start_ms: int | None, end_ms: int | None) -> None:
    with pytest.raises(DataError, match=r"there are bars from 2024-01-01 00:00 to 2024-01-03 00:00 UTC"):
        local.fetch("BTCUSDT", HOUR, start_ms, end_ms)


def test_changed_file_is_read_again(local: LocalExchange, tmp_path: Path) -> None:
    path = tmp_path / "data" / "candles" / "BTCUSDT.csv"
    os.utime(path, ns=(1, 1))
    first = local.fetch("BTCUSDT", HOUR, None, None)
    assert local.fetch("BTCUSDT", HOUR, None, None).open_ms.base is first.open_ms.base
    write_csv(path, table(30))
    assert len(local.fetch("BTCUSDT", HOUR, None, None)) == 30


def test_file_just_written_is_never_remembered(local: LocalExchange, tmp_path: Path) -> None:
    path = tmp_path / "data" / "candles" / "BTCUSDT.csv"
    content = path.read_text()
    before = path.stat()
    assert local.fetch("BTCUSDT", HOUR, None, None).close[0] == 101.0
    path.write_text(content.replace("101.0,10.0", "100.5,10.0", 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert local.fetch("BTCUSDT", HOUR, None, None).close[0] == 100.5
