"""Groups of settings that scenarios share, so that each table names only what it is about."""

from tests.scenarios.scenario import Setting

# No cost hides the price that a rule gives.
FREE: dict[str, Setting] = {"maker_fee": 0.0, "taker_fee": 0.0, "slippage": 0.0}
# 1 % of slip is easy to see: 100 becomes 101 for a buyer, 99 for a seller.
SLIP_1_PERCENT: dict[str, Setting] = {"maker_fee": 0.0, "taker_fee": 0.0, "slippage": 0.01}

NO_TRAILING: dict[str, Setting] = {"trailing_sl_enabled": False, "trailing_tp_enabled": False}
# Stop and target 100 away at an ATR of 2: nothing protects, the entry is the only subject.
UNPROTECTED: dict[str, Setting] = {**NO_TRAILING, "atr_sl_multiplier": 40.0, "atr_tp_multiplier": 50.0}
# Stop 3 and target 4 away at an ATR of 2, both fixed.
STOP_3_TARGET_4: dict[str, Setting] = {**NO_TRAILING, "atr_sl_multiplier": 1.5, "atr_tp_multiplier": 2.0}


def only_tiers(*tiers: int) -> dict[str, Setting]:
    """Switch on these tiers and no other."""
    return {f"enable_hybrid_tier{tier}": tier in tiers for tier in (1, 2, 3, 4)}


MARKET = only_tiers(4)
