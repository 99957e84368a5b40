"""The fidelity ladder: how many trials climbed to which share of the bars, and whether a score down there tells the score at the top."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from dashboard.figures.base import Figure, Trace, empty, figure
from dashboard.figures.hatching import hatched
from dashboard.figures.subplots import Cell, Grid
from dashboard.formatting import number

_FEWEST_PAIRS = 5


def fidelity_figure(trials: pl.DataFrame, levels: Sequence[float], columns: int) -> Figure:
    """Return the ladder of one search; ``levels`` are the rising shares of the bars, 1.0 the last."""
    scores = [name for name in trials.columns if name.startswith("score_")]
    simulated = trials.select("fidelity", "value", *scores).filter(pl.col("fidelity") > 0)
    if not levels or simulated.is_empty():
        return empty("No trial has been simulated yet.")
    if len(levels) == 1:
        return empty(
            "Every trial of this search was simulated on all bars: its sampler or its several objectives leave no room for a ladder."
        )
    grid = Grid(2, columns, cell=210)
    bars, lines = grid.cells()
    names = [f"{number(100 * share, 0)} %" for share in levels]
    kept = [_agreement(simulated, level) for level in range(1, len(levels))]
    data = [*_steps(simulated, names, bars), _line(kept, names[:-1], lines)]
    layout = bars.axes({"type": "category"}, {"rangemode": "tozero", "tickformat": ",d", "nticks": 5})
    layout |= lines.axes({"type": "category"}, {"range": [-1.05, 1.15], "nticks": 5})
    headings = [bars.title("Trials by share of bars reached"), lines.title("Rank correlation with all bars")]
    saved = _saved(simulated, levels)
    note = (
        f"Stopping early saved {number(100 * saved, 0)} % of the bars. A rank correlation near 1 means that the level sorts trials as all "
        "bars would; it is taken from the trials that reached the top, so that it understates what the level can tell."
    )
    return figure(
        data, layout | grid.layout() | {"showlegend": True, "annotations": headings, "barmode": "stack"}, note=note, trials=len(simulated)
    )


def _steps(simulated: pl.DataFrame, names: Sequence[str], cell: Cell) -> list[Trace]:
    reached = [int((simulated["fidelity"] >= level).sum()) for level in range(1, len(names) + 1)]
    on = [*reached[1:], 0]
    stopped = [all_ - further for all_, further in zip(reached, on, strict=True)]
    ends = {
        "Went on": (on, "@c-blue", ""),
        "Stopped here": ([*stopped[:-1], 0], "@muted", "/"),
        "Reached the top": ([*[0] * (len(names) - 1), reached[-1]], "@c-green", "x"),
    }
    return [
        {
            "type": "bar", "name": name, "x": list(names), "y": counts, "xaxis": cell.x, "yaxis": cell.y,
            "text": [number(count, 0) if count else "" for count in counts], "textposition": "inside", "insidetextanchor": "middle",
            "marker": hatched(color, shape),
            "hovertemplate": f"{name}: %{{y:,d}} trials<extra></extra>",
        }
        for name, (counts, color, shape) in ends.items()
    ]  # fmt: skip


def _agreement(simulated: pl.DataFrame, level: int) -> tuple[float | None, int]:
    """Return Spearman's correlation of the scores at ``level`` with those at the top, and of how many trials; None for too few."""
    column = f"score_{level}"
    pairs = simulated.filter(pl.col("value").is_not_null()).select(column, "value").drop_nulls() if column in simulated.columns else None
    if pairs is None or len(pairs) < _FEWEST_PAIRS:
        return None, 0 if pairs is None else len(pairs)
    found = pairs.select(pl.corr(pl.col(column).rank(), pl.col("value").rank())).item()
    return (None if found is None or found != found else float(found)), len(pairs)


def _line(kept: Sequence[tuple[float | None, int]], names: Sequence[str], cell: Cell) -> Trace:
    return {
        "type": "scatter", "mode": "lines+markers+text", "x": list(names), "y": [found for found, _ in kept],
        "xaxis": cell.x, "yaxis": cell.y,
        "text": [number(found) for found, _ in kept], "textposition": "top center", "showlegend": False,
        "line": {"color": "@c-orange", "width": 2}, "marker": {"symbol": "square", "size": 9, "color": "@c-orange"},
        "hovertext": [f"{count:,} trials" for _, count in kept], "hovertemplate": "%{y:.3f}, %{hovertext}<extra></extra>",
    }  # fmt: skip


def _saved(simulated: pl.DataFrame, levels: Sequence[float]) -> float:
    """Return the share of the bars that all trials together were spared."""
    shares = [levels[min(int(level), len(levels)) - 1] for level in simulated["fidelity"].to_list()]
    return 1 - sum(shares) / len(shares)


def levels_of(study: dict[str, Any]) -> list[float]:
    """Return the fidelity levels in a ledger's first line; none before it is written."""
    return [float(level) for level in study.get("levels") or []]
