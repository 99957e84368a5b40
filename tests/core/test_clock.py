"""Times as people and machines write them."""

import re
from datetime import UTC, datetime, timedelta, timezone

from core.clock import format_utc, monotonic_seconds, ms_from_datetime, new_run_id, now_ms
from core.run_folder import validate_run_id


def test_a_naive_datetime_is_utc() -> None:
    assert ms_from_datetime(datetime(2024, 1, 1)) == ms_from_datetime(datetime(2024, 1, 1, tzinfo=UTC)) == 1_704_067_200_000


def test_a_datetime_of_another_zone_is_the_same_moment() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert ms_from_datetime(datetime(2024, 1, 1, 5, 30, tzinfo=india)) == 1_704_067_200_000


def test_dates_before_1970_are_negative() -> None:
    assert ms_from_datetime(datetime(1969, 12, 31, 23, 59, 59, 500_000)) == -500


def test_seconds_are_shown_where_there_are_any() -> None:
    assert format_utc(1_704_067_200_000) == "2024-01-01 00:00"
    assert format_utc(1_704_067_201_000) == "2024-01-01 00:00:01"


def test_run_ids_are_harmless_folder_names_that_sort_by_time_and_differ() -> None:
    ids = {new_run_id() for _ in range(20)}
    assert len(ids) > 1
    for run_id in ids:
        assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", run_id)
        assert validate_run_id(run_id) == run_id


def test_the_clock_goes_forward() -> None:
    assert now_ms() > 1_704_067_200_000
    assert monotonic_seconds() <= monotonic_seconds()
