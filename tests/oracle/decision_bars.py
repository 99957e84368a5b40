"""Which detail bar belongs to which decision bar; on equal timeframes every bar is its own."""

from bisect import bisect_right
from collections.abc import Sequence

from tests.oracle.bars import Bar
from tests.oracle.settings import Settings


class DecisionBars:
    """For every detail bar: the number of its decision bar, its place in it by the clock, whether it is the first or last one there."""

    def __init__(self, detail: Sequence[Bar], decisions: Sequence[Bar], settings: Settings) -> None:
        """Raise ValueError where a decision bar has no detail bar or a detail bar no decision bar."""
        self.of: list[int] = []
        self.place: list[int] = []
        step = settings.bar_ms // settings.detail_bars
        if detail is decisions:
            self.of = list(range(len(detail)))
            self.place = [0] * len(detail)
            return
        opens = [bar.open_ms for bar in decisions]
        for bar in detail:
            k = bisect_right(opens, bar.open_ms) - 1
            if k < 0 or bar.open_ms >= opens[k] + settings.bar_ms:
                raise ValueError(f"the detail bar at {bar.open_ms} has no decision bar")
            self.of.append(k)
            self.place.append((bar.open_ms - opens[k]) // step)
        if set(self.of) != set(range(len(decisions))):
            raise ValueError("a decision bar has no detail bar")

    def is_first(self, t: int) -> bool:
        """Return whether detail bar ``t`` is the first of its decision bar."""
        return t == 0 or self.of[t - 1] != self.of[t]

    def is_last(self, t: int) -> bool:
        """Return whether detail bar ``t`` is the last of its decision bar."""
        return t + 1 == len(self.of) or self.of[t + 1] != self.of[t]
