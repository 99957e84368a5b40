"""Every setting of the strategy, the execution and the market, under its documented name and default."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Rates, thresholds and ``slippage`` are fractions, periods and timeouts are bars; a step or minimum of 0 means none.

    ``bar_ms`` is the length of a decision bar, ``detail_bars`` the number of detail bars in it, of which some may be missing.
    """

    ema_fast: int = 20
    ema_slow: int = 50
    ema_trend: int = 200
    rsi_period: int = 14
    rsi_long_threshold: float = 35.0
    rsi_short_threshold: float = 65.0
    atr_period: int = 14
    stop_type: str = "atr"
    target_type: str = "atr"
    atr_sl_multiplier: float = 1.5
    atr_tp_multiplier: float = 2.0
    stop_distance: float = 0.02
    target_distance: float = 0.04
    regime_response: float = 0.0
    regime_lookback: int = 100
    regime_min_multiplier: float = 0.5
    regime_max_multiplier: float = 2.0
    trailing_sl_enabled: bool = True
    trailing_sl_threshold: float = 0.02
    trailing_tp_enabled: bool = True
    trailing_tp_threshold: float = 0.03
    trailing_tp_lock: float = 0.5
    enable_trend_filter: bool = True
    enable_rsi_filter: bool = True
    allow_long: bool = True
    allow_short: bool = True
    exit_on_disabled_side: bool = False
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
    slippage_range_share: float = 0.0
    slippage_impact: float = 0.0
    slippage_cap: float = 0.1
    funding_rate: float = 0.0
    funding_interval_hours: int = 8
    leverage: float = 1.0
    maintenance_margin: float = 0.0
    liquidation_fee: float = 0.01
    sizing: str = "fixed"
    equity_fraction: float = 0.1
    risk_per_trade: float = 0.01
    volatility_target: float = 0.2
    kelly_fraction: float = 0.25
    kelly_min_trades: int = 30
    order_qty: float = 1.0
    qty_step: float = 0.0
    min_qty: float = 0.0
    price_step: float = 0.0
    min_notional: float = 0.0
    bar_ms: int = 3_600_000
    detail_bars: int = 1
    has_volume: bool = True
    has_quote_volume: bool = True

    def tier_timeout(self, tier: int) -> int:
        """Return how many bars ``tier`` (1 to 4) may work."""
        return (self.hybrid_tier1_timeout, self.hybrid_tier2_timeout, self.hybrid_tier3_timeout, self.hybrid_tier4_timeout)[tier - 1]

    def tier_enabled(self, tier: int) -> bool:
        """Return whether ``tier`` (1 to 4) is switched on."""
        return (self.enable_hybrid_tier1, self.enable_hybrid_tier2, self.enable_hybrid_tier3, self.enable_hybrid_tier4)[tier - 1]
