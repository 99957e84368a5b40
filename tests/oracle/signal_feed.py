"""What the strategy said, and when the simulator may know it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.oracle.bars import Bar
from tests.oracle.decision_bars import DecisionBars
from tests.oracle.regime import regime_multiplier
from tests.oracle.settings import Settings


@dataclass(frozen=True)
class Signal:
    """A signal with what it keeps while it waits: the close, the ATR and the volatility regime of its own (decision) bar."""

    direction: int
    bar: int
    price: float
    atr: float
    regime: float


@dataclass(frozen=True)
class SignalFeed:
    """The strategy's three columns, one value per decision bar."""

    decisions: Sequence[Bar]
    decided: DecisionBars
    direction: Sequence[int]
    touch_level: Sequence[float]
    atr: Sequence[float]

    def new_signal(self, t: int, settings: Settings) -> Signal | None:
        """Return what the decision bar before said, in the first bar of the next one only."""
        k = self.decided.of[t] - 1
        if k < 0 or not self.decided.is_first(t) or self.direction[k] == 0:
            return None
        return Signal(self.direction[k], k, self.decisions[k].close, self.atr[k], regime_multiplier(self.atr, k, settings))

    def touch_level_before(self, t: int) -> float:
        """Return the touch level of the decision bar before."""
        return self.touch_level[self.decided.of[t] - 1]
