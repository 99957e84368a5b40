"""Which unit the numbers of a time column count, told from the file's own grid and then checked on every row."""

from dataclasses import dataclass

import numpy as np

from core.candle_checks import Times
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.candle_files.findings import Findings, Flags

# Candles of traded markets lie between 1990 and 2200, in seconds since 1970. No number lies there in two of the units.
_EARLIEST_S = 631_152_000
_LATEST_S = 7_258_118_400


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """A unit of time since 1970; ``per_second`` of them make a second."""

    name: str
    per_second: int

    def to_ms(self, values: Times) -> Times:
        """Return milliseconds; a fraction of one is cut off (``sub_ms`` tells where there is any)."""
        return values // (self.per_second // 1000) if self.per_second >= 1000 else values * (1000 // self.per_second)

    def sub_ms(self, values: Times) -> Flags:
        """Return where the times are no whole milliseconds."""
        flags: Flags = values % max(self.per_second // 1000, 1) != 0
        return flags

    def holds(self, values: Times) -> Flags:
        """Return where the numbers are times between 1990 and 2200 in this unit."""
        return (values >= _EARLIEST_S * self.per_second) & (values < _LATEST_S * self.per_second)


EPOCH_UNITS = {
    unit.name: unit
    for unit in (
        TimeUnit("seconds", 1),
        TimeUnit("milliseconds", 1000),
        TimeUnit("microseconds", 1_000_000),
        TimeUnit("nanoseconds", 1_000_000_000),
    )
}


def unit_of_grid(values: Times, findings: Findings) -> TimeUnit | None:
    """Return the unit in which the most frequent step between rows is a timeframe; None, with the reason noted, when there is none.

    A single row has no grid: there the size of its number decides. Rows that are no times in the unit are noted.
    """
    step = most_frequent_step(values)
    units = [unit for unit in EPOCH_UNITS.values() if (unit.holds(values[:1])[0] if step is None else _timeframe_of(step, unit))]
    if not units:
        what = f"the time {values[0]} is" if step is None else f"times {step} apart are"
        findings.say(f"{what} no timeframe's in seconds, milliseconds, microseconds or nanoseconds (known: {', '.join(TIMEFRAMES)})")
        return None
    unit = units[0]
    for other in EPOCH_UNITS.values():
        if other is not unit:
            findings.note(f"have a time in {other.name}, others in {unit.name}: units are mixed", other.holds(values))
    lost = ~np.logical_or.reduce([each.holds(values) for each in EPOCH_UNITS.values()])
    findings.note(f"have a time outside 1990-2200 in {unit.name}", lost)
    return unit


def to_ms_each(values: Times) -> Times:
    """Return each time read in the unit that its size suggests, to describe (never to load) a file of mixed units."""
    ms = values.copy()
    for unit in EPOCH_UNITS.values():
        inside = unit.holds(values)
        ms[inside] = unit.to_ms(values[inside])
    return ms


def most_frequent_step(values: Times) -> int | None:
    """Return the most frequent distance between neighbouring rows that differ (the smallest of equals); None without any."""
    steps = np.abs(np.diff(values))
    steps = steps[steps > 0]
    if not len(steps):
        return None
    lengths, counts = np.unique(steps, return_counts=True)
    return int(lengths[np.argmax(counts)])


def timeframe_of_step(step_ms: int) -> Timeframe | None:
    """Return the timeframe whose bars are ``step_ms`` long."""
    return next((timeframe for timeframe in TIMEFRAMES.values() if timeframe.ms == step_ms), None)


def _timeframe_of(step: int, unit: TimeUnit) -> bool:
    return any(timeframe.ms * unit.per_second == step * 1000 for timeframe in TIMEFRAMES.values())
