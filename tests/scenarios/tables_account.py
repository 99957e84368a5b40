"""Money: size, fees, equity, ruin."""

from tests.scenarios.presets import FREE, MARKET, STOP_3_TARGET_4, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

AT_OPEN = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 50.0}
# 1,000 of capital at a leverage of 10 buys 100 at a price of 100: a move of 10 % is the whole account.
LEVERED = {**AT_OPEN, "initial_capital": 1000.0, "leverage": 10.0, "order_qty": 100.0}

SIZE = [
    Scenario(
        "size: capped at leverage times equity at the signal's price",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        101  101  101  101  10  .      100   2
        102  102  102  102  10  .      100   2
        """,
        # 2 * 1000 / 100 = 20, although the open costs more.
        {**LEVERED, "leverage": 2.0},
        (Trade(1, 1, 101.0, 4, 2, 102.0, "end_of_data", qty=20.0, net=20.0),),
        equity={0: 1000.0, 1: 1000.0, 2: 1020.0},
    ),
    Scenario(
        "size: rounded down to the market's step after the cap",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        102  102  102  102  10  .      100   2
        """,
        {**LEVERED, "leverage": 2.0, "qty_step": 3.0},
        (Trade(1, 1, 100.0, 4, 2, 102.0, "end_of_data", qty=18.0, net=36.0),),
    ),
    Scenario(
        "size: below the market's minimum the entry is rejected and counted",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        102  102  102  102  10  .      100   2
        """,
        {**LEVERED, "leverage": 2.0, "min_qty": 20.5},
        unfilled=(Unfilled("rejected", "below_min_qty", 0, 1),),
    ),
    Scenario(
        "size: a quantity that the step rounds to nothing is rejected, before tiers are asked for",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        102  102  102  102  10  .      100   2
        """,
        {**LEVERED, **only_tiers(), "leverage": 2.0, "qty_step": 30.0},
        unfilled=(Unfilled("rejected", "below_step", 0, 1),),
    ),
    Scenario(
        "size: a reversal is sized by the equity of the bar before, not by what its own close brings",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        150  150  150  150  10  .      100   2
        150  150  150  150  10  .      100   2
        """,
        {**LEVERED, "leverage": 1.0},
        (
            Trade(1, 1, 100.0, 4, 2, 150.0, "opposite_signal", qty=10.0, net=500.0),
            Trade(-1, 2, 150.0, 4, 3, 150.0, "end_of_data", qty=10.0, net=0.0),
        ),
    ),
]

FEES = [
    Scenario(
        "fees: a taker's on both sides, of the price paid",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        110  110  110  110  10  .      100   2
        """,
        # Bought at 101, sold at 108.9: 7.9 less 1.01 and 1.089.
        {**AT_OPEN, "slippage": 0.01, "taker_fee": 0.01},
        (Trade(1, 1, 101.0, 4, 2, 108.9, "end_of_data", net=5.801),),
        equity={1: 99_997.99, 2: 100_005.801},
    ),
    Scenario(
        "fees: a limit and a take profit pay the maker's",
        """
        O    H    L   C    V   signal touch atr
        100  100  100 100  10  1      100   2
        100  101  98  100  10  .      100   2
        100  104  99  103  10  .      100   2
        """,
        # Bought at 99, target 103: 4 less 0.0099 and 0.0103.
        {**STOP_3_TARGET_4, **only_tiers(2), "limit_offset_atr": 0.5, "maker_fee": 0.0001, "taker_fee": 0.05},
        (Trade(1, 1, 99.0, 2, 2, 103.0, "take_profit", net=3.9798),),
    ),
]

RUIN = [
    Scenario(
        "ruin: equity at a close at or below zero closes the position, and the loss beyond the account is written off",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        95   95   85   85   10  1      100   2
        85   85   85   85   10  1      100   2
        85   85   85   85   10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 85.0, "ruin", qty=100.0, net=-1000.0),),
        equity={1: 1000.0, 2: 0.0, 3: 0.0, 4: 0.0},
        ruined=True,
    ),
    Scenario(
        "ruin: equity of exactly zero is ruin",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        95   95   90   90   10  .      100   2
        200  200  200  200  10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 90.0, "ruin", qty=100.0, net=-1000.0),),
        equity={2: 0.0, 3: 0.0},
        ruined=True,
    ),
    Scenario(
        "ruin: a dip inside the bar is none, only closes count",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        95   95   50   95   10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 95.0, "end_of_data", qty=100.0, net=-500.0),),
    ),
    Scenario(
        "ruin: when flat, the loss beyond the account is written off in the last trade",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        80   101  80   101  10  1      100   2
        101  101  101  101  10  .      100   2
        """,
        # A gap through the stop at 97 costs 2000 of 1000.
        {**LEVERED, **STOP_3_TARGET_4},
        (Trade(1, 1, 100.0, 4, 2, 80.0, "stop_loss", qty=100.0, net=-1000.0),),
        equity={2: 0.0, 3: 0.0},
        ruined=True,
    ),
    Scenario(
        "ruin: a reversal that was already working is cancelled with it",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        80   80   80   80   10  .      100   2
        80   80   80   80   10  .      100   2
        """,
        {**LEVERED, "max_chase_atr": 1.0, "hybrid_tier4_timeout": 3},
        (Trade(1, 1, 100.0, 4, 2, 80.0, "opposite_signal", qty=100.0, net=-1000.0),),
        (Unfilled("missed", "ruin", 1, 2),),
        equity={2: 0.0, 3: 0.0},
        ruined=True,
    ),
    Scenario(
        "ruin: a partly filled entry is closed and its remainder cancelled",
        """
        O    H    L    C    V     signal touch atr
        100  100  100  100  1000  1      100   2
        100  100  100  100  1000  .      100   2
        50   50   50   50   1000  .      100   2
        50   50   50   50   1000  .      100   2
        """,
        # 25 at 100 and 25 at 50: at 50 they are 1250 below their cost.
        {**LEVERED, **only_tiers(3), "hybrid_tier3_timeout": 4, "participation_rate": 1.0},
        (Trade(1, 1, 75.0, 3, 2, 50.0, "ruin", qty=50.0, net=-1000.0),),
        (Unfilled("partial", "ruin", 0, 2, filled=50.0),),
        equity={1: 1000.0, 2: 0.0, 3: 0.0},
        ruined=True,
    ),
    Scenario(
        "ruin: it acts in a no-trade bar as well",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        85   85   85   85   0   .      100   2
        85   85   85   85   10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 85.0, "ruin", qty=100.0, net=-1000.0),),
        equity={2: 0.0, 3: 0.0},
        ruined=True,
    ),
    Scenario(
        "ruin: closing costs after the last bar can ruin too, and the reason stays end_of_data",
        """
        O    H    L     C     V   signal touch atr
        100  100  100   100   10  1      100   2
        101  101  99    100   10  .      100   2
        91   91   90.5  90.5  10  .      100   2
        """,
        # Bought as maker without a fee; 50 are left at the last close, and selling 100 at 90.5 costs 90.5.
        {**LEVERED, **only_tiers(2), "limit_offset_atr": 0.0, "taker_fee": 0.01},
        (Trade(1, 1, 100.0, 2, 2, 90.5, "end_of_data", qty=100.0, net=-1000.0),),
        equity={2: 0.0},
        ruined=True,
    ),
]

SCENARIOS = SIZE + FEES + RUIN
