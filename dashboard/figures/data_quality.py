"""The data on a time line: the close, and beneath it where bars are missing, filled in, without volume or far out."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from dashboard.decimation import Span, extremes
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, iso_one, time_axis
from dashboard.formatting import number, utc
from dashboard.views.ranges import KINDS, DataRange

# Symbol of the lane's marks (a bar missing in a year of minutes is no wider than a hair, a mark is seen), colour.
_LANES: Mapping[str, tuple[str, str]] = {
    "missing": ("x-thin-open", "@c-vermillion"), "filled": ("square-open", "@c-orange"), "quiet": ("line-ns-open", "@muted"),
    "spike": ("diamond-open", "@c-purple"), "detail": ("cross-thin-open", "@c-vermillion"), "detail_spike": ("diamond-open", "@c-sky"),
    "funding": ("hexagon-open", "@c-blue"),
}  # fmt: skip
_ALWAYS = ("missing", "filled", "quiet", "spike")
MAX_RANGES = 1000


def quality_figure(candles: pl.DataFrame | None, ranges: Sequence[DataRange], span: Span, bar_ms: int) -> Figure:
    """Return the chart of ``span``: at most 2000 closes and 1000 ranges a lane, the widest gaps between them kept."""
    if candles is None or candles.is_empty():
        return empty("The candles are not there yet: stage 5 fetches and checks them.")
    inside = span.of(candles, "timestamp")
    first = int(inside["timestamp"][0]) if span.start_ms is None else span.start_ms
    last = int(inside["timestamp"][-1]) + bar_ms if span.end_ms is None else span.end_ms
    seen = [each for each in ranges if each.end_ms > first and each.start_ms < last]
    lanes = [kind for kind in KINDS if kind in _ALWAYS or any(each.kind == kind for each in ranges)]
    data = [_close(inside)]
    note = []
    for kind in lanes:
        found = [each for each in seen if each.kind == kind]
        drawn = joined(found, MAX_RANGES)
        if len(drawn) < len(found):
            note.append(f"{KINDS[kind][0]}: {number(len(found), 0)} ranges are drawn as {number(len(drawn), 0)}; zoom in to see each.")
        data.append(_lane(kind, drawn, first))
    counts = {kind: sum(1 for each in seen if each.kind == kind) for kind in lanes}
    return figure(data, _layout(counts, first, last), ranges=len(seen), note=" ".join(note))


def joined(ranges: Sequence[DataRange], most: int) -> list[DataRange]:
    """Return at most ``most`` ranges in order of time: neighbours with the least time between them are joined."""
    if len(ranges) <= most:
        return list(ranges)
    gaps = [after.start_ms - before.end_ms for before, after in pairwise(ranges)]
    kept = set(sorted(range(len(gaps)), key=gaps.__getitem__, reverse=True)[: most - 1])
    groups: list[list[DataRange]] = [[ranges[0]]]
    for place, each in enumerate(ranges[1:]):
        if place in kept:
            groups.append([each])
        else:
            groups[-1].append(each)
    return [_join(group) for group in groups]


def _join(group: Sequence[DataRange]) -> DataRange:
    bars = [each.bars for each in group if each.bars is not None]
    moves = [each.move for each in group if each.move is not None]
    end = max(each.end_ms for each in group)
    return DataRange(group[0].kind, group[0].start_ms, end, sum(bars) if bars else None, max(moves, key=abs) if moves else None)


def _close(inside: pl.DataFrame) -> Trace:
    kept = inside[extremes(inside["close"].to_numpy())]
    return {
        "type": "scatter", "mode": "lines", "name": "Close", "x": iso(kept["timestamp"]), "y": kept["close"].to_list(),
        "line": {"color": "@c-blue", "width": 1.2}, "hovertemplate": "close %{y:,.8~g}<extra></extra>", "showlegend": False,
    }  # fmt: skip


def _lane(kind: str, ranges: Sequence[DataRange], first: int) -> Trace:
    """Return the marks of a lane; an empty one has a mark that is not seen, so that it is there at all."""
    symbol, color = _LANES[kind]
    if not ranges:
        nothing = {"x": [iso_one(first)], "y": [kind], "yaxis": "y2", "marker": {"opacity": 0}, "hoverinfo": "skip", "showlegend": False}
        return {"type": "scatter", "mode": "markers", "name": KINDS[kind][0]} | nothing
    ends = iso(pl.Series([time for each in ranges for time in (each.start_ms, each.end_ms)]))
    times = [time for place in range(0, len(ends), 2) for time in (ends[place], ends[place + 1], None)]
    texts = [text for each in ranges for text in (_text(each), _text(each), "")]
    return {
        "type": "scatter", "mode": "lines+markers", "name": KINDS[kind][0], "x": times, "y": [kind] * len(times), "yaxis": "y2",
        "line": {"color": color, "width": 7}, "text": texts, "hovertemplate": "%{text}<extra></extra>", "showlegend": False,
        "marker": {"symbol": symbol, "size": 9, "color": color, "line": {"width": 1.6, "color": color}}, "connectgaps": False,
    }  # fmt: skip


def _text(each: DataRange) -> str:
    bars = "" if each.bars is None else f", {number(each.bars, 0)} bar{'' if each.bars == 1 else 's'}"
    move = "" if each.move is None else f", {number(100 * each.move)} %"
    return f"{KINDS[each.kind][0]}{bars}{move}<br>{utc(each.start_ms)} to {utc(each.end_ms)} UTC"


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
