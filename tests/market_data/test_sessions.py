"""Series of a venue that closes: nights are no holes, and coarse bars are made of what the sessions hold."""

import numpy as np
import pytest

from config.run import GapPolicy
from core.candles import Candles
from core.clock import format_utc
from core.errors import DataError
from core.market import Market
from core.timeframe import DAY_MS, MINUTE_MS, Timeframe
from exchanges.calendars import nse_calendar, venue_timeframe
from market_data.gaps import apply_gap_policy, expected_bars, fill_holes, find_holes
from market_data.quality import assess
from market_data.resample import resample
from tests.fakes.bars import Bar, saw, session_bars

HOUR_MS = 3_600_000
IST_MS = 5 * HOUR_MS + 30 * MINUTE_MS
MONDAY_MS = 1_704_047_400_000  # 2024-01-01 00:00 IST
MONTH_MS = MONDAY_MS + 28 * DAY_MS


def candles(name: str, bars: list[Bar]) -> Candles:
    columns = dict(zip(("timestamp", "open", "high", "low", "close", "volume"), zip(*bars, strict=True), strict=True))
    return Candles.from_arrays(Market("ZERODHA", "INFY", venue_timeframe("ZERODHA", name)), columns)


def month(name: str) -> Candles:
    return candles(name, session_bars(name, MONDAY_MS, MONTH_MS))


def local(ms: int) -> str:
    return format_utc(ms + IST_MS)


def opens(series: Candles) -> list[str]:
    return [local(ms) for ms in series.open_ms.tolist()]


@pytest.mark.parametrize("name", ["1m", "15m", "1h", "4h", "1d", "1w"])
def test_nights_weekends_and_holidays_are_no_holes(name: str) -> None:
    series = month(name)
    assert find_holes(series) == []
    assert expected_bars(series) == len(series)
    assert apply_gap_policy(series, GapPolicy.REFUSE) is series
    assert fill_holes(series) is series


def test_missing_bars_of_a_session_are_found() -> None:
    bars = session_bars("15m", MONDAY_MS, MONDAY_MS + 5 * DAY_MS)
    series = candles("15m", [bar for number, bar in enumerate(bars) if number not in (3, 4, 30)])
    found = [(local(hole.start_ms), local(hole.end_ms), hole.bars) for hole in find_holes(series)]
    assert found == [("2024-01-01 10:00", "2024-01-01 10:30", 2), ("2024-01-02 10:30", "2024-01-02 10:45", 1)]
    assert expected_bars(series) == len(bars)
    report = assess(series, GapPolicy.KEEP)
    assert (report.missing_bars, report.missing_share) == (3, 3 / len(bars))
    with pytest.raises(DataError, match="3 of 125 bars are missing"):
        apply_gap_policy(series, GapPolicy.REFUSE)


def test_hole_over_a_night_counts_the_bars_of_the_sessions() -> None:
    bars = session_bars("15m", MONDAY_MS, MONDAY_MS + 5 * DAY_MS)
    series = candles("15m", bars[:23] + bars[27:])
    (hole,) = find_holes(series)
    assert (local(hole.start_ms), local(hole.end_ms), hole.bars) == ("2024-01-01 15:00", "2024-01-02 09:45", 4)


def test_holes_are_filled_inside_sessions_only() -> None:
    bars = session_bars("15m", MONDAY_MS, MONDAY_MS + 5 * DAY_MS)
    filled = fill_holes(candles("15m", bars[:23] + bars[27:]))
    assert filled.open_ms.tolist() == [bar[0] for bar in bars]
    np.testing.assert_array_equal(filled.close[23:27], bars[22][4])
    np.testing.assert_array_equal(filled.volume[23:27], 0)


def test_evening_of_diwali_is_no_trouble() -> None:
    evening_ms = 1_730_464_200_000  # 2024-11-01 18:00 IST, on a holiday
    around = session_bars("15m", evening_ms - 2 * DAY_MS, evening_ms + 4 * DAY_MS)
    evening = saw([evening_ms + k * 15 * MINUTE_MS for k in range(4)])
    series = candles("15m", sorted(around + evening))
    assert find_holes(series) == []
    assert expected_bars(series) == len(series)
    assert "2024-11-01 17:15" in opens(resample(series, Timeframe.parse("1h")))
    assert "2024-11-01 00:00" in opens(resample(series, Timeframe.parse("1d")))


@pytest.mark.parametrize(
    ("source", "wanted"), [("1m", "15m"), ("1m", "1h"), ("15m", "1h"), ("15m", "4h"), ("1h", "4h"), ("15m", "1d"), ("1d", "1w")]
)
def test_coarse_bars_are_those_of_the_calendar(source: str, wanted: str) -> None:
    series, timeframe = month(source), Timeframe.parse(wanted)
    made = resample(series, timeframe)
    assert made.open_ms.tolist() == nse_calendar().expected_opens(timeframe, MONDAY_MS, MONTH_MS).tolist()
    assert made.timeframe == venue_timeframe("ZERODHA", wanted)
    assert made.volume.sum() == series.volume.sum()
    assert (made.open[0], made.close[-1], made.high.max(), made.low.min()) == (
        series.open[0], series.close[-1], series.high.max(), series.low.min(),
    )  # fmt: skip


def test_hour_that_the_closing_cuts_short_is_whole() -> None:
    made = resample(month("15m"), Timeframe.parse("1h"))
    assert opens(made)[:8] == [*(f"2024-01-01 {hour:02}:15" for hour in range(9, 16)), "2024-01-02 09:15"]


def test_bar_that_goes_on_is_left_out() -> None:
    bars = session_bars("15m", MONDAY_MS, MONDAY_MS + 2 * DAY_MS)
    assert opens(resample(candles("15m", bars[:-1]), Timeframe.parse("1d"))) == ["2024-01-01 00:00"]
    assert opens(resample(candles("15m", bars[1:]), Timeframe.parse("1d"))) == ["2024-01-02 00:00"]
    assert opens(resample(candles("15m", bars[:27]), Timeframe.parse("1h")))[-1] == "2024-01-01 15:15"


def test_week_with_a_holiday_is_whole() -> None:
    # 2024-01-22 and 2024-01-26 were holidays: three sessions in seven days.
    assert "2024-01-22 00:00" in opens(resample(month("1d"), Timeframe.parse("1w")))


def test_overnight_jumps_are_no_spikes() -> None:
    bars = session_bars("15m", MONDAY_MS, MONDAY_MS + 3 * DAY_MS)
    jumped = bars[:25] + [(bar[0], 2 * bar[1], 2 * bar[2], 2 * bar[3], 2 * bar[4], bar[5]) for bar in bars[25:]]
    assert assess(candles("15m", jumped), GapPolicy.KEEP).spikes == ()
