"""What a strategy is: declared parameters, a warm-up, and a function from candles to signals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.errors import ConfigError
from strategies.columns import Columns
from strategies.conditions import ConditionPlan

ParamValue = bool | int | float
ParamValues = Mapping[str, ParamValue]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a strategy, declared once; the search space, the forms and the checks derive from it.

    ``low`` and ``high`` bound what a user may set and, unless ``relative``, what the search tries in steps of ``step``. A ``relative``
    parameter is searched around its base value (the profile says how far). ``stage`` is the search stage, None = never searched.
    Parameters that share an ``ordered`` group must rise strictly in the order of declaration; their search ranges never overlap.
    """

    name: str
    kind: Literal["int", "float", "bool"]
    default: ParamValue
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    stage: Literal["7.1", "7.2"] | None = None
    relative: bool = False
    ordered: str | None = None

    def check(self, value: ParamValue) -> ParamValue:
        """Return ``value`` as this parameter's kind; ConfigError names parameter, value and range."""
        if self.kind == "bool":
            if not isinstance(value, bool):
                raise ConfigError(f"{self.name} = {value!r} is not allowed: must be true or false.")
            return value
        whole = float(value).is_integer()
        if isinstance(value, bool) or (self.kind == "int" and not whole) or not self.low <= value <= self.high:
            noun = "a whole number" if self.kind == "int" else "a number"
            raise ConfigError(f"{self.name} = {value!r} is not allowed: must be {noun} from {self.low:g} to {self.high:g}.")
        return int(value) if self.kind == "int" else float(value)


@dataclass(frozen=True, slots=True)
class Signals:
    """What a strategy says about every bar, known at that bar's close; all arrays have the candles' length.

    ``direction`` int8: +1 enter long, -1 enter short, 0 nothing. ``touch_level`` float64: the price at which tier 1 wants to enter.
    ``atr`` float64: the volatility that offsets and protection are measured in. The last two may be ``nan`` where there is no signal.
    """

    direction: NDArray[np.int8]
    touch_level: NDArray[np.float64]
    atr: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A line that a strategy looks at, to be drawn with its candles: ``values`` float64 per bar, ``nan`` while undefined.

    ``panel`` "price" draws it over the candles, "oscillator" in a panel of its own below them; ``levels`` are lines across that panel,
    the thresholds of an oscillator.
    """

    name: str
    panel: Literal["price", "oscillator"]
    values: NDArray[np.float64]
    levels: tuple[float, ...] = ()


class Strategy(Protocol):
    """A strategy: stateless, causal, arrays to arrays. Bar ``t`` of its signals may use bars up to ``t`` and nothing later."""

    @property
    def name(self) -> str:
        """The name in settings and reports."""
        ...

    @property
    def params(self) -> tuple[Param, ...]:
        """The declared parameters."""
        ...

    def warmup(self, params: ParamValues) -> int:
        """Return how many bars pass before the first bar that can carry a signal."""
        ...

    def signals(self, candles: Candles, params: ParamValues) -> Signals:
        """Return the signals for every bar of ``candles``."""
        ...


class ParamRows:
    """The parameters of many runs: those in ``varied`` differ, one number per run each, the others are ``shared``.

    Indexed and iterated it gives each run's parameters by name, of which a strategy of many runs needs no more than a few columns.
    """

    def __init__(self, shared: ParamValues, varied: Mapping[str, NDArray[np.generic]], runs: int) -> None:
        self._shared, self._varied, self._runs = shared, varied, runs

    @classmethod
    def of(cls, rows: Sequence[ParamValues]) -> "ParamRows":
        """Return the same parameters, at least one run's."""
        return cls(rows[0], {name: np.array([row[name] for row in rows]) for name in rows[0]}, len(rows))

    def __len__(self) -> int:
        return self._runs

    def __getitem__(self, row: int) -> ParamValues:
        return {**self._shared, **{name: column[row].item() for name, column in self._varied.items()}}

    def __iter__(self) -> Iterator[ParamValues]:
        return (self[row] for row in range(self._runs))

    def column(self, name: str) -> NDArray[np.int64]:
        """Return a whole number of each run."""
        column = self._varied.get(name)
        return np.full(self._runs, self._shared[name], np.int64) if column is None else column.astype(np.int64, copy=False)

    def values(self, name: str) -> NDArray[np.float64]:
        """Return a number of each run."""
        column = self._varied.get(name)
        return np.full(self._runs, self._shared[name], np.float64) if column is None else column.astype(np.float64, copy=False)

    def distinct(self) -> tuple["ParamRows", NDArray[np.int64]]:
        """Return the different parameters, and which of them each run has: runs may differ in settings alone."""
        known: dict[tuple[ParamValue, ...], int] = {}
        runs = zip(*(column.tolist() for column in self._varied.values()), strict=True) if self._varied else [()] * self._runs
        which = [known.setdefault(tuple(run), len(known)) for run in runs]
        first = np.unique(which, return_index=True)[1]
        return ParamRows(self._shared, {name: column[first] for name, column in self._varied.items()}, len(known)), np.array(which)


@runtime_checkable
class SharedConditions(Protocol):
    """A strategy that can also say the signals of many runs by conditions that they share: far faster in a search.

    They must mean the very signals of ``signals``; the contract suite of strategies compares them.
    """

    def conditions(self, columns: Columns, rows: ParamRows) -> ConditionPlan:
        """Return when each of ``rows`` wants to be long and short over the candles of ``columns``."""
        ...


@runtime_checkable
class ChartedIndicators(Protocol):
    """A strategy that shows what it looks at; one that does not is charted as candles alone."""

    def indicators(self, candles: Candles, params: ParamValues) -> Sequence[Indicator]:
        """Return the lines to draw, named apart from each other and as causal as the signals."""
        ...
