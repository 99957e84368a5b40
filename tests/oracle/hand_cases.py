"""Short series for tests whose numbers are worked out by hand."""

from collections.abc import Sequence
from typing import Any

from tests.oracle.bars import Bar
from tests.oracle.outcome import OracleResult
from tests.oracle.settings import Settings
from tests.oracle.simulator import simulate

# Only the market tier, no trailing, levels far away, no cost: each test changes the one thing it is about.
PLAIN: dict[str, Any] = {
    "enable_hybrid_tier1": False,
    "enable_hybrid_tier2": False,
    "enable_hybrid_tier3": False,
    "trailing_sl_enabled": False,
    "trailing_tp_enabled": False,
    "atr_sl_multiplier": 30.0,
    "atr_tp_multiplier": 30.0,
    "maker_fee": 0.0,
    "taker_fee": 0.0,
    "slippage": 0.0,
}

Prices = tuple[float, float, float, float]
FLAT: Prices = (100.0, 100.0, 100.0, 100.0)


def run(prices: Sequence[Prices], signals: dict[int, int], volumes: Sequence[float] | None = None, **changes: Any) -> OracleResult:
    """Simulate open-high-low-close rows with signals by bar index, a touch level of 100 and an ATR of 2."""
    volumes = volumes or [1000.0] * len(prices)
    bars = [Bar(t, *row, volume) for t, (row, volume) in enumerate(zip(prices, volumes, strict=True))]
    direction = [signals.get(t, 0) for t in range(len(bars))]
    settings = Settings(**{**PLAIN, **changes})
    return simulate(bars, direction, [100.0] * len(bars), [2.0] * len(bars), settings)
