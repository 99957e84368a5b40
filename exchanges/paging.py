"""Cutting a range of time into requests, and putting their answers together without losing or repairing anything."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.candle_checks import PRICE_NAMES
from core.clock import format_utc
from core.errors import DataError

_LOG = logging.getLogger(__name__)
# Equally long arrays: timestamp (int64, UTC ms of the open), open, high, low, close, volume and, where known, quote_volume (float64).
Columns = Mapping[str, NDArray[np.generic]]
# So many bars cannot by chance all lie on a coarser grid.
_ENOUGH_TO_TELL = 50
COLUMN_NAMES = ("timestamp", *PRICE_NAMES, "volume")


def plan_pages(start_ms: int, end_ms: int, step_ms: int, page_bars: int, max_span_ms: int | None = None) -> list[tuple[int, int]]:
    """Return ranges (end exclusive) that cover ``start_ms <= t < end_ms`` once, in order.

    None holds more than ``page_bars`` bars of ``step_ms`` or is longer than ``max_span_ms``; none at all for an empty range.
    """
    length = page_bars * step_ms
    if max_span_ms is not None:
        length = min(length, max(max_span_ms // step_ms, 1) * step_ms)
    return [(start, min(start + length, end_ms)) for start in range(start_ms, end_ms, length)]


def no_rows(*, quote_volume: bool = False) -> Columns:
    """Return the columns of an answer without bars."""
    names = COLUMN_NAMES + (("quote_volume",) if quote_volume else ())
    return {name: np.empty(0, np.int64 if name == "timestamp" else np.float64) for name in names}


def require_window(name: str, columns: Columns, start_ms: int, end_ms: int) -> None:
    """Raise DataError, with count and first offender, unless all bars open in ``start_ms <= t < end_ms``."""
    times = columns["timestamp"].astype(np.int64, copy=False)
    outside = (times < start_ms) | (times >= end_ms)
    if outside.any():
        row = int(np.argmax(outside))
        raise DataError(
            f"{name}: {int(outside.sum())} of {len(times)} bars are outside what was asked for, {format_utc(start_ms)} to "
            f"{format_utc(end_ms)} UTC, first at row {row}: {format_utc(int(times[row]))}. The answer is not used; try again later."
        )


def require_step(name: str, columns: Columns, step_ms: int) -> None:
    """Raise DataError when the bars are those of a longer timeframe: so many of them, all further apart than one is long.

    Bars may be missing, but not always the same ones between the others.
    """
    times = np.unique(columns["timestamp"].astype(np.int64, copy=False))
    apart_ms = int(np.gcd.reduce(np.diff(times))) if len(times) >= _ENOUGH_TO_TELL else step_ms
    if apart_ms > step_ms:
        raise DataError(
            f"{name}: the {len(times)} bars are {apart_ms // 1000} s apart instead of {step_ms // 1000} s: they belong to another "
            "timeframe. The answer is not used; try again later."
        )


def join_pages(name: str, pages: Sequence[Columns]) -> Columns:
    """Return the bars of all pages in order of time; a bar that comes twice is kept once.

    Raises DataError when two bars of one time differ, with the count and the first. A column that not all pages have is left out.
    """
    filled = [page for page in pages if len(page["timestamp"])]
    if not filled:
        return no_rows()
    names = [column for column in (*COLUMN_NAMES, "quote_volume") if all(column in page for page in filled)]
    joined: dict[str, NDArray[np.generic]] = {column: np.concatenate([page[column] for page in filled]) for column in names}
    times = joined["timestamp"].astype(np.int64, copy=False)
    if (np.diff(times) > 0).all():
        return joined
    order = np.argsort(times, kind="stable")
    joined = {column: values[order] for column, values in joined.items()}
    return _without_repeats(name, joined)


def _without_repeats(name: str, columns: dict[str, NDArray[np.generic]]) -> Columns:
    times = columns["timestamp"].astype(np.int64, copy=False)
    repeated = np.flatnonzero(np.diff(times) == 0)
    differs = np.zeros(len(repeated), np.bool_)
    for values in columns.values():
        differs |= values[repeated] != values[repeated + 1]
    if differs.any():
        first = int(times[repeated[int(np.argmax(differs))]])
        raise DataError(
            f"{name}: {int(differs.sum())} bar(s) come twice with different values, first {format_utc(first)} UTC. "
            "Neither is taken; try again later."
        )
    _LOG.warning("%s: %d bar(s) come twice with the same values. Each is kept once.", name, len(repeated))
    keep = np.ones(len(times), np.bool_)
    keep[repeated + 1] = False
    return {column: values[keep] for column, values in columns.items()}
