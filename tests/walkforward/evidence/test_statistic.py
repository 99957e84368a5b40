"""A statistic has a value or a reason, never neither and never both."""

import math

import pytest

from core.errors import StatisticsError
from walkforward.evidence.statistic import UNDEFINED, as_clause, statistic, without


def refuse() -> dict[str, float]:
    raise StatisticsError("A day is missing.")


def test_value_and_reason() -> None:
    assert statistic(lambda: {"value": 1.5, "low": 1.0}, ("low",)) == {"value": 1.5, "low": 1.0, "reason": None}
    assert statistic(refuse, ("low", "high")) == {"value": None, "low": None, "high": None, "reason": "a day is missing"}
    assert statistic(lambda: {"value": math.nan}) == {"value": None, "reason": UNDEFINED}
    assert without("no trades.") == {"value": None, "reason": "no trades"}


def test_an_error_that_is_no_reason_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        statistic(lambda: {"value": 1 / 0})


@pytest.mark.parametrize(
    ("sentence", "clause"),
    [("A day is missing.", "a day is missing"), ("All are.", "all are"), ("PBO is one.", "PBO is one"), ("1 trial. None", "1 trial. None")],
)
def test_a_sentence_becomes_a_clause(sentence: str, clause: str) -> None:
    assert as_clause(sentence) == clause
