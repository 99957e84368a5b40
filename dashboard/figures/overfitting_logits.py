"""Where the best trial of one half of the days ranks on the other half, over all ways to halve them."""

import math
from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import Figure, axis, empty, figure
from dashboard.figures.histogram import bar_trace, bin_width, count_axis, label, upright
from dashboard.figures.reasons import why_empty
from dashboard.formatting import number
from reporting.gate_texts import percent


def logits_figure(found: Mapping[str, Any]) -> Figure:
    """Return the histogram of ``overfitting_probability`` in significance.json: left of zero the choice ended in the worse half."""
    bins = found["logits"]
    if not bins:
        return empty(why_empty("Probability of overfitting", found))
    width = bin_width(bins)
    sides = (
        ("ended in the worse half of the trials", "@c-vermillion", "/", [each for each in bins if each[0] < 0]),
        ("ended in the better half of the trials", "@c-blue", "", [each for each in bins if each[0] >= 0]),
    )
    data = [bar_trace(name, side, width, color, shape=shape, text=_rank) for name, color, shape, side in sides if side]
    layout = {
        "xaxis": axis("Rank on the other half (logit: 0 is the middle, to the right is better)", zeroline=False),
        "yaxis": count_axis("Ways to halve the days", bins),
        "bargap": 0,
        "shapes": [upright(0, "@ink", "dash")],
        "annotations": [
            label(f"{percent(found['value'])} in the worse half", 0, 1, yref="paper", xanchor="right", yanchor="top", xshift=-6)
        ],
    }
    return figure(data, layout, splits=found["splits"])


def _rank(logit: float) -> str:
    """Return what a logit of a rank means."""
    return f"better than {number(100 / (1 + math.exp(-logit)), 0)} % of the trials"
