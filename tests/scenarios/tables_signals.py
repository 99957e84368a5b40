"""What a signal does to a position, to a working entry, and to an empty account."""

from tests.scenarios.presets import FREE, MARKET, STOP_3_TARGET_4, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

AT_OPEN = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 50.0}
# A limit 20 away that never fills.
RESTING = {**FREE, **UNPROTECTED, **only_tiers(2), "limit_offset_atr": 10.0, "hybrid_tier2_timeout": 3}
SLICES = {**FREE, **UNPROTECTED, **only_tiers(3), "hybrid_tier3_timeout": 4, "order_qty": 4.0, "participation_rate": 1.0}
KEEP = {"exit_on_opposite_signal": False}

POSITION = [
    Scenario(
        "signal: decided at the close of a bar, it acts at the next open and not before",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   2
        101  101  101  101  10  1      100   2
        102  102  102  102  10  .      100   2
        103  103  103  103  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 2, 102.0, 4, 3, 103.0, "end_of_data"),),
    ),
    Scenario(
        "signal: an opposite one closes at the open and reverses in the same bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  -1     100   2
        105  106  104  105  10  .      100   2
        104  104  104  104  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 2, 105.0, "opposite_signal"), Trade(-1, 2, 105.0, 4, 3, 104.0, "end_of_data")),
    ),
    Scenario(
        "signal: with exit_on_opposite_signal off an opposite one changes nothing",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  -1     100   2
        105  106  104  105  10  .      100   2
        104  104  104  104  10  .      100   2
        """,
        {**AT_OPEN, **KEEP},
        (Trade(1, 1, 100.0, 4, 3, 104.0, "end_of_data"),),
    ),
    Scenario(
        "signal: with exit_on_disabled_side one of a side that is switched off closes and opens nothing",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  101  99   100  10  1      100   2
        100  101  99   100  10  -1     100   2
        105  106  104  105  0   .      100   2
        106  106  104  105  10  .      100   2
        104  104  104  104  10  .      100   2
        """,
        {**AT_OPEN, "allow_short": False, "exit_on_disabled_side": True},
        (Trade(1, 2, 100.0, 4, 4, 106.0, "opposite_signal"),),
    ),
    Scenario(
        "signal: it cancels an unfilled entry of the other side, and waits for no traded bar when there is nothing to close",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  -1     100   2
        100  101  99   100  0   .      100   2
        100  101  60   100  10  .      100   2
        """,
        {**RESTING, "allow_short": False, "exit_on_disabled_side": True},
        (),
        (Unfilled("missed", "opposite_signal", 0, 2),),
    ),
    Scenario(
        "signal: one in the direction already held is ignored, and gone when the stop is hit in the same bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  1      100   2
        100  101  96   100  10  .      100   2
        100  101  99   100  10  .      100   2
        """,
        {**FREE, **STOP_3_TARGET_4, **MARKET},
        (Trade(1, 1, 100.0, 4, 2, 97.0, "stop_loss"),),
    ),
    Scenario(
        "signal: an opposite one comes before the stop, also when the open lies beyond the stop",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  -1     100   2
        95   96   94   95   10  .      100   2
        """,
        {**FREE, **STOP_3_TARGET_4, **MARKET},
        (Trade(1, 1, 100.0, 4, 2, 95.0, "opposite_signal"),),
        # The reversal is not chased: 95 is 5 below the signal's close of 100.
        (Unfilled("missed", "expired", 1, 2),),
    ),
    Scenario(
        "signal: the one of the last bar never acts",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   2
        100  100  100  100  10  1      100   2
        """,
        AT_OPEN,
    ),
]

WORKING_ENTRY = [
    Scenario(
        "signal: an opposite one cancels an unfilled working entry and starts its own",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  -1     100   2
        100  101  99   100  10  .      100   2
        100  121  99   100  10  .      100   2
        """,
        RESTING,
        (Trade(-1, 3, 120.0, 2, 3, 100.0, "end_of_data"),),
        (Unfilled("missed", "opposite_signal", 0, 2),),
    ),
    Scenario(
        "signal: it does so with exit_on_opposite_signal off as well",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  -1     100   2
        100  101  99   100  10  .      100   2
        100  121  99   100  10  .      100   2
        """,
        {**RESTING, **KEEP},
        (Trade(-1, 3, 120.0, 2, 3, 100.0, "end_of_data"),),
        (Unfilled("missed", "opposite_signal", 0, 2),),
    ),
    Scenario(
        "signal: one in the direction already working is ignored and renews nothing",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  111  99   110  10  1      100   2
        100  111  99   110  10  1      100   2
        100  111  99   110  10  .      100   2
        100  111  70   110  10  .      100   2
        """,
        RESTING,
        unfilled=(Unfilled("missed", "expired", 0, 3),),
    ),
    Scenario(
        "signal: a partly filled entry and its position are closed by an opposite one, the remainder is cancelled",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        102  102  102  102  10  .      100   2
        102  102  102  102  10  .      100   2
        """,
        SLICES,
        (
            Trade(1, 1, 100.0, 3, 2, 102.0, "opposite_signal"),
            Trade(-1, 2, 102.0, 3, 3, 102.0, "end_of_data", qty=2.0),
        ),
        (Unfilled("partial", "opposite_signal", 0, 2, filled=1.0), Unfilled("partial", "end_of_data", 1, 3, filled=2.0)),
    ),
    Scenario(
        "signal: with exit_on_opposite_signal off a partly filled entry goes on filling",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        102  102  102  102  10  .      100   2
        102  102  102  102  10  .      100   2
        104  104  104  104  10  .      100   2
        """,
        {**SLICES, **KEEP},
        (Trade(1, 1, 102.0, 3, 4, 104.0, "end_of_data", qty=4.0),),
    ),
    Scenario(
        "signal: an entry still working after the last bar is missed by the end of the data",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        100  101  99   100  10  .      100   2
        """,
        RESTING,
        unfilled=(Unfilled("missed", "end_of_data", 0, 2),),
    ),
    Scenario(
        "signal: after an entry has expired the next signal starts a new one",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        100  101  99   100  10  .      100   2
        100  101  99   100  10  1      100   2
        100  101  70   100  10  .      100   2
        """,
        RESTING,
        (Trade(1, 4, 80.0, 2, 4, 100.0, "end_of_data"),),
        (Unfilled("missed", "expired", 0, 3),),
    ),
]

SCENARIOS = POSITION + WORKING_ENTRY
