"""Adding up what many cuts found into one check."""

from dataclasses import dataclass, field

from core.candles import Candles
from core.clock import format_utc
from strategies.audit.causality import Leak
from strategies.audit.result import Check, Finding, State

# Differences this small are rounding, of sums whose order depends on bars to come; they are leaks of the last digits only.
ROUNDING = 1e-9


@dataclass
class Tally:
    """The leaks of one kind of other future, over all cuts. The earliest bar is the one to show."""

    candles: Candles
    points: int = 0
    failing: int = 0
    unjudged: int = 0
    difference: float = 0.0
    first: Finding | None = field(default=None)

    def leaks(self, found: list[Leak]) -> None:
        """Count one cut with the leaks of its futures."""
        self.points += 1
        self.failing += bool(found)
        for leak in found:
            self.difference = max(self.difference, leak.size)
            self._show(leak.output, leak.bar, leak.cut, leak.future, leak.whole, leak.other)

    def failure(self, cut: int, future: str, error: Exception) -> None:
        """Count one cut at which the strategy raised an error."""
        self.points += 1
        self.failing += 1
        self.difference = float("inf")
        self._show("error", cut - 1, cut, f"{future}: {error}", None, None)

    def too_short(self) -> None:
        """Count one cut inside the warm-up that the strategy cannot live with: nothing is decided there."""
        self.points += 1
        self.unjudged += 1

    def check(self, name: str, title: str) -> Check:
        """Return the check."""
        text = _of_passing(self) if self.first is None else _of_failing(self, self.first)
        state: State = "passed" if self.first is None else "failed"
        difference = self.difference if self.difference < float("inf") else float("nan")
        return Check(name, title, state, self.points, self.failing, self.first, difference, text)

    def _show(self, output: str, bar: int, cut: int, change: str, value: float | None, other: float | None) -> None:
        if self.first is None or bar < self.first.bar:
            times = self.candles.open_ms
            self.first = Finding(output, bar, int(times[bar]), cut, int(times[cut]), change, value, other)


def _of_passing(tally: Tally) -> str:
    if not tally.unjudged:
        return "nothing before the cut changes"
    return f"nothing before the cut changes; {tally.unjudged:,} cuts inside the warm-up could not be judged: the strategy needs more bars"


def _of_failing(tally: Tally, first: Finding) -> str:
    share = f"at {tally.failing:,} of {tally.points:,} cuts"
    if first.output == "error":
        return f"{share} the strategy fails or says something else, first at {first.when}: {first.change}"
    size = f", by a part of {tally.difference:.1g} at most: rounding" if tally.difference <= ROUNDING else ""
    return f"{share} the past changes{size}; the earliest: {first.when}: {difference_in_words(first)}"


def difference_in_words(first: Finding) -> str:
    """Return what a finding's value is and what it becomes."""
    values = f"{first.output.replace('_', ' ')} is {_shown(first, first.value)}, but {_shown(first, first.other)}"
    return f"{values} with {first.change} from bar {first.cut:,} ({format_utc(first.cut_ms)} UTC) on"


def _shown(first: Finding, value: float | None) -> str:
    if value is None:
        return "n/a"
    if first.output.startswith("direction"):
        return f"{value:+.0f}" if value else "0"
    return repr(value)
