"""Time of actions that take turns, and the memory of one in a process of its own."""

import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Action = Callable[[], object]
# What takes longer than that is not repeated within a round.
LONG_S = 2.0
MEGABYTE = 2**20


@dataclass(frozen=True)
class Taken:
    """The milliseconds of repeated calls."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        if len(self.values) == 1:
            return f"{_digits(self.median)} (one call)"
        return f"{_digits(self.median)} ({_digits(min(self.values))} to {_digits(max(self.values))})"


def in_turn(actions: Mapping[str, Action], rounds: int, most_s: float) -> dict[str, Taken]:
    """Call the actions one after the other, ``rounds`` times or until ``most_s`` seconds are over; each has been called before."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    begun = time.perf_counter()
    for _ in range(rounds):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            taken[name].append(1e3 * (time.perf_counter() - start))
        if time.perf_counter() - begun > most_s:
            break
    return {name: Taken(tuple(values)) for name, values in taken.items()}


def memory_above_idle(warm_up: Action, action: Action) -> float:
    """Return the MB that ``action`` needs at its peak beyond what the process holds after ``warm_up``."""
    warm_up()
    gc.collect()
    before = _resident()
    _forget_peak()
    action()
    return (_peak() - before) / MEGABYTE


def _resident() -> int:
    return _status("VmRSS") or _peak()


def _peak() -> int:
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _forget_peak() -> None:
    """Make the kernel count the peak anew; where it cannot, the peak is that since the start and the figure too high."""
    marks = Path("/proc/self/clear_refs")
    if marks.exists():
        marks.write_text("5")


def _status(name: str) -> int:
    lines = Path("/proc/self/status")
    if not lines.exists():
        return 0
    found = (line for line in lines.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(next(found).split()[1]) * 1024


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
