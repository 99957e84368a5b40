"""Stop loss and fixed take profit: in later bars, and in the bar of the fill."""

from tests.scenarios.presets import FREE, MARKET, SLIP_1_PERCENT, STOP_3_TARGET_4, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

# Bought at 100: stop 97, target 104. Sold at 100: stop 103, target 96.
AT_OPEN = {**FREE, **STOP_3_TARGET_4, **MARKET}
# Bought at 99 (limit 1 below the close): stop 96, target 103.
BY_LIMIT = {**FREE, **STOP_3_TARGET_4, **only_tiers(2), "limit_offset_atr": 0.5}
# A buy stop at 99 (touch level 100, 1 %): stop 96.
BY_STOP_ORDER = {**FREE, **STOP_3_TARGET_4, **only_tiers(1), "ema_touch_tolerance": 0.01}
# Two slices, stop 3 below the average entry, target out of the way.
BY_SLICE = {
    **FREE,
    **STOP_3_TARGET_4,
    **only_tiers(3),
    "hybrid_tier3_timeout": 2,
    "order_qty": 2.0,
    "participation_rate": 1.0,
    "atr_tp_multiplier": 20.0,
}

CARRIED = [
    Scenario(
        "stop: touched, it is left at the stop with slip",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        100  101  98   99   10  .      100   2
        """,
        # Bought at 101, so the stop is 98.
        {**AT_OPEN, **SLIP_1_PERCENT},
        (Trade(1, 1, 101.0, 4, 2, 97.02, "stop_loss"),),
    ),
    Scenario(
        "stop: a gap through it is left at the open",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        95   99   94   98   10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 2, 95.0, "stop_loss"),),
    ),
    Scenario(
        "stop: a short's stop lies above",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  101  99   100  10  .      100   2
        100  103  99   100  10  .      100   2
        """,
        AT_OPEN,
        (Trade(-1, 1, 100.0, 4, 2, 103.0, "stop_loss"),),
    ),
    Scenario(
        "stop: it wins over the take profit inside one bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        100  106  97   105  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 2, 97.0, "stop_loss"),),
    ),
    Scenario(
        "target: traded through, it is left at the target as maker without slip",
        """
        O    H      L    C    V   signal touch atr
        100  100    100  100  10  1      100   2
        100  101    100  101  10  .      100   2
        101  105.1  101  105  10  .      100   2
        """,
        # Bought at 101, so the target is 105.
        {**AT_OPEN, **SLIP_1_PERCENT},
        (Trade(1, 1, 101.0, 4, 2, 105.0, "take_profit"),),
    ),
    Scenario(
        "target: a touch alone does not fill",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  100  101  10  .      100   2
        101  104  101  103  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 2, 103.0, "end_of_data"),),
    ),
    Scenario(
        "target: an open beyond it gives no better price than the target",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  100  101  10  .      100   2
        106  107  105  106  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 2, 104.0, "take_profit"),),
    ),
    Scenario(
        "target: a short's target lies below",
        """
        O    H    L     C    V   signal touch atr
        100  100  100   100  10  -1     100   2
        100  101  99    100  10  .      100   2
        100  101  95.9  96   10  .      100   2
        """,
        AT_OPEN,
        (Trade(-1, 1, 100.0, 4, 2, 96.0, "take_profit"),),
    ),
]

BAR_OF_THE_FILL = [
    Scenario(
        "fill at the open: the stop holds on the whole bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  97   100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 1, 97.0, "stop_loss"),),
    ),
    Scenario(
        "fill at the open: the target can be reached in the same bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  105  99   100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 1, 104.0, "take_profit"),),
    ),
    Scenario(
        "fill at the open: the stop wins over the target there too",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  105  96   104  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 1, 97.0, "stop_loss"),),
    ),
    Scenario(
        "fill at the open: a stop above the open (slip larger than the stop distance) is left at the open",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   0.5
        100  101  99   100  10  .      100   0.5
        100  100  100  100  10  .      100   0.5
        """,
        {**AT_OPEN, "slippage": 0.05},
        (Trade(1, 1, 105.0, 4, 1, 95.0, "stop_loss"),),
    ),
    Scenario(
        "resting limit: the stop holds on the whole bar, whatever came first",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  102  96   101  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        BY_LIMIT,
        (Trade(1, 1, 99.0, 2, 1, 96.0, "stop_loss"),),
    ),
    Scenario(
        "resting limit: the target is not checked in the bar of the fill",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  110  98   100  10  .      100   2
        100  102  99   101  10  .      100   2
        """,
        BY_LIMIT,
        (Trade(1, 1, 99.0, 2, 2, 101.0, "end_of_data"),),
    ),
    Scenario(
        "stop order: prices before the fill do not count, a close above the stop keeps the position",
        """
        O   H    L   C   V   signal touch atr
        95  95   95  95  10  1      100   2
        95  101  90  97  10  .      100   2
        97  98   97  98  10  .      100   2
        """,
        BY_STOP_ORDER,
        (Trade(1, 1, 99.0, 1, 2, 98.0, "end_of_data"),),
    ),
    Scenario(
        "stop order: a close at the stop closes at the close",
        """
        O   H    L   C   V   signal touch atr
        95  95   95  95  10  1      100   2
        95  101  90  96  10  .      100   2
        97  98   97  98  10  .      100   2
        """,
        BY_STOP_ORDER,
        (Trade(1, 1, 99.0, 1, 1, 96.0, "stop_loss"),),
    ),
    Scenario(
        "slice: a low beyond the stop does not count in its own bar; a stop in a later one cancels the remainder with its reason",
        """
        O    H    L    C   V   signal touch atr
        100  100  100  100 10  1      100   2
        100  108  93   99  10  .      100   2
        100  106  93   95  10  .      100   2
        100  100  100  100 10  .      100   2
        """,
        # One slice of three at (108 + 93 + 99) / 3 = 100: stop 97.
        {**BY_SLICE, "hybrid_tier3_timeout": 3, "order_qty": 3.0},
        (Trade(1, 1, 100.0, 3, 2, 97.0, "stop_loss"),),
        (Unfilled("partial", "stop_loss", 0, 2, filled=1.0),),
    ),
    Scenario(
        "slice: the target is not checked in the bar of the fill",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  108  92   100  10  .      100   2
        100  104  99   103  10  .      100   2
        """,
        {**BY_SLICE, "hybrid_tier3_timeout": 1, "atr_tp_multiplier": 2.0},
        (Trade(1, 1, 100.0, 3, 2, 103.0, "end_of_data", qty=2.0),),
    ),
    Scenario(
        "slice: an addition moves the stop with the average entry and is checked at the close",
        """
        O    H    L    C     V   signal touch atr
        100  100  100  100   10  1      100   2
        100  101  99   100   10  .      100   2
        104  105  103  104   10  .      100   2
        104  104  98   99    10  .      100   2
        """,
        # Slices at 100 and 104: average 102, stop 99.
        BY_SLICE,
        (Trade(1, 1, 102.0, 3, 3, 99.0, "stop_loss", qty=2.0),),
    ),
    Scenario(
        "slice: an addition whose bar closes at the new stop is closed at that close",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        105  116  98   98   10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        # Slices at 100 and 104: average 102, stop 99; the old stop of 97 was not reached.
        BY_SLICE,
        (Trade(1, 1, 102.0, 3, 2, 98.0, "stop_loss", qty=2.0),),
    ),
    Scenario(
        "market addition: no check in its own bar, the new stop acts from the next one",
        """
        O     H    L    C     V  signal touch atr
        100   100  100  100   1  1      100   2
        100   101  99   100   1  .      100   2
        104   105  98   98.5  1  .      100   2
        98.8  100  98   100   1  .      100   2
        """,
        # A capped slice of 1 at 100, then 1 at 104 in the market: average 102, stop 99, passed in the bar of the addition.
        {**BY_SLICE, **only_tiers(3, 4), "hybrid_tier3_timeout": 1, "max_chase_atr": 5.0},
        (Trade(1, 1, 102.0, 3, 3, 98.8, "stop_loss", qty=2.0),),
    ),
]

SCENARIOS = CARRIED + BAR_OF_THE_FILL
