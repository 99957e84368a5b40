"""Real files: the sound ones load whole, the dirty ones are refused with their numbers."""

from pathlib import Path

import pytest

from core.errors import DataError
from exchanges.candle_files import read_candles

SOUND = {
    "candles/BINANCEUSDM_BTCUSDT_1m.parquet": ("1m", 73_139),
    "candles/BINANCEUSDM_ETHUSDT_1m.parquet": ("1m", 73_140),
    "candles/BINANCEUSDM_FILUSDT_1m_202308_202311.parquet": ("1m", 175_680),
    "candles/BINANCE_BTCUSDT_15m.parquet": ("15m", 46_673),
    "candles/BINANCE_BTCUSDT_1d.parquet": ("1d", 3_178),
    "candles/BINANCE_BTCUSDT_1h.parquet": ("1h", 37_923),
    "candles/BINANCE_BTCUSDT_1m_2024.parquet": ("1m", 43_209),
    "candles/BINANCE_BTCUSDT_5m.parquet": ("5m", 123_119),
    "candles/BINANCE_ETHUSDT_15m.parquet": ("15m", 46_673),
    "candles/BINANCE_ETHUSDT_1h.parquet": ("1h", 37_923),
    "candles/BINANCE_ETHUSDT_5m.parquet": ("5m", 123_119),
    "candles/BINANCE_SOLUSDT_15m.parquet": ("15m", 46_673),
    "candles/BINANCE_SOLUSDT_1h.parquet": ("1h", 37_923),
    "candles/DELTAIN_BTCUSD_1h.parquet": ("1h", 4_071),
    "raw/FILUSDT-1m-2024-10.csv": ("1m", 44_640),
}

DIRTY = {
    "cdd_binance_BTCUSDT_1h_mixed_s_ms.csv": (
        r"7,478 row\(s\) have a time in milliseconds, others in seconds: units are mixed, first line 2: unix=1623283200000",
        r"33,412 row\(s\) go back in time: the file is newest first",
        r"2,649 row\(s\) repeat the time of an earlier row \(1,442 of them with other prices\), first line 4832",
        r"2 columns may be the volume \(Volume BTC, Volume USDT\)",
    ),
    "cdd_coinbase_BTCUSD_1h_banner_ampm_desc.csv": (r"1 line\(s\) stand before the header, first line 1: Timestamps are UTC timezone",),
    "oniz_binanceusdm_BTCUSDT_1h_nan_rows.parquet": (
        r"26 row\(s\) hold nothing where a number must be \(open, high, low, close\), first row 9824: timestamp=2022-02-14 08:00:00",
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_file_loads_whole(name: str, shared_data: Path) -> None:
    timeframe, bars = SOUND[name]
    candles = read_candles(shared_data / name, exchange="LOCAL")
    assert (candles.timeframe.name, len(candles)) == (timeframe, bars)
    assert candles.market.symbol == Path(name).stem


def test_list_of_sound_files_is_complete(shared_data: Path) -> None:
    assert set(SOUND) == {f"{path.parent.name}/{path.name}" for folder in ("candles", "raw") for path in (shared_data / folder).iterdir()}


@pytest.mark.parametrize("name", DIRTY)
def test_dirty_file_is_refused_with_counts_and_the_first_offender(name: str, shared_data: Path) -> None:
    for reason in DIRTY[name]:
        with pytest.raises(DataError, match=reason):
            read_candles(shared_data / "dirty" / name, exchange="LOCAL")


def test_dirty_file_stays_refused_behind_its_banner(shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "dirty" / "cdd_coinbase_BTCUSD_1h_banner_ampm_desc.csv").read_text().splitlines()
    path = tmp_path / "X.csv"
    path.write_text("\n".join(lines[1:]))
    with pytest.raises(DataError, match=r"row\(s\) have a time that is neither a number nor like .*, first line 2: date=2019-10-17 09-AM"):
        read_candles(path, exchange="LOCAL")


def test_archive_file_keeps_its_quote_volume(shared_data: Path) -> None:
    candles = read_candles(shared_data / "raw" / "FILUSDT-1m-2024-10.csv", exchange="LOCAL")
    assert candles.quote_volume is not None
    assert candles.quote_volume[0] == 618_500.0259
    assert candles.volume[0] == 162_058.7
