"""Numbers and times as people read them."""

import math
from typing import Any

import pytest

from dashboard.formatting import compact, day, minute, number, sign, utc, words


@pytest.mark.parametrize(("value", "decimals", "text"), [
    (1234.5, 2, "1,234.50"), (-0.5, 1, "−0.5"), (-0.001, 2, "0.00"), (0, 0, "0"), (1e9, 0, "1,000,000,000"), (None, 2, "n/a"),
    (math.nan, 2, "n/a"), (math.inf, 2, "n/a"), (True, 2, "n/a"), ("7", 2, "n/a"),
])  # fmt: skip
def test_numbers(value: Any, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [
    (True, "yes"), (False, "no"), (20, "20"), (0.0015, "0.0015"), (100_000.0, "100,000"), (None, "n/a"), (math.nan, "n/a"), ("tpe", "tpe"),
    ([0.33, 0.66, 1.0], "0.33, 0.66, 1"), (0.1 + 0.2, "0.3"),
])  # fmt: skip
def test_settings(value: Any, text: str) -> None:
    assert compact(value) == text


def test_times_are_utc() -> None:
    assert utc(1_704_067_200_000) == "2024-01-01 00:00"
    assert utc(1_704_067_205_000) == "2024-01-01 00:00:05"
    assert minute(1_704_067_205_000) == "2024-01-01 00:00"
    assert day(1_704_067_200_000) == "2024-01-01"


@pytest.mark.parametrize("value", [None, math.nan, "2024", 10**18, True, -(10**18)])
def test_what_is_no_time_is_not_shown_as_one(value: Any) -> None:
    assert utc(value) == minute(value) == day(value) == "n/a"


def test_signs_and_words() -> None:
    assert [sign(value) for value in (2, -2, 0, None, math.nan, True)] == ["gain", "loss", "", "", "", ""]
    assert words("exit_reason") == "Exit reason"
