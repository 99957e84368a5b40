"""Every trial of the searches of a market, stage after stage: what became of it, its score, and the best so far."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard.figures.base import Figure, Trace, axis, empty, figure, plain_text
from dashboard.figures.trial_points import MOST_POINTS, best_so_far, in_order, left_out, points, thinned, told
from dashboard.formatting import words

_LANE = "no score"
# More marks than these are drawn smaller, and tell less under the pointer.
_ROOMY = 1000


def history_figure(stages: Mapping[str, pl.DataFrame], objective: str) -> Figure:
    """Return the chart of ``stages``: names 7.1, 7.2, 7.3 to their trials in order.

    The trials of all stages stand on one axis; trials without a score stand in a lane of their own beneath. The line is the best
    full-fidelity score of the stage so far. Scores of stopped trials are from a part of the bars and drawn hollow.
    """
    begun = {stage: trials for stage, trials in stages.items() if len(trials)}
    if not begun:
        return empty("No trials yet: stage 7 writes one line per trial as it searches.")
    placed = _placed(begun)
    total = sum(map(len, placed))
    drawn = pl.concat([thinned(trials, _share(len(trials), total)) for trials in placed], how="diagonal_relaxed")
    return figure(
        [*_state_traces(drawn), *map(_best_trace, placed)],
        _layout(begun, objective, lane=drawn["height"].null_count() > 0),
        note=left_out(len(drawn), total), trials=total, drawn=len(drawn),
    )  # fmt: skip


def _share(count: int, total: int) -> int:
    """Return how many of a stage's ``count`` trials may be drawn when the charts' whole room is shared fairly."""
    return max(1, MOST_POINTS * count // max(total, MOST_POINTS))


def _placed(stages: Mapping[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """Return the trials with ``place`` on the axis and ``height``, their score; a duplicate has that of the trial it repeats."""
    found, start = [], 0
    for trials in stages.values():
        found.append(trials.with_columns(place=pl.int_range(start, start + pl.len()), height=_heights(trials)))
        start += len(trials)
    return found


def _heights(trials: pl.DataFrame) -> pl.Series:
    scores = trials.select(duplicate_of="trial", original="score")
    own = trials.select("state", "score", "duplicate_of").join(scores, on="duplicate_of", how="left", maintain_order="left")
    height = pl.when(pl.col("state").is_in(["failed", "undefined"])).then(None).otherwise(pl.coalesce("score", "original"))
    return own.select(height.alias("height")).to_series()


def _state_traces(trials: pl.DataFrame) -> list[Trace]:
    traces, roomy = list[Trace](), len(trials) <= _ROOMY
    for state in in_order(trials["state"].to_list()):
        mine = trials.filter(pl.col("state") == state)
        scored, unscored = mine.filter(pl.col("height").is_not_null()), mine.filter(pl.col("height").is_null())
        parts = [(scored, scored["height"].to_list(), "y"), (unscored, [_LANE] * len(unscored), "y2")]
        for part, heights, lane in parts:
            if len(part):
                where = {"x": part["place"].to_list(), "y": heights, "yaxis": lane}
                shown = not any(trace["legendgroup"] == state for trace in traces)
                named = {"customdata": part.select("stage", "trial").rows()} | _hover(part, roomy=roomy)
                traces.append(points(state, part, showlegend=shown, **where, **named))
                traces[-1]["marker"]["size"] = 8 if roomy else 5
    return traces


def _hover(trials: pl.DataFrame, *, roomy: bool) -> dict[str, Any]:
    """Return what the pointer tells: everything, or of very many trials, whose texts would be most of the answer, what is there anyway."""
    brief = "%{customdata[0]} trial %{customdata[1]}, score %{y:.3~f}<extra></extra>"
    return {"text": told(trials)} if roomy else {"hovertemplate": brief}


def _best_trace(trials: pl.DataFrame) -> Trace:
    """Return the steps of the best complete score so far, to the end of the stage."""
    steps = trials.filter(best_so_far(trials["value"]))
    xs, ys = steps["place"].to_list(), steps["value"].to_list()
    last = int(trials["place"][-1])
    if xs and xs[-1] != last:
        xs, ys = [*xs, last], [*ys, ys[-1]]
    return {
        "type": "scatter", "mode": "lines", "name": "Best so far", "x": xs, "y": ys, "legendgroup": "best",
        "showlegend": int(trials["place"][0]) == 0, "line": {"shape": "hv", "color": "@c-green", "width": 2.2},
        "hoverinfo": "skip",  # the trials on it are what one points at
    }  # fmt: skip


def _layout(stages: Mapping[str, pl.DataFrame], objective: str, *, lane: bool) -> dict[str, Any]:
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    start = 0
    for stage, trials in stages.items():
        if start:
            line = {"color": "@line-strong", "width": 1, "dash": "dot"}
            shapes.append({"type": "line", "x0": start - 0.5, "x1": start - 0.5, "yref": "paper", "y0": 0, "y1": 1, "line": line})
        text = {"text": f"Stage {plain_text(stage)}", "showarrow": False, "font": {"size": 11, "color": "@muted"}}
        notes.append(text | {"x": start, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "top"})
        start += len(trials)
    pad = 1.5 + start / 100
    scores = axis(f"Score ({plain_text(words(objective).lower())})", side="right", domain=[0.14, 1], fixedrange=False, tickformat=".3~g")
    return {
        "xaxis": axis("Trials in order", fixedrange=False, anchor="y2", range=[-pad, start + pad], tickformat=",d"),
        "yaxis": scores,
        "yaxis2": axis(
            side="right", domain=[0, 0.08], type="category", categoryarray=[_LANE], range=[-0.6, 0.6], showgrid=False, visible=lane,
        ),
        "shapes": shapes,
        "annotations": notes,
    }  # fmt: skip
