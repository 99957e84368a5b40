"""Entry tiers 1 (EMA touch) and 2 (limit)."""

from tests.scenarios.presets import SLIP_1_PERCENT, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

# The band around a touch level of 100 runs from 99 to 101.
TOUCH = {**SLIP_1_PERCENT, **UNPROTECTED, **only_tiers(1), "ema_touch_tolerance": 0.01, "hybrid_tier1_timeout": 2}
# At an ATR of 2 the limit lies 1 below the close for a long, 1 above it for a short.
LIMIT = {**SLIP_1_PERCENT, **UNPROTECTED, **only_tiers(2), "limit_offset_atr": 0.5, "hybrid_tier2_timeout": 2}

EMA_TOUCH = [
    Scenario(
        "touch: an open inside the band is bought at the open with slip",
        """
        O      H    L    C    V   signal touch atr
        100    100  100  100  10  1      100   2
        100.5  103  100  102  10  .      100   2
        102    102  102  102  10  .      100   2
        """,
        TOUCH,
        (Trade(1, 1, 101.505, 1, 2, 100.98, "end_of_data"),),
    ),
    Scenario(
        "touch: an open inside the band is sold at the open with slip",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        99   100  97   98   10  .      100   2
        98   98   98   98   10  .      100   2
        """,
        TOUCH,
        (Trade(-1, 1, 98.01, 1, 2, 98.98, "end_of_data"),),
    ),
    Scenario(
        "touch: price falling into the band fills a resting buy at its upper edge as maker",
        """
        O    H    L      C    V   signal touch atr
        104  104  104    104  10  1      100   2
        103  104  100.5  103  10  .      100   2
        103  103  103    103  10  .      100   2
        """,
        TOUCH,
        (Trade(1, 1, 101.0, 1, 2, 101.97, "end_of_data"),),
    ),
    Scenario(
        "touch: a resting buy that is only touched does not fill",
        """
        O    H    L    C    V   signal touch atr
        104  104  104  104  10  1      100   2
        103  104  101  103  10  .      100   2
        103  104  101  103  10  .      100   2
        103  104  90   103  10  .      100   2
        """,
        TOUCH,
        unfilled=(Unfilled("missed", "expired", 0, 2),),
    ),
    Scenario(
        "touch: price rising into the band fills a buy stop at its lower edge with slip, a touch is enough",
        """
        O   H   L   C   V   signal touch atr
        97  97  97  97  10  1      100   2
        97  99  96  98  10  .      100   2
        98  98  98  98  10  .      100   2
        """,
        TOUCH,
        (Trade(1, 1, 99.99, 1, 2, 97.02, "end_of_data"),),
    ),
    Scenario(
        "touch: price rising into the band fills a resting sell at its lower edge as maker",
        """
        O   H     L   C   V   signal touch atr
        97  97    97  97  10  -1     100   2
        97  99.5  96  98  10  .      100   2
        98  98    98  98  10  .      100   2
        """,
        TOUCH,
        (Trade(-1, 1, 99.0, 1, 2, 98.98, "end_of_data"),),
    ),
    Scenario(
        "touch: a resting sell that is only touched does not fill",
        """
        O   H   L   C   V   signal touch atr
        97  97  97  97  10  -1     100   2
        97  99  96  98  10  .      100   2
        97  99  96  98  10  .      100   2
        """,
        TOUCH,
        unfilled=(Unfilled("missed", "expired", 0, 2),),
    ),
    Scenario(
        "touch: price falling into the band fills a sell stop at its upper edge with slip, a touch is enough",
        """
        O    H    L    C    V   signal touch atr
        103  103  103  103  10  -1     100   2
        103  104  101  102  10  .      100   2
        102  102  102  102  10  .      100   2
        """,
        TOUCH,
        (Trade(-1, 1, 99.99, 1, 2, 103.02, "end_of_data"),),
    ),
    Scenario(
        "touch: the band is repriced each bar from the touch level of the bar before",
        """
        O    H    L    C    V   signal touch atr
        104  104  104  104  10  1      100   2
        105  106  104  105  10  .      104   2
        104  106  103  105  10  .      50    2
        105  105  105  105  10  .      50    2
        """,
        TOUCH,
        (Trade(1, 2, 105.04, 1, 3, 103.95, "end_of_data"),),
    ),
]

LIMIT_ORDER = [
    Scenario(
        "limit: price trading through the limit fills it as maker",
        """
        O    H    L     C    V   signal touch atr
        100  100  100   100  10  1      100   2
        100  101  98.9  100  10  .      100   2
        100  100  100   100  10  .      100   2
        """,
        LIMIT,
        (Trade(1, 1, 99.0, 2, 2, 99.0, "end_of_data"),),
    ),
    Scenario(
        "limit: a touch alone does not fill",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        100  101  99   100  10  .      100   2
        """,
        LIMIT,
        unfilled=(Unfilled("missed", "expired", 0, 2),),
    ),
    Scenario(
        "limit: an open far beyond the limit fills at the open with slip",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        97   98   96   97   10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        LIMIT,
        (Trade(1, 1, 97.97, 2, 2, 99.0, "end_of_data"),),
    ),
    Scenario(
        "limit: slip at the open never pays more than the limit",
        """
        O     H    L    C    V   signal touch atr
        100   100  100  100  10  1      100   2
        98.5  99   98   98   10  .      100   2
        100   100  100  100  10  .      100   2
        """,
        LIMIT,
        (Trade(1, 1, 99.0, 2, 2, 99.0, "end_of_data"),),
    ),
    Scenario(
        "limit: a short's limit lies above and fills when price trades through it",
        """
        O    H      L    C    V   signal touch atr
        100  100    100  100  10  -1     100   2
        100  101.1  99   100  10  .      100   2
        100  100    100  100  10  .      100   2
        """,
        LIMIT,
        (Trade(-1, 1, 101.0, 2, 2, 101.0, "end_of_data"),),
    ),
    Scenario(
        "limit: a short's open beyond the limit never receives less than the limit",
        """
        O      H    L    C    V   signal touch atr
        100    100  100  100  10  -1     100   2
        101.5  102  101  101  10  .      100   2
        100    100  100  100  10  .      100   2
        """,
        LIMIT,
        (Trade(-1, 1, 101.0, 2, 2, 101.0, "end_of_data"),),
    ),
    Scenario(
        "limit: the price is fixed when the tier becomes active, later closes do not move it",
        """
        O    H    L     C    V   signal touch atr
        100  100  100   100  10  1      100   2
        104  106  103   105  10  .      100   8
        104  106  98.5  105  10  .      100   8
        105  105  105   105  10  .      100   8
        """,
        LIMIT,
        (Trade(1, 2, 99.0, 2, 3, 103.95, "end_of_data"),),
    ),
    Scenario(
        "limit: after tier 1 the price comes from the close before the tier and the ATR of the signal",
        """
        O    H    L    C    V   signal touch atr
        108  108  108  108  10  1      100   2
        109  111  108  110  10  .      100   8
        110  112  108  110  10  .      100   8
        110  110  110  110  10  .      100   8
        """,
        {**LIMIT, **only_tiers(1, 2), "hybrid_tier1_timeout": 1},
        (Trade(1, 2, 109.0, 2, 3, 108.9, "end_of_data"),),
    ),
]

SCENARIOS = EMA_TOUCH + LIMIT_ORDER
