"""The kernel of the GPU: one thread per run, and in it the step function that processors run.

numba compiles the Python source of ``run_trial`` and of everything it calls for the device: there is no second copy of a rule. A run's
rules, state and score are copied into the thread's own memory, where the compiler keeps them in registers; in the device's memory they are
records, read once and written once.
"""

import functools
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from backtest_engine.gpu.compiler import allow_small_grids, know_ufuncs, strict_floats
from backtest_engine.kernels.rows import run_trial
from backtest_engine.records import ENTRY_DTYPE, RULES_DTYPE, STATE_DTYPE, TRADE_DTYPE, Bars, RecordArray
from backtest_engine.score_records import SCORE_DTYPE
from strategies.sparse import SignalTable

# A thread takes all registers that the hardware gives it, so a multiprocessor holds about 256. Blocks of one warp spread small batches
# over all multiprocessors, and none waits for the slowest run of another.
THREADS_PER_BLOCK = 32
# numba's simulator looks for this global in the kernel's module.
cuda: Any = None


class Trials(NamedTuple):
    """Runs to simulate: where in the table each one's signals are, its constants, account, score and first bar."""

    signals: NDArray[np.int64]
    rules: RecordArray
    states: RecordArray
    scores: RecordArray
    starts: NDArray[np.int64]


def simulate_trials(bars: Bars, table: SignalTable, trials: Trials, end: int) -> None:
    """Advance every run to bar ``end``; compiled by ``device_kernel``, never called as it is."""
    row = cuda.grid(1)
    if row < len(trials.states):
        rules = cuda.local.array(1, _RULES)
        state = cuda.local.array(1, _STATE)
        score = cuda.local.array(1, _SCORE)
        trades = cuda.local.array(2, _TRADE)
        entries = cuda.local.array(2, _ENTRY)
        nothing = cuda.local.array(1, numba.float64)[:0]
        rules[0] = trials.rules[row]
        state[0] = trials.states[row]
        score[0] = trials.scores[row]
        number, start = trials.signals[row], trials.starts[row]
        run_trial(bars, table, number, rules[0], state[0], score[0], start, end, True, nothing, trades, entries, nothing)
        trials.states[row] = state[0]
        trials.scores[row] = score[0]


_RULES, _STATE, _SCORE, _TRADE, _ENTRY = (
    numba.from_dtype(dtype) for dtype in (RULES_DTYPE, STATE_DTYPE, SCORE_DTYPE, TRADE_DTYPE, ENTRY_DTYPE)
)


@functools.cache
def device_kernel() -> Any:
    """Return the kernel; it is compiled at its first launch, which takes about ten seconds."""
    global cuda
    from numba import cuda as module

    cuda = module
    if not numba.config.ENABLE_CUDASIM:  # type: ignore[attr-defined]
        know_ufuncs()
        allow_small_grids()
    return cuda.jit(simulate_trials)


def launch(bars: Bars, table: SignalTable, trials: Trials, rows: int, end: int) -> None:
    """Run the kernel over device arrays; the arrays of ``trials`` are written."""
    kernel = device_kernel()
    with strict_floats():
        kernel[-(-rows // THREADS_PER_BLOCK), THREADS_PER_BLOCK](bars, table, trials, int(end))
