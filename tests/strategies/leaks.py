"""Does a function of candles look ahead? Cut the future off, or fill it with nonsense: the past must not change by a single bit."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles

Arrays = Sequence[NDArray[np.generic]]
POISONS = {"a thousandfold": 1000.0, "next to nothing": 1e-4}


def leaks(of: Callable[[Candles], Arrays], candles: Candles, cuts: Sequence[int]) -> list[str]:
    """Return what the bars before each of ``cuts`` gave away about those after it; an empty list is a causal function."""
    whole = of(candles)
    found = []
    for cut in cuts:
        for future, changed in _other_futures(candles, cut):
            for number, (past, same) in enumerate(zip(whole, of(changed), strict=True)):
                if past[:cut].tobytes() != same[:cut].tobytes():
                    bar = int(np.flatnonzero(past[:cut].view(np.uint8) != same[:cut].view(np.uint8))[0]) // past.itemsize
                    found.append(f"array {number}, bar {bar}: another future from bar {cut} on ({future}) changes it")
    return found


def _other_futures(candles: Candles, cut: int) -> Iterator[tuple[str, Candles]]:
    yield "none", candles[:cut]
    for name, factor in POISONS.items():
        yield name, poisoned(candles, cut, factor)


def poisoned(candles: Candles, cut: int, factor: float) -> Candles:
    """Return ``candles`` with valid but wild bars from ``cut`` on: prices times ``factor`` in reverse order, other volumes."""
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {"timestamp": candles.open_ms}
    for name in ("open", "high", "low", "close", "volume"):
        values = getattr(candles, name).copy()
        values[cut:] = values[cut:][::-1] * factor
        columns[name] = values
    return Candles.from_arrays(candles.market, columns)
