"""What else the out-of-sample days could have brought: quantiles of simulated equity, and what it was in fact."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.figures.base import Figure, Trace, axis, empty, figure
from dashboard.figures.histogram import level
from dashboard.figures.reasons import why_empty

# From the widest band to the narrowest.
_FILLS = ("@accent-soft", "@drift-low", "@c-sky")


def cone_figure(simulated: Mapping[str, Any], real: Sequence[float], capital: float | None) -> Figure:
    """Return the fan of ``monte_carlo`` in significance.json; ``real`` is equity at the end of each day, the capital (quote) first."""
    cone = simulated["cone"] or {}
    if not cone.get("days"):
        return empty(why_empty("Simulation", simulated))
    days, quantiles = cone["days"], cone["quantiles"]
    names = sorted(quantiles, key=float)
    data: list[Trace] = []
    for place, (low, high) in enumerate(zip(names[: len(names) // 2], reversed(names), strict=False)):
        data += _band(days, quantiles, low, high, _FILLS[min(place, len(_FILLS) - 1)])
    if len(names) % 2:
        middle = names[len(names) // 2]
        data.append(_line(f"median of {simulated['paths']:,}" if simulated.get("paths") else "median", days, quantiles[middle], "dash"))
    if len(real) > 1:
        data.append(_line("what happened", list(range(len(real))), list(real), "solid", "@c-orange", 2.4))
    layout = {
        "xaxis": axis("Days tested", tickformat=",d", fixedrange=False),
        "yaxis": axis("Equity (quote)", side="right", tickformat=",.6~g"),
        "hovermode": "x unified",
        "shapes": [] if capital is None else [level(capital)],
    }
    return figure(data, layout)


def _band(days: Sequence[float], quantiles: Mapping[str, Sequence[float]], low: str, high: str, fill: str) -> list[Trace]:
    share = f"{100 * (float(high) - float(low)):g} % of the simulated accounts"
    edge = {"type": "scatter", "mode": "lines", "x": list(days), "line": {"width": 0}, "legendgroup": share}
    return [
        edge | {"name": f"{_percent(low)} are below", "y": quantiles[low], "showlegend": False, "hovertemplate": "%{y:,.2f}"},
        edge | {"name": share, "y": quantiles[high], "fill": "tonexty", "fillcolor": fill, "hovertemplate": "up to %{y:,.2f}"},
    ]


def _line(name: str, x: Sequence[float], y: Sequence[float | None], dash: str, color: str = "@c-blue", width: float = 1.8) -> Trace:
    line = {"color": color, "dash": dash, "width": width}
    return {"type": "scatter", "mode": "lines", "name": name, "x": list(x), "y": list(y), "line": line, "hovertemplate": "%{y:,.2f}"}


def _percent(quantile: str) -> str:
    return f"{100 * float(quantile):g} %"
