"""Indicator columns of one series: each computed once, however many runs ask for it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import partial

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
        self._places: dict[Hashable, tuple[NDArray[np.float64], int]] = {}
        self._wholes: OrderedDict[Hashable, Words] = OrderedDict()
        self.lock = threading.RLock()  # held while a column is made: two threads that want it make it once

    def values(self, key: Hashable, compute: Callable[[Candles], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the float64 column called ``key``, one value per bar, made by ``compute`` when it is not there."""
        return self._column(key, lambda: compute(self.candles))  # type: ignore[return-value]

    def has(self, key: Hashable) -> bool:
        """Return whether the column called ``key`` is there."""
        return key in self._arrays

    def keep_rows(self, keys: Sequence[Hashable], table: NDArray[np.float64], first: int) -> None:
        """Take columns that were made together: the rows of ``table`` from row ``first`` on, called ``keys``."""
        with self.lock:
            for row, key in enumerate(keys, first):
                if not self.has(key):
                    self._column(key, partial(table.__getitem__, row))
                    self._places[key] = (table, row)

    def rows_of_table(self, keys: Sequence[Hashable]) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
        """Return the table, float64[columns, bars], in which the columns called ``keys`` were made together, and their rows in it.

        None where they were not, or are not there any more.
        """
        with self.lock:
            places = [self._places.get(key) for key in keys]
            found = [place for place in places if place is not None]
            if len(found) < len(places) or any(table is not found[0][0] for table, _ in found):
                return None
            for key in keys:
                self._arrays.move_to_end(key)
        table = found[0][0].view()
        table.flags.writeable = False
        return table, np.array([row for _, row in found])

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
                dropped, array = self._arrays.popitem(last=False)
                self._places.pop(dropped, None)
                self._bytes -= array.nbytes
            return made
