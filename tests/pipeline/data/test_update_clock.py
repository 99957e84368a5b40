"""When rounds begin: at once, then five seconds after every full period of UTC, whatever the machine's zone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import ms_from_datetime
from core.errors import ConfigError
from core.timeframe import DAY_MS
from pipeline.update_clock import AFTER_CLOSE_MS, RoundTrigger, next_round_ms, parse_period, period_text

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("text", "ms"), [("1m", 60_000), ("5m", 300_000), (" 1H ", HOUR_MS), ("1d", DAY_MS), ("7d", 7 * DAY_MS), ("90m", 5_400_000)]
)
def test_a_period_is_minutes_hours_or_days(text: str, ms: int) -> None:
    assert parse_period(text) == ms
    assert parse_period(period_text(ms)) == ms


@pytest.mark.parametrize("text", ["", "h", "0h", "-1h", "1.5h", "1w", "1 h", "5min", "60", "1h1m", "\u0665m", "9999999m"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no period. Write minutes, hours or days, such as 5m, 1h or 1d"):
        parse_period(text)


@pytest.mark.parametrize("text", ["8d", "169h", "999999m"])
def test_a_period_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="out of range: the shortest period is 1m, the longest 7d"):
        parse_period(text)


@given(st.integers(0, 4_000_000_000_000), st.sampled_from([60_000, 300_000, HOUR_MS, DAY_MS, 7 * DAY_MS]))
def test_the_next_round_is_the_first_after_now_and_five_seconds_past_a_period(now: int, period: int) -> None:
    found = next_round_ms(now, period)
    assert now < found <= now + period
    assert (found - AFTER_CLOSE_MS) % period == 0


def test_the_first_round_is_now_and_the_others_are_aligned_in_utc() -> None:
    trigger = RoundTrigger(HOUR_MS)
    now = datetime(2026, 4, 5, 14, 20, 30, tzinfo=UTC)  # summer time ends on Lord Howe island in half an hour
    assert trigger.get_next_fire_time(None, now) == now
    assert trigger.get_next_fire_time(now, now) == datetime(2026, 4, 5, 15, 0, 5, tzinfo=UTC)


def test_rounds_that_were_slept_through_are_not_made_up_for() -> None:
    trigger, due = RoundTrigger(HOUR_MS), datetime(2026, 4, 5, 15, 0, 5, tzinfo=UTC)
    woken = due + timedelta(hours=8, minutes=10)
    assert trigger.get_next_fire_time(due, woken) == due + timedelta(hours=9)


def test_a_clock_that_is_set_back_makes_no_round_twice() -> None:
    trigger, due = RoundTrigger(HOUR_MS), datetime(2026, 4, 5, 15, 0, 5, tzinfo=UTC)
    found = trigger.get_next_fire_time(due, due - timedelta(hours=2))
    assert ms_from_datetime(found) == next_round_ms(ms_from_datetime(due), HOUR_MS)
