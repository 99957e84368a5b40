"""The exact ranges of everything that is remarkable about a market's data: for the table, its CSV file and the time line."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dashboard.formatting import utc

# Kind: what it is called, and what it means.
KINDS: Mapping[str, tuple[str, str]] = {
    "missing": ("Missing bars", "The venue has no bar there and none was made up. The end is the open of the next bar."),
    "filled": ("Bars filled in", "Bars were missing there; by the gap policy they are now bars without trades at the last close."),
    "quiet": ("No volume", "Bars that the venue told itself, in which nothing was traded."),
    "spike": ("Price spike", "One bar that reaches far beyond its neighbours: 5 % or more and 20 of their robust deviations. It is kept."),
    "detail": ("Missing finer bars", "Orders fill on finer candles; there are none in this range."),
    "detail_spike": ("Spike of a finer bar", "One of the finer candles that orders fill on reaches far beyond its neighbours."),
    "funding": ("No funding rate", "The venue tells no funding rate although some was due."),
}
_HEAD = ("kind", "from_ms", "to_ms", "from_utc", "to_utc", "bars", "move")


@dataclass(frozen=True, slots=True)
class DataRange:
    """One range, UTC milliseconds, the end excluded; ``bars`` is None where none are counted, ``move`` a spike's move as a fraction."""

    kind: str
    start_ms: int
    end_ms: int
    bars: int | None = None
    move: float | None = None


def data_ranges(quality: Mapping[str, Any], baseline: Mapping[str, Any], candles: pl.DataFrame | None, bar_ms: int) -> list[DataRange]:
    """Return every range of quality.json and baseline.json, and the bars without volume among ``candles``, in order of time."""
    detail, funding = baseline.get("detail") or {}, baseline.get("funding") or {}
    finer = detail.get("quality") or {}
    filled = [DataRange("filled", int(start), int(end), int(bars)) for start, end, bars in quality.get("filled") or ()]
    found = [
        *(DataRange("missing", int(start), int(end), int(bars)) for start, end, bars in quality["holes"]),
        *filled,
        *(DataRange("spike", int(time), int(time) + bar_ms, 1, float(move)) for time, move in quality["spikes"]),
        *(DataRange("detail", int(start), int(end), int(bars)) for start, end, bars in finer.get("holes") or ()),
        *(DataRange("detail_spike", int(time), int(time) + 1, 1, float(move)) for time, move in finer.get("spikes") or ()),
        *(DataRange("funding", int(start), int(end)) for start, end in funding.get("holes") or ()),
    ]
    if candles is not None and baseline.get("has_volume", True):
        found += _quiet(candles, filled, bar_ms)
    return sorted(found, key=lambda each: (each.start_ms, tuple(KINDS).index(each.kind)))


def _quiet(candles: pl.DataFrame, filled: Sequence[DataRange], bar_ms: int) -> Iterator[DataRange]:
    """Yield every run of neighbouring bars without volume, but for those that were filled in."""
    times = candles["timestamp"].to_numpy()
    silent = candles["volume"].to_numpy() == 0
    for each in filled:
        silent[slice(*np.searchsorted(times, (each.start_ms, each.end_ms)).tolist())] = False
    for first, last in zip(*_runs(silent, np.diff(times) == bar_ms), strict=True):
        yield DataRange("quiet", int(times[first]), int(times[last]) + bar_ms, int(last - first + 1))


def _runs(chosen: NDArray[np.bool_], neighbours: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last place of every run of chosen bars; ``neighbours`` tells which bars follow without a hole."""
    joined = chosen[1:] & chosen[:-1] & neighbours
    firsts = chosen & ~np.concatenate(([False], joined))
    lasts = chosen & ~np.concatenate((joined, [False]))
    return np.flatnonzero(firsts), np.flatnonzero(lasts)


def kinds_of(ranges: Sequence[DataRange]) -> dict[str, int]:
    """Return how many ranges there are of each kind that there is."""
    counts = {kind: sum(1 for each in ranges if each.kind == kind) for kind in KINDS}
    return {kind: count for kind, count in counts.items() if count}


def ranges_csv(ranges: Sequence[DataRange]) -> str:
    """Return all ranges as CSV text with a head."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_HEAD)
    for each in ranges:
        bars, move = "" if each.bars is None else each.bars, "" if each.move is None else repr(each.move)
        rows.writerow([each.kind, each.start_ms, each.end_ms, utc(each.start_ms), utc(each.end_ms), bars, move])
    return text.getvalue()
