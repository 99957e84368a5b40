"""Indicator columns of one series: each computed once, however many runs ask for it."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles

DEFAULT_BYTES = 128 * 2**20


class Columns:
    """Arrays by key, the least recently used ones forgotten beyond ``most_bytes``; thread safe.

    A key says everything that a column is made from, such as ``("rsi", 14)``. Columns are read-only.
    """

    def __init__(self, candles: Candles, most_bytes: int = DEFAULT_BYTES) -> None:
        self.candles = candles
        self.most_bytes, self._bytes = most_bytes, 0
        self._arrays: OrderedDict[Hashable, NDArray[np.float64]] = OrderedDict()
        self._lock = threading.Lock()
        # one for each column: two threads that want it make it once, and nobody who wants another one waits
        self._making: defaultdict[Hashable, threading.Lock] = defaultdict(threading.Lock)

    def values(self, key: Hashable, compute: Callable[[Candles], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the float64 column called ``key``, one value per bar, made by ``compute`` when it is not there."""
        found = self._found(key)
        if found is None:
            with self._lock:
                making = self._making[key]
            with making:
                found = self._found(key)
                if found is None:
                    found = compute(self.candles)
                    found.flags.writeable = False
                    self._keep(key, found)
            with self._lock:
                self._making.pop(key, None)
        return found

    def _found(self, key: Hashable) -> NDArray[np.float64] | None:
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
            return self._arrays.get(key)

    def _keep(self, key: Hashable, made: NDArray[np.float64]) -> None:
        with self._lock:
            self._arrays[key] = made
            self._bytes += made.nbytes
            while self._bytes > self.most_bytes and len(self._arrays) > 1:
                _, dropped = self._arrays.popitem(last=False)
                self._bytes -= dropped.nbytes
