"""The exact ranges of everything that is remarkable about a market's data: for the table, its CSV file and the time line."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.Enum(list(KINDS)), "start_ms": pl.Int64(), "end_ms": pl.Int64(), "bars": pl.Int64(), "move": pl.Float64(),
}  # fmt: skip

Row = tuple[str, int, int, int | None, float | None]


def data_ranges(quality: Mapping[str, Any], baseline: Mapping[str, Any], candles: pl.DataFrame | None, bar_ms: int) -> pl.DataFrame:
    """Return every range of quality.json and baseline.json, and the bars without volume among ``candles``, in order of time.

    The columns are kind (of :data:`KINDS`), start_ms and end_ms (UTC, the end excluded), bars (null where none are counted) and move
    (of spikes, as a fraction).
    """
    detail, funding = baseline.get("detail") or {}, baseline.get("funding") or {}
    finer, filled = detail.get("quality") or {}, quality.get("filled") or ()
    told: list[Row] = [
        *_holes("missing", quality["holes"]),
        *_holes("filled", filled),
        *_spikes("spike", quality["spikes"], bar_ms),
        *_holes("detail", finer.get("holes") or ()),
        *_spikes("detail_spike", finer.get("spikes") or (), 1),
        *(("funding", int(start), int(end), None, None) for start, end in funding.get("holes") or ()),
    ]
    found = pl.DataFrame(told, schema=_SCHEMA, orient="row")
    if candles is not None and baseline.get("has_volume", True):
        found = pl.concat([found, _quiet(candles, filled, bar_ms)])
    return found.sort("start_ms", "kind", maintain_order=True)


def _holes(kind: str, holes: Iterable[Sequence[Any]]) -> Iterable[Row]:
    return ((kind, int(start), int(end), int(bars), None) for start, end, bars in holes)


def _spikes(kind: str, spikes: Iterable[Sequence[Any]], bar_ms: int) -> Iterable[Row]:
    return ((kind, int(time), int(time) + bar_ms, 1, float(move)) for time, move in spikes)


def _quiet(candles: pl.DataFrame, filled: Iterable[Sequence[Any]], bar_ms: int) -> pl.DataFrame:
    """Return every run of neighbouring bars without volume, but for those that were filled in."""
    times = candles["timestamp"].to_numpy()
    silent = np.asarray(candles["volume"].to_numpy() == 0)
    for start, end, _ in filled:
        silent[slice(*np.searchsorted(times, (start, end)).tolist())] = False
    firsts, lasts = _runs(silent, np.diff(times) == bar_ms)
    columns = {"start_ms": times[firsts], "end_ms": times[lasts] + bar_ms, "bars": lasts - firsts + 1}
    return pl.DataFrame(columns).select(pl.lit("quiet").alias("kind"), pl.all(), pl.lit(None).alias("move")).cast(_SCHEMA)  # type: ignore[arg-type]


def _runs(chosen: NDArray[np.bool_], neighbours: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last place of every run of chosen bars; ``neighbours`` tells which bars follow without a hole."""
    joined = chosen[1:] & chosen[:-1] & neighbours
    firsts = chosen & ~np.concatenate(([False], joined))
    lasts = chosen & ~np.concatenate((joined, [False]))
    return np.flatnonzero(firsts), np.flatnonzero(lasts)


def kinds_of(ranges: pl.DataFrame) -> dict[str, int]:
    """Return how many ranges there are of each kind that there is."""
    counts = dict(ranges["kind"].cast(pl.String).value_counts().iter_rows())
    return {kind: counts[kind] for kind in KINDS if kind in counts}


def joined_ranges(ranges: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return at most ``most`` ranges of one kind in order of time: neighbours with the least time between them are joined.

    A joined one has the bars of all, and the farthest move of them.
    """
    if len(ranges) <= most:
        return ranges
    gaps = ranges["start_ms"].to_numpy()[1:] - ranges["end_ms"].to_numpy()[:-1]
    apart = np.zeros(len(gaps), np.bool_)
    apart[np.argsort(-gaps, kind="stable")[: most - 1]] = True
    groups = np.concatenate(([0], np.cumsum(apart)))
    return (
        ranges.with_columns(group=pl.Series(groups))
        .group_by("group", maintain_order=True)
        .agg(
            pl.col("kind").first(),
            pl.col("start_ms").first(),
            pl.col("end_ms").max(),
            pl.when(pl.col("bars").count() > 0).then(pl.col("bars").sum()).alias("bars"),
            pl.col("move").sort_by(pl.col("move").abs()).last(),
        )
        .drop("group")
    )


def ranges_csv(ranges: pl.DataFrame) -> bytes:
    """Return all ranges as CSV with a head; times as milliseconds and as UTC texts."""
    text = BytesIO()
    times = [pl.col(f"{end}_ms").cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%d %H:%M:%S").alias(f"{end}_utc") for end in ("start", "end")]
    ranges.select("kind", "start_ms", "end_ms", *times, "bars", "move").write_csv(text)
    return text.getvalue()
