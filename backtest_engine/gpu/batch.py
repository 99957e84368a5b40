"""A batch whose bars pass on the GPU: signals from the host, all else in the device's memory."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from backtest_engine.batch import BatchSimulation, Rows
from backtest_engine.batch_signals import signal_table
from backtest_engine.gpu.device import Gpu
from backtest_engine.gpu.kernel import Trials, launch
from backtest_engine.gpu.memory import upload
from backtest_engine.records import Bars
from backtest_engine.scores import put, taken
from core.errors import BacktestError
from strategies.sparse import SignalTable

logger = logging.getLogger(__name__)
# So many rows are simulated at once: enough to fill the largest devices, few enough for signals and simulation to overlap.
_MOST_ROWS = 16_384
# What the host may hold of packed conditions for one chunk, and how many chunks are made ahead of the device.
_CONDITION_BYTES = 256 * 2**20
_CHUNKS_AHEAD = 4


class Signals(NamedTuple):
    """The signals of some rows: rows with the same parameters share them, ``places`` says where in the table."""

    table: SignalTable
    places: Rows


class GpuBatch(BatchSimulation):
    """``BatchSimulation`` on ``gpu``: the same arguments, rows and figures; operations that IEEE 754 defines are equal bit for bit.

    Signals come from the host, through the strategy's own Python code as on a processor, made by threads while the device simulates the
    chunk before. A chunk that the device's memory does not hold is halved. Raises BacktestError when not even one row fits.
    """

    def __init__(self, gpu: Gpu, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._gpu = gpu
        self._resident: Bars | None = None
        self._most_rows = max(1, min(_MOST_ROWS, _CONDITION_BYTES // max(1, self.bars // 2)))

    def _advance_rows(self, rows: Rows, end: int) -> None:
        chunks = [rows[start : start + self._most_rows] for start in range(0, len(rows), self._most_rows)]
        with ThreadPoolExecutor(min(self._threads, _CHUNKS_AHEAD)) as pool:
            for chunk, signals in _made_ahead(pool, self._signals, chunks):
                self._on_device(chunk, signals, end)

    def _signals(self, rows: Rows) -> Signals:
        distinct, places = self._params_of(rows).distinct()
        return Signals(signal_table(self._strategy, self._base, self._columns, distinct, self._first_bar, tiered=self._tiered), places)

    def _on_device(self, rows: Rows, signals: Signals, end: int) -> None:
        """Simulate ``rows``, in halves where they do not fit or more than fitted before."""
        if len(rows) <= self._most_rows:
            try:
                self._launch(rows, signals, end)
                return
            except MemoryError as error:
                if len(rows) == 1:
                    raise BacktestError(
                        f"the memory of {self._gpu.name} does not hold one run over {self.bars} bars ({error}). Set gpu to off."
                    ) from error
                self._most_rows = (len(rows) + 1) // 2
                logger.warning("%s: no memory for %d runs at once; going on with %d", self._gpu.name, len(rows), self._most_rows)
        middle = (len(rows) + 1) // 2
        for half in (rows[:middle], rows[middle:]):
            self._on_device(half, self._signals(half), end)

    def _launch(self, rows: Rows, signals: Signals, end: int) -> None:
        memory = self._gpu.memory
        if self._resident is None:
            self._resident = upload(memory, self._bars)
        table = upload(memory, signals.table)
        rules, states, scores = taken(self._rules, rows), taken(self._states, rows), taken(self._scores, rows)
        host = Trials(signals.places, rules, states, scores, self._done[rows])
        trials = upload(memory, host)
        launch(self._resident, table, trials, len(rows), end)
        put(self._states, rows, memory.get(trials.states))
        put(self._scores, rows, memory.get(trials.scores))
        self._done[rows] = end


def _made_ahead(pool: ThreadPoolExecutor, make: Callable[[Rows], Signals], chunks: Sequence[Rows]) -> Iterator[tuple[Rows, Signals]]:
    """Yield every chunk with its signals, in order, while a few more are being made."""
    waiting = deque[tuple[Rows, Future[Signals]]]()
    for chunk in chunks:
        waiting.append((chunk, pool.submit(make, chunk)))
        if len(waiting) > _CHUNKS_AHEAD:
            first, ready = waiting.popleft()
            yield first, ready.result()
    while waiting:
        first, ready = waiting.popleft()
        yield first, ready.result()
