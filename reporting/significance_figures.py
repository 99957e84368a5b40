"""The charts about luck, from the content of a significance.json: one for every statistic that has a distribution or a curve to show."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Figure = dict[str, Any]
Content = Mapping[str, Any]

BLUE, ORANGE, RED, GREY = "#3b82f6", "#f59e0b", "#ef4444", "#9ca3af"
# Name of the figure -> its title.
TITLES: Mapping[str, str] = {
    "luck-deflated": "Deflated Sharpe ratio by number of independent trials",
    "luck-logits": "Overfitting: where the best of one half of the days ranks on the other half",
    "luck-permutation": "The search on shuffled candles",
    "luck-walkforward": "Walk-forward on shuffled candles",
    "luck-paths": "Sharpe ratios of the combinatorial paths",
    "luck-cone": "Simulated equity: where 50 % and 90 % of the accounts are",
}


def luck_figures(content: Content | None, limits: Mapping[str, float]) -> dict[str, Figure]:
    """Return the figures by name, in the order of ``TITLES``; ``limits`` are the thresholds of the gates by name."""
    if content is None:
        return {}
    deflated, found, cone = content["deflated_sharpe"], content["overfitting_probability"], (content["monte_carlo"]["cone"] or {})
    figures = {
        "luck-deflated": _deflated(deflated, limits.get("deflated_sharpe")) if deflated["curve"] else None,
        "luck-logits": _logits(found["logits"]) if found["logits"] else None,
        "luck-permutation": _shuffled(content["permutation"]),
        "luck-walkforward": _shuffled(content["walkforward_permutation"]),
        "luck-paths": _paths(content["paths"]["sharpes"] or ()),
        "luck-cone": _cone(cone) if cone.get("days") else None,
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


def _deflated(deflated: Content, limit: float | None) -> Figure:
    curve = deflated["curve"]
    counts = [point[0] for point in curve]
    series = [_line("Probability", counts, [point[1] for point in curve], BLUE)]
    if limit is not None:
        series.append(_line("Needed", [counts[0], counts[-1]], [limit, limit], GREY, "dash"))
    if deflated["value"] is not None:
        series.append(
            {
                "type": "scatter", "mode": "markers", "name": "Used", "x": [deflated["trials"]], "y": [deflated["value"]],
                "marker": {"color": ORANGE, "size": 11, "symbol": "diamond"},
            }
        )  # fmt: skip
    layout = _axes("Independent trials", "Probability")
    return {"data": series, "layout": {"xaxis": layout["xaxis"] | {"type": "log"}, "yaxis": layout["yaxis"] | {"tickformat": ".0%"}}}


def _logits(bins: Sequence[Sequence[float]]) -> Figure:
    """Return the histogram of logits: at or below zero, the best in sample was in the worse half out of sample."""
    width = _width(bins)
    sides = (
        ("Worse half", RED, [each for each in bins if each[0] < 0.0]),
        ("Better half", BLUE, [each for each in bins if each[0] >= 0.0]),
    )
    return {
        "data": [_bars(name, side, width, colour) for name, colour, side in sides if side],
        "layout": _axes("Logit of the rank out of sample", "Splits") | {"bargap": 0},
    }


def _shuffled(test: Content) -> Figure | None:
    """Return the histogram of what the best of the set reached on shuffled candles, with the real candles as a line."""
    bins = test["scores"]
    if not bins:
        return None
    top = max(each[1] for each in bins)
    series = [_bars("Shuffled candles", bins, _width(bins), GREY)]
    if test["real"] is not None:
        series.append(_line("Real candles", [test["real"], test["real"]], [0, top], ORANGE))
    return {"data": series, "layout": _axes(str(test["objective"]).replace("_", " ").capitalize(), "Shuffles") | {"bargap": 0}}


def _paths(sharpes: Sequence[float]) -> Figure | None:
    if not sharpes:
        return None
    ranked = sorted(sharpes)
    colours = [BLUE if value > 0 else RED for value in ranked]
    bars = {"type": "bar", "name": "Path", "x": list(range(1, len(ranked) + 1)), "y": ranked, "marker": {"color": colours}}
    return {"data": [bars], "layout": _axes("Path, worst first", "Annual Sharpe ratio") | {"showlegend": False}}


def _cone(cone: Content) -> Figure:
    """Return the quantiles of the simulated equity as a fan, the median as a line; the widest pair of quantiles lies at the back."""
    days = cone["days"]
    names = sorted(cone["quantiles"], key=float)
    series: list[Figure] = []
    for low, high in zip(names[: len(names) // 2], reversed(names), strict=False):
        below, above = cone["quantiles"][low], cone["quantiles"][high]
        series.append(_line(_percent(low), days, below, BLUE) | {"line": {"width": 0}, "showlegend": False})
        filled = {"fill": "tonexty", "fillcolor": "rgba(59,130,246,0.22)", "line": {"width": 0}}
        series.append(_line(f"{_percent(low)} to {_percent(high)}", days, above, BLUE) | filled)
    if len(names) % 2:
        middle = names[len(names) // 2]
        series.append(_line("Median" if float(middle) == 0.5 else _percent(middle), days, cone["quantiles"][middle], BLUE))
    return {"data": series, "layout": _axes("Day", "Equity (quote)") | {"hovermode": "x unified"}}


def _line(name: str, x: Sequence[Any], y: Sequence[Any], colour: str, dash: str = "solid") -> Figure:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": list(x), "y": list(y), "line": {"color": colour, "width": 1.8, "dash": dash},
    }  # fmt: skip


def _bars(name: str, bins: Sequence[Sequence[float]], width: float, colour: str) -> Figure:
    return {
        "type": "bar", "name": name, "x": [each[0] + width / 2 for each in bins], "y": [each[1] for each in bins], "width": width,
        "marker": {"color": colour},
    }  # fmt: skip


def _axes(x: str, y: str) -> Figure:
    return {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}


def _width(bins: Sequence[Sequence[float]]) -> float:
    return min((after[0] - before[0] for before, after in pairwise(bins)), default=1.0)


def _percent(quantile: str) -> str:
    return f"{100 * float(quantile):g} %"
