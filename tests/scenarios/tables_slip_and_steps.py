"""What a taker pays: slip that grows with range and size, and prices on the market's steps."""

from tests.scenarios.presets import FREE, MARKET, NO_TRAILING, STOP_3_TARGET_4, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

AT_OPEN = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 50.0}
TICK = {**AT_OPEN, "price_step": 0.5}

SLIP = [
    Scenario(
        "slip: a share of the bar's range, of the bar that fills",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  104  96   100  10  .      100   2
        100  101  99   100  10  .      100   2
        """,
        # Range 8 of 100 at the entry, 2 of 100 at the exit, a quarter of each.
        {**AT_OPEN, "slippage_range_share": 0.25},
        (Trade(1, 1, 102.0, 4, 2, 99.5, "end_of_data", net=-2.5),),
    ),
    Scenario(
        "slip: the range is measured against the open",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        80   100  80   100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        {**AT_OPEN, "slippage_range_share": 0.2},
        (Trade(1, 1, 84.0, 4, 2, 100.0, "end_of_data", net=16.0),),
    ),
    Scenario(
        "slip: fraction and share of the range add up",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  104  96   100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        # 1 % + a quarter of 8 % = 3 % for the sale, 1 % for buying back.
        {**AT_OPEN, "slippage": 0.01, "slippage_range_share": 0.25},
        (Trade(-1, 1, 97.0, 4, 2, 101.0, "end_of_data", net=-4.0),),
    ),
    Scenario(
        "slip: impact grows with the root of the order's share of the volume",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  64  1      100   2
        100  104  96   100  64  .      100   2
        100  104  96   100  16  .      100   2
        """,
        # 4 of 64 are a sixteenth, root 1/4: a quarter of half of 8 %. 4 of 16 are a quarter, root 1/2.
        {**AT_OPEN, "order_qty": 4.0, "slippage_impact": 0.5},
        (Trade(1, 1, 101.0, 4, 2, 98.0, "end_of_data", qty=4.0, net=-12.0),),
    ),
    Scenario(
        "slip: the cap bounds all three parts together",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  150  90   100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        {**AT_OPEN, "slippage": 0.01, "slippage_range_share": 1.0, "slippage_cap": 0.05},
        (Trade(1, 1, 105.0, 4, 2, 99.0, "end_of_data", net=-6.0),),
    ),
    Scenario(
        "slip: every slice has its own impact",
        """
        O    H    L    C    V    signal touch atr
        100  100  100  100  100  1      100   2
        100  104  96   100  4    .      100   2
        100  104  96   100  1    .      100   2
        100  100  100  100  100  .      100   2
        """,
        # Two slices of 1: root of a quarter, then a whole bar's volume. 104 and 108; the VWAP is (104 + 96 + 100) / 3 = 100.
        {**AT_OPEN, **only_tiers(3), "order_qty": 2.0, "hybrid_tier3_timeout": 2, "participation_rate": 1.0, "slippage_impact": 1.0},
        (Trade(1, 1, 106.0, 3, 3, 100.0, "end_of_data", qty=2.0, net=-12.0),),
    ),
    Scenario(
        "slip: a maker's target has none",
        """
        O    H    L   C    V   signal touch atr
        100  100  100 100  10  1      100   2
        100  100  100 100  10  .      100   2
        100  105  99  104  10  .      100   2
        """,
        {**FREE, **STOP_3_TARGET_4, **MARKET, "slippage_range_share": 1.0, "slippage_impact": 1.0},
        (Trade(1, 1, 100.0, 4, 2, 104.0, "take_profit", net=4.0),),
    ),
    Scenario(
        "slip: a closing in a no-trade bar counts as the whole bar's volume",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        100  102  98   100  0   .      100   2
        """,
        {**AT_OPEN, "slippage_impact": 0.5},
        (Trade(1, 1, 100.0, 4, 2, 98.0, "end_of_data", net=-2.0),),
    ),
]

STEPS = [
    Scenario(
        "steps: a buyer's price is rounded up, a seller's down",
        """
        O      H      L      C      V   signal touch atr
        100    100    100    100    10  1      100   2
        100    100    100    100    10  .      100   2
        100    100    100    100    10  .      100   2
        """,
        # 100.2 and 99.8 before rounding.
        {**TICK, "slippage": 0.002},
        (Trade(1, 1, 100.5, 4, 2, 99.5, "end_of_data", net=-1.0),),
    ),
    Scenario(
        "steps: a price on a step stays where it is",
        """
        O      H      L      C      V   signal touch atr
        100.3  100.3  100.3  100.3  10  1      100   2
        100.3  100.3  100.3  100.3  10  .      100   2
        100.7  100.7  100.7  100.7  10  .      100   2
        """,
        {**AT_OPEN, "price_step": 0.1},
        (Trade(1, 1, 100.3, 4, 2, 100.7, "end_of_data", net=0.4),),
    ),
    Scenario(
        "steps: what is only rounding error away from a step counts as that step",
        """
        O     H     L     C     V   signal touch atr
        0.07  0.07  0.07  0.07  10  1      0.07  0.001
        0.07  0.07  0.07  0.07  10  .      0.07  0.001
        0.29  0.29  0.29  0.29  10  .      0.07  0.001
        """,
        # 0.07 / 0.01 is a little more than 7, 0.29 / 0.01 a little less than 29.
        {**AT_OPEN, "price_step": 0.01, "atr_tp_multiplier": 100.0, "trailing_tp_enabled": True, "trailing_tp_threshold": 0.5},
        (Trade(1, 1, 0.07, 4, 2, 0.29, "end_of_data", net=0.22),),
    ),
    Scenario(
        "steps: a multiple is the number as it is written, so a touch stays a touch",
        """
        O      H      L      C      V   signal touch atr
        102.4  102.4  102.4  102.4  10  -1     100   2
        102.4  102.4  100.3  102.4  10  .      100   2
        102.4  102.4  100.2  102.4  10  .      100   2
        """,
        # The target is 102.4 - 1.05 * 2 = 100.3; 1003 * 0.1 would be a little more.
        {**AT_OPEN, "price_step": 0.1, "atr_tp_multiplier": 1.05},
        (Trade(-1, 1, 102.4, 4, 2, 100.3, "take_profit", net=2.1),),
    ),
    Scenario(
        "steps: a low between the stop's level and its order price does not touch it, in the entry bar nor later",
        """
        O    H    L      C    V   signal touch atr
        100  100  100    100  10  1      100   2
        100  100  97.55  100  10  .      100   2
        100  100  97.55  100  10  .      100   2
        100  100  97.5   100  10  .      100   2
        """,
        {**FREE, **NO_TRAILING, **MARKET, "price_step": 0.5, "atr_sl_multiplier": 1.2, "atr_tp_multiplier": 50.0},
        (Trade(1, 1, 100.0, 4, 3, 97.5, "stop_loss", net=-2.5),),
    ),
    Scenario(
        "steps: a buy stop of the touch band is rounded up",
        """
        O     H     L     C     V   signal touch atr
        99    99    99    99    10  1      100   2
        99    99.9  99    99    10  .      100   2
        99    100   99    100   10  .      100   2
        100   100   100   100   10  .      100   2
        """,
        # The lower edge of 99.85 becomes 100.
        {**TICK, **only_tiers(1)},
        (Trade(1, 2, 100.0, 1, 3, 100.0, "end_of_data", net=0.0),),
    ),
    Scenario(
        "steps: a resting sale of the touch band is rounded down",
        """
        O     H     L     C     V   signal touch atr
        99    99    99    99    10  -1     100   2
        99    99.6  99    99    10  .      100   2
        99    99    99    99    10  .      100   2
        """,
        # The lower edge of 99.85 becomes 99.5.
        {**TICK, **only_tiers(1)},
        (Trade(-1, 1, 99.5, 1, 2, 99.0, "end_of_data", net=0.5),),
    ),
    Scenario(
        "steps: a sell stop of the touch band is rounded down",
        """
        O     H     L      C     V   signal touch atr
        101   101   101    101   10  -1     100   2
        101   101   100.1  101   10  .      100   2
        101   101   100    101   10  .      100   2
        101   101   101    101   10  .      100   2
        """,
        # The upper edge of 100.15 becomes 100.
        {**TICK, **only_tiers(1)},
        (Trade(-1, 2, 100.0, 1, 3, 101.0, "end_of_data", net=-1.0),),
    ),
    Scenario(
        "steps: a buyer's limit is rounded up and must still be traded through",
        """
        O    H    L      C    V   signal touch atr
        100  100  100    100  10  1      100   2
        100  100  99.5   100  10  .      100   2
        100  100  99     100  10  .      100   2
        100  100  100    100  10  .      100   2
        """,
        # 100 - 0.3 * 2 = 99.4, so the order stands at 99.5: touched in bar 1, passed in bar 2.
        {**TICK, **only_tiers(2), "limit_offset_atr": 0.3},
        (Trade(1, 2, 99.5, 2, 3, 100.0, "end_of_data", net=0.5),),
    ),
    Scenario(
        "steps: a long's stop is rounded down",
        """
        O    H    L     C     V   signal touch atr
        100  100  100   100   10  1      100   2
        100  100  97.5  100   10  .      100   2
        100  100  97    100   10  .      100   2
        """,
        # 100 - 1.2 * 2 = 97.6: the order stands at 97.5, touched in the bar of the entry.
        {**FREE, **NO_TRAILING, **MARKET, "price_step": 0.5, "atr_sl_multiplier": 1.2, "atr_tp_multiplier": 50.0},
        (Trade(1, 1, 100.0, 4, 1, 97.5, "stop_loss", net=-2.5),),
    ),
    Scenario(
        "steps: a short's target is rounded up and a touch does not fill it",
        """
        O    H    L     C     V   signal touch atr
        100  100  100   100   10  -1     100   2
        100  100  98    99    10  .      100   2
        99   99   97.5  98    10  .      100   2
        98   98   98    98    10  .      100   2
        """,
        # 100 - 1.1 * 2 = 97.8: the order stands at 98, touched in bar 1, passed in bar 2.
        {**FREE, **NO_TRAILING, **MARKET, "price_step": 0.5, "atr_sl_multiplier": 50.0, "atr_tp_multiplier": 1.1},
        (Trade(-1, 1, 100.0, 4, 2, 98.0, "take_profit", net=2.0),),
    ),
    Scenario(
        "steps: the edges of the touch band are order prices",
        """
        O    H    L     C    V   signal touch atr
        101  101  101   101  10  1      100   2
        101  101  100   100  10  .      100   2
        100  100  100   100  10  .      100   2
        """,
        # The upper edge of 100.15 becomes a buy at 100.5.
        {**TICK, **only_tiers(1)},
        (Trade(1, 1, 100.5, 1, 2, 100.0, "end_of_data", net=-0.5),),
    ),
    Scenario(
        "steps: what is sold brings at least one step",
        """
        O    H    L    C    V   signal touch atr
        1    1    1    1    10  1      1     2
        1    1    1    1    10  .      1     2
        1    1    1    1    10  .      1     2
        """,
        {**AT_OPEN, "price_step": 1.0, "slippage": 0.05},
        (Trade(1, 1, 2.0, 4, 2, 1.0, "end_of_data", net=-1.0),),
    ),
    Scenario(
        "steps: an entry below the minimum notional is rejected, after the rounding of its quantity",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        """,
        {**AT_OPEN, "order_qty": 1.9, "qty_step": 1.0, "min_notional": 150.0},
        unfilled=(Unfilled("rejected", "below_min_notional", 0, 1),),
    ),
    Scenario(
        "steps: an entry of exactly the minimum notional, at the signal's price, is taken",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        90   90   90   90   10  .      100   2
        90   90   90   90   10  .      100   2
        """,
        {**AT_OPEN, "order_qty": 2.0, "min_notional": 200.0},
        (Trade(1, 1, 90.0, 4, 2, 90.0, "end_of_data", qty=2.0, net=0.0),),
    ),
]

SCENARIOS = SLIP + STEPS
