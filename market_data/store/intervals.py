"""Sets of time as sorted, disjoint, non-touching ranges [start_ms, end_ms)."""

from collections.abc import Iterable, Iterator

import numpy as np

from core.candle_checks import Times

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


def union(ranges: Iterable[Interval]) -> Intervals:
    """Return the smallest set of ranges that holds all of ``ranges``; empty ones are dropped, touching ones joined."""
    joined: list[Interval] = []
    for start, end in sorted(pair for pair in ranges if pair[0] < pair[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def gaps_in(whole: Interval, taken: Intervals) -> Intervals:
    """Return the parts of ``whole`` that no range of ``taken`` holds."""
    return tuple(_gaps(whole, taken))


def _gaps(whole: Interval, taken: Intervals) -> Iterator[Interval]:
    position, end = whole
    for start, stop in taken:
        if stop <= position:
            continue
        if start >= end:
            break
        if start > position:
            yield position, start
        position = stop
    if position < end:
        yield position, end


def without(ranges: Intervals, cut: Interval) -> Intervals:
    """Return ``ranges`` less everything in ``cut``."""
    before = ((start, min(end, cut[0])) for start, end in ranges)
    after = ((max(start, cut[1]), end) for start, end in ranges)
    return union((*before, *after))


def runs_of(open_ms: Times, step_ms: int) -> Intervals:
    """Return the ranges that bars of ``step_ms`` with these opens (strictly increasing) cover without a hole."""
    if not len(open_ms):
        return ()
    breaks = np.flatnonzero(np.diff(open_ms) != step_ms)
    starts = open_ms[np.concatenate(([0], breaks + 1))]
    ends = open_ms[np.concatenate((breaks, [len(open_ms) - 1]))] + step_ms
    return tuple(zip(starts.tolist(), ends.tolist(), strict=True))
