"""What tests of the simulator share."""

from pathlib import Path

import polars as pl
import pytest

from tests.oracle.bars import Bar


@pytest.fixture(scope="session")
def real_bars(shared_data: Path) -> list[Bar]:
    """Return four years of hourly BTCUSDT candles as the oracle's bars."""
    frame = pl.read_parquet(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet")
    return [
        Bar(row["timestamp"], row["open"], row["high"], row["low"], row["close"], row["volume"], row.get("quote_volume"))
        for row in frame.iter_rows(named=True)
    ]
