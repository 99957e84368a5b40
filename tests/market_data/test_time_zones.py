"""The time zone of the machine shows nowhere: not in stored files, coarse bars, sessions, dates of files or messages."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.run import GapPolicy
from core.canonical_json import dumps
from core.clock import format_utc
from core.timeframe import TIMEFRAMES
from exchanges.calendars import nse_calendar
from market_data import load_candles, read_candle_file, resample
from tests.exchanges.candle_tables import HOUR_MS, START_MS
from tests.market_data.store.stores import MARKET, files_of, history, store_in
from tests.market_data.test_sessions import MONDAY_MS, month

ZONES = ("UTC", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati")
# A week with a change of the clocks in New York, and one in Lord Howe, by half an hour.
CHANGES = (START_MS + 69 * 24 * HOUR_MS, START_MS + 96 * 24 * HOUR_MS)
CSV = "date,open,high,low,close,volume\n" + "".join(
    f"{day}T{hour:02}:00:00,100,101,99,{100 + hour / 100},{hour}\n"
    for day in ("2024-03-09", "2024-03-10", "2024-03-11")
    for hour in range(24)
)


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Move the machine to a time zone for one test."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


def everything(folder: Path) -> list[str]:
    """Return what is stored, made, known and said, in texts to compare."""
    found: list[str] = []
    for number, start_ms in enumerate(CHANGES):
        candles, store = history(24 * 14, missing=range(100, 110), start_ms=start_ms), store_in(folder / str(number))
        store.merge(MARKET, candles[150:], source="rest")
        store.merge(MARKET, candles[:150], source="rest")
        found.append(hashlib.sha256(repr(sorted(files_of(store).items())).encode()).hexdigest())
        found += [resample(candles, TIMEFRAMES[name]).digest for name in ("4h", "1d", "1w")]
    sessions = month("15m")
    found += [resample(sessions, TIMEFRAMES[name]).digest for name in ("1h", "4h", "1d", "1w")]
    found.append(nse_calendar().trade_dates(sessions.open_ms).astype(str).tolist()[-1])
    file = folder / "X.csv"
    file.write_text(CSV)
    loaded = load_candles("LOCAL", str(file), "4h", START_MS + 68 * 24 * HOUR_MS, START_MS + 72 * 24 * HOUR_MS, gaps=GapPolicy.KEEP)
    return [*found, read_candle_file(file).digest, loaded.candles.digest, dumps(loaded.quality.as_dict()), format_utc(MONDAY_MS)]


@pytest.mark.parametrize("zone", ZONES[1:], indirect=True)
def test_no_time_zone_of_the_machine_shows(zone: None, tmp_path: Path, in_utc: list[str]) -> None:
    del zone
    assert everything(tmp_path) == in_utc


@pytest.fixture(scope="module")
def in_utc(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the same made in UTC, in which tests run unless they are told otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        found = everything(tmp_path_factory.mktemp("utc"))
    time.tzset()
    return found


def test_sessions_are_the_same_wherever_they_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    known = nse_calendar()
    monkeypatch.setenv("TZ", "Australia/Lord_Howe")
    time.tzset()
    try:
        worked_out = nse_calendar.__wrapped__()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert worked_out.opens_ms.tolist() == known.opens_ms.tolist()
    assert worked_out.closes_ms.tolist() == known.closes_ms.tolist()
    assert worked_out.known_ms == known.known_ms
