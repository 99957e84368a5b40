"""Fewer points for a chart without losing its peaks and troughs."""

import numpy as np
from numpy.typing import NDArray

MAX_POINTS = 2000


def decimate(values: NDArray[np.float64], limit: int = MAX_POINTS) -> NDArray[np.int64]:
    """Return the rising indices of at most ``limit`` (>= 4) of ``values`` to draw; all of them when there are not more.

    The first and the last are kept, and of each of the equal stretches between them the lowest and the highest.
    """
    count = len(values)
    if count <= limit:
        return np.arange(count, dtype=np.int64)
    stretches = limit // 2 - 1
    edges = np.linspace(1, count - 1, stretches + 1).astype(np.int64)
    kept = [0, count - 1]
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = values[start:end]
        kept += [start + int(np.argmin(part)), start + int(np.argmax(part))]
    return np.unique(np.asarray(kept, np.int64))
