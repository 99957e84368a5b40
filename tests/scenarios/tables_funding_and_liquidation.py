"""A perpetual's account: funding, and the liquidation at the maintenance margin."""

from tests.scenarios.presets import FREE, MARKET, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

AT_OPEN = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 50.0}
# 1,000 at a leverage of 5 buy 50 at 100. Liquidated where 1000 + 50 (p - 100) = 0.1 * 50 p: at
# (100 - 20) / 0.9 = 88.89 for a long, (100 + 20) / 1.1 = 109.09 for a short.
LEVERED = {
    **AT_OPEN, "initial_capital": 1000.0, "leverage": 5.0, "order_qty": 50.0, "maintenance_margin": 0.1, "liquidation_fee": 0.0,
}  # fmt: skip
LONG_LIQ, SHORT_LIQ = 80 / 0.9, 120 / 1.1
HOURLY = {**AT_OPEN, "funding_rate": 0.001, "funding_interval_hours": 1}

FUNDING = [
    Scenario(
        "funding: a constant rate is due at every multiple of its interval, of the value at the open",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        110  110  110  110  10  .      100   2
        120  120  120  120  10  .      100   2
        """,
        # The entry bar is not carried into; 0.11 at 02:00 and 0.12 at 03:00.
        HOURLY,
        (Trade(1, 1, 100.0, 4, 3, 120.0, "end_of_data", net=19.77),),
    ),
    Scenario(
        "funding: a short receives what a long pays",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  100  100  100  10  .      100   2
        110  110  110  110  10  .      100   2
        """,
        HOURLY,
        (Trade(-1, 1, 100.0, 4, 2, 110.0, "end_of_data", net=-9.89),),
    ),
    Scenario(
        "funding: between its times nothing is due",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        # Every two hours: 02:00 and 04:00 of the bars 1 to 4.
        {**HOURLY, "funding_interval_hours": 2},
        (Trade(1, 1, 100.0, 4, 4, 100.0, "end_of_data", net=-0.2),),
    ),
    Scenario(
        "funding: rates of the data take the place of the constant",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        HOURLY,
        (Trade(1, 1, 100.0, 4, 3, 100.0, "end_of_data", net=1.0),),
        funding=((2.5, -0.01),),
    ),
    Scenario(
        "funding: a position closed at the open pays it, in a no-trade bar too",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        100  100  100  100  0   .      100   2
        100  100  100  100  10  .      100   2
        """,
        HOURLY,
        (
            Trade(1, 1, 100.0, 4, 3, 100.0, "opposite_signal", net=-0.2),
            Trade(-1, 3, 100.0, 4, 3, 100.0, "end_of_data", net=0.0),
        ),
    ),
    Scenario(
        "funding: a bar holds every time until the next open",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        AT_OPEN,
        (Trade(1, 1, 100.0, 4, 2, 100.0, "end_of_data", net=-3.0),),
        funding=((1.0, 0.5), (2.0, 0.01), (2.99, 0.02), (3.0, 0.5)),
    ),
]

LIQUIDATION = [
    Scenario(
        "liquidation: inside the bar, at the price at which the equity is the maintenance margin",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        95   95   88   94   10  .      100   2
        94   94   94   94   10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, LONG_LIQ, "liquidation", qty=50.0, net=50 * (LONG_LIQ - 100)),),
        equity={2: 1000 + 50 * (LONG_LIQ - 100)},
    ),
    Scenario(
        "liquidation: a short's lies above",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  100  100  100  10  .      100   2
        105  110  105  106  10  .      100   2
        """,
        LEVERED,
        (Trade(-1, 1, 100.0, 4, 2, SHORT_LIQ, "liquidation", qty=50.0, net=-50 * (SHORT_LIQ - 100)),),
    ),
    Scenario(
        "liquidation: it pays its own fee beside the taker's, and slips",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  -1     100   2
        100  100  100  100  10  .      100   2
        110  110  110  110  10  .      100   2
        """,
        # Sold at 99; 99 * 50 * 0.001 = 4.95 is paid. The open of 110 is beyond, bought back at 111.1: fees 111.1 * 50 * 0.011.
        {**LEVERED, "slippage": 0.01, "taker_fee": 0.001, "liquidation_fee": 0.01},
        (Trade(-1, 1, 99.0, 4, 2, 111.1, "liquidation", qty=50.0, net=-50 * 12.1 - 4.95 - 61.105),),
    ),
    Scenario(
        "liquidation: a gap through it fills at the open, and the loss ends with the account",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        70   75   69   74   10  1      100   2
        74   74   74   74   10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 70.0, "liquidation", qty=50.0, net=-1000.0),),
        equity={1: 1000.0, 2: 0.0, 3: 0.0},
        ruined=True,
    ),
    Scenario(
        "liquidation: a stop that is nearer acts first",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        95   95   80   94   10  .      100   2
        """,
        {**LEVERED, "atr_sl_multiplier": 5.0},
        (Trade(1, 1, 100.0, 4, 2, 90.0, "stop_loss", qty=50.0, net=-500.0),),
    ),
    Scenario(
        "liquidation: an open beyond both stop and liquidation is a liquidation",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        85   86   84   85   10  .      100   2
        """,
        {**LEVERED, "atr_sl_multiplier": 5.0},
        (Trade(1, 1, 100.0, 4, 2, 85.0, "liquidation", qty=50.0, net=-750.0),),
    ),
    Scenario(
        "liquidation: it comes before the signal at the same open, which is gone",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  -1     100   2
        85   86   84   85   10  .      100   2
        85   85   85   85   10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 85.0, "liquidation", qty=50.0, net=-750.0),),
        equity={3: 250.0},
    ),
    Scenario(
        "liquidation: on a tie with the stop it is the liquidation",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        95   95   93   94   10  .      100   2
        """,
        # (100 - 1000 / 40) / 0.8 = 93.75, and so is the stop of 6.25 %.
        {**LEVERED, "leverage": 4.0, "maintenance_margin": 0.2, "stop_type": "percent", "stop_distance": 0.0625},
        (Trade(1, 1, 100.0, 4, 2, 93.75, "liquidation", qty=40.0, net=-250.0),),
    ),
    Scenario(
        "liquidation: an entry whose slip puts it beyond at once is liquidated at the open, whatever the stop",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  110  99   108  10  .      100   2
        108  108  108  108  10  .      100   2
        """,
        # Bought at 105: (105 - 20) * 6 / 5 = 102, the stop at 103.95 is nearer, but the open of 100 is beyond both.
        {**LEVERED, "slippage": 0.05, "maintenance_margin": 1 / 6, "stop_type": "percent", "stop_distance": 0.01},
        (Trade(1, 1, 105.0, 4, 1, 95.0, "liquidation", qty=50.0, net=-500.0),),
    ),
    Scenario(
        "liquidation: at the open of a no-trade bar",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        85   85   85   85   0   .      100   2
        100  100  100  100  10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 85.0, "liquidation", qty=50.0, net=-750.0),),
    ),
    Scenario(
        "liquidation: its price is rounded as a stop's",
        """
        O    H    L     C    V   signal touch atr
        100  100  100   100  10  1      100   2
        100  100  100   100  10  .      100   2
        95   95   88.7  94   10  .      100   2
        95   95   88.5  94   10  .      100   2
        """,
        # 88.89 becomes 88.5.
        {**LEVERED, "price_step": 0.5},
        (Trade(1, 1, 100.0, 4, 3, 88.5, "liquidation", qty=50.0, net=-575.0),),
    ),
    Scenario(
        "liquidation: what is left trades on",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        85   86   85   85   10  1      100   2
        85   85   85   85   10  .      100   2
        90   90   90   90   10  .      100   2
        """,
        # 5 * 250 / 85 = 14.7 units.
        LEVERED,
        (
            Trade(1, 1, 100.0, 4, 2, 85.0, "liquidation", qty=50.0, net=-750.0),
            Trade(1, 3, 85.0, 4, 4, 90.0, "end_of_data", qty=1250 / 85, net=5 * 1250 / 85),
        ),
    ),
    Scenario(
        "liquidation: it needs no trade, a stop does",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        95   95   88   94   0   .      100   2
        94   94   94   94   10  .      100   2
        """,
        {**LEVERED, "atr_sl_multiplier": 5.0},
        (Trade(1, 1, 100.0, 4, 2, LONG_LIQ, "liquidation", qty=50.0, net=50 * (LONG_LIQ - 100)),),
    ),
    Scenario(
        "liquidation: in the bar of an entry at the open the whole bar counts",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  88   99   10  .      100   2
        99   99   99   99   10  .      100   2
        """,
        LEVERED,
        (Trade(1, 1, 100.0, 4, 1, LONG_LIQ, "liquidation", qty=50.0, net=50 * (LONG_LIQ - 100)),),
    ),
    Scenario(
        "liquidation: in the bar of a slice only the close counts",
        """
        O    H    L    C    V    signal touch atr
        100  100  100  100  100  1      100   2
        100  140  60   100  100  .      100   2
        100  138  80   82   100  .      100   2
        80   80   80   80   100  .      100   2
        """,
        # 25 at 100 survive the low of 60; 50 at 100 do not survive the close of 82.
        {**LEVERED, **only_tiers(3), "hybrid_tier3_timeout": 2, "participation_rate": 1.0},
        (Trade(1, 1, 100.0, 3, 2, 82.0, "liquidation", qty=50.0, net=-900.0),),
    ),
    Scenario(
        "liquidation: it cancels what was still working",
        """
        O    H    L    C    V    signal touch atr
        100  100  100  100  100  1      100   2
        100  100  100  100  100  .      100   2
        60   60   20   60   100  .      100   2
        60   60   60   60   100  .      100   2
        """,
        # A quarter of 50 at 100: (100 - 1000 / 12.5) / 0.9 = 22.2.
        {**LEVERED, **only_tiers(3), "hybrid_tier3_timeout": 4, "participation_rate": 1.0},
        (Trade(1, 1, 100.0, 3, 2, 20 / 0.9, "liquidation", qty=12.5, net=12.5 * (20 / 0.9 - 100)),),
        (Unfilled("partial", "liquidation", 0, 2, filled=12.5),),
    ),
    Scenario(
        "liquidation: the low of an addition's own bar counts",
        """
        O    H    L    C    V    signal touch atr
        100  100  100  100  100  1      100   2
        100  100  100  100  50   .      100   2
        100  100  80   95   100  .      100   2
        95   95   95   95   100  .      100   2
        """,
        # 25 by a capped slice, liquidated at 66.7; with 25 more at the open of bar 2 at 88.9, which its low of 80 passes.
        {**LEVERED, **only_tiers(3, 4), "hybrid_tier3_timeout": 1, "participation_rate": 0.5},
        (Trade(1, 1, 100.0, 3, 2, LONG_LIQ, "liquidation", qty=50.0, net=50 * (LONG_LIQ - 100)),),
    ),
    Scenario(
        "liquidation: funding brings it nearer",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        100  100  90   100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        # 2 % of 5000 are paid at the open of bar 2: (100 - 900 / 50) / 0.9 = 91.1.
        LEVERED,
        (Trade(1, 1, 100.0, 4, 2, 82 / 0.9, "liquidation", qty=50.0, net=50 * (82 / 0.9 - 100) - 100.0),),
        funding=((2.0, 0.02),),
    ),
]

SCENARIOS = FUNDING + LIQUIDATION
