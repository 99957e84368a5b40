"""Finding the first and the last bar of a series at a venue that only answers ranges: by days first, then inside the day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.candle_checks import Times
from core.timeframe import DAY_MS, Timeframe

# Venues differ in what they hold of the days around a gap; so many windows are looked at before a series counts as empty.
_MOST_WINDOWS = 100


@dataclass(frozen=True, slots=True)
class SeriesEnds:
    """Asks for ranges of one series with ``opens(timeframe, start_ms, end_ms)``, which returns the opens of its bars in any order.

    ``day`` is the venue's daily timeframe, ``window_ms(timeframe)`` the longest range one request may have.
    """

    opens: Callable[[Timeframe, int, int], Times]
    day: Timeframe
    window_ms: Callable[[Timeframe], int]

    def first(self, timeframe: Timeframe, from_ms: int, now_ms: int, fine_from_ms: int = 0) -> int | None:
        """Return the open of the oldest bar from ``from_ms`` on; bars shorter than a day exist from ``fine_from_ms`` on. None for none."""
        by_days = timeframe if timeframe.ms >= DAY_MS else self.day
        first = self._oldest(by_days, by_days.floor(from_ms), now_ms)
        if first is None or timeframe.ms >= DAY_MS:
            return first
        return self._oldest(timeframe, max(first, timeframe.floor(fine_from_ms)), now_ms)

    def last(self, timeframe: Timeframe, from_ms: int, now_ms: int) -> int | None:
        """Return the open of the newest bar before ``now_ms``, closed or not; None when there is none from ``from_ms`` on."""
        by_days = timeframe if timeframe.ms >= DAY_MS else self.day
        last = self._newest(by_days, from_ms, now_ms)
        if last is None or timeframe.ms >= DAY_MS:
            return last
        return self._newest(timeframe, max(from_ms, last - self.window_ms(timeframe)), min(last + self.day.ms, now_ms))

    def _oldest(self, timeframe: Timeframe, start_ms: int, end_ms: int) -> int | None:
        window = self.window_ms(timeframe)
        for number, begin in enumerate(range(start_ms, end_ms, window)):
            if number == _MOST_WINDOWS:
                break
            opens = self.opens(timeframe, begin, min(begin + window, end_ms))
            if len(opens):
                return int(opens.min())
        return None

    def _newest(self, timeframe: Timeframe, start_ms: int, end_ms: int) -> int | None:
        for begin, end in _backwards(timeframe.floor(start_ms), end_ms, self.window_ms(timeframe)):
            opens = self.opens(timeframe, begin, end)
            if len(opens):
                return int(opens.max())
        return None


def _backwards(start_ms: int, end_ms: int, window_ms: int) -> Iterator[tuple[int, int]]:
    """Yield ranges from the end to the start, none longer than ``window_ms``."""
    end = end_ms
    for _ in range(_MOST_WINDOWS):
        if end <= start_ms:
            return
        yield max(end - window_ms, start_ms), end
        end -= window_ms
