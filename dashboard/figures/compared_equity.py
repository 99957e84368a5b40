"""Equity of several runs on one scale: what each has gained in percent of what it began with, with the drawdowns beneath."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.decimation import Span, extremes
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, plain_text, time_axis
from dashboard.figures.drawdown import drawdown_trace

MAX_LINES = 10
_COLORS = ("@c-blue", "@c-orange", "@c-green", "@c-purple", "@c-vermillion")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def compared_equity_figure(curves: Mapping[str, pl.DataFrame], span: Span, damaged: Sequence[str] = ()) -> Figure:
    """Return the chart of ``curves``: label to a frame with time (UTC ms), equity (quote) and drawdown_pct (<= 0), none of them empty.

    ``damaged`` are the labels of curves that cannot be read: they are named. Lines differ by dash as well as by colour.
    At most ten are drawn, at most 2000 points each; no high or low is lost.
    """
    if not curves:
        return empty(_unreadable(damaged) or "None of these runs has such an equity curve yet.")
    data: list[Trace] = []
    for place, (label, frame) in enumerate(list(curves.items())[:MAX_LINES]):
        color, dash = _COLORS[place % len(_COLORS)], _DASHES[(place + place // len(_COLORS)) % len(_DASHES)]
        inside = span.of(frame.with_columns(gain=gain_of(frame)), "time")
        data += [_gain_trace(inside, color, dash, plain_text(label)), drawdown_trace(inside, color, dash, plain_text(label))]
    cut = f"The first {MAX_LINES} of {len(curves)} curves are drawn." if len(curves) > MAX_LINES else ""
    return figure(data, _layout(span, curves), note=" ".join(each for each in (cut, _unreadable(damaged)) if each))


def _unreadable(labels: Sequence[str]) -> str:
    return f"Left out, because the file is damaged: {', '.join(labels)}." if labels else ""


def gain_of(frame: pl.DataFrame) -> pl.Series:
    """Return the gain in percent of the first equity."""
    gain: pl.Series = (frame["equity"] / frame["equity"][0] - 1) * 100
    return gain.alias("gain")


def _gain_trace(frame: pl.DataFrame, color: str, dash: str, label: str) -> Trace:
    kept = frame[extremes(frame["gain"].to_numpy())]
    return {
        "type": "scatter", "mode": "lines", "name": label, "legendgroup": label,
        "x": iso(kept["time"]), "y": kept["gain"].round(4).to_list(),
        "line": {"color": color, "dash": dash, "width": 1.8, "simplify": True}, "hovertemplate": "%{y:,.2f} %",
    }  # fmt: skip


def _layout(span: Span, curves: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    first, last = min(int(f["time"][0]) for f in curves.values()), max(int(f["time"][-1]) for f in curves.values())
    bounds = [first if span.start_ms is None else span.start_ms, last if span.end_ms is None else span.end_ms]
    return {
        "xaxis": time_axis(range=iso(pl.Series(bounds)), anchor="y2"),
        "yaxis": axis("Gain %", side="right", domain=[0.34, 1], tickformat=",.4~g", zeroline=True, zerolinecolor="@line-strong"),
        "yaxis2": axis("Drawdown %", side="right", domain=[0, 0.29], tickformat=".3~g", rangemode="tozero"),
        "hovermode": "x unified",
    }
