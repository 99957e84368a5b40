"""The gate before the clock: what counts as the same trades, and that nothing is timed without them. No peer is needed."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.peers import __main__ as peers
from benchmarks.peers import ours
from benchmarks.peers.measure import Taken, in_turn, memory_above_idle
from benchmarks.peers.report import BEGIN, END, Line, table, with_table
from benchmarks.peers.runs import Run, Sweep, differences, sweep_differences
from benchmarks.peers.workloads import ATR_PERIOD, Crossings, Rows, Workload, grid, next_bar
from core.candles import Candles
from strategies import get_strategy
from tests.backtest_engine.markets import random_walk
from tests.conftest import ROOT

RUN = Run(
    entry_bar=np.array([3, 9]), exit_bar=np.array([5, 12]), direction=np.array([1, -1]), entry_price=np.array([100.0, 103.0]),
    exit_price=np.array([101.0, 102.0]), qty=np.array([2.0, 2.0]), open_bar=12, equity=1_000_004.0,
)  # fmt: skip
SWEEP = Sweep(np.array([1e6, 1e6 + 5.0]), np.array([4, 7]))
ROWS = grid(range(3, 6), range(10, 30, 10), ((0.02, 0.03), (0.01, 0.02)))


@pytest.fixture(scope="module")
def candles() -> Candles:
    return random_walk(1500, seed=5, price=30_000.0)


def work(candles: Candles, rows: Rows = ROWS, *, stops: bool = True) -> Workload:
    return Workload("some", "something", candles, rows, stops)


def one_row() -> Rows:
    return Rows(ROWS.fast[:1], ROWS.slow[:1], ROWS.stop[:1], ROWS.target[:1])


def test_a_run_is_like_itself_and_like_one_that_rounds_differently() -> None:
    assert differences(RUN, RUN) == []
    assert differences(RUN, replace(RUN, entry_price=RUN.entry_price * (1 + 1e-12), equity=RUN.equity + 0.009)) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"entry_bar": np.array([3, 10])}, "entry_bar 9 here, 10 there (place 1)"),
        ({"exit_bar": np.array([6, 12])}, "exit_bar 5 here, 6 there (place 0)"),
        ({"direction": np.array([1, 1])}, "direction -1 here, 1 there (place 1)"),
        ({"entry_price": np.array([100.0, 103.001])}, "entry_price 103 here, 103.001 there (place 1)"),
        ({"exit_price": np.array([101.0, np.nan])}, "exit_price 102 here, nan there (place 1)"),
        ({"qty": np.array([2.0, 2.1])}, "qty 2 here, 2.1 there (place 1)"),
        ({"open_bar": -1}, "the open position entered in bar 12 here, -1 there"),
        ({"equity": 1_000_004.02}, "final equity 1000004.0000 here, 1000004.0200 there"),
        ({"equity": float("nan")}, "final equity 1000004.0000 here, nan there"),
    ],
)
def test_whatever_differs_is_told(changed: dict[str, Any], told: str) -> None:
    assert differences(RUN, replace(RUN, **changed)) == [told]


def test_a_trade_less_is_told() -> None:
    shorter = replace(
        RUN, **{name: getattr(RUN, name)[:1] for name in ("entry_bar", "exit_bar", "direction", "entry_price", "exit_price", "qty")}
    )
    assert differences(RUN, shorter) == ["2 closed trades here, 1 there"]


def test_every_row_of_a_sweep_is_compared() -> None:
    assert sweep_differences(SWEEP, SWEEP) == []
    assert sweep_differences(SWEEP, Sweep(SWEEP.equity, np.array([4, 8]))) == ["closed trades 7 here, 8 there (place 1)"]
    (told,) = sweep_differences(SWEEP, Sweep(SWEEP.equity + np.array([0.0, 0.02]), SWEEP.trades))
    assert told.startswith("final equity of 1 rows, first row 1")
    assert sweep_differences(SWEEP, Sweep(SWEEP.equity[:1], SWEEP.trades[:1])) == ["2 rows here, 1 there"]


@pytest.mark.parametrize("rows", [one_row(), ROWS])
def test_other_trades_are_not_timed(rows: Rows, candles: Candles) -> None:
    def never(_: Workload) -> None:
        raise AssertionError("it was timed")

    other = SimpleNamespace(
        NAME="other", single=never, sweep=never,
        run_of=lambda given: replace(ours.run_of(given), equity=1.0),
        sweep_of=lambda given: replace(ours.sweep_of(given), equity=ours.sweep_of(given).equity + 1.0),
    )  # fmt: skip
    line = peers.compare(other, work(candles, rows), 2, 1.0)  # type: ignore[arg-type]
    assert line.trouble
    assert line.ours is line.theirs is None
    assert "other trades: final equity" in table([line], [])


@pytest.mark.parametrize("rows", [one_row(), ROWS])
def test_equal_trades_are_timed_in_turn(rows: Rows, candles: Candles) -> None:
    line = peers.compare(ours, work(candles, rows), 2, 60.0)
    assert line.trouble == []
    assert line.ours is not None
    assert line.theirs is not None
    assert len(line.ours.values) == len(line.theirs.values) == 2


@pytest.mark.parametrize("stops", [True, False])
def test_the_workloads_trade_on_the_crossings_and_the_sweep_is_the_single_runs(candles: Candles, *, stops: bool) -> None:
    given = work(candles, stops=stops)
    swept = ours.sweep_of(given)
    for row in range(len(given.rows)):
        run = ours.run_of(given, row)
        up, down = Crossings(candles.close).of(int(given.rows.fast[row]), int(given.rows.slow[row]))
        wanted = np.flatnonzero(next_bar(up) if stops else next_bar(up | down))
        assert set(run.entry_bar) <= set(wanted)
        assert len(run) > 10
        assert (len(run), run.equity) == (swept.trades[row], swept.equity[row])
        assert set(run.direction) == ({1} if stops else {1, -1})


def test_an_open_position_is_valued_without_the_costs_of_its_end(candles: Candles) -> None:
    given = work(candles, one_row(), stops=False)
    run, result = ours.run_of(given), ours.single(given)
    assert run.open_bar >= 0
    assert run.equity - result.final_equity == pytest.approx(0.0005 * candles.close[-1], rel=1e-6)


def test_the_crossings_of_the_peers_are_the_strategy_s(candles: Candles) -> None:
    for fast, slow in ((3, 10), (5, 8), (20, 50)):
        up, down = Crossings(candles.close).of(fast, slow)
        signals = get_strategy("ema_cross").signals(candles, {"fast": fast, "slow": slow, "atr_period": ATR_PERIOD})
        np.testing.assert_array_equal(up.astype(int) - down.astype(int), signals.direction)


def test_actions_take_turns() -> None:
    called: list[str] = []
    taken = in_turn({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, 3, 60.0)
    assert called == ["a", "b"] * 3
    assert {name: len(each.values) for name, each in taken.items()} == {"a": 3, "b": 3}


def test_a_comparison_ends_after_the_round_in_which_its_time_is_over() -> None:
    taken = in_turn({"a": lambda: None, "b": lambda: None}, 1000, 0.0)
    assert {name: len(each.values) for name, each in taken.items()} == {"a": 1, "b": 1}


def test_memory_is_what_the_action_takes_beyond_the_warm_up() -> None:
    assert memory_above_idle(lambda: np.ones(2**20), lambda: np.ones(2**23)) == pytest.approx(64, abs=16)


def test_the_table_goes_between_the_marks_and_nowhere_else() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_table(text, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    for broken in ("no marks", f"{BEGIN} only", f"{END} {BEGIN}", text + text):
        with pytest.raises(ValueError, match="needs one"):
            with_table(broken, "new")


def test_the_readme_has_the_marks() -> None:
    assert with_table((ROOT / "README.md").read_text(encoding="utf8"), "new").count("new") >= 1


def test_a_line_shows_medians_spread_and_how_many_times_longer_the_peer_takes() -> None:
    line = Line("a sweep", "peer", ours=Taken((1.0, 2.0, 9.0)), theirs=Taken((300.0,)), our_memory=8.4)
    assert line.ratio == 150
    assert line.cells() == ["a sweep", "peer", "2.00 (1.00 to 9.00)", "300 (one call)", "150×", "8 / –"]
