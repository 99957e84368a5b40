"""Other futures for the same past: none at all, or valid bars that never were."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.candle_checks import PRICE_NAMES
from core.candles import Candles
from core.timeframe import YEAR_MS

CUT_OFF = "no bars"
# How much later the bars of a future with a hole come, and the last year in which they may (candles end with 2199).
_HOLE_BARS = 7
_LATEST_MS = 220 * YEAR_MS
_SMALLEST, _LARGEST = 1e-300, 1e300

Future = Callable[[Candles, int], Candles]


def scaled(factor: float) -> Future:
    """Return a future of the same bars in reverse order with prices and volumes times ``factor``."""

    def make(candles: Candles, cut: int) -> Candles:
        columns = _columns(candles)
        for name, values in columns.items():
            if name != "timestamp":
                # one more than the volume, so that bars without trades get another volume too
                wild = (values[cut:][::-1] + (0.0 if name in PRICE_NAMES else 1.0)) * factor
                values[cut:] = np.clip(wild, _SMALLEST, _LARGEST)
        return _candles(candles, columns)

    return make


def standing_still(candles: Candles, cut: int) -> Candles:
    """Return a future in which nothing trades and the price stays at the last close, after a hole of a few bars."""
    columns = _columns(candles)
    later_ms = _HOLE_BARS * candles.timeframe.ms
    if candles.end_ms + later_ms < _LATEST_MS:
        columns["timestamp"][cut:] += later_ms
    for name, values in columns.items():
        if name != "timestamp":
            values[cut:] = candles.close[cut - 1] if name in PRICE_NAMES else 0.0
    return _candles(candles, columns)


POISONS: dict[str, Future] = {
    "prices times 1000": scaled(1000.0),
    "prices times 0.0001": scaled(1e-4),
    "standing prices": standing_still,
}


def cut_off(candles: Candles, cut: int) -> Candles:
    """Return the bars before ``cut``."""
    return candles[:cut]


FUTURES: dict[str, Future] = {CUT_OFF: cut_off, **POISONS}


def _columns(candles: Candles) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    names = (*PRICE_NAMES, "volume", *(["quote_volume"] if candles.quote_volume is not None else []))
    return {"timestamp": candles.open_ms.copy()} | {name: getattr(candles, name).copy() for name in names}


def _candles(like: Candles, columns: dict[str, NDArray[np.float64] | NDArray[np.int64]]) -> Candles:
    return Candles.from_arrays(like.market, columns, has_volume=like.has_volume, synthetic=like.synthetic)
