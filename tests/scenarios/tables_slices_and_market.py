"""Entry tiers 3 (VWAP slices) and 4 (market), and the way through the tiers."""

from tests.scenarios.presets import FREE, MARKET, SLIP_1_PERCENT, UNPROTECTED, only_tiers
from tests.scenarios.scenario import Scenario, Trade, Unfilled

SLICES = {**FREE, **UNPROTECTED, **only_tiers(3), "hybrid_tier3_timeout": 2, "order_qty": 2.0}
# At an ATR of 2 a long is not chased above the signal's close + 2.
CHASE_2 = {**FREE, **UNPROTECTED, **MARKET, "max_chase_atr": 1.0}

VWAP_SLICES = [
    Scenario(
        "slices: each takes remaining / bars left at the mean of high, low and close",
        """
        O    H    L    C    V     signal touch atr
        100  100  100  100  1000  1      100   2
        100  102  99   102  1000  .      100   2
        102  105  102  102  1000  .      100   2
        102  102  102  102  1000  .      100   2
        """,
        SLICES,
        (Trade(1, 1, 102.0, 3, 3, 102.0, "end_of_data", qty=2.0),),
    ),
    Scenario(
        "slices: every slice is a taker's and pays slip",
        """
        O    H    L    C    V     signal touch atr
        100  100  100  100  1000  -1     100   2
        100  102  98   100  1000  .      100   2
        100  100  100  100  1000  .      100   2
        """,
        {**SLICES, **SLIP_1_PERCENT, "hybrid_tier3_timeout": 1},
        (Trade(-1, 1, 99.0, 3, 2, 101.0, "end_of_data", qty=2.0),),
    ),
    Scenario(
        "slices: what the participation cap leaves over goes to the next tier",
        """
        O    H    L    C    V  signal touch atr
        100  100  100  100  5  1      100   2
        100  100  100  100  5  .      100   2
        100  100  100  100  5  .      100   2
        102  102  102  102  5  .      100   2
        102  102  102  102  5  .      100   2
        """,
        {**SLICES, **only_tiers(3, 4), "participation_rate": 0.1},
        (Trade(1, 1, 101.0, 3, 4, 102.0, "end_of_data", qty=2.0),),
    ),
    Scenario(
        "slices: what the cap leaves over past the last tier is a partial entry",
        """
        O    H    L    C    V  signal touch atr
        100  100  100  100  5  1      100   2
        100  100  100  100  5  .      100   2
        100  100  100  100  5  .      100   2
        100  100  100  100  5  .      100   2
        """,
        {**SLICES, "participation_rate": 0.1},
        (Trade(1, 1, 100.0, 3, 3, 100.0, "end_of_data"),),
        (Unfilled("partial", "expired", 0, 2, filled=1.0),),
    ),
    Scenario(
        "slices: one too small to show in what remains is a fill all the same",
        """
        O    H    L    C    V      signal touch atr
        100  100  100  100  5      1      100   2
        100  100  100  100  1e-16  .      100   2
        100  100  100  100  1e-16  .      100   2
        100  100  100  100  5      .      100   2
        """,
        {**SLICES, "participation_rate": 0.1},
        (Trade(1, 1, 100.0, 3, 3, 100.0, "end_of_data", qty=2e-17),),
        (Unfilled("partial", "expired", 0, 2, filled=2e-17),),
    ),
    Scenario(
        "slices: the mean price is quote volume / volume where the data has it",
        """
        O    H    L    C    V     signal touch atr
        100  100  100  100  1000  1      100   2
        100  103  99   102  1000  .      100   2
        102  102  102  102  1000  .      100   2
        """,
        {**SLICES, "hybrid_tier3_timeout": 1},
        (Trade(1, 1, 100.5, 3, 2, 102.0, "end_of_data", qty=2.0),),
        quote_volume=(100_000.0, 100_500.0, 102_000.0),
    ),
    Scenario(
        "slices: a mean price outside the bar is clamped to it",
        """
        O    H    L    C    V     signal touch atr
        100  100  100  100  1000  1      100   2
        100  103  99   102  1000  .      100   2
        102  102  102  102  1000  .      100   2
        """,
        {**SLICES, "hybrid_tier3_timeout": 1},
        (Trade(1, 1, 103.0, 3, 2, 102.0, "end_of_data", qty=2.0),),
        quote_volume=(100_000.0, 200_000.0, 102_000.0),
    ),
    Scenario(
        "slices: data without volume has no cap and no mean price of its own",
        """
        O    H    L    C    V  signal touch atr
        100  100  100  100  0  1      100   2
        100  102  99   102  0  .      100   2
        102  105  102  102  1  .      100   2
        102  102  102  102  0  .      100   2
        """,
        {**SLICES, "participation_rate": 0.1, "has_volume": False},
        (Trade(1, 1, 102.0, 3, 3, 102.0, "end_of_data", qty=2.0),),
        quote_volume=(0.0, 0.0, 104.0, 0.0),
    ),
]

MARKET_ORDER = [
    Scenario(
        "market: the remainder is bought at the open with slip",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        101  103  100  102  10  .      100   2
        102  102  102  102  10  .      100   2
        """,
        {**CHASE_2, **SLIP_1_PERCENT},
        (Trade(1, 1, 102.01, 4, 2, 100.98, "end_of_data"),),
    ),
    Scenario(
        "market: an open too far from the signal's close waits, at the limit of the chase it fills",
        """
        O      H    L    C    V   signal touch atr
        100    100  100  100  10  1      100   2
        102.5  103  102  103  10  .      100   8
        102    103  102  103  10  .      100   8
        103    103  103  103  10  .      100   8
        """,
        {**CHASE_2, "hybrid_tier4_timeout": 2},
        (Trade(1, 2, 102.0, 4, 3, 103.0, "end_of_data"),),
    ),
    Scenario(
        "market: a short is not chased downwards",
        """
        O     H    L    C   V   signal touch atr
        100   100  100  100 10  -1     100   2
        97.5  98   97   97  10  .      100   2
        99    99   99   99  10  .      100   2
        """,
        CHASE_2,
        unfilled=(Unfilled("missed", "expired", 0, 1),),
    ),
    Scenario(
        "market: a better price is no chase",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        90   91   89   90   10  .      100   2
        90   90   90   90   10  .      100   2
        """,
        CHASE_2,
        (Trade(1, 1, 90.0, 4, 2, 90.0, "end_of_data"),),
    ),
    Scenario(
        "market: without the hybrid engine there is no chase limit, and disabled tiers do not matter",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        150  151  149  150  10  .      100   2
        150  150  150  150  10  .      100   2
        """,
        {**CHASE_2, **only_tiers(), "enable_hybrid_engine": False},
        (Trade(1, 1, 150.0, 4, 2, 150.0, "end_of_data"),),
    ),
]

CHAIN = [
    Scenario(
        "chain: every tier gets its bars in order, the last resort is the market",
        """
        O    H    L    C    V  signal touch atr
        110  110  110  110  5  1      100   2
        110  111  110  110  5  .      100   2
        110  111  110  110  5  .      100   2
        110  110  110  110  5  .      100   2
        111  111  110  110  5  .      100   2
        110  110  110  110  5  .      100   2
        """,
        {
            **FREE,
            **UNPROTECTED,
            **only_tiers(1, 2, 3, 4),
            "hybrid_tier1_timeout": 1,
            "hybrid_tier2_timeout": 1,
            "hybrid_tier3_timeout": 1,
            "participation_rate": 0.1,
        },
        (Trade(1, 3, 110.5, 3, 5, 110.0, "end_of_data"),),
    ),
    Scenario(
        "chain: a tier with timeout 0 is skipped like a disabled one",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        {**FREE, **UNPROTECTED, **only_tiers(1, 4), "hybrid_tier1_timeout": 0},
        (Trade(1, 1, 100.0, 4, 2, 100.0, "end_of_data"),),
    ),
    Scenario(
        "chain: with no tier left the entry is missed at once",
        """
        O    H    L    C    V   signal touch atr
        100  100  100  100  10  1      100   2
        100  100  100  100  10  .      100   2
        100  100  100  100  10  .      100   2
        """,
        {**FREE, **UNPROTECTED, **only_tiers(1), "hybrid_tier1_timeout": 0},
        unfilled=(Unfilled("missed", "no_tier", 0, 1),),
    ),
]

SCENARIOS = VWAP_SLICES + MARKET_ORDER + CHAIN
