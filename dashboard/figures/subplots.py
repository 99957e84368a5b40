"""Several small plots in one chart: where each stands, and what its axes are called."""

from dataclasses import dataclass
from typing import Any

from dashboard.figures.base import Trace, axis, plain_text

_STRIP_STEPS = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of one small plot: the names of its axes, and which stretch of the chart it takes each way, 0..1 from left and below."""

    number: int
    across: tuple[float, float]
    upright: tuple[float, float]

    @property
    def x(self) -> str:
        """The x axis as traces name it."""
        return f"x{self._suffix}"

    @property
    def y(self) -> str:
        """The y axis as traces name it."""
        return f"y{self._suffix}"

    @property
    def _suffix(self) -> str:
        return "" if self.number == 1 else str(self.number)

    def axes(self, across: dict[str, Any], upright: dict[str, Any]) -> dict[str, Any]:
        """Return the layout of both axes; ``across`` and ``upright`` add to the house's."""
        return {
            f"xaxis{self._suffix}": axis(domain=list(self.across), anchor=self.y) | across,
            f"yaxis{self._suffix}": axis(domain=list(self.upright), anchor=self.x) | upright,
        }

    def title(self, text: str) -> dict[str, Any]:
        """Return the heading of the plot."""
        place = {"xref": "paper", "x": self.across[0], "xanchor": "left", "yref": "paper", "y": self.upright[1], "yanchor": "bottom"}
        return {"text": plain_text(text), "showarrow": False, "font": {"size": 12, "color": "@ink"}} | place


@dataclass(frozen=True, slots=True)
class Grid:
    """``count`` small plots in ``columns``, ``cell`` pixels high each with ``gap`` pixels between rows."""

    count: int
    columns: int
    cell: int = 190
    gap: int = 52

    @property
    def rows(self) -> int:
        """How many rows it takes."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """The height of the chart in pixels."""
        return self.rows * (self.cell + self.gap) + 70

    def layout(self) -> dict[str, Any]:
        """Return the height, and the legend above the headings of the first row."""
        above = 1 + 26 / (self.height - 70)
        return {
            "height": self.height,
            "margin": {"l": 12, "r": 12, "t": 30, "b": 12},
            "showlegend": self.columns > 1,  # beneath a column of plots nobody would look for it
            "legend": {"orientation": "h", "x": 0, "y": above, "yanchor": "bottom", "font": {"size": 12}, "itemsizing": "constant"},
        }

    def cells(self) -> list[Cell]:
        """Return the places, row by row from the top."""
        width, height = 1 / self.columns, 1 / self.rows
        margin = 0.0 if self.columns == 1 else 0.06 * width
        part = self.cell / (self.cell + self.gap)  # the gap has the axis of the plot above and the heading of the one below
        return [
            Cell(
                place + 1,
                (place % self.columns * width + margin, (place % self.columns + 1) * width - margin),
                (1 - place // self.columns * height - part * height, 1 - place // self.columns * height),
            )
            for place in range(self.count)
        ]


def scale_strip(low: float, high: float, colors: list[list[Any]], number: int) -> tuple[Trace, dict[str, Any]]:
    """Return a strip of colours at the right of a map and its axes, numbered ``number``: what the colours mean.

    Plotly's own colour bar writes style attributes, which the content policy forbids.
    """
    steps = [low + (high - low) * (place + 0.5) / _STRIP_STEPS for place in range(_STRIP_STEPS)]
    trace = {
        "type": "heatmap", "name": "scale", "x": [0], "y": steps, "z": [[step] for step in steps], "zmin": low, "zmax": high,
        "xaxis": f"x{number}", "yaxis": f"y{number}", "colorscale": colors, "showscale": False, "hoverinfo": "skip", "xgap": 1, "ygap": 1,
    }  # fmt: skip
    across = axis(domain=[0.965, 1], anchor=f"y{number}", visible=False)
    upright = axis(domain=[0, 1], anchor=f"x{number}", side="right", showgrid=False, nticks=6, tickformat=".3~g")
    return trace, {f"xaxis{number}": across, f"yaxis{number}": upright}
