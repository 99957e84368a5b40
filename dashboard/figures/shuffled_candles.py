"""What the best of a fixed set of points reached on shuffled candles, and on the real ones."""

from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import Figure, Trace, axis, empty, figure, plain_text
from dashboard.figures.histogram import bar_trace, bin_width, count_axis
from dashboard.figures.reasons import why_empty
from dashboard.formatting import number, words
from reporting.gate_texts import counted, objective_in_words, percent


def shuffled_figure(test: Mapping[str, Any], what: str) -> Figure:
    """Return the histogram of a permutation test in significance.json; ``what`` was repeated on shuffled candles."""
    bins = test["scores"]
    if not bins:
        return empty(why_empty(f"{what} on shuffled candles", test))
    width, real = bin_width(bins), test["real"]
    aim = plain_text(words(objective_in_words(str(test["objective"]))))
    as_good = [each for each in bins if real is not None and each[0] >= real]
    below = [each for each in bins if each not in as_good]

    def text(middle: float) -> str:
        return f"{aim} about {number(middle, 3)}"

    data = [bar_trace("shuffled candles", below, width, "@muted", text=text)] if below else []
    if as_good:
        data.append(bar_trace("shuffled candles, as good or better", as_good, width, "@c-vermillion", shape="/", text=text))
    if real is not None:
        data.append(_real(real, max(each[1] for each in bins), aim))
    layout = {
        "xaxis": axis(f"{aim} of the best point"),
        "yaxis": count_axis("Shuffled histories", bins),
        "bargap": 0,
        "barmode": "overlay",
    }
    return figure(data, layout, note=_note(test))


def _real(real: float, top: float, aim: str) -> Trace:
    return {
        "type": "scatter", "mode": "lines+markers", "name": "the real candles", "x": [real, real], "y": [0, top],
        "line": {"color": "@c-blue", "width": 2.5}, "marker": {"symbol": ["line-ew", "triangle-down"], "size": [0, 11], "color": "@c-blue"},
        "hovertemplate": f"{aim} %{{x:.3f}} on the real candles<extra></extra>",
    }  # fmt: skip


def _note(test: Mapping[str, Any]) -> str:
    if test["value"] is None:
        return ""
    histories = counted(test["permutations"], "shuffled history", "shuffled histories")
    return f"{number(test['better'], 0)} of {histories} did as well: p = {percent(test['value'])}, the real ones counted."
