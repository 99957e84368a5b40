"""Every row of a batch is the single run of its settings, bit for bit, however it is cut, shared or spread over threads."""

import sys
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from backtest_engine import BatchSimulation, FundingRates, Metrics, Simulation
from backtest_engine.batch import _short_turns
from config import Distance, ExecutionConfig, StrategyConfig
from core.errors import BacktestError, ConfigError, PipelineError
from core.market import MarketRules
from strategies import Columns, ConditionTable, SignalTable
from strategies.columns import DEFAULT_BYTES
from tests.backtest_engine.markets import BUSY, random_walk

ACCOUNT = ExecutionConfig(initial_capital=900.0, leverage=3.0, risk_free_rate=0.04)
RULES = MarketRules(qty_step=0.01, min_qty=0.02)
BARS = 700
CANDLES = random_walk(BARS, seed=8, silent_share=0.1)
RATES = FundingRates(CANDLES.open_ms[::8] + 5, np.linspace(-0.002, 0.003, len(CANDLES.open_ms[::8])))
Values = dict[str, Any]

OWN = """
import numpy as np
from strategies import Param, Signals
from strategies.indicators import atr

class Own:
    name = "own"
    params = (Param("every", "int", 7, 1, 50, stage="7.1", relative=True),)

    def warmup(self, params):
        return 5

    def signals(self, candles, params):
        if params["every"] == 13:
            raise ValueError("thirteen")
        direction = np.zeros(len(candles), np.int8)
        direction[6 :: int(params["every"])] = 1
        direction[7 :: int(params["every"])] = -1
        direction[8 :: 2 * int(params["every"])] = -1
        return Signals(direction, candles.close, atr(candles.high, candles.low, candles.close, 5))

STRATEGY = Own()
"""


def rows_of(seed: int, rows: int) -> Values:
    """Return random settings of stages 7.1, 7.2 and 7.3 around ``BUSY``."""
    rng = np.random.default_rng(seed)
    return {
        "ema_fast": rng.integers(2, 5, rows),
        "ema_slow": rng.integers(6, 12, rows),
        "rsi_period": rng.integers(2, 6, rows),
        "atr_period": rng.integers(3, 7, rows),
        "rsi_long_threshold": rng.integers(40, 70, rows).astype(float),
        "rsi_short_threshold": rng.integers(30, 60, rows).astype(float),
        "atr_sl_multiplier": rng.integers(5, 50, rows) / 10,
        "atr_tp_multiplier": rng.integers(10, 50, rows) / 10,
        "trailing_sl_threshold": rng.integers(1, 10, rows) / 100,
        "trailing_tp_enabled": rng.random(rows) < 0.7,
        "exit_on_opposite_signal": rng.random(rows) < 0.7,
        "hybrid_tier1_timeout": rng.integers(0, 4, rows),
        "hybrid_tier3_timeout": rng.integers(0, 4, rows),
        "enable_hybrid_tier2": rng.random(rows) < 0.6,
        "enable_trend_filter": rng.random(rows) < 0.3,
    }


def single(values: Values, row: int, base: StrategyConfig = BUSY, **options: Any) -> Simulation:
    settings = base.replace(**{name: column[row].item() for name, column in values.items()})
    return Simulation(CANDLES, settings, 2.0, ACCOUNT, RULES, **options)


def same(batch: BatchSimulation, row: int, alone: Simulation) -> bool:
    """Compare every figure, its bits included; repr tells nan and the sign of zero too."""
    return repr(batch.metrics(row)) == repr(alone.metrics())


@given(st.integers(0, 10**6), st.integers(0, 200), st.booleans(), st.lists(st.integers(1, BARS - 201), max_size=3))
def test_every_row_is_the_single_run(seed: int, first_bar: int, funded: bool, cuts: list[int]) -> None:
    values = rows_of(seed, 3)
    funding = RATES if funded else None
    batch = BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT, RULES, first_bar, funding)
    ends = [*sorted(cuts), batch.bars]
    for end in ends:
        batch.advance(end)
    for row in range(batch.rows):
        alone = single(values, row, first_bar=first_bar, funding=funding)
        alone.run()
        assert same(batch, row, alone)


@pytest.mark.parametrize("threads", [1, 2])
def test_equity_is_noted_on_the_way_and_the_rows_end_as_without(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backtest_engine.batch._BARS_WORTH_A_THREAD", 1)
    values = rows_of(3, 4)
    noted, plain = (BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT, RULES, threads=threads) for _ in range(2))
    ends = [1, 7, 100, noted.bars]
    equity = noted.equity_after(ends)
    plain.advance(plain.bars)
    assert noted.figures().tobytes() == plain.figures().tobytes()
    for row in range(noted.rows):
        curve = single(values, row).run().equity["equity"].to_numpy()
        assert equity[row].tobytes() == curve[np.array(ends) - 1].tobytes()


@pytest.mark.parametrize("ends", [[], [0, 5], [5, 5], [7, 5], [5, 10**6]])
def test_equity_is_noted_after_rising_bars_of_the_run_only(ends: list[int]) -> None:
    with pytest.raises(BacktestError, match="rising numbers of bars"):
        BatchSimulation(CANDLES, BUSY, rows_of(3, 2), 2.0, ACCOUNT, RULES).equity_after(ends)


def test_equity_is_noted_of_rows_that_have_not_begun_only() -> None:
    batch = BatchSimulation(CANDLES, BUSY, rows_of(3, 2), 2.0, ACCOUNT, RULES)
    batch.advance(5, np.array([1]))
    with pytest.raises(BacktestError, match="begun already"):
        batch.equity_after([10])


def test_rows_trade_and_differ() -> None:
    batch = BatchSimulation(CANDLES, BUSY, rows_of(1, 40), 2.0, ACCOUNT, RULES)
    batch.advance(batch.bars)
    figures = batch.figures()
    assert len(np.unique(figures["net_pnl"])) > 30
    assert np.median(figures["total_trades"]) > 10
    assert figures["partial_entries"].sum() > 0


def test_some_rows_may_go_further_than_others() -> None:
    values = rows_of(2, 6)
    batch = BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT, RULES)
    batch.advance(300)
    batch.advance(500, np.array([1, 4]))
    alone = single(values, 4)
    alone.advance(500)
    assert same(batch, 4, alone)
    with pytest.raises(BacktestError, match="one and the same bar"):
        batch.figures()
    with pytest.raises(BacktestError, match="cannot advance to bar 400"):
        batch.advance(400)


def test_a_row_that_is_named_twice_is_advanced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = BatchSimulation(CANDLES, BUSY, rows_of(2, 3), 2.0, ACCOUNT, RULES)
    simulated: list[int] = []
    signals_of = batch._signals_of

    def noted(rows: NDArray[np.int64], found: ConditionTable | None) -> SignalTable:
        simulated.extend(rows.tolist())
        return signals_of(rows, found)

    monkeypatch.setattr(batch, "_signals_of", noted)
    batch.advance(300, np.array([2, 0, 2, 2]))
    assert simulated == [0, 2]


@pytest.mark.parametrize("leverage", [1.0, 5.0])
@pytest.mark.parametrize("trailing", [None, "trailing_stop", "trailing_take_profit"])
def test_positions_that_no_price_of_the_data_can_end_stand_beside_those_that_some_can(leverage: float, trailing: str | None) -> None:
    """Stops, targets, liquidation, ruin and trailing levels, in reach and out of it."""
    distances = [0.002, 0.01, 0.03, 0.06, 0.08, 0.1, 0.15, 0.3, 0.9]
    values = {"stop_distance": np.repeat(distances, 9), "target_distance": np.tile(distances, 9)}
    margin = 0.15 if leverage > 1.0 else 0.0
    account = ACCOUNT.replace(leverage=leverage, sizing="equity", equity_fraction=leverage, maintenance_margin=margin)
    found = set[str]()
    for stop, target in product((Distance.NONE, Distance.PERCENT), repeat=2):
        base = StrategyConfig(
            name="ema_cross", params={"fast": 12, "slow": 40}, stop_type=stop, target_type=target, enable_hybrid_engine=False,
            trailing_sl_enabled=trailing == "trailing_stop", trailing_tp_enabled=trailing == "trailing_take_profit",
        )  # fmt: skip
        batch = BatchSimulation(CANDLES, base, values, 2.0, account, RULES)
        batch.advance(batch.bars)
        for row in range(batch.rows):
            alone = Simulation(CANDLES, base.replace(**{name: column[row] for name, column in values.items()}), 2.0, account, RULES)
            found |= set(alone.run().trades["exit_reason"])
            assert same(batch, row, alone)
    expected = {"opposite_signal", "stop_loss", trailing or "take_profit"}
    assert found >= (expected | {"liquidation"} if leverage > 1.0 else expected)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backtest_engine.batch._BARS_WORTH_A_THREAD", 1)
    values = rows_of(3, 300)
    one = BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT, RULES, threads=1)
    many = BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT, RULES, threads=threads)
    for batch in (one, many):
        batch.advance(batch.bars)
    assert one.figures().tobytes() == many.figures().tobytes()


def test_forgotten_columns_are_made_again() -> None:
    values = rows_of(4, 30)
    small = BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT, RULES, columns=Columns(CANDLES, most_bytes=1))
    large = BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT, RULES)
    for batch in (small, large):
        batch.advance(batch.bars)
    assert small.figures().tobytes() == large.figures().tobytes()


@pytest.mark.parametrize("room", [1, 8 * BARS * 8, DEFAULT_BYTES])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("sides", [{}, {"allow_short": False}, {"allow_long": False}])
def test_conditions_made_for_all_rows_at_once_change_nothing(
    room: int, threads: int, sides: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In room for all, for some of the columns, for none."""
    monkeypatch.setattr("backtest_engine.batch._BARS_WORTH_A_THREAD", 1)
    base = StrategyConfig(name="ema_cross", stop_type=Distance.PERCENT, target_type=Distance.NONE).replace(**sides)
    fast, slow = (axis.ravel() for axis in np.meshgrid(np.arange(2, 8), np.array([9, 15, 40]), indexing="ij"))
    values: Values = {"fast": fast, "slow": slow, "stop_distance": np.linspace(0.01, 0.2, len(fast))}
    batch = BatchSimulation(CANDLES, base, values, 2.0, ACCOUNT, RULES, 20, columns=Columns(CANDLES, most_bytes=room), threads=threads)
    batch.advance(batch.bars)
    for row in range(batch.rows):
        settings = {"fast": int(fast[row]), "slow": int(slow[row])}
        alone = Simulation(CANDLES, base.replace(params=settings, stop_distance=values["stop_distance"][row]), 2.0, ACCOUNT, RULES, 20)
        alone.run()
        assert same(batch, row, alone)
        assert alone.metrics().total_trades > 0


@pytest.mark.parametrize("hybrid", [[False, False, False], [True, False, True]])
@pytest.mark.parametrize("room", [1, DEFAULT_BYTES])
def test_rows_with_and_without_the_hybrid_engine_stand_side_by_side(hybrid: list[bool], room: int) -> None:
    """What nobody asks for, VWAP and touch levels, is not made where no row has the engine."""
    values = rows_of(6, 3) | {"enable_hybrid_engine": np.array(hybrid), "hybrid_tier3_timeout": np.full(3, 3)}
    batch = BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT, RULES, columns=Columns(CANDLES, most_bytes=room))
    batch.advance(batch.bars)
    for row in range(3):
        alone = single(values, row)
        alone.run()
        assert alone.metrics().total_trades > 0
        assert same(batch, row, alone)


@pytest.mark.parametrize("sides", [{"allow_long": False}, {"allow_short": False}, {"enable_hybrid_engine": False}])
def test_the_base_says_what_rows_do_not(sides: dict[str, bool]) -> None:
    values, base = rows_of(5, 4), BUSY.replace(**sides)
    batch = BatchSimulation(CANDLES, base, values, 2.0, ACCOUNT, RULES)
    batch.advance(batch.bars)
    for row in range(4):
        alone = single(values, row, base)
        alone.run()
        assert same(batch, row, alone)


def test_a_strategy_without_shared_conditions_is_the_same_too(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    base = BUSY.replace(name=str(tmp_path / "own.py"))
    values = {"every": np.array([3, 7, 7, 20]), "atr_sl_multiplier": np.array([1.0, 2.0, 0.5, 1.5])}
    batch = BatchSimulation(CANDLES, base, values, 2.0, ACCOUNT, RULES, 30)
    batch.advance(batch.bars)
    for row in range(4):
        settings = base.replace(params={"every": values["every"][row].item()}, atr_sl_multiplier=values["atr_sl_multiplier"][row].item())
        alone = Simulation(CANDLES, settings, 2.0, ACCOUNT, RULES, 30)
        alone.run()
        assert alone.metrics().total_trades > 10
        assert same(batch, row, alone)
    with pytest.raises(BacktestError, match="own.py fails on LOCAL WALK 1h: ValueError: thirteen"):
        BatchSimulation(CANDLES, base, {"every": [13]}, 2.0, ACCOUNT).advance(10)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "columns of one length"),
        ({"ema_fast": [3, 4], "ema_slow": [9]}, "columns of one length"),
        ({"ema_fast": []}, "columns of one length"),
        ({"ema_fats": [3]}, "Did you mean 'ema_fast'"),
        ({"ema_fast": [0]}, "ema_fast"),
        ({"ema_fast": [2, 2.5, 3]}, "ema_fast"),
        ({"rsi_long_threshold": [np.nan]}, "finite"),
        ({"atr_sl_multiplier": [np.inf]}, "finite"),
        ({"participation_rate": [0.5, 1.5]}, "participation_rate"),
        ({"hybrid_tier1_timeout": [-1]}, "hybrid_tier1_timeout"),
        ({"ema_fast": [3, 9], "ema_slow": [8, 8]}, "ema_fast = 9 must be below ema_slow = 8"),
        (
            # out of order with the filter on in the third row alone, which is extreme in nothing
            {"ema_slow": [50, 30, 55, 25, 60], "ema_trend": [40] * 5, "enable_trend_filter": [0, 1, 1, 0, 0]},
            "ema_slow = 55 must be below ema_trend = 40",
        ),
        ({"allow_long": [True]}, "set it in the base"),
        ({"ema_fast": ["3"]}, "finite number"),
    ],
)
def test_bad_values_are_refused_before_anything_runs(values: Values, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        BatchSimulation(CANDLES, BUSY, values, 2.0, ACCOUNT)


def test_other_bad_input_is_refused_as_for_a_single_run() -> None:
    with pytest.raises(ConfigError, match="order_qty"):
        BatchSimulation(CANDLES, BUSY, rows_of(1, 2), 0.0, ACCOUNT)
    with pytest.raises(BacktestError, match="first_bar = 700 is outside"):
        BatchSimulation(CANDLES, BUSY, rows_of(1, 2), 1.0, ACCOUNT, first_bar=BARS)
    with pytest.raises(BacktestError, match="call advance first"):
        BatchSimulation(CANDLES, BUSY, rows_of(1, 2), 1.0, ACCOUNT).metrics(0)


def test_a_row_is_a_state_and_a_score_and_nothing_that_grows_with_the_bars() -> None:
    batch = BatchSimulation(CANDLES, BUSY, rows_of(1, 50), 2.0, ACCOUNT)
    sizes = {name: value.nbytes // 50 for name, value in vars(batch).items() if isinstance(value, np.ndarray)}
    assert sum(sizes.values()) < 1500, sizes


def test_figures_have_the_names_and_the_order_of_metrics() -> None:
    batch = BatchSimulation(CANDLES, BUSY, rows_of(1, 1), 2.0, ACCOUNT)
    assert batch.figures.__doc__ is not None
    batch.advance(10)
    assert batch.figures().dtype.names == Metrics.names()


def test_batches_that_overlap_leave_the_turns_of_threads_as_they_were() -> None:
    before = sys.getswitchinterval()
    first, second = ExitStack(), ExitStack()
    first.enter_context(_short_turns())
    second.enter_context(_short_turns())
    assert sys.getswitchinterval() < before
    first.close()
    assert sys.getswitchinterval() == before
    second.close()
    assert sys.getswitchinterval() == before


def test_what_is_no_plan_of_conditions_is_refused(tmp_path: Path) -> None:
    conditions = "    def conditions(self, columns, rows):\n        return rows\n\n"
    (tmp_path / "own.py").write_text(OWN.replace("STRATEGY", f"{conditions}STRATEGY"))
    batch = BatchSimulation(CANDLES, BUSY.replace(name=str(tmp_path / "own.py")), {"every": [3, 5]}, 2.0, ACCOUNT)
    with pytest.raises(BacktestError, match="conditions must return a ConditionPlan, not ParamRows"):
        batch.advance(10)


def test_conditions_are_worked_out_once_and_dropped_when_all_rows_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = BatchSimulation(CANDLES, BUSY, rows_of(7, 4), 2.0, ACCOUNT, RULES)
    batch.advance(100, np.array([1]))
    monkeypatch.setattr("backtest_engine.batch.conditions_together", None)
    batch.advance(300)
    batch.advance(batch.bars, np.array([0, 1]))
    assert batch._conditions is not None
    batch.advance(batch.bars)
    assert batch._conditions is None
    batch.advance(batch.bars)
