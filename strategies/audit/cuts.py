"""Where to cut a series: spread over all of it, at its edges, and wherever a signal was given."""

import numpy as np
from numpy.typing import NDArray

_LAST = 5  # cuts before the very last bars, where a leak of a few bars has nothing left to hide in


def choose_cuts(bars: int, signal_bars: NDArray[np.int64], warmup: int, wanted: int, seed: int) -> list[int]:
    """Return at least ``wanted`` different cuts from 1 to ``bars`` - 1, rising; every one of them where there are no more.

    A cut is the number of bars before it. Always in are the first bars, those around the end of the ``warmup``, the last bars, and
    those right after signals: what a signal needed to know ended with its own bar. Signals fill half of the cuts at most.
    """
    if wanted >= bars - 1:
        return list(range(1, bars))
    rng = np.random.default_rng(seed)
    edges = (1, 2, 3, warmup, warmup + 1, warmup + 2, *range(bars - _LAST, bars))
    after_signals = signal_bars + 1
    if len(after_signals) > wanted // 2:
        after_signals = rng.choice(after_signals, wanted // 2, replace=False)
    chosen = {int(cut) for cut in (*edges, *after_signals) if 1 <= cut < bars}
    missing = wanted - len(chosen)
    if missing > 0:
        borders = np.linspace(1, bars, missing + 1)
        chosen |= {int(cut) for cut in rng.uniform(borders[:-1], borders[1:])}
    free = np.setdiff1d(np.arange(1, bars), np.fromiter(chosen, np.int64))
    more = rng.choice(free, max(0, wanted - len(chosen)), replace=False)
    return sorted(chosen | {int(cut) for cut in more})
