"""Many runs over one series at once: the same steps as a single run, on all cores, with indicator columns shared."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backtest_engine.batch_signals import conditions_together, signal_table, signals_from
from backtest_engine.batch_values import Values, checked_values, rules_rows
from backtest_engine.checks import require_sound_run, row_numbers, whole_number
from backtest_engine.crew import called_together, shared_out
from backtest_engine.detail import decisions_of, detail_from
from backtest_engine.inputs import FundingRates, bars_of, rules_of
from backtest_engine.kernels.rows import figures_of_rows, run_rows
from backtest_engine.metrics import Metrics, empty_figures
from backtest_engine.records import ENTRY_DTYPE, TRADE_DTYPE, Floats, RecordArray
from backtest_engine.score_records import ROOM
from backtest_engine.scores import fresh_scores, fresh_states, put, taken
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.cores import usable_cores
from core.errors import BacktestError
from core.market import MarketRules
from strategies import Columns, ConditionTable, ParamRows, SignalTable, get_strategy, resolve_params

Rows = NDArray[np.int64]
# So many rows are handed to a thread at once, fewer where their columns would take more than that many bytes.
_CHUNK_ROWS = 128
_CHUNK_BYTES = 32 * 2**20
# A thread for less than that many bars takes longer to start than it saves.
_BARS_WORTH_A_THREAD = 500_000
# Each thread gets its rows in so many portions at least, so that none has much left to do when the others are done.
_PORTIONS = 2
_TURN_SECONDS = 1e-4
_TURNS = threading.Lock()


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let a thread that comes out of a kernel have the interpreter soon, from one that makes signals.

    With Python's own 5 ms it waits that long for less than 1 ms of work: 150 rows of 26,280 bars took a third longer, when it was measured
    with one thread making all signals. The interval is the whole process's, so of batches that overlap the first one alone changes it and
    puts it back.
    """
    if not _TURNS.acquire(blocking=False):
        yield
        return
    before = sys.getswitchinterval()
    try:
        sys.setswitchinterval(_TURN_SECONDS)
        yield
    finally:
        sys.setswitchinterval(before)
        _TURNS.release()


class BatchSimulation:
    """Runs that differ in some settings: ``base`` with row ``i`` of each of ``values`` laid over it.

    ``values``: setting or parameter name -> one number per row. ``first_bar``: the bars before it only warm indicators up. ``detail`` as
    for ``Simulation``: bar numbers are those of ``candles``. ``columns``: indicator columns of ``candles`` to share with other batches.
    ``threads`` None: one per core. A state and a score are kept per row and, until all rows are done, the conditions that they share, where
    half of the bytes of ``columns`` hold them. Every row equals the ``Simulation`` of its settings bit for bit. Raises ConfigError or
    BacktestError before any kernel runs.
    """

    def __init__(
        self,
        candles: Candles,
        base: StrategyConfig,
        values: Values,
        order_qty: float,
        execution: ExecutionConfig,
        rules: MarketRules | None = None,
        first_bar: int = 0,
        funding: FundingRates | None = None,
        detail: Candles | None = None,
        *,
        columns: Columns | None = None,
        threads: int | None = None,
    ) -> None:
        rules = rules or MarketRules()
        require_sound_run(candles, detail, base, execution, order_qty, rules, first_bar)
        if columns is not None and columns.candles is not candles and columns.candles.digest != candles.digest:
            raise BacktestError(f"the columns to share are those of other candles ({columns.candles.market}), not of {candles.market}.")
        if threads is not None and whole_number("threads", threads) < 1:
            raise BacktestError(f"threads = {threads} is not allowed: must be at least 1, or None for one per core.")
        self._base, self._first_bar, self._strategy = base, first_bar, get_strategy(base.name)
        self._params = resolve_params(self._strategy, base)
        self._columns = columns or Columns(candles)
        decided = candles[first_bar:] if first_bar else candles
        fine = detail_from(candles, detail, execution, first_bar)
        self.bars = len(decided)  # to simulate, those of the strategy's timeframe
        self._periods_per_year = candles.timeframe.periods_per_year
        self._values = checked_values(self._strategy, base, values)
        one = rules_of(base, execution, order_qty, rules, self._periods_per_year, candles.has_volume)
        self._rules = rules_rows(one, base, self._values)
        self._tiered = bool(self._rules["hybrid_engine"].any())
        self._bars = bars_of(decided if fine is None else fine, execution, funding, decisions_of(decided, fine), tiered=self._tiered)
        self.rows = len(self._rules)
        self._states = fresh_states(self.rows, execution.initial_capital)
        self._scores = fresh_scores(self.rows, execution.initial_capital)
        self._done = np.zeros(self.rows, np.int64)
        self._threads = threads or usable_cores()
        self._asked = False
        self._conditions: ConditionTable | None = None  # those of all rows, where there is room for them, once they are asked for

    def advance(self, end: int, rows: Rows | None = None) -> None:
        """Simulate ``rows`` (default: all) up to bar ``end``; at the last bar what is open is closed."""
        # a row named twice would be two threads' at once
        chosen = np.arange(self.rows) if rows is None else np.unique(row_numbers(rows, self.rows))
        if not 0 <= whole_number("end", end) <= self.bars or (self._done[chosen] > end).any():
            raise BacktestError(f"cannot advance to bar {end} of {self.bars}: some rows are beyond it or there is no such bar.")
        left = chosen[self._done[chosen] < end]
        if len(left):
            self._advance_rows(left, end)

    def equity_after(self, ends: Sequence[int]) -> Floats:
        """Simulate all rows, of which none has begun, to the last of ``ends``, and return float64[rows, ends]: their equity after each.

        ``ends``: rising numbers of bars, as ``advance`` takes them. BacktestError for others, and for rows that have begun.
        """
        if not len(ends) or ends[0] < 1 or any(later <= end for end, later in pairwise(ends)) or ends[-1] > self.bars:
            raise BacktestError(f"equity is noted after rising numbers of bars from 1 to {self.bars}.")
        if self._done.any():
            raise BacktestError("equity is noted from the first bar on, and some rows have begun already.")
        equity = np.empty((self.rows, len(ends)))
        self._in_chunks(np.arange(self.rows), ends[-1], lambda chunk, found: self._simulate(chunk, found, ends, equity))
        return equity

    def _advance_rows(self, chosen: Rows, end: int) -> None:
        """Simulate ``chosen``, all of which are before ``end``."""
        self._in_chunks(chosen, end, lambda chunk, found: self._simulate(chunk, found, (end,)))

    def _in_chunks(self, chosen: Rows, end: int, simulate: Callable[[Rows, ConditionTable | None], None]) -> None:
        """Hand ``chosen``, which go to bar ``end``, to ``simulate`` in chunks over the threads, with what conditions are known."""
        work = int((end - self._done[chosen]).sum()) * (len(self._bars.close) // self.bars)
        threads = min(self._threads, work // _BARS_WORTH_A_THREAD + 1)
        portion = len(chosen) if threads == 1 else -(-len(chosen) // (threads * _PORTIONS))
        size = max(1, min(_CHUNK_ROWS, _CHUNK_BYTES // (16 * self.bars), portion))
        chunks = [chosen[start : start + size] for start in range(0, len(chosen), size)]
        with _short_turns() if threads > 1 else nullcontext():
            found = self._conditions_together(threads)
            shared_out(chunks, lambda rows: simulate(rows, None if found is None else found.of_runs(rows)), threads)
        if (self._done == self.bars).all():
            self._conditions = None

    def _conditions_together(self, threads: int) -> ConditionTable | None:
        """Return the conditions of all rows, worked out by ``threads`` once, whichever rows go on first; None where there is no room."""
        if not self._asked:
            rows = self._params_of(np.arange(self.rows))
            self._conditions = conditions_together(
                self._strategy, self._columns, rows, lambda pieces: called_together(pieces, min(threads, len(pieces))), tiered=self._tiered
            )
            self._asked = True
        return self._conditions

    def figures(self, rows: Rows | None = None) -> RecordArray:
        """Return the metrics of ``rows`` (default: all) as records of ``METRICS_DTYPE``; they must have come to the same bar."""
        chosen = row_numbers(rows, self.rows)
        done = self._done[chosen]
        if not len(done) or done.min() != done.max() or done[0] == 0:
            raise BacktestError("metrics are those of rows that have come to one and the same bar: call advance first.")
        figures = empty_figures(len(chosen))
        rules, states, scores = taken(self._rules, chosen), taken(self._states, chosen), taken(self._scores, chosen)
        figures_of_rows(rules, states, scores, int(done[0]), self._periods_per_year, figures)
        return figures

    def metrics(self, row: int) -> Metrics:
        """Return the metrics of one row; an open position is marked at the close, not closed."""
        return Metrics.of_record(self.figures(np.array([row]))[0])

    def _params_of(self, rows: Rows) -> ParamRows:
        varied = {name: column[rows] for name, column in self._values.items() if name in self._params}
        return ParamRows(self._params, varied, len(rows))

    def _signals_of(self, rows: Rows, found: ConditionTable | None) -> SignalTable:
        if found is None:
            return signal_table(self._strategy, self._base, self._columns, self._params_of(rows), self._first_bar, tiered=self._tiered)
        return signals_from(found, self._base, self._columns, self._first_bar)

    def _simulate(self, rows: Rows, found: ConditionTable | None, ends: Sequence[int], equity: Floats | None = None) -> None:
        table = self._signals_of(rows, found)
        rules, states, scores = taken(self._rules, rows), taken(self._states, rows), taken(self._scores, rows)
        nothing, trades, entries, room = np.zeros(0), np.zeros(2, TRADE_DTYPE), np.zeros(2, ENTRY_DTYPE), np.empty(ROOM)
        starts = self._done[rows]
        for place, end in enumerate(ends):
            run_rows(self._bars, table, rules, states, scores, starts, end, True, nothing, trades, entries, room)
            starts[:] = end
            if equity is not None:
                equity[rows, place] = states["equity"]
        put(self._states, rows, states)
        put(self._scores, rows, scores)
        self._done[rows] = starts
