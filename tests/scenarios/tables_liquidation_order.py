"""What comes first: liquidation, funding, signals, stops, targets and additions in one bar."""

from tests.scenarios.presets import FREE, MARKET, NO_TRAILING, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

AT_OPEN = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 50.0}
# 1,000 at a leverage of 5 buy 50 at 100, liquidated at (100 - 20) / 0.9 = 88.89.
LEVERED = {
    **AT_OPEN, "initial_capital": 1000.0, "leverage": 5.0, "order_qty": 50.0, "maintenance_margin": 0.1, "liquidation_fee": 0.0,
}  # fmt: skip
LONG_LIQ = 80 / 0.9
# A capped slice, and the rest at the next open.
IN_TWO = {**only_tiers(3, 4), "hybrid_tier3_timeout": 1, "participation_rate": 0.5}

SCENARIOS = [
    Scenario(
        "liquidation order: funding is paid before the open is looked at",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        90   95   90   95   10  .      100   2
        95   95   95   95   10  .      100   2
        """,
        # 2 % of 4500 leave 910: (100 - 18.2) / 0.9 = 90.9, and the open is below that.
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 90.0, "liquidation", qty=50.0, net=-590.0),),
        funding=((2.0, 0.02),),
    ),
    Scenario(
        "liquidation order: an open at the very price goes before an opposite signal",
        """
        O      H    L      C    V   signal touch atr
        100    100  100    100  10  1      100   2
        100    100  100    100  10  -1     100   2
        93.75  94   93.75  94   10  .      100   2
        94     94   94     94   10  .      100   2
        """,
        # (100 - 25) / 0.8
        {**LEVERED, "leverage": 4.0, "order_qty": 40.0, "maintenance_margin": 0.2},
        (Trade(1, 1, 100.0, 4, 2, 93.75, "liquidation", qty=40.0, net=-250.0),),
    ),
    Scenario(
        "liquidation order: a signal that waited is gone with a liquidation at the open",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        95   95   95   95   0   .      100   2
        85   86   85   85   10  .      100   2
        85   85   85   85   10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 3, 85.0, "liquidation", qty=50.0, net=-750.0),),
    ),
    Scenario(
        "liquidation order: at the open it cancels what was still working",
        """
        O    H    L    C    V    signal touch atr
        100  100  100  100  100  1      100   2
        100  100  100  100  100  .      100   2
        22   60   20   60   100  .      100   2
        60   60   60   60   100  .      100   2
        """,
        # A quarter of 50 at 100: (100 - 1000 / 12.5) / 0.9 = 22.2.
        {**LEVERED, **only_tiers(3), "hybrid_tier3_timeout": 4, "participation_rate": 1.0},
        (Trade(1, 1, 100.0, 3, 2, 22.0, "liquidation", qty=12.5, net=-975.0),),
        (Unfilled("partial", "liquidation", 0, 2, filled=12.5),),
    ),
    Scenario(
        "liquidation order: in a no-trade bar no target could have come first",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        95   105  88   94   0   .      100   2
        94   94   94   94   10  .      100   2
        """,
        {**LEVERED, "atr_tp_multiplier": 2.0},
        (Trade(1, 1, 100.0, 4, 2, LONG_LIQ, "liquidation", qty=50.0, net=50 * (LONG_LIQ - 100)),),
        ambiguous=0,
    ),
    Scenario(
        "liquidation order: in the bar of the entry a nearer stop comes first",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  88   99   10  .      100   2
        99   99   99   99   10  .      100   2
        """,
        {**LEVERED, "atr_sl_multiplier": 4.0},
        (Trade(1, 1, 100.0, 4, 1, 92.0, "stop_loss", qty=50.0, net=-400.0),),
    ),
    Scenario(
        "liquidation order: no stop stands between an addition and its liquidation",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  20  .      100   2
        103  103  91   100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        # 10 at 100 with a stop at 90, 40 more at 103: average 102.4, stop 92.4, liquidation (102.4 - 20) / 0.9 = 91.6.
        {**LEVERED, **IN_TWO, "atr_sl_multiplier": 5.0},
        (Trade(1, 1, 102.4, 3, 2, 82.4 / 0.9, "liquidation", qty=50.0, net=50 * (82.4 / 0.9 - 102.4)),),
    ),
    Scenario(
        "liquidation order: an addition has no target in its own bar that could have come first",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  50  .      100   2
        80   105  77   90   10  .      100   2
        90   90   90   90   10  .      100   2
        """,
        # 25 at 100 and 25 at 80: the target moves from 110 to 100, the liquidation from 66.7 to (90 - 20) / 0.9 = 77.8.
        {**LEVERED, **IN_TWO, "atr_tp_multiplier": 5.0},
        (Trade(1, 1, 90.0, 3, 2, 70 / 0.9, "liquidation", qty=50.0, net=50 * (70 / 0.9 - 90)),),
        ambiguous=0,
    ),
    Scenario(
        "additions: the target that one sets acts from the next bar on",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  50  .      100   2
        80   105  80   90   10  .      100   2
        90   101  90   90   10  .      100   2
        """,
        # 25 at 100 and 25 at 80: the target moves from 110 to 100.
        {**FREE, **NO_TRAILING, **IN_TWO, "atr_sl_multiplier": 40.0, "atr_tp_multiplier": 5.0, "max_chase_atr": 50.0, "order_qty": 50.0},
        (Trade(1, 1, 90.0, 3, 3, 100.0, "take_profit", qty=50.0, net=500.0),),
    ),
    Scenario(
        "size: a signal that waited is worth what its own price says",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        98   98   98   98   0   .      100   2
        98   98   98   98   10  .      100   2
        98   98   98   98   10  .      100   2
        """,
        {**AT_OPEN, "min_notional": 99.0},
        (Trade(1, 2, 98.0, 4, 3, 98.0, "end_of_data"),),
    ),
]
