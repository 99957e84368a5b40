"""How much an entry buys: by equity, risk, volatility and the record so far."""

from math import sqrt

from tests.scenarios.presets import FREE, MARKET, STOP_3_TARGET_4, UNPROTECTED
from tests.scenarios.scenario import Scenario, Setting, Trade, Unfilled

AT_OPEN: dict[str, Setting] = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 50.0, "initial_capital": 1000.0, "leverage": 5.0}
EQUITY: dict[str, Setting] = {**AT_OPEN, "sizing": "equity", "equity_fraction": 0.5}
RISK: dict[str, Setting] = {**AT_OPEN, **STOP_3_TARGET_4, "sizing": "risk", "risk_per_trade": 0.03}
KELLY: dict[str, Setting] = {**AT_OPEN, "sizing": "kelly", "kelly_fraction": 0.5, "kelly_min_trades": 2, "equity_fraction": 0.1}
# Fees of 1 %: the first trade nets 17.8 of 100, the second -14.52 of 120 a unit.
THIRD = 0.1 * (1017.8 - 1.2 * 0.999) / 120
FOURTH = 0.5 * (0.5 / (14.52 / 120) - 0.5 / 0.178) * (1017.8 - 14.52 * 0.999 - 1.32 * THIRD) / 132
ONE_BAR = """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        101  101  101  101  10  .      100   2
        """

SIZES = [
    Scenario(
        "equity: a fraction of it at the signal's price, whatever order_qty says",
        ONE_BAR,
        {**EQUITY, "order_qty": 1.0},
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data", qty=5.0, net=5.0),),
    ),
    Scenario(
        "equity: it grows with the account, as it stood before the bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        120  120  120  120  10  -1     100   2
        132  132  132  132  10  .      100   2
        132  132  132  132  10  .      100   2
        """,
        # 1,100 at the close of bar 2; the open of 132 is not known when the order is sized: 550 / 120.
        EQUITY,
        (
            Trade(1, 1, 100.0, 4, 3, 132.0, "opposite_signal", qty=5.0, net=160.0),
            Trade(-1, 3, 132.0, 4, 4, 132.0, "end_of_data", qty=550 / 120, net=0.0),
        ),
    ),
    Scenario(
        "equity: capped by leverage",
        ONE_BAR,
        {**EQUITY, "equity_fraction": 50.0},
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data", qty=50.0, net=50.0),),
    ),
    Scenario(
        "equity: rounded down to the step",
        ONE_BAR,
        {**EQUITY, "qty_step": 2.0},
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data", qty=4.0, net=4.0),),
    ),
    Scenario(
        "equity: below the minimum notional it is rejected",
        ONE_BAR,
        {**EQUITY, "equity_fraction": 0.004, "min_notional": 5.0},
        unfilled=(Unfilled("rejected", "below_min_notional", 0, 1),),
    ),
    Scenario(
        "risk: the stop loses that fraction of the equity",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  97   100  10  .      100   2
        """,
        # 30 at risk, 3 a unit.
        RISK,
        (Trade(1, 1, 100.0, 4, 1, 97.0, "stop_loss", qty=10.0, net=-30.0),),
    ),
    Scenario(
        "risk: by a percent stop of the signal's price",
        ONE_BAR,
        {**RISK, "stop_type": "percent", "stop_distance": 0.05},
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data", qty=6.0, net=6.0),),
    ),
    Scenario(
        "risk: a wider regime buys less",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   3
        100  100  100  100  10  .      100   3
        """,
        # m = 3 / 2: 1.5 * 3 * 1.5 = 6.75 a unit.
        {**RISK, "regime_response": 1.0, "regime_lookback": 2},
        (Trade(1, 2, 100.0, 4, 2, 100.0, "end_of_data", qty=30 / 6.75, net=0.0),),
    ),
    Scenario(
        "risk: a wider regime buys less by a percent stop too",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   3
        100  100  100  100  10  .      100   3
        """,
        # 30 / (100 * 0.04 * 1.5).
        {**RISK, "stop_type": "percent", "stop_distance": 0.04, "regime_response": 1.0, "regime_lookback": 2},
        (Trade(1, 2, 100.0, 4, 2, 100.0, "end_of_data", qty=5.0, net=0.0),),
    ),
    Scenario(
        "risk: without any movement the cap decides",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   0
        101  101  101  101  10  .      100   0
        101  101  101  101  10  .      100   0
        """,
        # The stop stands at the entry itself and takes it out in its bar.
        {**RISK, "leverage": 2.0, "enable_hybrid_engine": False},
        (Trade(1, 1, 101.0, 4, 1, 101.0, "stop_loss", qty=20.0, net=0.0),),
    ),
    Scenario(
        "volatility: the ATR times the root of the year's bars is the target",
        ONE_BAR,
        {**AT_OPEN, "sizing": "volatility", "volatility_target": 0.4},
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data", qty=400 / (2 * sqrt(8766)), net=400 / (2 * sqrt(8766))),),
    ),
    Scenario(
        "volatility: capped by leverage, rounded down to the step",
        ONE_BAR,
        {**AT_OPEN, "sizing": "volatility", "volatility_target": 100.0, "qty_step": 15.0},
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data", qty=45.0, net=45.0),),
    ),
    Scenario(
        "volatility: three times the ATR buys a third",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   6
        100  100  100  100  10  .      100   6
        101  101  101  101  10  .      100   6
        """,
        {**AT_OPEN, "sizing": "volatility", "volatility_target": 0.4},
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data", qty=400 / (6 * sqrt(8766)), net=400 / (6 * sqrt(8766))),),
    ),
    Scenario(
        "volatility: without any movement the cap decides",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   0
        100  100  100  100  10  .      100   0
        99   99   99   99   10  .      100   0
        """,
        {**AT_OPEN, "sizing": "volatility", "stop_type": "none", "target_type": "none"},
        (Trade(-1, 1, 100.0, 4, 2, 99.0, "end_of_data", qty=50.0, net=50.0),),
    ),
    Scenario(
        "volatility: below both minima the quantity's comes first",
        ONE_BAR,
        {**AT_OPEN, "sizing": "volatility", "volatility_target": 0.1, "min_qty": 1.0, "min_notional": 500.0},
        unfilled=(Unfilled("rejected", "below_min_qty", 0, 1),),
    ),
    Scenario(
        "volatility: below the minimum it is rejected",
        ONE_BAR,
        {**AT_OPEN, "sizing": "volatility", "volatility_target": 0.1, "min_qty": 1.0},
        unfilled=(Unfilled("rejected", "below_min_qty", 0, 1),),
    ),
]

KELLYS = [
    Scenario(
        "kelly: until enough trades are closed it is the size by equity",
        ONE_BAR,
        KELLY,
        (Trade(1, 1, 100.0, 4, 2, 101.0, "end_of_data", qty=1.0, net=1.0),),
    ),
    Scenario(
        "kelly: one win of 20 % and one loss of 10 %, but the trade that the signal closes is not known yet",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        120  120  120  120  10  1      100   2
        132  132  132  132  10  -1     100   2
        132  132  132  132  10  .      100   2
        132  132  132  132  10  .      100   2
        """,
        # Bar 1: 1 unit, +20. Bar 2: 100 / 100 = 1 unit short at 120, closed at 132 in bar 3: one trade known at bar 3, so still by equity:
        # equity 1020 at the close of bar 2, 102 / 120 = 0.85. Bar 4 knows +20 % and -10 %: f = 0.5 / 0.1 - 0.5 / 0.2 = 2.5, half of it
        # on 1008 at 132.
        KELLY,
        (
            Trade(1, 1, 100.0, 4, 2, 120.0, "opposite_signal", qty=1.0, net=20.0),
            Trade(-1, 2, 120.0, 4, 3, 132.0, "opposite_signal", qty=1.0, net=-12.0),
            Trade(1, 3, 132.0, 4, 4, 132.0, "opposite_signal", qty=0.85, net=0.0),
            Trade(-1, 4, 132.0, 4, 5, 132.0, "end_of_data", qty=1.25 * 1008 / 132, net=0.0),
        ),
    ),
    Scenario(
        "kelly: the record is net of fees",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        120  120  120  120  10  1      100   2
        132  132  132  132  10  -1     100   2
        132  132  132  132  10  .      100   2
        132  132  132  132  10  .      100   2
        """,
        {**KELLY, "taker_fee": 0.01},
        (
            Trade(1, 1, 100.0, 4, 2, 120.0, "opposite_signal", qty=1.0, net=17.8),
            Trade(-1, 2, 120.0, 4, 3, 132.0, "opposite_signal", qty=0.999, net=0.999 * -14.52),
            Trade(1, 3, 132.0, 4, 4, 132.0, "opposite_signal", qty=THIRD, net=-2.64 * THIRD),
            Trade(-1, 4, 132.0, 4, 5, 132.0, "end_of_data", qty=FOURTH, net=-2.64 * FOURTH),
        ),
    ),
    Scenario(
        "kelly: a record that loses bets nothing more",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        80   80   80   80   10  1      100   2
        72   72   72   72   10  .      100   2
        72   72   72   72   10  1      100   2
        72   72   72   72   10  -1     100   2
        72   72   72   72   10  1      100   2
        72   72   72   72   10  .      100   2
        """,
        # -20 % and +10 %: f = 0.5 / 0.2 - 0.5 / 0.1 < 0. The long of bar 3 was sized before the second trade was known.
        KELLY,
        (
            Trade(1, 1, 100.0, 4, 2, 80.0, "opposite_signal", qty=1.0, net=-20.0),
            Trade(-1, 2, 80.0, 4, 3, 72.0, "opposite_signal", qty=1.0, net=8.0),
            Trade(1, 3, 72.0, 4, 6, 72.0, "opposite_signal", qty=98 / 80, net=0.0),
        ),
        (Unfilled("rejected", "no_bet", 5, 6), Unfilled("rejected", "no_bet", 6, 7)),
    ),
    Scenario(
        "kelly: even odds bet nothing, which is not the step's doing",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        110  110  110  110  10  1      100   2
        121  121  121  121  10  .      100   2
        121  121  121  121  10  -1     100   2
        121  121  121  121  10  1      100   2
        121  121  121  121  10  .      100   2
        """,
        # +10 % and -10 %: f = 0.5 / 0.1 - 0.5 / 0.1 = 0. The long of bar 3 was sized before the second trade was known.
        {**KELLY, "qty_step": 0.5},
        (
            Trade(1, 1, 100.0, 4, 2, 110.0, "opposite_signal", qty=1.0, net=10.0),
            Trade(-1, 2, 110.0, 4, 3, 121.0, "opposite_signal", qty=1.0, net=-11.0),
            Trade(1, 3, 121.0, 4, 5, 121.0, "opposite_signal", qty=0.5, net=0.0),
        ),
        (Unfilled("rejected", "no_bet", 4, 5), Unfilled("rejected", "no_bet", 5, 6)),
    ),
    Scenario(
        "kelly: without a loss in the record it is the size by equity",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        120  120  120  120  10  1      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  -1     100   2
        100  100  100  100  10  .      100   2
        """,
        # Bar 5 knows two trades, both won; equity 1040, of which the long of bar 3 (102 / 120) has changed nothing.
        KELLY,
        (
            Trade(1, 1, 100.0, 4, 2, 120.0, "opposite_signal", qty=1.0, net=20.0),
            Trade(-1, 2, 120.0, 4, 3, 100.0, "opposite_signal", qty=1.0, net=20.0),
            Trade(1, 3, 100.0, 4, 5, 100.0, "opposite_signal", qty=0.85, net=0.0),
            Trade(-1, 5, 100.0, 4, 5, 100.0, "end_of_data", qty=1.04, net=0.0),
        ),
    ),
    Scenario(
        "kelly: capped by leverage",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        120  120  120  120  10  1      100   2
        121.2 121.2 121.2 121.2 10  -1 100   2
        121.2 121.2 121.2 121.2 10  .  100   2
        """,
        # +20 % and -1 %: f = 0.5 / 0.01 - 0.5 / 0.2 = 47.5. Bar 4: equity 1018.8, 5 * 1018.8 / 121.2.
        KELLY,
        (
            Trade(1, 1, 100.0, 4, 2, 120.0, "opposite_signal", qty=1.0, net=20.0),
            Trade(-1, 2, 120.0, 4, 3, 121.2, "opposite_signal", qty=1.0, net=-1.2),
            Trade(1, 3, 121.2, 4, 4, 121.2, "opposite_signal", qty=0.85, net=0.0),
            Trade(-1, 4, 121.2, 4, 4, 121.2, "end_of_data", qty=5 * 1018.8 / 121.2, net=0.0),
        ),
    ),
]

SCENARIOS = SIZES + KELLYS
