"""The entries from Python: runs by the row of their records, one or many."""

from numpy import int64
from numpy.typing import NDArray

from backtest_engine.kernels.figures import write_figures
from backtest_engine.kernels.scoring import count_last_bar
from backtest_engine.kernels.simulate import finish, simulate
from backtest_engine.records import Bars, Floats, Frame, RecordArray, Rules, Score, State
from strategies.jit import njit, njit_spliced
from strategies.sparse import SignalTable, SparseSignals


@njit
def run_rows(
    bars: Bars,
    table: SignalTable,
    rules: RecordArray,
    states: RecordArray,
    scores: RecordArray,
    starts: NDArray[int64],
    end: int,
    closing: bool,
    equity: Floats,
    trades: RecordArray,
    entries: RecordArray,
    room: Floats,
) -> None:
    """Advance every row from its start to decision bar ``end``, and through step 6 if ``closing`` and that is the end of the data.

    Rows that have been through step 6 must not come again. A row by itself may keep its ``equity``, ``trades`` and ``entries``; for
    several of them the one has length 0, the others length 2. One entry for single runs and for batches: with another one the machine
    code of all steps would be made once more, in 1.5 seconds.
    """
    for row in range(len(states)):
        run_trial(bars, table, row, rules[row], states[row], scores[row], starts[row], end, closing, equity, trades, entries, room)


@njit_spliced
def run_trial(
    bars: Bars,
    table: SignalTable,
    row: int,
    rules: Rules,
    state: State,
    score: Score,
    start: int,
    end: int,
    closing: bool,
    equity: Floats,
    trades: RecordArray,
    entries: RecordArray,
    room: Floats,
) -> None:
    """Advance the run with the signals of ``row`` as ``run_rows`` does: the step that a processor and a GPU's thread share."""
    first, last = table.offsets[row], table.offsets[row + 1]
    signals = SparseSignals(
        table.bars[first:last],
        table.directions[first:last],
        table.touch_levels[table.touch[row]],
        table.atrs[table.atr[row]],
        table.behind,
    )
    simulate(bars, signals, rules, state, score, start, end, equity, trades, entries, room)
    if closing and end == (len(bars.decisions.close) if len(bars.decisions.close) > 0 else len(bars.close)):
        finish(bars, rules, state, score, equity, trades, entries)


@njit
def figures_of_curve(scores: RecordArray, frame: Frame, figures: RecordArray) -> None:
    """Write the figures of a curve that is scored already."""
    write_figures(scores[0], frame, figures[0])


@njit
def figures_of_rows(
    rules: RecordArray, states: RecordArray, scores: RecordArray, bars: int, periods_per_year: float, figures: RecordArray
) -> None:
    """Write the figures of every row after ``bars`` decision bars; the scores count the last bar now, so they must be copies."""
    for row in range(len(states)):
        state, score, free = states[row], scores[row], rules[row].free_return
        count_last_bar(score, state, free, bars - 1)
        first = rules[row].initial_capital
        frame = Frame(bars, state.bars_in_position, first, state.equity, state.ruined == 1, periods_per_year, free)
        write_figures(score, frame, figures[row])
