"""Candles out of ccxt, checked as if ccxt could not be trusted: every range is asked for until it is covered or known to be empty."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from core.candle_checks import PRICE_NAMES, Times
from core.clock import format_utc
from core.errors import DataError
from core.timeframe import DAY_MS, TIMEFRAMES, Timeframe
from exchanges.bar_requests import whole_bars
from exchanges.page_columns import numbers
from exchanges.paging import Columns, join_pages, no_rows

# 2009-01-01 and 2200-01-01: what lies outside is no time in milliseconds.
_EARLIEST_MS, _LATEST_MS = 1_230_768_000_000, 7_258_118_400_000
# So many answers may be needed for one page, should a venue give less at once than it is asked for.
_MOST_ANSWERS = 64
# A question for one bar cannot tell a venue that ignores where to start; one for so many can.
_FEW_BARS = 10
# How many empty ranges in a row are looked at before the first bar.
_MOST_WINDOWS = 100

# (symbol, timeframe name, start in UTC ms or None, number of bars, end in UTC ms) -> rows as ccxt read them, none left out
FetchRows = Callable[[str, str, int | None, int, int], Sequence[Any]]


class CcxtCandles:
    """Reads ranges of bars with ``fetch_rows``; ``now_ms`` tells the venue's time.

    ccxt reads many venues that answer differently from what they are asked: at most so many bars, the newest first, or the newest only
    wherever the question starts. What is missing at either end of an answer is therefore asked for again, until an answer has nothing of
    it, and a venue that answers with its newest bars instead of those asked for is refused. So no hole is ever of our own making.
    """

    def __init__(self, name: str, fetch_rows: FetchRows, page_bars: int, timeframes: Mapping[str, str], now_ms: Callable[[], int]) -> None:
        """Read candles of the exchange called ``name``, in requests for at most ``page_bars`` bars."""
        self._name, self._fetch_rows, self._page_bars = name, fetch_rows, page_bars
        self._timeframes = [TIMEFRAMES[each] for each in timeframes]
        self._now_ms = now_ms
        self._newest_opens: dict[tuple[str, str], int] = {}

    def cover(self, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Columns:
        """Return all bars with ``start_ms <= open < end_ms``, open ones too, in order of time.

        Raises DataError for anything but bars on the grid, for two different bars of one time, and for a venue that answers with other
        bars than those asked for.
        """
        whole = whole_bars(timeframe, start_ms, end_ms)
        if whole is None:
            return no_rows()
        pages: list[Columns] = []
        ranges = [(whole[0], whole[1] + timeframe.ms)]
        answers = 0
        while ranges:
            begin, until = ranges.pop()
            for page_begin in range(begin, until, self._page_bars * timeframe.ms):
                page_until = min(page_begin + self._page_bars * timeframe.ms, until)
                answers += 1
                if answers > _MOST_ANSWERS:
                    raise DataError(f"{self._name} {symbol} {timeframe}: the answers are too small to cover the range. Try again later.")
                page = _cut(self._ask(symbol, timeframe, page_begin, page_until), page_begin, page_until)
                times = page["timestamp"].astype(np.int64, copy=False)
                if len(times):
                    pages.append(page)
                    ends = ((page_begin, int(times.min())), (int(times.max()) + timeframe.ms, page_until))
                    ranges += [each for each in ends if each[0] < each[1]]
        return join_pages(f"{self._name} {symbol} {timeframe}", pages)

    def oldest(self, symbol: str, timeframe: Timeframe, from_ms: int, windows: int = _MOST_WINDOWS) -> int | None:
        """Return the open of the oldest bar at or after ``from_ms``; None when the first ``windows`` pages have none."""
        begin, now_ms = _first_open(timeframe, from_ms), self._now_ms()
        window_ms = self._page_bars * timeframe.ms
        for _ in range(windows):
            if begin > now_ms:
                break
            times = self._ask(symbol, timeframe, begin, begin + window_ms)["timestamp"].astype(np.int64, copy=False)
            later = times[times >= begin]
            # A venue that answers from the first bar on, however late that is, saves the way there.
            begin = timeframe.floor(int(later.min())) if len(later) and later.min() >= begin + window_ms else begin
            found = self.cover(symbol, timeframe, begin, begin + window_ms)["timestamp"] if len(later) else later
            if len(found):
                return int(found[0])
            begin += window_ms
        return None

    def opens(self, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Times:
        """Return the open times of a range."""
        return self.cover(symbol, timeframe, start_ms, end_ms)["timestamp"].astype(np.int64, copy=False)

    def _ask(self, symbol: str, timeframe: Timeframe, begin: int, until: int) -> Columns:
        """Return whatever the venue answers to the question for a range of at most one page."""
        bars = (until - begin) // timeframe.ms
        columns = self._read(symbol, timeframe, begin, bars)
        times = columns["timestamp"].astype(np.int64, copy=False)
        if not len(times):
            return columns
        first, last = int(times.min()), int(times.max())
        if last < begin and (self._newest(symbol, timeframe, begin) or 0) >= begin:
            raise self._older_only(symbol, timeframe, begin, last)
        newest = self._newest(symbol, timeframe, last + 1) if first > begin else None
        if newest is not None and newest <= last:
            # Nothing where the question starts, and all the newest bars: the venue may have taken no notice of the start.
            self._require_start(symbol, timeframe, begin, bars, times)
        return columns

    def _read(self, symbol: str, timeframe: Timeframe, begin: int | None, bars: int) -> Columns:
        end_ms = 0 if begin is None else begin + bars * timeframe.ms
        where = f"{self._name} {symbol} {timeframe}"
        rows = self._fetch_rows(symbol, timeframe.name, begin, bars, end_ms)
        columns = parse_rows(rows, where)
        times = columns["timestamp"].astype(np.int64, copy=False)
        off = (times - timeframe.offset_ms) % timeframe.ms != 0
        if off.any():
            first = format_utc(int(times[int(np.argmax(off))]))
            advice = "choose a shorter timeframe, of which these are made" if timeframe.ms >= DAY_MS else "try again later"
            raise DataError(
                f"{where}: {int(off.sum())} of {len(times)} bars are off the {timeframe} grid of UTC, first {first} UTC; {advice}."
            )
        return columns

    def _require_start(self, symbol: str, timeframe: Timeframe, begin: int, bars: int, times: Times) -> None:
        """Raise DataError unless the venue, which has nothing at ``begin``, shows that it looked there."""
        head, count = int(times.min()), len(np.unique(times))
        # Another number of bars from the same start on: those from the start on begin as before, the newest ones do not.
        probe = self._read(symbol, timeframe, begin, count // 2 if count > 1 else _FEW_BARS)["timestamp"].astype(np.int64, copy=False)
        between = ((probe >= begin) & (probe < head)).any()
        if len(probe) and (probe.min() > head or (between and count == 1)):
            raise self._ignores_start(symbol, timeframe, begin, head)
        # Bars before the head in answer to less: the venue has looked there, and gives the last bars of a range first. As few bars as
        # asked for, from the same head on: it counts them from the start.
        if count > 1 and not between and len(np.unique(probe)) > count // 2 + 1:
            if count >= min(bars, self._page_bars) and timeframe.ms < DAY_MS:
                raise self._ignores_start(symbol, timeframe, begin, head)
            self._require_no_trade(symbol, timeframe, begin, head)

    def _require_no_trade(self, symbol: str, timeframe: Timeframe, begin: int, head: int) -> None:
        """Raise DataError when longer bars, which reach farther back, show trade between ``begin`` and ``head``."""
        longer = [each for each in self._timeframes if each.ms > timeframe.ms and _first_open(each, begin) <= head - each.ms]
        if not longer:
            return
        coarse = longer[-1]
        last = coarse.floor(head) - coarse.ms
        bars = min((last - _first_open(coarse, begin)) // coarse.ms + 1, self._page_bars)
        start = last - (bars - 1) * coarse.ms
        page = _cut(self._read(symbol, coarse, start, bars), start, last + 1)
        if page["volume"].astype(np.float64).any():
            raise self._ignores_start(symbol, timeframe, begin, head)

    def _newest(self, symbol: str, timeframe: Timeframe, enough: int) -> int | None:
        """Return the open of the newest bar, or of one at or after ``enough``, as the venue answers to a question without a start.

        None when it has no answer to that: then it is not one that answers with its newest bars to every question.
        """
        key = (symbol, timeframe.name)
        if self._newest_opens.get(key, 0) < enough:
            times = self._read(symbol, timeframe, None, _FEW_BARS)["timestamp"]
            if not len(times):
                return None
            self._newest_opens[key] = int(times.max())
        return self._newest_opens[key]

    def _older_only(self, symbol: str, timeframe: Timeframe, begin: int, last: int) -> DataError:
        return DataError(
            f"{self._name} {symbol} {timeframe}: asked for bars from {format_utc(begin)} UTC on, the venue answers with "
            f"older ones only, up to {format_utc(last)} UTC. The answer is not used; try again later."
        )

    def _ignores_start(self, symbol: str, timeframe: Timeframe, begin: int, head: int) -> DataError:
        return DataError(
            f"{self._name} {symbol} {timeframe}: asked for bars from {format_utc(begin)} UTC on, the venue gives only its "
            f"newest ones, from {format_utc(head)} UTC on. Ask for dates from then on, for a longer timeframe, or ask another exchange."
        )


def parse_rows(rows: Sequence[Any], where: str) -> Columns:
    """Return ccxt's rows [open time in UTC ms, open, high, low, close, volume] as columns; DataError for anything else."""
    if not isinstance(rows, list):
        raise DataError(f"{where}: the answer is no list of bars. Try again later.")
    for row, item in enumerate(rows):
        if not isinstance(item, list) or len(item) < 6:
            raise DataError(f"{where}: row {row} of {len(rows)} is no bar of six values. Try again later.")
        if type(item[0]) is not int or not _EARLIEST_MS <= item[0] < _LATEST_MS:
            shown = repr(item[0])[:40]
            raise DataError(f"{where}: the time in row {row} of {len(rows)} is {shown}, not UTC milliseconds. Try again later.")
    columns: dict[str, Any] = {"timestamp": np.array([item[0] for item in rows], np.int64)}
    for at, name in enumerate((*PRICE_NAMES, "volume"), 1):
        columns[name] = numbers([item[at] for item in rows], name, where)
    return columns


def _first_open(timeframe: Timeframe, ms: int) -> int:
    """Return the open of the first bar at or after ``ms``."""
    return timeframe.floor(ms + timeframe.ms - 1)


def _cut(columns: Columns, start_ms: int, end_ms: int) -> Columns:
    """Return the bars that open in the range. Venues add bars before and after it; no bar inside is ever left out."""
    times = columns["timestamp"].astype(np.int64, copy=False)
    inside = (times >= start_ms) & (times < end_ms)
    return {name: values[inside] for name, values in columns.items()}
