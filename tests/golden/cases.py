"""Some thirty strategies on markets: stretches of real candles, and settings that exercise each part of the engine on them."""

from dataclasses import dataclass, field
from typing import Any

from config import ExecutionConfig, StrategyConfig
from core.market import MarketRules


@dataclass(frozen=True)
class Market:
    """The ``bars`` bars from row ``first`` on of a file of ``shared/data/candles``, and the size of an order there."""

    file: str
    first: int
    bars: int
    order_qty: float


@dataclass(frozen=True)
class Case:
    """One run: a market and the settings, order size times ``size``."""

    market: str
    strategy: StrategyConfig
    execution: ExecutionConfig = field(default_factory=ExecutionConfig)
    size: float = 1.0
    rules: MarketRules = field(default_factory=MarketRules)


MARKETS = {
    "btc 1h": Market("BINANCE_BTCUSDT_1h", 17_500, 5000, 0.1),
    "btc 1h with a hole": Market("BINANCE_BTCUSDT_1h", 8500, 4500, 0.1),
    "eth 1h": Market("BINANCE_ETHUSDT_1h", 30_000, 5000, 2.0),
    "sol 1h": Market("BINANCE_SOLUSDT_1h", 5000, 5000, 50.0),
    "eth 15m": Market("BINANCE_ETHUSDT_15m", 20_000, 5000, 2.0),
    "btc 5m with a hole": Market("BINANCE_BTCUSDT_5m", 66_000, 5000, 0.2),
    "btc 1m through a crash": Market("BINANCE_BTCUSDT_1m_2024", 11_500, 5000, 0.1),
    "btc 1d": Market("BINANCE_BTCUSDT_1d", 0, 3178, 0.1),
    "fil perpetual 1m": Market("BINANCEUSDM_FILUSDT_1m_202308_202311", 22_000, 5000, 5000.0),
    "delta 1h": Market("DELTAIN_BTCUSD_1h", 0, 4071, 0.1),
}

LOOSE = StrategyConfig(rsi_long_threshold=45, rsi_short_threshold=55)
BUSY = LOOSE.replace(ema_fast=5, ema_slow=13, ema_trend=34, rsi_period=7, atr_period=7)
TIERS = ("enable_hybrid_tier1", "enable_hybrid_tier2", "enable_hybrid_tier3", "enable_hybrid_tier4")


def tier_alone(number: int, **changes: Any) -> StrategyConfig:
    """Return busy settings in which tier ``number`` is the only one and waits for eight bars."""
    alone = {name: name.endswith(str(number)) for name in TIERS} | {f"hybrid_tier{number}_timeout": 8}
    return BUSY.replace(**(alone | changes))


# nothing is near enough to the touch level, and little of a bar's volume is taken: entries go through all tiers
SLOW_TIERS = BUSY.replace(
    ema_touch_tolerance=0.0,
    hybrid_tier1_timeout=1,
    hybrid_tier2_timeout=1,
    hybrid_tier3_timeout=3,
    participation_rate=0.05,
    max_chase_atr=0.3,
)
RICH = ExecutionConfig(initial_capital=10_000_000.0)
POOR = ExecutionConfig(initial_capital=2_000.0, leverage=50.0)
SMALL = ExecutionConfig(initial_capital=2_400.0)
DEAR = ExecutionConfig(maker_fee=0.001, taker_fee=0.002, slippage=0.001)
UNPROTECTED = BUSY.replace(trailing_sl_enabled=False, atr_sl_multiplier=80.0, exit_on_opposite_signal=False, enable_hybrid_engine=False)

CASES = {
    "defaults, btc 1h": Case("btc 1h", StrategyConfig()),
    "defaults, btc 1d": Case("btc 1d", StrategyConfig()),
    "loose, btc 1h": Case("btc 1h", LOOSE),
    "loose, btc 1h with a hole": Case("btc 1h with a hole", LOOSE),
    "loose, eth 15m": Case("eth 15m", LOOSE),
    "loose, delta 1h": Case("delta 1h", LOOSE),
    "busy, btc 1m through a crash": Case("btc 1m through a crash", BUSY),
    "busy, btc 5m with a hole": Case("btc 5m with a hole", BUSY),
    "busy, fil perpetual 1m": Case("fil perpetual 1m", BUSY),
    "no filters, btc 1d": Case("btc 1d", BUSY.replace(enable_trend_filter=False, enable_rsi_filter=False)),
    "no filters, eth 1h": Case("eth 1h", BUSY.replace(enable_trend_filter=False, enable_rsi_filter=False)),
    "shorts only, sol 1h": Case("sol 1h", BUSY.replace(allow_long=False)),
    "shorts only, btc 1m through a crash": Case("btc 1m through a crash", LOOSE.replace(allow_long=False)),
    "longs only, eth 1h": Case("eth 1h", BUSY.replace(allow_short=False)),
    "tiers off, btc 1h": Case("btc 1h", BUSY.replace(enable_hybrid_engine=False)),
    "tiers off, fil perpetual 1m": Case("fil perpetual 1m", LOOSE.replace(enable_hybrid_engine=False)),
    "tier 1 alone, eth 15m": Case("eth 15m", tier_alone(1)),
    "tier 2 alone, sol 1h": Case("sol 1h", tier_alone(2)),
    "tier 3 alone in slices, sol 1h": Case("sol 1h", tier_alone(3, participation_rate=0.01), RICH, 500.0),
    "tier 4 alone, btc 5m with a hole": Case("btc 5m with a hole", tier_alone(4, max_chase_atr=0.05)),
    "every tier in slices, fil perpetual 1m": Case("fil perpetual 1m", SLOW_TIERS, RICH, 20.0),
    "fixed take profit, btc 1h": Case("btc 1h", BUSY.replace(trailing_tp_enabled=False)),
    "fixed take profit, shorts only, eth 15m": Case("eth 15m", BUSY.replace(trailing_tp_enabled=False, allow_long=False)),
    "fixed stop and target, delta 1h": Case("delta 1h", BUSY.replace(trailing_tp_enabled=False, trailing_sl_enabled=False)),
    "tight trailing, eth 1h": Case("eth 1h", BUSY.replace(trailing_sl_threshold=0.004, trailing_tp_threshold=0.006, trailing_tp_lock=0.9)),
    "opposite signals ignored, sol 1h": Case("sol 1h", BUSY.replace(exit_on_opposite_signal=False)),
    "high costs, btc 5m with a hole": Case("btc 5m with a hole", BUSY, DEAR),
    "high leverage, btc 1h": Case("btc 1h", BUSY, ExecutionConfig(initial_capital=5_000.0, leverage=20.0), 20.0),
    "account too small for the smallest order, btc 1h": Case("btc 1h", BUSY, SMALL, 1.0, MarketRules(qty_step=0.0001, min_qty=0.0345)),
    "ruin, sol 1h": Case("sol 1h", UNPROTECTED, POOR, 20.0),
    "ruin in a crash, btc 1m through a crash": Case("btc 1m through a crash", UNPROTECTED, POOR, 10.0),
}
