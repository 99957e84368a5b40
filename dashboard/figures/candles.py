"""Candles with volume and indicators, and on them where a backtest got in, got out and was left behind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.decimation import Span, merge_candles
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, iso_one, time_axis
from dashboard.figures.indicators import IndicatorLine, indicator_traces, oscillator_axes, oscillator_names, oscillators
from dashboard.figures.trade_markers import MAX_ENTRIES, MAX_TRADES, UNFILLED, entry_traces, exit_traces, path_traces, unfilled_traces
from dashboard.formatting import number

_MAX_PATHS = 150
_VOLUME = 0.09
_OSCILLATOR = 0.12
_GAP = 0.025
_FIRST_OSCILLATOR = 3  # its axis: y is the price, y2 the volume
_NO_INDICATORS = "Candles alone: the strategy draws no indicators, or an older version made this run."


@dataclass(frozen=True, slots=True)
class MarketTables:
    """What is drawn: ``candles`` with timestamp (UTC ms), open, high, low, close, volume; ``trades`` and ``entries`` as the engine wrote
    them (and ``row``, which a click on a mark hands back), or None; ``indicators`` beside the candles, None where none were kept;
    ``foreign``: the trades come from other parameters than the indicators.
    """

    candles: pl.DataFrame
    trades: pl.DataFrame | None
    entries: pl.DataFrame | None
    indicators: Sequence[IndicatorLine] | None
    foreign: bool = False


def candle_figure(tables: MarketTables | None, span: Span, bar_ms: int) -> Figure:
    """Return the chart of ``span``: at most 1500 candles, each made of as many bars as that takes, and the trades inside.

    ``meta`` tells how many bars a candle stands for and how many trades are shown.
    """
    if tables is None or tables.candles.is_empty():
        return empty("The candles are not there yet: stage 5 fetches them.")
    times = tables.candles["timestamp"].to_numpy()
    rows = span.rows(times)
    merged, size = merge_candles(tables.candles[rows])
    first, last = int(times[rows][0]), int(times[rows][-1]) + bar_ms
    shown, total = _trades_inside(tables.trades, first, last)
    unfilled, signals = _entries_inside(tables.entries, first, last)
    lines = tables.indicators or ()
    data = [
        _candle_trace(merged, size), _volume_trace(merged), *indicator_traces(lines, times, rows, _FIRST_OSCILLATOR),
        *_marker_traces(shown, unfilled),
    ]  # fmt: skip
    start, end = span.start_ms if span.start_ms is not None else first, span.end_ms if span.end_ms is not None else last
    drawn = 0 if shown is None else len(shown)
    return figure(
        data,
        _layout(merged, start, end, oscillators(lines)),
        bars=rows.stop - rows.start, bars_per_candle=size, bar_ms=bar_ms, trades_shown=drawn, trades_inside=total,
        first_ms=int(times[0]), end_ms=int(times[-1]) + bar_ms,
        note=_note(size, (drawn, total), (0 if unfilled is None else len(unfilled), signals), tables),
    )  # fmt: skip


def _note(size: int, trades: tuple[int, int], entries: tuple[int, int], tables: MarketTables) -> str:
    """Return what is left out; ``trades`` and ``entries`` (that were never filled) are how many are drawn, and of how many."""
    sentences = (
        (size > 1, f"Each candle stands for {number(size, 0)} bars; zoom in to see every one."),
        (trades[0] < trades[1], f"The {number(trades[0], 0)} largest of {number(trades[1], 0)} trades are marked."),
        (
            entries[0] < entries[1],
            f"Of {number(entries[1], 0)} missed and rejected entries {number(entries[0], 0)} are marked, evenly chosen.",
        ),
        (tables.indicators is None, _NO_INDICATORS),
        (bool(tables.indicators) and tables.foreign, "The indicators are those of the baseline; these trades come from other parameters."),
    )
    return " ".join(sentence for holds, sentence in sentences if holds)


def _layout(merged: pl.DataFrame, start: int, end: int, below: Sequence[IndicatorLine]) -> dict[str, object]:
    low, high = float(np.min(merged["low"].to_numpy())), float(np.max(merged["high"].to_numpy()))
    pad = (high - low) * 0.06 or abs(high) * 0.001
    domains = [[place * (_OSCILLATOR + _GAP), place * (_OSCILLATOR + _GAP) + _OSCILLATOR] for place in reversed(range(len(below)))]
    floor = len(below) * (_OSCILLATOR + _GAP)
    lowest = f"y{_FIRST_OSCILLATOR + len(below) - 1}" if below else "y2"
    return {
        "xaxis": time_axis(range=[iso_one(start), iso_one(end)], rangeslider={"visible": False}, anchor=lowest),
        "yaxis": axis(
            side="right", range=[low - pad, high + pad], domain=[floor + _VOLUME + _GAP, 1], tickformat=",.6~g", fixedrange=False
        ),
        "yaxis2": axis(side="right", domain=[floor, floor + _VOLUME], showgrid=False, nticks=3, tickformat="~s", rangemode="tozero"),
        **oscillator_axes(below, domains, _FIRST_OSCILLATOR),
        "annotations": oscillator_names(below, domains),
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


def _entries_inside(entries: pl.DataFrame | None, first: int, last: int) -> tuple[pl.DataFrame | None, int]:
    """Return the entries of the span that were never filled (evenly chosen when there are too many to draw) and how many there are."""
    if entries is None:
        return None, 0
    unfilled = pl.col("kind").is_in(list(UNFILLED))
    inside = entries.filter(unfilled & (pl.col("signal_time") >= first) & (pl.col("signal_time") < last))
    return inside.gather_every(max(1, -(-len(inside) // MAX_ENTRIES))), len(inside)


def _marker_traces(trades: pl.DataFrame | None, unfilled: pl.DataFrame | None) -> list[Trace]:
    traces: list[Trace] = []
    if trades is not None and not trades.is_empty():
        traces += path_traces(trades) if len(trades) <= _MAX_PATHS else []
        traces += [*entry_traces(trades), *exit_traces(trades)]
    return traces if unfilled is None else [*traces, *unfilled_traces(unfilled)]
