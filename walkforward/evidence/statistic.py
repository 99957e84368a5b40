"""A statistic as significance.json has it: its value and further fields, or the reason why there is none."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.errors import StatisticsError

Statistic = dict[str, Any]
UNDEFINED = "the figure is not defined for these returns"


def statistic(compute: Callable[[], Mapping[str, Any]], fields: Sequence[str] = ()) -> Statistic:
    """Return what ``compute`` gives ("value" and ``fields``) with reason None; where it raises StatisticsError, only the reason.

    A value that is not finite is none either.
    """
    try:
        found = dict(compute())
    except StatisticsError as error:
        return without(str(error), fields)
    if not math.isfinite(found["value"]):
        return without(UNDEFINED, fields)
    return found | {"reason": None}


def without(reason: str, fields: Sequence[str] = ()) -> Statistic:
    """Return a statistic that has no value because of ``reason``; all of its ``fields`` are None."""
    return dict.fromkeys(fields) | {"value": None, "reason": as_clause(reason)}


def as_clause(sentence: str) -> str:
    """Return ``sentence`` as it stands behind a colon: no capital at the beginning, no full stop at the end."""
    text = sentence.strip().removesuffix(".")
    starts_a_word = len(text) > 1 and (text[1].islower() or text[1] == " ")
    return text[:1].lower() + text[1:] if starts_a_word else text
