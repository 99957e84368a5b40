"""What an account earned month by month, a row a year: the number is the return, the colour its size and sign."""

from collections.abc import Iterable, Sequence

from dashboard.figures.base import Figure, axis, empty, figure
from dashboard.formatting import number

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEAR = "Year"
_LARGE = 10.0  # percent in a month: where no month is, the second decimal tells months apart


def monthly_figure(months: Sequence[tuple[str, float]], reason: str) -> Figure:
    """Return the map of ``months``: ``2024-01`` and the return in percent; ``reason`` says why there are none.

    The last column compounds the months of a year.
    """
    if not months:
        return empty(reason)
    by_year: dict[str, dict[int, float]] = {}
    for name, value in months:
        by_year.setdefault(name[:4], {})[int(name[5:7])] = value
    years = sorted(by_year)
    values = [[by_year[year].get(month) for month in range(1, 13)] + [_compounded(by_year[year].values())] for year in years]
    # The darkest colour is the largest month's; Plotly gives a year beyond it that colour too.
    limit = max(abs(value) for _, value in months) or 1.0
    decimals = 1 if limit >= _LARGE else 2
    trace = {
        "type": "heatmap", "x": [*_MONTHS, _YEAR], "y": years, "z": values,
        "xgap": 2, "ygap": 2, "zmin": -limit, "zmax": limit, "zmid": 0, "showscale": False, "hoverongaps": False,
        "colorscale": [[0, "@drift-high"], [0.5, "@drift-mid"], [1, "@drift-low"]],
        "text": [["" if value is None else _signed(value, decimals) for value in row] for row in values], "texttemplate": "%{text}",
        "textfont": {"size": 11, "color": "@ink"}, "hovertemplate": "%{x} %{y}: %{text} %<extra></extra>",
    }  # fmt: skip
    layout = {
        "xaxis": axis(side="top", showgrid=False, type="category"),
        "yaxis": axis(showgrid=False, autorange="reversed", type="category"),
        "shapes": [{"type": "line", "x0": 11.5, "x1": 11.5, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": "@line-strong"}}],
        "height": 70 + 30 * len(years),
    }
    return figure([trace], layout, months=len(months), min_width=640)


def _compounded(returns: Iterable[float]) -> float:
    product = 1.0
    for value in returns:
        product *= 1.0 + value / 100.0
    return (product - 1.0) * 100.0


def _signed(value: float, decimals: int) -> str:
    text = number(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.,") else text
