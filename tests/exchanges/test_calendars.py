"""Sessions and holidays of the NSE, and the grids of its bars."""

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from core.clock import format_utc
from core.timeframe import DAY_MS, MINUTE_MS, TIMEFRAMES, Timeframe
from exchanges.calendars import calendar_of, days_per_year, nse_calendar, venue_timeframe
from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS

HOUR_MS = 3_600_000
IST_MS = 5 * HOUR_MS + 30 * MINUTE_MS
MONDAY_MS = 1_704_047_400_000  # 2024-01-01 00:00 IST


def at(text: str) -> int:
    """Return the UTC ms of an Indian time."""
    return int(np.datetime64(text, "ms").astype(np.int64)) - IST_MS


def opens(name: str, start: str, end: str) -> list[str]:
    """Return the Indian times of the expected bars."""
    found = nse_calendar().expected_opens(Timeframe.parse(name), at(start), at(end))
    return [format_utc(ms + IST_MS) for ms in found.tolist()]


@pytest.mark.parametrize(("name", "bars"), [("1m", 375), ("5m", 75), ("15m", 25), ("1h", 7), ("4h", 2), ("1d", 1)])
def test_session_has_its_bars(name: str, bars: int) -> None:
    assert len(opens(name, "2024-01-02", "2024-01-03")) == bars


def test_hours_begin_with_the_session() -> None:
    assert opens("1h", "2024-01-02", "2024-01-03") == [f"2024-01-02 {hour:02}:15" for hour in range(9, 16)]
    assert opens("4h", "2024-01-02", "2024-01-03") == ["2024-01-02 09:15", "2024-01-02 13:15"]


def test_days_and_weeks_begin_at_local_midnight() -> None:
    assert opens("1d", "2024-01-05", "2024-01-10") == ["2024-01-05 00:00", "2024-01-08 00:00", "2024-01-09 00:00"]
    assert opens("1w", "2024-01-01", "2024-01-20") == ["2024-01-01 00:00", "2024-01-08 00:00", "2024-01-15 00:00"]


def test_daily_bar_keeps_its_trade_date() -> None:
    open_ms = np.array([1_326_220_200_000], np.int64)  # 2012-01-10 18:30 UTC, out of Dhan's documentation
    assert str(nse_calendar().trade_dates(open_ms)[0]) == "2012-01-11"


@pytest.mark.parametrize(
    "holiday",
    [
        "2024-01-22",
        "2024-01-26",
        "2024-03-25",
        "2024-08-15",
        "2024-11-01",
        "2024-11-20",
        "2025-02-26",
        "2026-01-15",
        "2024-01-06",
        "2024-01-07",
    ],
)
def test_holidays_and_weekends_have_no_bars(holiday: str) -> None:
    assert opens("1m", f"{holiday}T00:00", f"{holiday}T23:59") == []
    assert opens("1d", f"{holiday}T00:00", f"{holiday}T23:59") == []


@pytest.mark.parametrize(("year", "sessions"), [(2021, 247), (2022, 247), (2023, 245), (2024, 245), (2025, 247)])
def test_years_have_their_sessions(year: int, sessions: int) -> None:
    assert len(opens("1d", f"{year}-01-01", f"{year + 1}-01-01")) == sessions


def test_day_of_the_outage_went_on_until_five() -> None:
    assert opens("15m", "2021-02-24", "2021-02-25")[-1] == "2021-02-24 16:45"
    assert opens("15m", "2021-02-25", "2021-02-26")[-1] == "2021-02-25 15:15"


@pytest.mark.parametrize("name", TIMEFRAMES)
def test_ranges_join_without_gap_or_repeat(name: str) -> None:
    calendar, timeframe = nse_calendar(), Timeframe.parse(name)
    start, end = MONDAY_MS, MONDAY_MS + 70 * DAY_MS
    whole = calendar.expected_opens(timeframe, start, end)
    cuts = [start, start + 1, start + 4 * HOUR_MS, start + 9 * DAY_MS + 7 * HOUR_MS + 123, start + 33 * DAY_MS, end]
    parts = [calendar.expected_opens(timeframe, begin, until) for begin, until in pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    grid = calendar.timeframe(timeframe)
    assert all(grid.floor(ms) == ms for ms in whole.tolist())


@pytest.mark.parametrize("name", TIMEFRAMES)
def test_grid_of_a_grid_is_itself(name: str) -> None:
    calendar = nse_calendar()
    grid = calendar.timeframe(Timeframe.parse(name))
    assert calendar.timeframe(grid) == grid
    assert (grid.name, grid.ms) == (name, TIMEFRAMES[name].ms)


@pytest.mark.parametrize(("name", "periods"), [("1m", 92_625), ("15m", 6175), ("1h", 1729), ("4h", 494), ("1d", 247), ("1w", 52.178_571)])
def test_year_has_the_bars_of_its_sessions(name: str, periods: float) -> None:
    assert venue_timeframe("ZERODHA", name).periods_per_year == pytest.approx(periods)


@pytest.mark.parametrize(("venue", "timeframe", "days"), [("BINANCE", "1h", 365.25), ("DHAN", "1h", 247), ("BINANCE", "1w", 365.25 / 7)])
def test_a_year_has_the_days_of_its_venue_and_bars_longer_than_a_day_count_as_such(venue: str, timeframe: str, days: float) -> None:
    assert days_per_year(venue, TIMEFRAMES[timeframe]) == pytest.approx(days)


def test_venues_around_the_clock_keep_the_usual_grid() -> None:
    assert calendar_of("BINANCE") is None
    assert venue_timeframe("BINANCE", "1h") == TIMEFRAMES["1h"]
    assert venue_timeframe("DHAN", "1h").offset_ms == 45 * MINUTE_MS


def test_bars_outside_the_hours_of_a_session_do_not_belong() -> None:
    times = [at(f"2024-01-02T{text}") for text in ("09:00", "09:07", "09:14", "09:15", "15:29", "15:30", "15:45")]
    assert nse_calendar().belongs(TIMEFRAMES["1m"], np.array(times)).tolist() == [False, False, False, True, True, False, False]


def test_coarse_bar_with_session_time_belongs() -> None:
    times = np.array([at("2024-01-02T08:15"), at("2024-01-02T09:15"), at("2024-01-02T15:15"), at("2024-01-02T16:15")])
    assert nse_calendar().belongs(TIMEFRAMES["1h"], times).tolist() == [False, True, True, False]


def test_special_sessions_belong_though_they_are_not_expected() -> None:
    diwali, saturday = at("2024-11-01T18:00"), at("2024-03-02T11:30")
    assert nse_calendar().belongs(TIMEFRAMES["1m"], np.array([diwali, saturday])).all()
    assert opens("1m", "2024-11-01T00:00", "2024-11-02T00:00") == []


def test_no_bars_belong_to_nothing() -> None:
    assert nse_calendar().belongs(TIMEFRAMES["1m"], np.zeros(0, np.int64)).shape == (0,)


def test_is_open_only_in_a_session() -> None:
    calendar = nse_calendar()
    moments = ("2024-01-02T09:14", "2024-01-02T09:15", "2024-01-02T15:29", "2024-01-02T15:30", "2024-01-26T12:00", "2024-01-06T12:00")
    assert [calendar.is_open(at(text)) for text in moments] == [False, True, True, False, False, False]


def test_beyond_the_known_holidays_every_weekday_counts() -> None:
    known_ms = nse_calendar().known_ms[1]
    found = nse_calendar().expected_opens(TIMEFRAMES["1d"], known_ms - 3 * DAY_MS, known_ms + 14 * DAY_MS)
    beyond = found[found >= known_ms]
    assert len(beyond) == 10
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati"])
def test_sessions_do_not_depend_on_the_computer_s_zone(zone: str) -> None:
    code = (
        "from exchanges.calendars import nse_calendar\n"
        "from core.timeframe import TIMEFRAMES\n"
        f"print(nse_calendar().expected_opens(TIMEFRAMES['1h'], {MONDAY_MS}, {MONDAY_MS + 2 * DAY_MS}).tolist())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": zone},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM_SECONDS,
    )
    expected = [MONDAY_MS + day * DAY_MS + (9 + hour) * HOUR_MS + 15 * MINUTE_MS for day in (0, 1) for hour in range(7)]
    assert run.stdout == f"{expected}\n"
