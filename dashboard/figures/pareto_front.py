"""A search for several objectives: the trials that no other one beats in everything, and the one of them that goes on."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.figures.base import Figure, Trace, axis, empty, figure, plain_text
from dashboard.figures.trial_points import left_out, points, thinned, told
from dashboard.formatting import compact, number, words


def pareto_figure(trials: pl.DataFrame, objectives: Sequence[str], result: Mapping[str, Any] | None, across: int, upright: int) -> Figure:
    """Return the trials by two of the ``objectives`` (their places), and the front where the stage has finished.

    Of more than two objectives the front is that of all of them, so that its members need not look best in two.
    """
    if len(objectives) < 2:
        only = f" ({words(objectives[0]).lower()})" if objectives else ""
        return empty(
            f"This search had one objective{only}, so there is one best trial and no front. Several give one: objective=sharpe,calmar."
        )
    x, y = f"value_{across + 1}", f"value_{upright + 1}"
    if x not in trials.columns or y not in trials.columns:
        return empty("No trial has values of both objectives yet.")
    complete = trials.filter((pl.col("state") == "complete") & pl.col(x).is_not_null() & pl.col(y).is_not_null())
    drawn = thinned(complete)
    cloud = points("complete", drawn, x=drawn[x].to_list(), y=drawn[y].to_list(), text=told(drawn), name="Trials")
    cloud["marker"] = cloud["marker"] | {"size": 5, "opacity": 0.45, "line": {"width": 0}}
    front = (result or {}).get("pareto")
    marks = _front(front, across, upright) if front else []
    layout = {
        "xaxis": axis(plain_text(words(objectives[across])), tickformat=".4~g", fixedrange=False),
        "yaxis": axis(plain_text(words(objectives[upright])), tickformat=".4~g", fixedrange=False),
    }
    parts = [front["explanation"] if front else "The front is worked out when the search is over.", left_out(len(drawn), len(complete))]
    return figure([cloud, *marks], layout, note=" ".join(filter(None, parts)), drawn=len(drawn), front=len(front["front"]) if front else 0)


def _front(front: Mapping[str, Any], across: int, upright: int) -> list[Trace]:
    members = sorted(front["front"], key=lambda each: (each["values"][across], -each["values"][upright]))
    two = len(front["objectives"]) == 2
    line = {
        "type": "scatter", "mode": "lines+markers" if two else "markers", "name": "Front",
        "line": {"color": "@c-orange", "width": 2, "shape": "vh"},
        "marker": {"symbol": "diamond", "size": 9, "color": "@c-orange", "line": {"width": 1, "color": "@panel"}},
    } | _places(members, front["objectives"], across, upright)  # fmt: skip
    knee = [each for each in members if each["trial"] == front["knee"]]
    star = {
        "type": "scatter", "mode": "markers", "name": "Knee: goes on",
        "marker": {"symbol": "star", "size": 17, "color": "@c-green", "line": {"width": 1.2, "color": "@panel"}},
    } | _places(knee, front["objectives"], across, upright)  # fmt: skip
    return [line, star] if knee else [line]


def _places(members: Sequence[Mapping[str, Any]], objectives: Sequence[str], across: int, upright: int) -> Trace:
    return {
        "x": [each["values"][across] for each in members], "y": [each["values"][upright] for each in members],
        "text": [_text(each, objectives) for each in members], "customdata": [each["trial"] for each in members],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def _text(member: Mapping[str, Any], objectives: Sequence[str]) -> str:
    values = ", ".join(
        f"{plain_text(words(name).lower())} {number(value, 3)}" for name, value in zip(objectives, member["values"], strict=True)
    )
    params = [f"{plain_text(name)} {plain_text(compact(value))}" for name, value in member["params"].items()]
    return "<br>".join([f"trial {member['trial']}: {values}", *(", ".join(params[at : at + 3]) for at in range(0, len(params), 3))])
