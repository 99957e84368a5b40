"""A strategy under audit: called with candles of the auditor's choice, watched for what it changes."""

import warnings

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.errors import BacktestError
from strategies.audit.causality import Outputs
from strategies.base import ParamRows, ParamValues, SharedConditions, Strategy
from strategies.columns import Columns
from strategies.kernels.starts import signals_of_rows

Array = NDArray[np.generic]
SIGNAL_OUTPUTS = ("direction", "touch_level", "atr")
IN_SEARCH = " in the search"


class StrategyFailure(BacktestError):
    """A strategy raised an error or returned something that is no signal."""


class Subject:
    """``outputs`` are a strategy's signals as arrays by name; with shared conditions, those that a search would use come besides."""

    def __init__(self, strategy: Strategy, params: ParamValues) -> None:
        self._strategy = strategy
        self._params = dict(params)
        self.changed_params: set[str] = set()
        self.warmup = self._warmup()
        self.searches_by_conditions = isinstance(strategy, SharedConditions)

    def outputs(self, candles: Candles) -> Outputs:
        """Return what the strategy says of ``candles``; StrategyFailure when it raises or its arrays are not signals."""
        params = dict(self._params)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # wild prices are the auditor's doing
            try:
                said = self._strategy.signals(candles, params)
                arrays: dict[str, Array] = {name: np.asarray(getattr(said, name, None)) for name in SIGNAL_OUTPUTS}
                arrays |= self._in_search(candles, params)
            except Exception as error:
                raise StrategyFailure(f"{type(error).__name__}: {_message(error)}") from error
        self.changed_params |= {name for name in self._params.keys() | params.keys() if not _same(self._params, params, name)}
        return {name: _checked(name, array, len(candles)) for name, array in arrays.items()}

    def _in_search(self, candles: Candles, params: ParamValues) -> dict[str, Array]:
        strategy = self._strategy
        if not isinstance(strategy, SharedConditions):
            return {}
        table = strategy.conditions(Columns(candles), ParamRows.of([params])).table()
        _, bars, directions, _ = signals_of_rows(table, 0, (True, True))
        direction = np.zeros(len(candles), np.int8)
        direction[bars] = directions
        arrays: tuple[Array, ...] = (direction, table.touch_levels[table.touch[0]], table.atrs[table.atr[0]])
        return {name + IN_SEARCH: array for name, array in zip(SIGNAL_OUTPUTS, arrays, strict=True)}

    def _warmup(self) -> int:
        try:
            return max(0, int(self._strategy.warmup(dict(self._params))))
        except Exception as error:
            raise StrategyFailure(f"warmup fails: {type(error).__name__}: {_message(error)}") from error


def _message(error: Exception) -> str:
    """Return the error's text without the path of a file, which no result may hold."""
    text = (error.strerror or "") if isinstance(error, OSError) else str(error)
    return text.splitlines()[0][:200] if text else "no message"


def _same(before: ParamValues, after: ParamValues, name: str) -> bool:
    return name in before and name in after and repr(before[name]) == repr(after[name])


def _checked(name: str, array: Array, bars: int) -> Array:
    """Return a copy, int8 or float64: what the strategy does to its own array later is none of this run's business."""
    if array.shape != (bars,) or array.dtype.kind not in "biuf":
        raise StrategyFailure(f"{name} must be numbers, one for each of {bars} bars, but is {array.dtype} of shape {array.shape}")
    if not name.startswith("direction"):
        return np.array(array, np.float64)
    wrong = ~np.isin(array, (-1, 0, 1))
    if wrong.any():
        bar = int(np.argmax(wrong))
        raise StrategyFailure(f"{name} is none of -1, 0, 1 at bar {bar}: {array[bar]}")
    return np.array(array, np.int8)
