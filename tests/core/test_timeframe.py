"""Timeframes lie on one grid in UTC and are found by name whatever its case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import utc_from_ms
from core.errors import ConfigError
from core.timeframe import DAY_MS, TIMEFRAMES, Timeframe

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400, "1w": 604_800}


def test_lengths_are_what_the_names_say() -> None:
    assert {name: timeframe.ms / 1000 for name, timeframe in TIMEFRAMES.items()} == SECONDS


@pytest.mark.parametrize("name", TIMEFRAMES)
def test_name_is_found_in_any_case_and_with_spaces_around(name: str) -> None:
    assert Timeframe.parse(name.upper()) is Timeframe.parse(f" {name} ") is TIMEFRAMES[name]
    assert str(TIMEFRAMES[name]) == name


def test_timeframe_parses_to_itself() -> None:
    own = Timeframe("3h", 3 * 3_600_000)
    assert Timeframe.parse(own) is own


def test_unknown_name_offers_the_nearest_and_lists_all() -> None:
    with pytest.raises(ConfigError, match=r"timeframe '15min' is not known. Did you mean '15m'\? Use one of 1m, 5m, 15m, 1h, 4h, 1d, 1w"):
        Timeframe.parse("15min")


@pytest.mark.parametrize("text", ["", "60", "1 h", "h1", "2h", "1mo"])
def test_what_is_no_timeframe_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=f"timeframe '{text}' is not known"):
        Timeframe.parse(text)


def test_weeks_start_on_monday_at_midnight_utc() -> None:
    for ms in (0, 1_704_067_199_999, 1_704_067_200_000, 1_704_600_000_000):
        opened = utc_from_ms(TIMEFRAMES["1w"].floor(ms))
        assert (opened.weekday(), opened.hour, opened.minute) == (0, 0, 0)
    assert utc_from_ms(TIMEFRAMES["1w"].floor(1_704_067_199_999)).isoformat() == "2023-12-25T00:00:00+00:00"


def test_days_start_at_midnight_utc() -> None:
    assert TIMEFRAMES["1d"].floor(DAY_MS + 1) == DAY_MS


@given(st.sampled_from(list(TIMEFRAMES.values())), st.integers(-(2**45), 2**45))
def test_floor_is_the_last_grid_time_not_after_it(timeframe: Timeframe, ms: int) -> None:
    floor = timeframe.floor(ms)
    assert floor <= ms < floor + timeframe.ms
    assert timeframe.floor(floor) == floor
    assert (floor - timeframe.offset_ms) % timeframe.ms == 0


def test_year_of_crypto_has_8766_hours() -> None:
    assert TIMEFRAMES["1h"].periods_per_year == 8766
    assert TIMEFRAMES["1d"].periods_per_year == 365.25
