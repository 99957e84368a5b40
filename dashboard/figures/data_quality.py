"""The data on a time line: the close, and beneath it where bars are missing, filled in, without volume or far out."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.decimation import Span, extremes
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, iso_one, time_axis
from dashboard.formatting import number, utc
from dashboard.views.ranges import KINDS, joined_ranges, kinds_of

# Symbol of the lane's marks (a bar missing in a year of minutes is no wider than a hair, a mark is seen), colour.
_LANES: Mapping[str, tuple[str, str]] = {
    "missing": ("x-thin-open", "@c-vermillion"), "filled": ("square-open", "@c-orange"), "quiet": ("line-ns-open", "@muted"),
    "spike": ("diamond-open", "@c-purple"), "detail": ("cross-thin-open", "@c-vermillion"), "detail_spike": ("diamond-open", "@c-sky"),
    "funding": ("hexagon-open", "@c-blue"),
}  # fmt: skip
_ALWAYS = ("missing", "filled", "quiet", "spike")
MAX_RANGES = 1000


def quality_figure(candles: pl.DataFrame | None, ranges: pl.DataFrame, span: Span, bar_ms: int) -> Figure:
    """Return the chart of ``span``: at most 2000 closes and 1000 ranges a lane, the widest gaps between them kept."""
    if candles is None or candles.is_empty():
        return empty("The candles are not there yet: stage 5 fetches and checks them.")
    inside = span.of(candles, "timestamp")
    first = int(inside["timestamp"][0]) if span.start_ms is None else span.start_ms
    last = int(inside["timestamp"][-1]) + bar_ms if span.end_ms is None else span.end_ms
    seen = ranges.filter((pl.col("end_ms") > first) & (pl.col("start_ms") < last))
    present = kinds_of(ranges)
    lanes = {kind: seen.filter(pl.col("kind") == kind) for kind in KINDS if kind in _ALWAYS or kind in present}
    data = [_close(inside)]
    notes = []
    for kind, found in lanes.items():
        drawn = joined_ranges(found, MAX_RANGES)
        if len(drawn) < len(found):
            notes.append(f"{KINDS[kind][0]}: {number(len(found), 0)} ranges are drawn as {number(len(drawn), 0)}; zoom in to see each.")
        data.append(_lane(kind, drawn, first))
    counts = {kind: len(found) for kind, found in lanes.items()}
    return figure(data, _layout(counts, first, last), ranges=len(seen), note=" ".join(notes))


def _close(inside: pl.DataFrame) -> Trace:
    kept = inside[extremes(inside["close"].to_numpy())]
    return {
        "type": "scatter", "mode": "lines", "name": "Close", "x": iso(kept["timestamp"]), "y": kept["close"].to_list(),
        "line": {"color": "@c-blue", "width": 1.2}, "hovertemplate": "close %{y:,.8~g}<extra></extra>", "showlegend": False,
    }  # fmt: skip


def _lane(kind: str, ranges: pl.DataFrame, first: int) -> Trace:
    """Return the marks of a lane; an empty one has a mark that is not seen, so that it is there at all."""
    symbol, color = _LANES[kind]
    if ranges.is_empty():
        nothing = {"x": [iso_one(first)], "y": [kind], "yaxis": "y2", "marker": {"opacity": 0}, "hoverinfo": "skip", "showlegend": False}
        return {"type": "scatter", "mode": "markers", "name": KINDS[kind][0]} | nothing
    ends = zip(iso(ranges["start_ms"]), iso(ranges["end_ms"]), strict=True)
    times = [time for start, end in ends for time in (start, end, None)]
    texts = [text for row in ranges.iter_rows(named=True) for text in (*[_text(row)] * 2, "")]
    return {
        "type": "scatter", "mode": "lines+markers", "name": KINDS[kind][0], "x": times, "y": [kind] * len(times), "yaxis": "y2",
        "line": {"color": color, "width": 7}, "text": texts, "hovertemplate": "%{text}<extra></extra>", "showlegend": False,
        "marker": {"symbol": symbol, "size": 9, "color": color, "line": {"width": 1.6, "color": color}}, "connectgaps": False,
    }  # fmt: skip


def _text(row: Mapping[str, Any]) -> str:
    bars = "" if row["bars"] is None else f", {number(row['bars'], 0)} bar{'' if row['bars'] == 1 else 's'}"
    move = "" if row["move"] is None else f", {number(100 * row['move'])} %"
    return f"{KINDS[row['kind']][0]}{bars}{move}<br>{utc(row['start_ms'])} to {utc(row['end_ms'])} UTC"


def _layout(counts: Mapping[str, int], first: int, last: int) -> dict[str, Any]:
    """Return the layout; a lane's name has the number of its ranges in view."""
    lanes = list(counts)[::-1]
    names = [f"{KINDS[kind][0]}: {number(counts[kind], 0) if counts[kind] else 'none'}" for kind in lanes]
    border = 0.05 + 0.075 * len(lanes)
    return {
        "xaxis": time_axis(range=[iso_one(first), iso_one(last)], anchor="y2"),
        "yaxis": axis("Close", side="right", domain=[border, 1], tickformat=",.6~g"),
        "yaxis2": axis(
            type="category", domain=[0, border - 0.05], categoryorder="array", categoryarray=lanes, range=[-0.6, len(names) - 0.4],
            tickvals=lanes, ticktext=names,
        ),
    }  # fmt: skip
