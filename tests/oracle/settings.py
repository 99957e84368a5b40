"""Every setting of the strategy, the execution and the market, under its documented name and default."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Rates, thresholds and ``slippage`` are fractions, periods and timeouts are bars; a step or minimum of 0 means none."""

    ema_fast: int = 20
    ema_slow: int = 50
    ema_trend: int = 200
    rsi_period: int = 14
    rsi_long_threshold: float = 35.0
    rsi_short_threshold: float = 65.0
    atr_period: int = 14
    atr_sl_multiplier: float = 1.5
    atr_tp_multiplier: float = 2.0
    trailing_sl_enabled: bool = True
    trailing_sl_threshold: float = 0.02
    trailing_tp_enabled: bool = True
    trailing_tp_threshold: float = 0.03
    trailing_tp_lock: float = 0.5
    enable_trend_filter: bool = True
    enable_rsi_filter: bool = True
    allow_long: bool = True
    allow_short: bool = True
    exit_on_opposite_signal: bool = True
    hybrid_tier1_timeout: int = 5
    hybrid_tier2_timeout: int = 3
    hybrid_tier3_timeout: int = 4
    hybrid_tier4_timeout: int = 1
    enable_hybrid_engine: bool = True
    enable_hybrid_tier1: bool = True
    enable_hybrid_tier2: bool = True
    enable_hybrid_tier3: bool = True
    enable_hybrid_tier4: bool = True
    ema_touch_tolerance: float = 0.0015
    limit_offset_atr: float = 0.25
    participation_rate: float = 0.10
    max_chase_atr: float = 1.0
    initial_capital: float = 100_000.0
    maker_fee: float = 0.0002
    taker_fee: float = 0.0004
    slippage: float = 0.0002
    leverage: float = 1.0
    order_qty: float = 1.0
    qty_step: float = 0.0
    min_qty: float = 0.0
    has_volume: bool = True
    has_quote_volume: bool = True

    def tier_timeout(self, tier: int) -> int:
        """Return how many bars ``tier`` (1 to 4) may work."""
        return (self.hybrid_tier1_timeout, self.hybrid_tier2_timeout, self.hybrid_tier3_timeout, self.hybrid_tier4_timeout)[tier - 1]

    def tier_enabled(self, tier: int) -> bool:
        """Return whether ``tier`` (1 to 4) is switched on."""
        return (self.enable_hybrid_tier1, self.enable_hybrid_tier2, self.enable_hybrid_tier3, self.enable_hybrid_tier4)[tier - 1]
