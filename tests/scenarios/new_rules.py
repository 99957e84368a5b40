"""Settings that the page and the oracle know and the kernel does not know yet: what uses them stays out of the kernel's tests."""

from tests.scenarios.scenario import Scenario

NOT_IN_THE_KERNEL = frozenset(
    {
        "slippage_range_share", "slippage_impact", "slippage_cap", "price_step", "min_notional",
        "funding_rate", "funding_interval_hours", "maintenance_margin", "liquidation_fee",
        "stop_type", "target_type", "stop_distance", "target_distance",
        "regime_response", "regime_lookback", "regime_min_multiplier", "regime_max_multiplier",
        "sizing", "equity_fraction", "risk_per_trade", "volatility_target", "kelly_fraction", "kelly_min_trades",
    }
)  # fmt: skip


def in_the_kernel(scenario: Scenario) -> bool:
    """Return whether the scenario uses only what the kernel knows."""
    return not (NOT_IN_THE_KERNEL & set(scenario.settings) or scenario.funding or scenario.ambiguous is not None)
