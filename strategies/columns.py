"""Indicator columns of one series: each computed once, however many runs ask for it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from strategies.sparse import Words, pack

DEFAULT_BYTES = 128 * 2**20
# So many conditions made of others are kept: a search of two thresholds with some 30 values each asks for them in row after row,
# one of periods never asks for the same again.
MOST_WHOLES = 64


class Columns:
    """Arrays by key, the least recently used ones forgotten beyond ``most_bytes``; thread safe.

    A key says everything that a column is made from, such as ``("ema", 20)``. Columns are read-only.
    """

    def __init__(self, candles: Candles, most_bytes: int = DEFAULT_BYTES) -> None:
        self.candles = candles
        self.most_bytes, self._bytes = most_bytes, 0
        self._arrays: OrderedDict[Hashable, NDArray[np.generic]] = OrderedDict()
        self._wholes: OrderedDict[Hashable, Words] = OrderedDict()
        self.lock = threading.RLock()  # held while a column is made: two threads that want it make it once

    def values(self, key: Hashable, compute: Callable[[Candles], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the float64 column called ``key``, one value per bar, made by ``compute`` when it is not there."""
        return self._column(key, lambda: compute(self.candles))  # type: ignore[return-value]

    def has(self, key: Hashable) -> bool:
        """Return whether the column called ``key`` is there."""
        return key in self._arrays

    def keep(self, key: Hashable, column: NDArray[np.float64] | Words) -> None:
        """Take a column that was made together with others."""
        self._column(key, lambda: column)

    def flags(self, key: Hashable, compute: Callable[[Candles], NDArray[np.bool_]]) -> Words:
        """Return the condition called ``key``, one bit per bar."""
        return self._column(key, lambda: pack(compute(self.candles)))  # type: ignore[return-value]

    def words(self, key: Hashable, compute: Callable[[], Words]) -> Words:
        """Return the condition called ``key``, which ``compute`` gives as bits already."""
        return self._column(key, compute)  # type: ignore[return-value]

    def whole(self, key: Hashable, compute: Callable[[], Words]) -> Words:
        """Return the condition called ``key``, which ``compute`` makes of others; only the last ones asked for are kept."""
        with self.lock:
            found = self._wholes.get(key)
            if found is None:
                found = self._wholes[key] = compute()
                found.flags.writeable = False
                if len(self._wholes) > MOST_WHOLES:
                    self._wholes.popitem(last=False)
            self._wholes.move_to_end(key)
            return found

    def _column(self, key: Hashable, make: Callable[[], NDArray[np.generic]]) -> NDArray[np.generic]:
        with self.lock:
            found = self._arrays.get(key)
            if found is not None:
                self._arrays.move_to_end(key)
                return found
            made = make()
            made.flags.writeable = False
            self._arrays[key] = made
            self._bytes += made.nbytes
            while self._bytes > self.most_bytes and len(self._arrays) > 1:
                self._bytes -= self._arrays.popitem(last=False)[1].nbytes
            return made
