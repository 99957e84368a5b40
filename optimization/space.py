"""Search spaces: which parameters a stage varies, on which grid, around which base."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from config import StrategyConfig
from core.canonical_json import dumps
from core.errors import ConfigError
from strategies.base import Param, ParamValue, Strategy
from strategies.registry import resolve_params

Stage = Literal["7.1", "7.2", "7.3"]
STAGES: tuple[Stage, ...] = ("7.1", "7.2", "7.3")

# Bars that each entry tier may wait: the execution timeouts of stage 7.3, the same for every strategy.
_TIMEOUTS = ((1, 2, 8), (2, 1, 6), (3, 2, 7), (4, 1, 3))
_DIGITS = 10
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Dimension:
    """One searched parameter: the grid ``low``, ``low + step``, ... up to ``high``, its values counted from 0.

    Samplers see the index only, so that a value has one spelling however it was found.
    """

    name: str
    kind: Literal["int", "float", "bool"]
    low: float
    high: float
    step: float

    @property
    def last(self) -> int:
        """The index of the highest value; below 0 when the grid is empty."""
        return math.floor((self.high - self.low) / self.step + _SLACK)

    def value(self, index: int) -> ParamValue:
        """Return the value at ``index``, rounded to ten decimals."""
        raw = round(self.low + index * self.step, _DIGITS)
        if self.kind == "bool":
            return bool(raw)
        return int(raw) if self.kind == "int" else float(raw)

    def index(self, value: ParamValue) -> int | None:
        """Return the index of ``value``, None when it is off the grid or out of bounds."""
        nearest = round((value - self.low) / self.step)
        on_grid = 0 <= nearest <= self.last and math.isclose(self.value(nearest), value, rel_tol=_SLACK, abs_tol=1e-12)
        return nearest if on_grid else None


@dataclass(frozen=True)
class SearchSpace:
    """The dimensions of one stage and the ``base`` values of their parameters (in the grid's spelling where they are on it)."""

    dimensions: tuple[Dimension, ...]
    base: Mapping[str, ParamValue]

    @property
    def names(self) -> tuple[str, ...]:
        """The searched parameters, in order."""
        return tuple(dimension.name for dimension in self.dimensions)

    @property
    def size(self) -> int:
        """The number of different points on the grid; 1 for an empty space."""
        return math.prod(dimension.last + 1 for dimension in self.dimensions)

    def params(self, indices: Mapping[str, int]) -> dict[str, ParamValue]:
        """Return the values at a point given by one index per name."""
        return {dimension.name: dimension.value(indices[dimension.name]) for dimension in self.dimensions}

    def indices(self, params: Mapping[str, ParamValue]) -> dict[str, int] | None:
        """Return the point of ``params``, None when any value is off the grid."""
        found = {dimension.name: dimension.index(params[dimension.name]) for dimension in self.dimensions}
        known = {name: index for name, index in found.items() if index is not None}
        return known if len(known) == len(found) else None

    def as_dict(self) -> dict[str, dict[str, ParamValue | str]]:
        """Return name -> kind, low, high, step, for records."""
        return {each.name: {"kind": each.kind, "low": each.low, "high": each.high, "step": each.step} for each in self.dimensions}


def canonical_key(params: Mapping[str, ParamValue]) -> str:
    """Return the one text that stands for ``params``; equal points have equal keys."""
    return dumps(params)


def stage_space(stage: Stage, strategy: Strategy, config: StrategyConfig, relative_range: float) -> SearchSpace:
    """Return the space of ``stage`` around ``config``.

    7.1 and 7.2 take the parameters that the strategy declares for them; ``relative_range`` (0.15 = +-15 %) is the half-width for
    relative ones. 7.3 takes the timeouts of the entry tiers in use. What has no effect in ``config`` (the ATR multiplier of a stop in
    percent) is left out: its best value would be chance. The space is empty when there is nothing to vary.
    Raises ConfigError for a declaration that leaves no value to try.
    """
    if stage == "7.3":
        dimensions = tuple(_timeouts(config))
        base: dict[str, ParamValue] = {dimension.name: getattr(config, dimension.name) for dimension in dimensions}
    else:
        values = resolve_params(strategy, config)
        ranges = _apart(
            [_range(param, values[param.name], stage, relative_range, idle=config.is_idle(param.name)) for param in strategy.params]
        )
        dimensions = tuple(each.dimension for each in ranges if each.searched)
        base = {dimension.name: values[dimension.name] for dimension in dimensions}
    for dimension in dimensions:
        if dimension.last < 0:
            raise ConfigError(
                f"stage {stage}: {dimension.name} has nothing to search between {dimension.low:g} and {dimension.high:g}. "
                "Check the bounds, the step and the order group that the strategy declares for it."
            )
    return SearchSpace(dimensions, {each.name: _spelling(each, base[each.name]) for each in dimensions})


def _spelling(dimension: Dimension, value: ParamValue) -> ParamValue:
    index = dimension.index(value)
    return value if index is None else dimension.value(index)


def _timeouts(config: StrategyConfig) -> Iterator[Dimension]:
    """Yield the timeouts that can matter: a tier that is switched off waits for nothing."""
    for tier, low, high in _TIMEOUTS:
        if config.enable_hybrid_engine and getattr(config, f"enable_hybrid_tier{tier}"):
            yield Dimension(f"hybrid_tier{tier}_timeout", "int", low, high, 1)


@dataclass(frozen=True, slots=True)
class _Range:
    """A declared parameter's range in one stage; one that is not searched has only its base value."""

    param: Param
    base: ParamValue
    dimension: Dimension
    searched: bool


def _range(param: Param, base: ParamValue, stage: Stage, relative_range: float, *, idle: bool) -> _Range:
    if param.stage != stage or idle:
        return _Range(param, base, Dimension(param.name, param.kind, base, base, 1.0), False)
    if param.kind == "bool":
        return _Range(param, base, Dimension(param.name, "bool", 0, 1, 1), True)
    low, high = _around(param, base, relative_range) if param.relative else (param.low, param.high)
    return _Range(param, base, Dimension(param.name, param.kind, low, high, param.step), True)


def _around(param: Param, base: float, relative_range: float) -> tuple[float, float]:
    """Return the bounds a whole number of steps around ``base``: the nearest to the share asked for (a tie goes outward), at least one."""
    reach = max(1, math.floor(abs(base) * relative_range / param.step + 0.5 + _SLACK))
    down = min(reach, math.floor((base - param.low) / param.step + _SLACK))
    up = min(reach, math.floor((param.high - base) / param.step + _SLACK))
    return round(base - max(0, down) * param.step, _DIGITS), round(base + max(0, up) * param.step, _DIGITS)


def _apart(ranges: list[_Range]) -> list[_Range]:
    """Cut overlapping neighbours of each ordered group, so that any point of the space keeps the order.

    A pair whose base values are out of order already is left alone: the strategy has accepted them (a filter that is off, say).
    """
    cut = list(ranges)
    groups: dict[str, list[int]] = {}
    for position, each in enumerate(ranges):
        if each.param.ordered is not None:
            groups.setdefault(each.param.ordered, []).append(position)
    for members in groups.values():
        for lower, upper in pairwise(members):
            if cut[lower].base < cut[upper].base:
                cut[lower], cut[upper] = _cut_pair(cut[lower], cut[upper])
    return cut


def _cut_pair(lower: _Range, upper: _Range) -> tuple[_Range, _Range]:
    """Return both with ``lower`` ending at or below the middle of their overlap and ``upper`` beginning above it."""
    top, bottom = lower.dimension.high, upper.dimension.low
    if top < bottom:
        return lower, upper
    border = (top + bottom) / 2 if lower.searched and upper.searched else top if upper.searched else bottom
    return _end_below(lower, border, strictly=not upper.searched), _begin_above(upper, border)


def _end_below(each: _Range, border: float, *, strictly: bool) -> _Range:
    if not each.searched:
        return each
    grid = each.dimension
    steps = math.floor((border - grid.low) / grid.step + _SLACK)
    if strictly and grid.low + steps * grid.step > border - _SLACK * grid.step:
        steps -= 1
    return replace(each, dimension=replace(grid, high=round(grid.low + steps * grid.step, _DIGITS)))


def _begin_above(each: _Range, border: float) -> _Range:
    if not each.searched:
        return each
    grid = each.dimension
    steps = math.floor((border - grid.low) / grid.step + _SLACK) + 1
    return replace(each, dimension=replace(grid, low=round(grid.low + max(0, steps) * grid.step, _DIGITS)))
