"""Finer execution: decisions on a bar of two or more rows, fills on the rows; and exits that a coarse bar leaves open."""

from tests.scenarios.presets import FREE, MARKET, STOP_3_TARGET_4, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

HALVES = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 50.0, "detail_bars": 2}
PROTECTED = {**FREE, **STOP_3_TARGET_4, **MARKET}

DETAIL = [
    Scenario(
        "detail: a signal acts in the first row of the next decision bar, and only there",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      .     .
        100  100  100  100  10  1      100   2
        101  101  97   101  10  .      .     .
        102  102  102  102  10  .      100   2
        103  103  103  103  10  .      .     .
        104  104  104  104  10  .      100   2
        """,
        # The stop takes it out in its first row; the second row of the decision bar does not see the signal again.
        {**HALVES, "atr_sl_multiplier": 1.5},
        (Trade(1, 2, 101.0, 4, 2, 98.0, "stop_loss", net=-3.0),),
        equity={0: 100_000.0, 1: 99_997.0, 2: 99_997.0},
    ),
    Scenario(
        "detail: the order of stop and target inside the decision bar is seen",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      .     .
        100  100  100  100  10  1      100   2
        100  101  100  101  10  .      .     .
        101  105  101  104  10  .      100   2
        104  104  96   97   10  .      .     .
        97   97   97   97   10  .      100   2
        """,
        {**PROTECTED, "detail_bars": 2},
        (Trade(1, 2, 100.0, 4, 3, 104.0, "take_profit", net=4.0),),
        ambiguous=0,
    ),
    Scenario(
        "detail: equity is that of the last row, entry and exit stand in their rows",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      .     .
        100  100  100  100  10  1      100   2
        100  105  100  105  10  .      .     .
        105  105  102  102  10  .      100   2
        102  108  102  108  10  .      .     .
        108  108  106  106  10  .      100   2
        """,
        HALVES,
        (Trade(1, 2, 100.0, 4, 5, 106.0, "end_of_data", net=6.0),),
        equity={0: 100_000.0, 1: 100_002.0, 2: 100_006.0},
    ),
    Scenario(
        "detail: timeouts count decision bars, and the limit stands at the close before the first row",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      .     .
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      .     .
        100  100  98   99   10  .      100   2
        99   99   99   99   10  .      .     .
        99   99   99   99   10  .      100   2
        """,
        {**HALVES, **only_tiers(2), "hybrid_tier2_timeout": 1, "limit_offset_atr": 0.5},
        (Trade(1, 3, 99.0, 2, 5, 99.0, "end_of_data", net=0.0),),
    ),
    Scenario(
        "detail: an entry expires in the last row of a decision bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      .     .
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      .     .
        100  100  100  100  10  .      100   2
        100  100  90   90   10  .      .     .
        90   90   90   90   10  .      100   2
        """,
        {**HALVES, **only_tiers(2), "hybrid_tier2_timeout": 1, "limit_offset_atr": 0.5},
        unfilled=(Unfilled("missed", "expired", 0, 3),),
    ),
    Scenario(
        "detail: a slice in every row, each capped by its own volume",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  99  .      .     .
        100  100  100  100  99  1      100   2
        100  100  100  100  99  .      .     .
        104  104  104  104  1   .      100   2
        102  102  102  102  99  .      .     .
        108  108  108  108  99  .      100   2
        108  108  108  108  99  .      .     .
        108  108  108  108  99  .      100   2
        """,
        # 8 over four rows: 2, then 2 cut to 1, then 5 / 2 and what is left: 200 + 104 + 255 + 270 = 829.
        {**HALVES, **only_tiers(3), "hybrid_tier3_timeout": 2, "order_qty": 8.0, "participation_rate": 1.0},
        (Trade(1, 2, 829 / 8, 3, 7, 108.0, "end_of_data", qty=8.0, net=35.0),),
    ),
    Scenario(
        "detail: the touch band is that of the decision bar before, in all its rows",
        """
        O    H    L    C    V   signal touch atr
        102  102  102  102  10  .      .     .
        102  102  102  102  10  1      100   2
        102  102  101  101  10  .      .     .
        101  101  99   100  10  .      101   2
        100  100  100  100  10  .      .     .
        100  100  100  100  10  .      100   2
        """,
        {**HALVES, **only_tiers(1)},
        (Trade(1, 3, 100.15, 1, 5, 100.0, "end_of_data", net=-0.15),),
    ),
    Scenario(
        "detail: a signal waits for a row that trades, and its late decision bar counts as one",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      .     .
        100  100  100  100  10  1      100   2
        100  100  100  100  0   .      .     .
        100  100  99.5 100  10  .      100   2
        100  100  90   90   10  .      .     .
        90   90   90   90   10  .      100   2
        """,
        {**HALVES, **only_tiers(2), "hybrid_tier2_timeout": 1, "limit_offset_atr": 0.5},
        unfilled=(Unfilled("missed", "expired", 0, 3),),
    ),
    Scenario(
        "detail: the size uses the equity of the row before, of a signal that waited too",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      .     .
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      .     .
        120  120  120  120  10  -1     100   2
        130  130  130  130  0   .      .     .
        120  120  120  120  10  .      100   2
        """,
        # 1,150 at the close of the silent row; the signal's price is 120.
        {**HALVES, "initial_capital": 1000.0, "sizing": "equity", "equity_fraction": 0.5},
        (
            Trade(1, 2, 100.0, 4, 5, 120.0, "opposite_signal", qty=5.0, net=100.0),
            Trade(-1, 5, 120.0, 4, 5, 120.0, "end_of_data", qty=575 / 120, net=0.0),
        ),
    ),
    Scenario(
        "detail: ruin at a row's close ends the decision bar at zero",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      .     .
        100  100  100  100  10  1      100   2
        100  100  85   85   10  .      .     .
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      .     .
        100  100  100  100  10  .      100   2
        """,
        {**HALVES, "initial_capital": 1000.0, "leverage": 10.0, "order_qty": 100.0},
        (Trade(1, 2, 100.0, 4, 2, 85.0, "ruin", qty=100.0, net=-1000.0),),
        equity={0: 1000.0, 1: 0.0, 2: 0.0},
        ruined=True,
    ),
]

AMBIGUOUS = [
    Scenario(
        "ambiguous: a stop whose bar also passes the target",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  100  101  10  .      100   2
        101  105  96   97   10  .      100   2
        """,
        PROTECTED,
        (Trade(1, 1, 100.0, 4, 2, 97.0, "stop_loss", net=-3.0),),
        ambiguous=1,
    ),
    Scenario(
        "ambiguous: in the bar of an entry at the open as well",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  105  96   97   10  .      100   2
        97   97   97   97   10  .      100   2
        """,
        PROTECTED,
        (Trade(1, 1, 100.0, 4, 1, 97.0, "stop_loss", net=-3.0),),
        ambiguous=1,
    ),
    Scenario(
        "ambiguous: not where the bar opens beyond the stop",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  100  101  10  .      100   2
        96   105  96   97   10  .      100   2
        """,
        PROTECTED,
        (Trade(1, 1, 100.0, 4, 2, 96.0, "stop_loss", net=-4.0),),
        ambiguous=0,
    ),
    Scenario(
        "ambiguous: not where the target is only touched",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  100  101  10  .      100   2
        101  104  96   97   10  .      100   2
        """,
        PROTECTED,
        (Trade(1, 1, 100.0, 4, 2, 97.0, "stop_loss", net=-3.0),),
        ambiguous=0,
    ),
    Scenario(
        "ambiguous: the stop in the bar of a limit's fill, if the close came back",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  95   99   10  .      100   2
        100  100  100  100  10  1      100   2
        100  100  95   96   10  .      100   2
        """,
        # Bought at 99 both times, stop 96; the second close is at the stop.
        {**PROTECTED, **only_tiers(2), "limit_offset_atr": 0.5},
        (Trade(1, 1, 99.0, 2, 1, 96.0, "stop_loss", net=-3.0), Trade(1, 3, 99.0, 2, 3, 96.0, "stop_loss", net=-3.0)),
        ambiguous=1,
    ),
]

SCENARIOS = DETAIL + AMBIGUOUS
