"""Heat maps: the objective on a small grid around a point, for pairs of parameters, all others as they are there."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from optimization.neighbourhood.low_discrepancy import ball_radius
from optimization.neighbourhood.survey import Survey
from optimization.space import Dimension, SearchSpace
from strategies.base import ParamValue

# So many values to each side of the middle; strides are as long as it takes to reach the edge of the ball.
REACH = 4


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The objective over two parameters: ``values[row][column]`` belongs to ``y_values[row]`` and ``x_values[column]``, nan = not valid."""

    x: str
    y: str
    x_values: tuple[ParamValue, ...]
    y_values: tuple[ParamValue, ...]
    values: tuple[tuple[float, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the map by name."""
        return asdict(self)


def heat_maps(space: SearchSpace, centre: Mapping[str, int], names: Sequence[str], survey: Survey) -> tuple[HeatMap, ...]:
    """Return a map for each pair of ``names``, the first one across."""
    by_name = {each.name: each for each in space.dimensions}
    pairs = list(combinations((by_name[name] for name in names), 2))
    survey.read([point for pair in pairs for row in _grid(centre, *pair) for point in row])  # all at once
    return tuple(_map(centre, across, down, survey) for across, down in pairs)


def _map(centre: Mapping[str, int], across: Dimension, down: Dimension, survey: Survey) -> HeatMap:
    return HeatMap(
        x=across.name,
        y=down.name,
        x_values=tuple(across.value(index) for index in _indices(across, centre[across.name])),
        y_values=tuple(down.value(index) for index in _indices(down, centre[down.name])),
        values=tuple(
            tuple(reading.value if reading.valid else math.nan for reading in survey.read(row)) for row in _grid(centre, across, down)
        ),
    )


def _grid(centre: Mapping[str, int], across: Dimension, down: Dimension) -> list[list[dict[str, int]]]:
    columns, rows = _indices(across, centre[across.name]), _indices(down, centre[down.name])
    return [[dict(centre) | {across.name: column, down.name: row} for column in columns] for row in rows]


def _indices(dimension: Dimension, middle: int) -> list[int]:
    stride = max(1, math.ceil(ball_radius(dimension) / REACH))
    return [index for step in range(-REACH, REACH + 1) if 0 <= (index := middle + step * stride) <= dimension.last]
