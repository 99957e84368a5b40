"""The scenarios of the stress tests, and what each comes to."""

from dataclasses import asdict, dataclass
from typing import Any

from walkforward.price_noise import NOISE

# An odd number: the median of them is one of them.
NOISE_DRAWS = 5
# The share of a window's out-of-sample bars that a late start leaves out.
LATE_START = 10


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way in which things may be worse; ``runs`` name the tests that it is made of (none: the undisturbed one)."""

    name: str
    label: str
    sentence: str
    runs: tuple[str, ...]


SCENARIOS = (
    Scenario("costs_x1", "costs as they are", "The out-of-sample result itself, which the others are compared with.", ()),
    Scenario("costs_x2", "costs x2", "Fees and slippage are twice as high.", ("costs_x2",)),
    Scenario("costs_x3", "costs x3", "Fees and slippage are three times as high.", ("costs_x3",)),
    Scenario("late_entry", "one bar late", "Every signal is acted on one bar later, with the levels it had.", ("late_entry",)),
    Scenario(
        "price_noise",
        "price noise",
        f"Every price is moved by a random {NOISE:.0%} of its bar's range; the middle one of {NOISE_DRAWS} draws.",
        tuple(f"price_noise_{draw}" for draw in range(NOISE_DRAWS)),
    ),
    Scenario(
        "start_offset",
        "later start",
        "Every window starts flat a tenth of its days later, so that other positions are open when signals come.",
        ("start_offset",),
    ),
)


@dataclass(frozen=True, slots=True)
class StressResult:
    """What a scenario comes to over all windows: amounts in the quote currency, percent for return and drawdown (<= 0), annual Sharpe.

    ``kept`` is the share of the undisturbed net P&L that is left, nan where there was no profit to keep. Of several draws the figures are
    those of the one with the median net P&L, and ``worst_net_pnl`` is the lowest of them. ``reason`` says why there are none, where there
    are none.
    """

    name: str
    label: str
    sentence: str
    net_pnl: float
    kept: float
    worst_net_pnl: float
    return_pct: float
    sharpe_ratio: float
    profit_factor: float
    max_drawdown: float
    total_trades: int
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)
