"""The kernel and the independent oracle give the same trades, entry events and equity on random cases over real candles."""

from collections import Counter
from random import Random

from tests.backtest_engine.oracle_bridge import differences, run_engine
from tests.oracle.bars import Bar
from tests.oracle.hybrid_trend import signals
from tests.oracle.random_cases import random_case
from tests.oracle.simulator import simulate

CASES = 600
HOUR_MS = 3_600_000


def test_engine_equals_oracle_on_600_random_cases_that_exercise_every_rule(real_bars: list[Bar]) -> None:
    disagreements: dict[int, list[str]] = {}
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        case = random_case(seed, real_bars)
        oracle = simulate(case.bars, *signals(case.bars, case.settings), case.settings)
        found = differences(run_engine(case.bars, case.settings), oracle, case.bars)
        if found:
            disagreements[seed] = found[:3]
        seen.update(trade.exit_reason for trade in oracle.trades)
        seen.update(f"tier{trade.entry_tier}" for trade in oracle.trades)
        seen.update(event.kind for event in oracle.events)
    assert not disagreements
    # the comparison means something only while each of these happens in it
    assert set(seen) >= {
        "stop_loss", "trailing_stop", "trailing_take_profit", "take_profit", "opposite_signal", "ruin", "end_of_data",
        "tier1", "tier2", "tier3", "tier4", "missed", "partial", "rejected",
    }  # fmt: skip


def test_engine_equals_oracle_with_funding_paid_every_eight_hours(real_bars: list[Bar]) -> None:
    paid = 0.0
    for seed in range(5000, 5040):
        case = random_case(seed, real_bars)
        rng = Random(seed)
        hours = range(case.bars[0].open_ms, case.bars[-1].open_ms + HOUR_MS, 8 * HOUR_MS)
        funding = [(time + rng.choice((0, 1, HOUR_MS - 1)), rng.uniform(-0.003, 0.003)) for time in hours]
        oracle = simulate(case.bars, *signals(case.bars, case.settings), case.settings, funding)
        assert differences(run_engine(case.bars, case.settings, funding), oracle, case.bars) == []
        paid += sum(abs(trade.funding) for trade in oracle.trades)
    assert paid > 0
