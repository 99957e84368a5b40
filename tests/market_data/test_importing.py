"""Files of venues with sessions lie on the venue's own grid."""

from pathlib import Path

from core.paths import Paths
from core.timeframe import DAY_MS
from exchanges.manager import ExchangeManager
from market_data.importing import import_candles
from market_data.store import CandleStore

# Monday 2024-01-01, 09:15 IST.
_OPENING_MS = 1_704_080_700_000
_HOUR_MS = 3_600_000


def test_hours_counted_from_the_opening_are_on_the_grid(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    rows = [f"{_OPENING_MS + day * DAY_MS + hour * _HOUR_MS},100,101,99,100,5" for day in range(3) for hour in range(7)]
    file = tmp_path / "infy.csv"
    file.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]) + "\n")
    report = import_candles(CandleStore(paths), ExchangeManager().get("ZERODHA", paths), file, "NSE:INFY", None)
    assert report.added == 21
    assert report.candles.timeframe.offset_ms == _OPENING_MS % _HOUR_MS
