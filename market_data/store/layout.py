"""Which bars lie in one part: a function of what is stored and of nothing else, so that no order of updates shows in the files.

Time is cut into periods of 16,384 bars of the timeframe, counted from where its grid starts. The period that holds the last bar is cut
into eighths, so that one more bar rewrites at most 2,048; when a bar of a later period comes, the eighths are folded into one part.
Neither writes more than a megabyte, even where prices do not compress.
"""

import numpy as np

from core.candle_checks import Times
from core.timeframe import Timeframe
from market_data.store.intervals import Interval

PART_BARS = 16_384
TAIL_BARS = 2_048


def period_starts(open_ms: Times, last_ms: int, timeframe: Timeframe) -> Times:
    """Return the start of the period of every bar in a series whose last bar opens at ``last_ms``."""
    whole = _floor(open_ms, PART_BARS, timeframe)
    tail = whole == _floor(np.array([last_ms], np.int64), PART_BARS, timeframe)
    return np.where(tail, _floor(open_ms, TAIL_BARS, timeframe), whole)


def period_from(start_ms: int, last_ms: int, timeframe: Timeframe) -> Interval:
    """Return the period that starts at ``start_ms`` in a series whose last bar opens at ``last_ms``."""
    last_whole = int(_floor(np.array([last_ms], np.int64), PART_BARS, timeframe)[0])
    return start_ms, start_ms + (TAIL_BARS if start_ms >= last_whole else PART_BARS) * timeframe.ms


def _floor(open_ms: Times, bars: int, timeframe: Timeframe) -> Times:
    return open_ms - (open_ms - timeframe.offset_ms) % (bars * timeframe.ms)
