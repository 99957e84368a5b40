"""Parallel coordinates: one line a trial through all its parameters to its score, the better the stronger.

Plotly's own trace for this draws with WebGL, whose shaders are made by code that the content policy forbids: these are plain lines.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from dashboard.figures.base import Figure, Trace, axis, empty, figure, plain_text
from dashboard.figures.trial_points import left_out, params_of, thinned, told_briefly
from dashboard.formatting import compact, number, words
from reporting.trial_tables import PARAM

_MOST_LINES = 400
# The share of the complete trials that a band ends at, its name, colour, width and dash: weak ones first, so that good ones lie on top.
_BANDS = (
    (1.0, "The other half", "@line-strong", 0.8, "dot"),
    (0.5, "Better half", "@c-sky", 0.9, "solid"),
    (0.1, "Best tenth", "@c-orange", 1.3, "solid"),
)


def coordinates_figure(trials: pl.DataFrame, objective: str) -> Figure:
    """Return the lines of the complete trials; each axis runs from its smallest to its largest value."""
    complete = trials.filter(pl.col("value").is_not_null())
    names = [name for name in params_of(complete) if complete[PARAM + name].n_unique() > 1]
    if not names:
        return empty("No trial is complete yet, or all have the same parameters: there is nothing to draw lines between.")
    ranked = complete.with_columns(place=(pl.col("value").rank("ordinal", descending=True) - 1) / len(complete))
    drawn = thinned(ranked, _MOST_LINES)
    columns = [*(PARAM + name for name in names), "value"]
    spans = {name: (float(complete[name].min()), float(complete[name].max())) for name in columns}  # type: ignore[arg-type]
    best = ranked.filter(pl.col("place") == 0)
    bands = [
        _band(drawn.filter((pl.col("place") < top) & (pl.col("place") >= low)), spans, _BANDS[at]) for at, (top, low) in enumerate(_edges())
    ]
    winner = _lines(best, spans) | {
        "name": "Best trial", "mode": "lines+markers", "line": {"color": "@c-green", "width": 3},
        "marker": {"symbol": "star", "size": 10, "color": "@c-green"},
    }  # fmt: skip
    labels = [*names, words(objective)]
    note = left_out(len(drawn), len(complete), "complete trials")
    return figure([*(band for band in bands if band["x"]), winner], _layout(labels, list(spans.values())), note=note, drawn=len(drawn))


def _edges() -> list[tuple[float, float]]:
    tops = [band[0] for band in _BANDS]
    return list(zip(tops, [*tops[1:], 0.0], strict=True))


def _band(trials: pl.DataFrame, spans: dict[str, tuple[float, float]], band: tuple[float, str, str, float, str]) -> Trace:
    _, name, color, width, dash = band
    return _lines(trials, spans) | {"name": name, "mode": "lines", "opacity": 0.75, "line": {"color": color, "width": width, "dash": dash}}


def _lines(trials: pl.DataFrame, spans: dict[str, tuple[float, float]]) -> Trace:
    """Return one trace with a line for each trial: heights 0..1 along the axes, a gap after each."""
    heights = np.column_stack([_heights(trials[name], span) for name, span in spans.items()])
    gaps = np.full((len(trials), 1), np.nan)
    ys = [None if np.isnan(each) else round(float(each), 4) for each in np.hstack([heights, gaps]).ravel()]
    stops = [*range(len(spans)), None]
    return {
        "type": "scatter", "x": stops * len(trials), "y": ys, "text": [text for text in told_briefly(trials) for _ in stops],
        "customdata": [trial for trial in trials["trial"].to_list() for _ in stops],
        "hovertemplate": "%{text}<extra></extra>", "connectgaps": False,
    }  # fmt: skip


def _heights(values: pl.Series, span: tuple[float, float]) -> Any:
    low, high = span
    numbers = values.cast(pl.Float64).to_numpy()
    return (numbers - low) / (high - low) if high > low else np.where(np.isnan(numbers), np.nan, 0.5)


def _layout(labels: Sequence[str], spans: Sequence[tuple[float, float]]) -> dict[str, Any]:
    shapes = [
        {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "line": {"color": "@line-strong", "width": 1}, "layer": "below"}
        for place in range(len(labels))
    ]
    notes = []
    for place, (label, (low, high)) in enumerate(zip(labels, spans, strict=True)):
        for height, text, anchor, shift in ((1.0, _short(high), "bottom", 2), (0.0, _short(low), "top", -2)):
            notes.append(_note(place, height, text, anchor, shift, "@muted"))
        notes.append(_note(place, 0.0, plain_text(label), "top", -18 - 14 * (place % 2), "@ink"))
    return {
        "xaxis": axis(range=[-0.35, len(labels) - 0.65], visible=False),
        "yaxis": axis(range=[-0.2, 1.08], visible=False),
        "shapes": shapes,
        "annotations": notes,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}, "itemsizing": "constant"},
    }


def _note(place: int, height: float, text: str, anchor: str, shift: int, color: str) -> dict[str, Any]:
    look = {"showarrow": False, "font": {"size": 11, "color": color}}
    return look | {"x": place, "y": height, "text": text, "yanchor": anchor, "yshift": shift, "xanchor": "center"}


def _short(value: float) -> str:
    return compact(int(value)) if value.is_integer() and abs(value) >= 10 else number(value, 3).rstrip("0").rstrip(".")
