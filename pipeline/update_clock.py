"""When the store is brought up to date: at once, and then a few seconds after every full period of UTC."""

import re
from datetime import datetime

from apscheduler.triggers.base import BaseTrigger

from core.clock import ms_from_datetime, utc_from_ms
from core.errors import ConfigError
from core.timeframe import DAY_MS, MINUTE_MS

# Venues show a bar a moment after it has closed.
AFTER_CLOSE_MS = 5_000
_UNITS = {"m": MINUTE_MS, "h": 60 * MINUTE_MS, "d": DAY_MS}
_SHORTEST_MS, _LONGEST_MS = MINUTE_MS, 7 * DAY_MS


def parse_period(text: str) -> int:
    """Return the milliseconds of ``5m``, ``1h`` or ``1d``; ConfigError for another form and for less than 1m or more than 7d."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", text.strip().lower(), re.ASCII)
    if match is None:
        raise ConfigError(f"--every '{text[:40]}' is no period. Write minutes, hours or days, such as 5m, 1h or 1d.")
    period_ms = int(match[1]) * _UNITS[match[2]]
    if not _SHORTEST_MS <= period_ms <= _LONGEST_MS:
        raise ConfigError(f"--every {text} is out of range: the shortest period is 1m, the longest 7d.")
    return period_ms


def period_text(period_ms: int) -> str:
    """Return a period as it is written: the largest unit of which it is a multiple."""
    unit, length = max(((unit, length) for unit, length in _UNITS.items() if period_ms % length == 0), key=lambda each: each[1])
    return f"{period_ms // length}{unit}"


def next_round_ms(after_ms: int, period_ms: int) -> int:
    """Return the first moment later than ``after_ms`` that lies five seconds after a full period, counted from 1970 in UTC."""
    periods = (after_ms - AFTER_CLOSE_MS) // period_ms + 1
    return periods * period_ms + AFTER_CLOSE_MS


class RoundTrigger(BaseTrigger):  # type: ignore[misc]  # the library has no type information
    """Fires at once, and then at ``next_round_ms``: rounds that were missed, in a sleep of the machine, are not made up for."""

    def __init__(self, period_ms: int) -> None:
        """Take the period in milliseconds."""
        self._period_ms = period_ms

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the moment of the next round in UTC."""
        if previous_fire_time is None:
            return now
        return utc_from_ms(next_round_ms(max(ms_from_datetime(previous_fire_time), ms_from_datetime(now)), self._period_ms))
