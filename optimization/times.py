"""Where the time of a search goes. It differs from run to run, so it is no part of any result."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from core.clock import monotonic_seconds

Part = Literal["sampler", "engine", "ledger"]
PARTS: tuple[Part, ...] = ("sampler", "engine", "ledger")


@dataclass(slots=True)
class SearchTimes:
    """Seconds spent on proposing points and learning from them, on simulating them, and on writing them down."""

    seconds: dict[Part, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))

    @classmethod
    def of(cls, searches: Iterable["SearchTimes"]) -> "SearchTimes":
        """Return the times of several searches together."""
        times = cls()
        for each in searches:
            times.add(each)
        return times

    @contextmanager
    def spent_on(self, part: Part) -> Iterator[None]:
        """Count the time inside as spent on ``part``."""
        started = monotonic_seconds()
        try:
            yield
        finally:
            self.seconds[part] += monotonic_seconds() - started

    @property
    def total(self) -> float:
        """All of it together."""
        return sum(self.seconds.values())

    def share(self, part: Part) -> float:
        """Return the share of ``part``, 0 to 1; 0 while nothing was done."""
        return self.seconds[part] / self.total if self.total > 0 else 0.0

    def add(self, other: "SearchTimes") -> None:
        """Add the times of another search."""
        for part in PARTS:
            self.seconds[part] += other.seconds[part]

    def as_timings(self) -> dict[str, float]:
        """Return what timings.json keeps: seconds by part."""
        return {f"{part}_seconds": round(self.seconds[part], 3) for part in PARTS}
