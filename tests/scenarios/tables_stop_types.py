"""Where stop and target stand: by percent, not at all, and by the volatility regime."""

from tests.scenarios.presets import FREE, MARKET, NO_TRAILING, STOP_3_TARGET_4, only_tiers
from tests.scenarios.scenario import Scenario, Trade

PERCENT = {
    **FREE, **NO_TRAILING, **MARKET, "max_chase_atr": 50.0,
    "stop_type": "percent", "target_type": "percent", "stop_distance": 0.02, "target_distance": 0.03,
}  # fmt: skip
# Stop 3 and target 4 away, times the regime of the last three ATRs.
REGIME = {**FREE, **STOP_3_TARGET_4, **MARKET, "regime_response": 1.0, "regime_lookback": 3}

PERCENT_STOPS = [
    Scenario(
        "percent: the stop is a fraction of the average entry, slip included",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  100  100  10  .      100   2
        100  100  98   100  10  .      100   2
        """,
        # Bought at 101: 98.98.
        {**PERCENT, "slippage": 0.01},
        (Trade(1, 1, 101.0, 4, 2, 98.98 * 0.99, "stop_loss"),),
    ),
    Scenario(
        "percent: the target of a long",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  103  99   103  10  .      100   2
        103  104  102  103  10  .      100   2
        """,
        PERCENT,
        (Trade(1, 1, 100.0, 4, 2, 103.0, "take_profit", net=3.0),),
    ),
    Scenario(
        "percent: a short's stop stands above, its target below",
        """
        O    H     L    C    V   signal touch atr
        100  100   100  100  10  -1     100   2
        100  101   98   98   10  .      100   2
        98   98    96   97   10  -1     100   2
        97   97    97   97   10  .      100   2
        97   100   97   97   10  .      100   2
        """,
        PERCENT,
        (
            Trade(-1, 1, 100.0, 4, 2, 97.0, "take_profit", net=3.0),
            Trade(-1, 3, 97.0, 4, 4, 98.94, "stop_loss", net=-1.94),
        ),
    ),
    Scenario(
        "percent: an addition moves both with the average entry",
        """
        O    H    L    C    V    signal touch atr
        100  100  100  100  100  1      100   2
        100  100  100  100  10   .      100   2
        104  104  104  104  100  .      100   2
        104  104  99.9 104  100  .      100   2
        """,
        # 10 at 100 and 30 at 104: 103, so the stop is 100.94.
        {**PERCENT, **only_tiers(3, 4), "order_qty": 40.0, "hybrid_tier3_timeout": 1, "participation_rate": 1.0, "target_distance": 0.2},
        (Trade(1, 1, 103.0, 3, 3, 100.94, "stop_loss", qty=40.0),),
    ),
    Scenario(
        "percent: the stop wins over the target inside one bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  101  99   100  10  .      100   2
        100  104  97   103  10  .      100   2
        """,
        PERCENT,
        (Trade(1, 1, 100.0, 4, 2, 98.0, "stop_loss", net=-2.0),),
        ambiguous=1,
    ),
    Scenario(
        "none: without a stop any low is survived",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  102  1    100  10  .      100   2
        100  104  50   100  10  .      100   2
        """,
        {**PERCENT, "stop_type": "none"},
        (Trade(1, 1, 100.0, 4, 2, 103.0, "take_profit", net=3.0),),
    ),
    Scenario(
        "none: without a target the trailing take profit never starts, the trailing stop does",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  200  100  200  10  .      100   2
        200  200  170  180  10  .      100   2
        """,
        # 200 * 0.9 = 180 of the trailing stop; the trailing take profit would stand at 198.
        {
            **PERCENT,
            "stop_type": "none",
            "target_type": "none",
            "trailing_sl_enabled": True,
            "trailing_sl_threshold": 0.1,
            "trailing_tp_enabled": True,
            "trailing_tp_threshold": 0.01,
        },
        (Trade(1, 1, 100.0, 4, 2, 180.0, "trailing_stop", net=80.0),),
    ),
    Scenario(
        "none: a stop without a target lets the gain run",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  400  99   100  10  .      100   2
        100  100  98   99   10  .      100   2
        """,
        {**PERCENT, "target_type": "none"},
        (Trade(1, 1, 100.0, 4, 2, 98.0, "stop_loss", net=-2.0),),
        ambiguous=0,
    ),
    Scenario(
        "none: a trailing rule gives a position without a stop its first one",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  100  80   85   10  .      100   2
        85   90   84   89   10  .      100   2
        """,
        # 80 * 1.1 from bar 2 on.
        {**PERCENT, "stop_type": "none", "target_type": "none", "trailing_sl_enabled": True, "trailing_sl_threshold": 0.1},
        (Trade(-1, 1, 100.0, 4, 2, 88.0, "trailing_stop", net=12.0),),
    ),
    Scenario(
        "none: neither stop nor target leaves the end of the data",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  300  1    100  10  .      100   2
        100  100  90   90   10  .      100   2
        """,
        {**PERCENT, "stop_type": "none", "target_type": "none"},
        (Trade(-1, 1, 100.0, 4, 2, 90.0, "end_of_data", net=10.0),),
    ),
]

REGIMES = [
    Scenario(
        "regime: an ATR above its mean widens the stop",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   1
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   2
        100  100  96   100  10  .      100   2
        100  100  95   100  10  .      100   2
        """,
        # Mean 4 / 3, so m = 1.5 and the stop is 4.5 away.
        REGIME,
        (Trade(1, 3, 100.0, 4, 4, 95.5, "stop_loss", net=-4.5),),
    ),
    Scenario(
        "regime: an ATR below its mean brings the target nearer",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   3
        100  100  100  100  10  .      100   2.5
        100  100  100  100  10  1      100   2
        100  103.5 100 100  10  .      100   2
        """,
        # m = 2 / 2.5 = 0.8: 3.2 away.
        REGIME,
        (Trade(1, 3, 100.0, 4, 3, 103.2, "take_profit", net=3.2),),
    ),
    Scenario(
        "regime: the multiplier stays within its limits",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   0
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   2
        100  100  96.5 100  10  .      100   2
        100  100  96   100  10  .      100   2
        """,
        # m would be 2.
        {**REGIME, "regime_max_multiplier": 1.25},
        (Trade(1, 3, 100.0, 4, 4, 96.25, "stop_loss", net=-3.75),),
    ),
    Scenario(
        "regime: it does not fall below its lower limit",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   3
        100  100  100  100  10  .      100   2.5
        100  100  100  100  10  1      100   2
        100  103.5 100 100  10  .      100   2
        100  104  100  100  10  .      100   2
        """,
        # 0.8 would be 3.2 away; 0.9 is 3.6.
        {**REGIME, "regime_min_multiplier": 0.9},
        (Trade(1, 3, 100.0, 4, 4, 103.6, "take_profit", net=3.6),),
    ),
    Scenario(
        "regime: an addition keeps it",
        """
        O    H    L    C    V    signal touch atr
        100  100  100  100  100  .      100   1
        100  100  100  100  100  .      100   1
        100  100  100  100  100  1      100   2
        100  100  100  100  10   .      100   2
        102  102  102  102  100  .      100   2
        102  102  97.5 102  100  .      100   2
        102  102  97   102  100  .      100   2
        """,
        # 10 at 100 and 10 at 102: 101 - 4.5 = 96.5 with m = 1.5 would be 98 without.
        {**REGIME, **only_tiers(3, 4), "order_qty": 20.0, "hybrid_tier3_timeout": 1, "participation_rate": 1.0},
        (Trade(1, 3, 101.0, 3, 6, 102.0, "end_of_data", qty=20.0, net=20.0),),
    ),
    Scenario(
        "regime: a negative response narrows in wild times",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   1
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   2
        100  100  97.5 100  10  .      100   2
        """,
        # 1 - 0.5 * (1.5 - 1) = 0.75.
        {**REGIME, "regime_response": -0.5},
        (Trade(1, 3, 100.0, 4, 3, 97.75, "stop_loss", net=-2.25),),
    ),
    Scenario(
        "regime: without enough history the multiplier is 1",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   2
        100  100  97   100  10  .      100   2
        """,
        REGIME,
        (Trade(1, 2, 100.0, 4, 2, 97.0, "stop_loss", net=-3.0),),
    ),
    Scenario(
        "regime: an ATR that is not defined yet is no history",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   .
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   2
        100  100  97   100  10  .      100   2
        """,
        REGIME,
        (Trade(1, 3, 100.0, 4, 3, 97.0, "stop_loss", net=-3.0),),
    ),
    Scenario(
        "regime: it is the signal's and stays for the whole position, whatever the ATR does",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   1
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   9
        100  100  95.6 100  10  .      100   9
        100  100  95.5 100  10  .      100   1
        """,
        REGIME,
        (Trade(1, 3, 100.0, 4, 5, 95.5, "stop_loss", net=-4.5),),
    ),
    Scenario(
        "regime: a percent distance follows it too",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  .      100   1
        100  100  100  100  10  .      100   1
        100  100  100  100  10  1      100   2
        100  100  97.5 100  10  .      100   2
        100  100  97   100  10  .      100   2
        """,
        {**PERCENT, "regime_response": 1.0, "regime_lookback": 3},
        (Trade(1, 3, 100.0, 4, 4, 97.0, "stop_loss", net=-3.0),),
    ),
]

SCENARIOS = PERCENT_STOPS + REGIMES
