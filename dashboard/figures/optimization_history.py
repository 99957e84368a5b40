"""Every trial of the search, stage after stage: what became of it, its score, and the best so far."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.decimation import MAX_POINTS
from dashboard.figures.base import Figure, Trace, axis, empty, figure, plain_text
from dashboard.formatting import compact, number, words

Trial = Mapping[str, Any]

# State: shape, colour, filled. Told apart without colour.
_STATES = {
    "complete": ("circle", "@c-blue", True),
    "infeasible": ("circle-x-open", "@c-orange", False),
    "pruned": ("triangle-down-open", "@muted", False),
    "screened": ("triangle-left-open", "@muted", False),
    "duplicate": ("diamond-open", "@c-sky", False),
    "few_trades": ("x-thin-open", "@c-orange", False),
    "undefined": ("hexagon-open", "@c-purple", False),
    "ruined": ("star-open", "@c-vermillion", False),
    "failed": ("square-x-open", "@c-vermillion", False),
}
_LANE = "no score"


def score_of(trial: Trial) -> float | None:
    """Return the score of the highest level that a trial reached, None when it has none."""
    for score in reversed(trial.get("scores") or []):
        if isinstance(score, int | float):
            return float(score)
    return None


def optimization_figure(stages: Mapping[str, Sequence[Trial]], objective: str) -> Figure:
    """Return the chart of ``stages``: names 7.1, 7.2, 7.3 to their trials in order.

    The trials of all stages stand on one axis; trials without a score stand in a lane of their own beneath. The line is the best
    full-fidelity score of the stage so far. Scores of stopped trials are from a part of the bars and drawn hollow.
    """
    total = sum(len(trials) for trials in stages.values())
    if not total:
        return empty("No trials yet: stage 7 writes one line per trial as it searches.")
    step = -(-total // MAX_POINTS)
    positioned = _positioned(stages)
    drawn = [item for item in positioned if item[1]["state"] == "complete" or item[0] % step == 0]
    data = [*_state_traces(drawn), *_best_traces(stages)]
    return figure(data, _layout(stages, objective, [score for _, _, _, score in drawn]), trials=total, drawn=len(drawn))


def _positioned(stages: Mapping[str, Sequence[Trial]]) -> list[tuple[int, Trial, str, float | None]]:
    """Return position on the axis, trial, stage and score; a duplicate has the score of the trial it repeats."""
    found: list[tuple[int, Trial, str, float | None]] = []
    position = 0
    for stage, trials in stages.items():
        by_number = {trial["trial"]: trial for trial in trials}
        for trial in trials:
            original = by_number.get(trial.get("duplicate_of"), trial)
            score = score_of(trial) if score_of(trial) is not None else score_of(original)
            found.append((position, trial, stage, None if trial["state"] in {"failed", "undefined"} else score))
            position += 1
    return found


def _state_traces(items: Sequence[tuple[int, Trial, str, float | None]]) -> list[Trace]:
    traces = []
    for state in sorted(
        {str(trial["state"]) for _, trial, _, _ in items}, key=lambda name: (list(_STATES).index(name) if name in _STATES else 99, name)
    ):
        mine = [item for item in items if item[1]["state"] == state]
        scored, unscored = [item for item in mine if item[3] is not None], [item for item in mine if item[3] is None]
        traces += [_points(state, part, lane) for part, lane in ((scored, False), (unscored, True)) if part]
    return _one_legend_entry_each(traces)


def _points(state: str, items: Sequence[tuple[int, Trial, str, float | None]], lane: bool) -> Trace:
    symbol, color, filled = _STATES.get(state, ("circle-open", "@muted", False))
    line = {"width": 1 if filled else 1.4, "color": "@panel" if filled else color}
    return {
        "type": "scatter", "mode": "markers", "name": plain_text(words(state)), "legendgroup": state, "yaxis": "y2" if lane else "y",
        "x": [position for position, _, _, _ in items], "y": [_LANE if lane else score for _, _, _, score in items],
        "text": [_hover(trial, stage, score) for _, trial, stage, score in items],
        "marker": {"symbol": symbol, "size": 8, "color": color, "line": line},
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def _one_legend_entry_each(traces: list[Trace]) -> list[Trace]:
    seen: set[str] = set()
    for trace in traces:
        trace["showlegend"] = trace["legendgroup"] not in seen
        seen.add(trace["legendgroup"])
    return traces


def _hover(trial: Trial, stage: str, score: float | None) -> str:
    metrics = trial.get("metrics") or {}
    params = [f"{plain_text(name)} {plain_text(compact(value))}" for name, value in (trial.get("params") or {}).items()]
    rows = [", ".join(params[start : start + 3]) for start in range(0, len(params), 3)]
    facts = f"{number(metrics.get('total_trades'), 0)} trades, net {number(metrics.get('net_pnl'))}, {number(trial.get('bars'), 0)} bars"
    return "<br>".join([f"{stage} trial {trial['trial']}, {plain_text(trial['state'])}, score {number(score, 3)}", facts, *rows])


def _best_traces(stages: Mapping[str, Sequence[Trial]]) -> list[Trace]:
    """Return the steps of the best complete score so far, one line cut between the stages."""
    xs: list[int | None] = []
    ys: list[float | None] = []
    position = 0
    for trials in stages.values():
        best: float | None = None
        for trial in trials:
            score = score_of(trial) if trial["state"] == "complete" else None
            improved = score is not None and (best is None or score > best)
            best = score if improved else best
            if best is not None and (improved or trial is trials[-1]):
                xs.append(position)
                ys.append(best)
            position += 1
        xs.append(None)
        ys.append(None)
    line = {"shape": "hv", "color": "@c-green", "width": 2.2}
    hover = {"hovertemplate": "best so far %{y:.3f}<extra></extra>"}
    return [
        {"type": "scatter", "mode": "lines", "name": "Best so far in the stage", "x": xs, "y": ys, "line": line, "connectgaps": False}
        | hover
    ]


def _layout(stages: Mapping[str, Sequence[Trial]], objective: str, scores: Sequence[float | None]) -> dict[str, Any]:
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    start = 0
    for stage, trials in stages.items():
        if not trials:
            continue
        if start:
            line = {"color": "@line-strong", "width": 1, "dash": "dot"}
            shapes.append({"type": "line", "x0": start - 0.5, "x1": start - 0.5, "yref": "paper", "y0": 0, "y1": 1, "line": line})
        text = {"text": f"Stage {stage}", "showarrow": False, "font": {"size": 11, "color": "@muted"}}
        notes.append(text | {"x": start, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "top"})
        start += len(trials)
    return {
        "xaxis": axis("Trials in order", fixedrange=False, anchor="y2", range=[-1.5, start + 0.5]),
        "yaxis": axis(
            f"Score ({plain_text(words(objective).lower())})", side="right", domain=[0.14, 1], fixedrange=False, tickformat=".3~g"
        ),
        "yaxis2": axis(
            side="right",
            domain=[0, 0.08],
            type="category",
            categoryarray=[_LANE],
            range=[-0.6, 0.6],
            showgrid=False,
            visible=None in scores,
        ),
        "shapes": shapes,
        "annotations": notes,
    }
