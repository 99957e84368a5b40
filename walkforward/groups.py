"""The geometry of combinatorial windows: groups of days, left out of the search and tested, every choice of them.

The days are cut into N groups of equal length (the last one has what is left over), and every choice of k of them is left out of a search.
A group is left out in C(N-1, k-1) choices; numbering these in order, the first choice of each group makes path 0, the second one path 1,
and so on: every path tests all days once, with parameters that had not seen them (Lopez de Prado 2018, chapter 12).

These are no forecasts: most searches have seen days that come after those they are tested on. What they ask is whether the search finds
something that holds on other days at all, several times over, where walk-forward asks once.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from config import WalkForwardConfig
from core.candles import Candles
from core.errors import DataError
from core.timeframe import DAY_MS
from walkforward.windows import Window, require_bars, split

Times = NDArray[np.int64]


def windows_of(candles: Candles, config: WalkForwardConfig) -> list[Window]:
    """Return the windows of any scheme over ``candles``; DataError when there are too few for them."""
    scheme = combinatorial if config.scheme == "combinatorial" else split
    return scheme(candles.open_ms, candles.timeframe.ms, config)


def combinatorial(open_ms: Times, timeframe_ms: int, config: WalkForwardConfig) -> list[Window]:
    """Return a window for each path and group, path by path, each in order of time: phi N of them, phi = C(N-1, k-1).

    Each has its own search, on all days but those of its ``left_out_ms``: the k groups of its choice, each with ``embargo_bars`` before
    and after it, rounded up to whole days (for longer bars, to whole bars), and clipped to the data. Borders are times on that grid.
    Raises DataError when the data is too short for groups of one day, and when a group has no bar or the search none left.
    """
    borders, unit = _borders(int(open_ms[0]), int(open_ms[-1]) + timeframe_ms, timeframe_ms, config.groups)
    embargo = -(-config.embargo_bars * timeframe_ms // unit) * unit
    choices = list(combinations(range(config.groups), config.tested_groups))
    of_group = [[choice for choice in choices if group in choice] for group in range(config.groups)]
    return [
        _window(open_ms, path * config.groups + group, group, of_group[group][path], borders, embargo, path)
        for path in range(len(of_group[0]))
        for group in range(config.groups)
    ]


def _borders(first_ms: int, end_ms: int, timeframe_ms: int, groups: int) -> tuple[list[int], int]:
    unit = int(np.lcm(DAY_MS, timeframe_ms))
    length = (end_ms - first_ms) // groups // unit * unit
    if length == 0:
        raise DataError(
            f"combinatorial windows need at least {groups * unit / DAY_MS:g} days of candles, {unit / DAY_MS:g} for each of {groups} "
            f"groups, but there are {(end_ms - first_ms) / DAY_MS:.4g}. Load more history, or set fewer walkforward.groups."
        )
    return [first_ms + group * length for group in range(groups)] + [end_ms], unit


def _window(open_ms: Times, index: int, group: int, choice: tuple[int, ...], borders: list[int], embargo: int, path: int) -> Window:
    first_ms, end_ms = borders[0], borders[-1]
    left_out = _joined([(max(first_ms, borders[each] - embargo), min(end_ms, borders[each + 1] + embargo)) for each in choice])
    start, end = np.searchsorted(open_ms, (borders[group], borders[group + 1])).tolist()
    window = Window(
        index, 0, len(open_ms), start, end, first_ms, end_ms, borders[group], borders[group + 1], left_out_ms=left_out, path=path
    )
    require_bars(window)
    if not searched_bars(open_ms, left_out).any():
        raise DataError(f"combinatorial window {index} leaves no candle to search on: set fewer walkforward.tested_groups or embargo_bars.")
    return window


def _joined(stretches: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return ``stretches``, in order of time, with those that touch as one."""
    joined = stretches[:1]
    for start, end in stretches[1:]:
        if start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def searched_bars(open_ms: Times, left_out_ms: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    """Return which bars open outside of all ``left_out_ms``."""
    kept = np.ones(len(open_ms), np.bool_)
    for start, end in left_out_ms:
        kept &= (open_ms < start) | (open_ms >= end)
    return kept
