"""Candles with volume, and on them where a backtest got in, got out and was left behind."""

import numpy as np
import polars as pl

from dashboard.decimation import Span, merge_candles
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, iso_one, time_axis
from dashboard.figures.trade_markers import MAX_TRADES, UNFILLED, entry_traces, exit_traces, path_traces, unfilled_traces

_MAX_PATHS = 150


def candle_figure(
    candles: pl.DataFrame | None, trades: pl.DataFrame | None, entries: pl.DataFrame | None, span: Span, bar_ms: int
) -> Figure:
    """Return the chart of ``span``: at most 1500 candles, each made of as many bars as that takes, and the trades inside.

    ``candles`` with timestamp (UTC ms), open, high, low, close, volume; ``trades`` and ``entries`` as the engine wrote them
    (and ``row``, which a click on a mark hands back), or None.
    ``meta`` tells how many bars a candle stands for and how many trades are shown.
    """
    if candles is None or candles.is_empty():
        return empty("The candles are not there yet: stage 5 fetches them.")
    inside = span.of(candles, "timestamp")
    merged, size = merge_candles(inside)
    first, last = int(inside["timestamp"][0]), int(inside["timestamp"][-1]) + bar_ms
    shown, total = _trades_inside(trades, first, last)
    data = [_candle_trace(merged, size), _volume_trace(merged), *_marker_traces(shown, _entries_inside(entries, first, last))]
    start, end = span.start_ms if span.start_ms is not None else first, span.end_ms if span.end_ms is not None else last
    return figure(
        data,
        _layout(merged, start, end),
        bars=len(inside), bars_per_candle=size, bar_ms=bar_ms, trades_shown=0 if shown is None else len(shown), trades_inside=total,
        first_ms=int(candles["timestamp"][0]), end_ms=int(candles["timestamp"][-1]) + bar_ms,
    )  # fmt: skip


def _layout(merged: pl.DataFrame, start: int, end: int) -> dict[str, object]:
    low, high = float(np.min(merged["low"].to_numpy())), float(np.max(merged["high"].to_numpy()))
    pad = (high - low) * 0.06 or abs(high) * 0.001
    return {
        "xaxis": time_axis(range=[iso_one(start), iso_one(end)], rangeslider={"visible": False}, anchor="y2"),
        "yaxis": axis(side="right", range=[low - pad, high + pad], domain=[0.16, 1], tickformat=",.6~g", fixedrange=False),
        "yaxis2": axis(side="right", domain=[0, 0.12], showgrid=False, nticks=3, tickformat="~s", rangemode="tozero"),
        "bargap": 0.15,
    }


def _candle_trace(candles: pl.DataFrame, size: int) -> Trace:
    up, down = (
        {"line": {"color": "@candle-up", "width": 1}, "fillcolor": "@candle-up-fill"},
        {"line": {"color": "@candle-down", "width": 1}, "fillcolor": "@candle-down"},
    )
    return {
        "type": "candlestick", "name": "Candles" if size == 1 else f"Candles (each {size} bars)", "x": iso(candles["timestamp"]),
        **{name: candles[name].to_list() for name in ("open", "high", "low", "close")},
        "increasing": up, "decreasing": down, "showlegend": False,
    }  # fmt: skip


def _volume_trace(candles: pl.DataFrame) -> Trace:
    return {
        "type": "bar", "name": "Volume", "x": iso(candles["timestamp"]), "y": candles["volume"].to_list(), "yaxis": "y2",
        "marker": {"color": "@volume", "line": {"width": 0}}, "hovertemplate": "volume %{y:,.4~g}<extra></extra>", "showlegend": False,
    }  # fmt: skip


def _trades_inside(trades: pl.DataFrame | None, first: int, last: int) -> tuple[pl.DataFrame | None, int]:
    """Return the trades that touch the span (the largest results when there are too many to draw) and how many touch it."""
    if trades is None:
        return None, 0
    inside = trades.filter((pl.col("exit_time") >= first) & (pl.col("entry_time") < last))
    if len(inside) <= MAX_TRADES:
        return inside, len(inside)
    return inside.sort(pl.col("net_pnl").abs(), descending=True).head(MAX_TRADES).sort("entry_time"), len(inside)


def _entries_inside(entries: pl.DataFrame | None, first: int, last: int) -> pl.DataFrame | None:
    if entries is None:
        return None
    unfilled = pl.col("kind").is_in(list(UNFILLED))
    return entries.filter(unfilled & (pl.col("signal_time") >= first) & (pl.col("signal_time") < last)).head(MAX_TRADES)


def _marker_traces(trades: pl.DataFrame | None, unfilled: pl.DataFrame | None) -> list[Trace]:
    traces: list[Trace] = []
    if trades is not None and not trades.is_empty():
        traces += path_traces(trades) if len(trades) <= _MAX_PATHS else []
        traces += [*entry_traces(trades), *exit_traces(trades)]
    return traces if unfilled is None else [*traces, *unfilled_traces(unfilled)]
