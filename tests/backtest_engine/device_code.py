"""Prints the machine code (PTX) that a real GPU gets; needs numba-cuda with its compiler, and no device.

Usage: python -m tests.backtest_engine.device_code
"""

import sys
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numba
import numpy as np

from backtest_engine import BatchSimulation
from backtest_engine.batch_signals import signal_table
from backtest_engine.gpu import kernel
from backtest_engine.gpu.compiler import strict_floats
from tests.backtest_engine.markets import BUSY
from tests.backtest_engine.test_batch import ACCOUNT, CANDLES, RULES, rows_of

CAPABILITY = (9, 0)


def type_of(item: Any) -> Any:
    """Return the type of an argument of the kernel, arrays being on the device."""
    if isinstance(item, tuple):
        return numba.types.NamedTuple([type_of(each) for each in item], type(item))  # type: ignore[no-untyped-call]
    if isinstance(item, np.ndarray):
        return numba.types.Array(numba.from_dtype(item.dtype), item.ndim, "C")
    return numba.typeof(item)  # type: ignore[no-untyped-call]


def device_code() -> str:
    """Return the code of the kernel for the arguments of a small batch."""
    from numba import cuda
    from numba.cuda import dispatcher

    batch = BatchSimulation(CANDLES, BUSY, rows_of(1, 2), 2.0, ACCOUNT, RULES)
    table = signal_table(batch._strategy, batch._base, batch._columns, batch._params_of(np.arange(1)), 0)
    trials = kernel.Trials(np.zeros(2, np.int64), batch._rules, batch._states, batch._scores, batch._done)
    arguments = (*(type_of(each) for each in (batch._bars, table, trials)), numba.int64)
    kernel.device_kernel()
    # functions that the kernel calls are compiled for the device at hand
    at_hand = mock.patch.object(dispatcher, "get_current_device", return_value=SimpleNamespace(compute_capability=CAPABILITY))
    with at_hand, strict_floats():
        code: str = cuda.compile(kernel.simulate_trials, arguments, cc=CAPABILITY, device=False, abi="numba", output="ptx")[0]
    return code


if __name__ == "__main__":
    sys.stdout.write(device_code())
