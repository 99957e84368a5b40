"""The geometry of walk-forward windows: index arithmetic and nothing else."""

from dataclasses import dataclass
from itertools import count, takewhile

import numpy as np
from numpy.typing import NDArray

from config import WalkForwardConfig
from core.clock import format_utc
from core.errors import ConfigError, DataError
from core.timeframe import DAY_MS


@dataclass(frozen=True, slots=True)
class Window:
    """One window: an in-sample (``is_``) and an out-of-sample (``oos_``) part.

    ``*_ms`` are UTC borders, ends exclusive; ``is_start`` ... ``oos_end`` the numbers of the first bars that open at or after them, so
    that ``candles[is_start:is_end]`` and ``candles[oos_start:oos_end]`` are the two parts. Of combinatorial windows ``path`` is the path
    that they belong to, and ``left_out_ms`` are the stretches of the in-sample part, UTC and ends exclusive, that the search does not see.
    """

    index: int
    is_start: int
    is_end: int
    oos_start: int
    oos_end: int
    is_start_ms: int
    is_end_ms: int
    oos_start_ms: int
    oos_end_ms: int
    left_out_ms: tuple[tuple[int, int], ...] = ()
    path: int | None = None

    @property
    def is_length_ms(self) -> int:
        """How much time the search sees."""
        return self.is_end_ms - self.is_start_ms - sum(end - start for start, end in self.left_out_ms)


def split(open_ms: NDArray[np.int64], timeframe_ms: int, config: WalkForwardConfig) -> list[Window]:
    """Return the windows over bars that open at ``open_ms`` (int64[N] UTC ms, strictly increasing, N >= 1), oldest first.

    Borders are times, so that holes move no window. With ``S`` the open of the first bar, window ``k`` is

        in-sample       [S + k * stride, S + k * stride + is_length)      anchored: always from S
        embargo         the next ``embargo_bars * timeframe_ms``, used by neither part
        out-of-sample   the ``oos_length`` after that

    Only whole windows count: the last one is the last whose out-of-sample part ends no later than the close of the last bar; days left
    over at the end are not tested. Out-of-sample parts never overlap, because ``stride >= oos_length``.

    Raises DataError when the data is too short for one window, and when a part of a window holds no bar at all. ConfigError for
    combinatorial settings, whose windows are no sequence in time.

    >>> day = 86_400_000
    >>> for window in split(np.arange(15) * day, day, WalkForwardConfig(is_length_days=6, oos_length_days=3, stride_days=3)):
    ...     print(window.index, range(window.is_start, window.is_end), range(window.oos_start, window.oos_end))
    0 range(0, 6) range(6, 9)
    1 range(3, 9) range(9, 12)
    2 range(6, 12) range(12, 15)
    >>> gapped = WalkForwardConfig(is_length_days=6, oos_length_days=3, stride_days=3, embargo_bars=1, scheme="anchored")
    >>> for window in split(np.arange(15) * day, day, gapped):
    ...     print(window.index, range(window.is_start, window.is_end), range(window.oos_start, window.oos_end))
    0 range(0, 6) range(7, 10)
    1 range(0, 9) range(10, 13)
    """
    if config.scheme == "combinatorial":
        raise ConfigError("scheme = combinatorial has no windows that follow each other in time: use rolling or anchored.")
    first_ms, end_ms = int(open_ms[0]), int(open_ms[-1]) + timeframe_ms
    borders = [*takewhile(lambda border: border[3] <= end_ms, (_borders(first_ms, k, timeframe_ms, config) for k in count()))]
    if not borders:
        raise _too_short(first_ms, end_ms, timeframe_ms, config)
    return [_window(open_ms, k, times) for k, times in enumerate(borders)]


def _window(open_ms: NDArray[np.int64], index: int, times: tuple[int, int, int, int]) -> Window:
    is_start, is_end, oos_start, oos_end = np.searchsorted(open_ms, times, side="left").tolist()
    window = Window(index, is_start, is_end, oos_start, oos_end, *times)
    require_bars(window)
    return window


def _borders(first_ms: int, k: int, timeframe_ms: int, config: WalkForwardConfig) -> tuple[int, int, int, int]:
    shift_ms = round(k * config.stride_days * DAY_MS)
    is_end_ms = first_ms + shift_ms + round(config.is_length_days * DAY_MS)
    oos_start_ms = is_end_ms + config.embargo_bars * timeframe_ms
    oos_end_ms = oos_start_ms + round(config.oos_length_days * DAY_MS)
    return first_ms + (0 if config.from_the_start else shift_ms), is_end_ms, oos_start_ms, oos_end_ms


def _too_short(first_ms: int, end_ms: int, timeframe_ms: int, config: WalkForwardConfig) -> DataError:
    needed_days = (_borders(first_ms, 0, timeframe_ms, config)[3] - first_ms) / DAY_MS
    embargo = f" + {config.embargo_bars} embargo bars" if config.embargo_bars else ""
    return DataError(
        f"walk-forward needs at least {needed_days:g} days of candles ({config.is_length_days:g} in sample{embargo} + "
        f"{config.oos_length_days:g} out of sample) but there are {(end_ms - first_ms) / DAY_MS:.4g} "
        f"({format_utc(first_ms)} to {format_utc(end_ms)} UTC). "
        "Load more history, or shorten walkforward.is_length_days or oos_length_days."
    )


def require_bars(window: Window) -> None:
    """Raise DataError when a part of ``window`` holds no bar."""
    parts = (
        ("in-sample", window.is_start, window.is_end, window.is_start_ms, window.is_end_ms),
        ("out-of-sample", window.oos_start, window.oos_end, window.oos_start_ms, window.oos_end_ms),
    )
    for name, start, end, start_ms, end_ms in parts:
        if end <= start:
            raise DataError(
                f"walk-forward window {window.index} has no candle in its {name} part, {format_utc(start_ms)} to {format_utc(end_ms)} UTC: "
                "the data has a hole there. Choose dates beside the hole, fill it, or use longer windows."
            )
