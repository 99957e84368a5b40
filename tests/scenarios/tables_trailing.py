"""Trailing stop and trailing take profit: activation, level, ties."""

from tests.scenarios.presets import FREE, MARKET, only_tiers
from tests.scenarios.scenario import Scenario, Trade

WIDE = {**FREE, **MARKET, "atr_sl_multiplier": 40.0, "atr_tp_multiplier": 50.0}
# From 4 % above the entry on, the stop trails the best price by 4 %.
TRAILING_STOP = {**WIDE, "trailing_tp_enabled": False, "trailing_sl_threshold": 0.04}
# Bought at 100 at an ATR of 2: target 104; reached, half of it is locked in (102), or 3 % below the best price.
TRAILING_TARGET = {**WIDE, "trailing_sl_enabled": False, "atr_tp_multiplier": 2.0}

STOP = [
    Scenario(
        "trailing stop: once the threshold is reached it follows the best price, from the next bar on",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   101  10  .      100   2
        101  125  101  124  10  .      100   2
        124  124  119  120  10  .      100   2
        """,
        # 125 * 0.96 = 120; the low of 101 came in the bar that raised it.
        TRAILING_STOP,
        (Trade(1, 1, 100.0, 4, 3, 120.0, "trailing_stop"),),
    ),
    Scenario(
        "trailing stop: below the threshold there is none",
        """
        O    H      L    C    V   signal touch atr
        100  100    100  100  10  1      100   2
        100  103.9  99   101  10  .      100   2
        101  102    90   91   10  .      100   2
        """,
        TRAILING_STOP,
        (Trade(1, 1, 100.0, 4, 2, 91.0, "end_of_data"),),
    ),
    Scenario(
        "trailing stop: it never steps back",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  125  99   124  10  .      100   2
        124  124  122  122  10  .      100   2
        122  122  119  119  10  .      100   2
        """,
        TRAILING_STOP,
        (Trade(1, 1, 100.0, 4, 3, 120.0, "trailing_stop"),),
    ),
    Scenario(
        "trailing stop: a gap through it is left at the open",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  125  99   124  10  .      100   2
        115  116  114  115  10  .      100   2
        """,
        TRAILING_STOP,
        (Trade(1, 1, 100.0, 4, 2, 115.0, "trailing_stop"),),
    ),
    Scenario(
        "trailing stop: a short's follows the lowest price from above",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  101  75   76   10  .      100   2
        76   79   76   78   10  .      100   2
        """,
        # 75 * 1.04 = 78
        TRAILING_STOP,
        (Trade(-1, 1, 100.0, 4, 2, 78.0, "trailing_stop"),),
    ),
    Scenario(
        "trailing stop: in the bar of an intrabar fill only the close counts as best price",
        """
        O    H    L    C    V   signal touch atr
        101  101  101  101  10  1      100   2
        101  125  99   103  10  .      100   2
        103  103  95   96   10  .      100   2
        """,
        # The limit at 100 may have filled after the high of 125; the close of 103 is 3 % above it.
        {**TRAILING_STOP, **only_tiers(2), "limit_offset_atr": 0.5},
        (Trade(1, 1, 100.0, 2, 2, 96.0, "end_of_data"),),
    ),
]

TAKE_PROFIT = [
    Scenario(
        "trailing target: reached, a share of it is locked in",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  104  99   103  10  .      100   2
        103  104  101  101  10  .      100   2
        """,
        # 104 * 0.97 = 100.88 is below the lock at 102.
        TRAILING_TARGET,
        (Trade(1, 1, 100.0, 4, 2, 102.0, "trailing_take_profit"),),
    ),
    Scenario(
        "trailing target: from there it trails the best price",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  104  99   103  10  .      100   2
        103  200  103  199  10  .      100   2
        199  199  190  191  10  .      100   2
        """,
        TRAILING_TARGET,
        (Trade(1, 1, 100.0, 4, 3, 194.0, "trailing_take_profit"),),
    ),
    Scenario(
        "trailing target: it is no exit order, a bar beyond it goes on",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        106  107  105  106  10  .      100   2
        106  108  105  107  10  .      100   2
        """,
        TRAILING_TARGET,
        (Trade(1, 1, 100.0, 4, 3, 107.0, "end_of_data"),),
    ),
    Scenario(
        "trailing target: a short's locks in from above",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  101  96   97   10  .      100   2
        97   99   96   98   10  .      100   2
        """,
        # Target 96, lock 98; 96 * 1.03 = 98.88 protects less.
        TRAILING_TARGET,
        (Trade(-1, 1, 100.0, 4, 2, 98.0, "trailing_take_profit"),),
    ),
]

TIES = [
    Scenario(
        "tie: of two equal levels in one bar the trailing stop keeps the reason",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  125  99   124  10  .      100   2
        124  124  119  120  10  .      100   2
        """,
        {**TRAILING_STOP, "trailing_tp_enabled": True, "trailing_tp_threshold": 0.04, "trailing_tp_lock": 0.0, "atr_tp_multiplier": 2.0},
        (Trade(1, 1, 100.0, 4, 2, 120.0, "trailing_stop"),),
    ),
    Scenario(
        "tie: a trailing level equal to the base stop leaves the reason to the base",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  125  99   124  10  .      100   2
        124  124  60   61   10  .      100   2
        """,
        # 125 * (1 - 0.25) = 93.75, and the base is 100 - 3.125 * 2 = 93.75.
        {**TRAILING_STOP, "trailing_sl_threshold": 0.25, "atr_sl_multiplier": 3.125},
        (Trade(1, 1, 100.0, 4, 2, 93.75, "stop_loss"),),
    ),
    Scenario(
        "tie: the trailing take profit takes over only where it protects more",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  125  99   124  10  .      100   2
        124  124  119  120  10  .      100   2
        """,
        # Trailing stop 120, trailing take profit 121.25.
        {**TRAILING_STOP, "trailing_tp_enabled": True, "trailing_tp_threshold": 0.03, "atr_tp_multiplier": 2.0},
        (Trade(1, 1, 100.0, 4, 2, 121.25, "trailing_take_profit"),),
    ),
]

SCENARIOS = STOP + TAKE_PROFIT + TIES
