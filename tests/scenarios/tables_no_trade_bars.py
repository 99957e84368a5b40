"""Bars in which nobody traded: nothing fills, but time goes on."""

from tests.scenarios.presets import FREE, MARKET, STOP_3_TARGET_4, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

AT_OPEN = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 50.0}
RESTING = {**FREE, **UNPROTECTED, **only_tiers(2), "limit_offset_atr": 0.5, "hybrid_tier2_timeout": 2}

WAITING = [
    Scenario(
        "no trades: an entry waits for the next traded bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  0   .      100   2
        103  103  103  103  10  .      100   2
        104  104  104  104  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 2, 103.0, 4, 3, 104.0, "end_of_data"),),
    ),
    Scenario(
        "no trades: a waiting entry keeps its own signal price, from which the chase is measured",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  109  100  109  0   .      100   8
        110  110  110  110  10  .      100   8
        110  110  110  110  10  .      100   8
        """,
        {**AT_OPEN, "max_chase_atr": 1.0},
        unfilled=(Unfilled("missed", "expired", 0, 2),),
    ),
    Scenario(
        "no trades: a waiting entry keeps its own ATR, and its limit comes from the close before it starts",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  109  100  109  0   .      100   8
        110  110  107  110  10  .      100   8
        110  110  110  110  10  .      100   8
        """,
        RESTING,
        (Trade(1, 2, 108.0, 2, 3, 110.0, "end_of_data"),),
    ),
    Scenario(
        "no trades: a waiting entry has no age",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  0   .      100   2
        100  100  100  100  0   .      100   2
        100  100  100  100  0   .      100   2
        100  100  99.5 100  10  .      100   2
        100  100  98.5 100  10  .      100   2
        """,
        RESTING,
        (Trade(1, 5, 99.0, 2, 5, 100.0, "end_of_data"),),
    ),
    Scenario(
        "no trades: a later signal replaces the waiting one, which is not counted",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  0   -1     100   2
        100  100  100  100  0   .      100   2
        102  102  102  102  10  .      100   2
        103  103  103  103  10  .      100   2
        """,
        AT_OPEN,
        (Trade(-1, 3, 102.0, 4, 4, 103.0, "end_of_data"),),
    ),
    Scenario(
        "no trades: an entry still waiting at the end does not exist and is not counted",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  0   .      100   2
        100  100  100  100  0   .      100   2
        """,
        AT_OPEN,
    ),
    Scenario(
        "no trades: an opposite signal waits to close and reverse at the next traded open",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        101  101  101  101  0   .      100   2
        102  102  102  102  10  .      100   2
        103  103  103  103  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 3, 102.0, "opposite_signal"), Trade(-1, 3, 102.0, 4, 4, 103.0, "end_of_data")),
    ),
    Scenario(
        "no trades: a waiting close is replaced by a signal in the direction held, and the position stays",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        101  101  101  101  0   1      100   2
        102  102  102  102  0   .      100   2
        103  103  103  103  10  .      100   2
        104  104  104  104  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 5, 104.0, "end_of_data"),),
    ),
    Scenario(
        "no trades: a signal ignored there is gone",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  1      100   2
        100  100  100  100  0   .      100   2
        100  101  96   100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        # The second long signal would have opened again after the stop of bar 3.
        {**FREE, **STOP_3_TARGET_4, **MARKET},
        (Trade(1, 1, 100.0, 4, 3, 97.0, "stop_loss"),),
    ),
    Scenario(
        "no trades: an unfilled working entry is cancelled at once, the opposite entry waits",
        """
        O    H    L     C    V   signal touch atr
        100  100  100   100  10  1      100   2
        100  100  99.5  100  10  -1     100   2
        100  100  100   100  0   .      100   2
        100  102  100   100  10  .      100   2
        """,
        RESTING,
        (Trade(-1, 3, 101.0, 2, 3, 100.0, "end_of_data"),),
        (Unfilled("missed", "opposite_signal", 0, 2),),
    ),
]

TIME_GOES_ON = [
    Scenario(
        "no trades: a stop is not executed there, the next traded open counts",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        96   96   90   90   0   .      100   2
        92   95   91   94   10  .      100   2
        """,
        {**FREE, **STOP_3_TARGET_4, **MARKET},
        (Trade(1, 1, 100.0, 4, 3, 92.0, "stop_loss"),),
        equity={2: 99_990.0},
    ),
    Scenario(
        "no trades: a working entry ages and expires",
        """
        O    H    L     C    V   signal touch atr
        100  100  100   100  10  1      100   2
        100  100  99.5  100  10  .      100   2
        98   98   98    98   0   .      100   2
        98   98   98    98   10  .      100   2
        """,
        RESTING,
        unfilled=(Unfilled("missed", "expired", 0, 2),),
    ),
    Scenario(
        "no trades: a skipped slice makes the later ones larger",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        101  101  101  101  0   .      100   2
        103  103  103  103  10  .      100   2
        103  103  103  103  10  .      100   2
        """,
        # 1 of 3 at 100, then both others at 103.
        {**FREE, **UNPROTECTED, **only_tiers(3), "hybrid_tier3_timeout": 3, "order_qty": 3.0, "participation_rate": 1.0},
        (Trade(1, 1, 102.0, 3, 4, 103.0, "end_of_data", qty=3.0),),
    ),
    Scenario(
        "no trades: the extreme and the trailing stop follow prices there",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        100  125  100  124  0   .      100   2
        124  124  119  119  10  .      100   2
        """,
        {**AT_OPEN, "trailing_sl_enabled": True, "trailing_sl_threshold": 0.04},
        (Trade(1, 1, 100.0, 4, 3, 120.0, "trailing_stop"),),
    ),
    Scenario(
        "no trades: the end of the data closes there all the same",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        101  101  101  101  0   .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data"),),
    ),
    Scenario(
        "no trades: data declared without volume does not know such bars",
        """
        O    H    L    C    V  signal touch atr
        100  100  100  100  0  1      100   2
        100  100  100  100  0  .      100   2
        101  101  101  101  0  .      100   2
        """,
        {**AT_OPEN, "has_volume": False},
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data"),),
    ),
]

SCENARIOS = WAITING + TIME_GOES_ON
