"""The order of long tables' rows, kept for the pages that follow: sorting a hundred thousand trials takes longer than all the rest."""

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable

import polars as pl

_KEPT = 8


class RowOrders:
    """Keeps the last few orders, each as long as the very table it belongs to is there. Thread-safe."""

    def __init__(self) -> None:
        self._orders: OrderedDict[Hashable, tuple[weakref.ref[pl.DataFrame], pl.Series]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, table: pl.DataFrame, question: Hashable, sort: Callable[[pl.DataFrame], pl.Series]) -> pl.Series:
        """Return the numbers of the rows of ``table`` that answer ``question``, in order: what ``sort`` returns, which is asked once."""
        with self._lock:
            known = self._orders.get(question)
            if known is not None and known[0]() is table:
                self._orders.move_to_end(question)
                return known[1]
        order = sort(table)
        with self._lock:
            self._orders[question] = weakref.ref(table), order
            while len(self._orders) > _KEPT:
                self._orders.popitem(last=False)
        return order
