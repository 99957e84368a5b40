"""The settings in which the runs of a batch differ: checked once for all rows."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backtest_engine.records import RULES_DTYPE, RecordArray
from config import StrategyConfig
from core.errors import ConfigError
from core.suggest import did_you_mean
from strategies import ParamValue, Strategy, resolve_params, with_params

# Which signals are wanted is said once, and a batch has one strategy.
_SAME_FOR_ALL = ("allow_long", "allow_short", "exit_on_disabled_side", "name", "params")
Values = Mapping[str, Sequence[ParamValue] | NDArray[np.generic]]


def checked_values(strategy: Strategy, base: StrategyConfig, values: Values) -> dict[str, NDArray[np.generic]]:
    """Return ``values`` as arrays of one length, each value in its range; ConfigError names the first that is not.

    Names are settings of StrategyConfig or parameters of ``strategy``.
    """
    try:
        columns = {name: np.asarray(column) for name, column in values.items()}
    except ValueError as error:
        raise ConfigError(f"values must be columns of one length: {error}.") from None
    lengths = sorted({column.shape for column in columns.values()})
    if len(lengths) != 1 or len(lengths[0]) != 1 or lengths[0][0] == 0:
        raise ConfigError(f"values must be columns of one length, at least 1, but their shapes are {lengths}.")
    known = [*(param.name for param in strategy.params), *StrategyConfig.model_fields]
    for name, column in columns.items():
        if name not in known:
            raise ConfigError(f"'{name}' is neither a setting nor a parameter of the strategy.{did_you_mean(name, known)}")
        if name in _SAME_FOR_ALL:
            raise ConfigError(f"'{name}' is the same for all runs of a batch: set it in the base.")
        if column.dtype.kind not in "biuf" or not np.isfinite(column).all():
            raise ConfigError(f"{name}: every value must be a finite number, but there are {column.dtype} with {column[:3].tolist()} ...")
    for row in sorted({row for name, column in columns.items() for row in _telling_rows(strategy, base, columns, name, column)}):
        resolve_params(strategy, with_params(base, row_of(columns, row)))
    whole = {param.name for param in strategy.params if param.kind == "int"}
    return {name: column.astype(np.int64) if name in whole else column for name, column in columns.items()}


def row_of(columns: Mapping[str, NDArray[np.generic]], row: int) -> dict[str, ParamValue]:
    """Return the settings of one row as Python numbers."""
    return {name: column[row].item() for name, column in columns.items()}


def rules_rows(one: RecordArray, base: StrategyConfig, columns: Mapping[str, NDArray[np.generic]]) -> RecordArray:
    """Return the constants of many runs: ``one`` with every column that is one of the rules laid over it."""
    rows = np.repeat(one, len(next(iter(columns.values()))))
    for name, column in columns.items():
        if name in (RULES_DTYPE.names or ()):
            rows[name] = column
    for tier in (1, 2, 3, 4):
        names = (f"hybrid_tier{tier}_timeout", f"enable_hybrid_tier{tier}")
        if any(name in columns for name in names):
            timeouts, enabled = (columns.get(name, getattr(base, name)) for name in names)
            rows[f"timeout{tier}"] = np.where(enabled, timeouts, 0)
    if "enable_hybrid_engine" in columns:
        rows["hybrid_engine"] = columns["enable_hybrid_engine"]
    return rows


def _telling_rows(
    strategy: Strategy, base: StrategyConfig, columns: Mapping[str, NDArray[np.generic]], name: str, column: NDArray[np.generic]
) -> set[int]:
    """Return rows whose settings are not allowed if those of any row are not because of ``name``: the extremes, a fraction, a wrong
    order, once for each setting of the switches, which may allow it.
    """
    rows = {int(column.argmin()), int(column.argmax())}
    if column.dtype.kind == "f":
        rows.add(int(np.argmax(column != np.floor(column))))
    group = next((param.ordered for param in strategy.params if param.name == name), None)
    members = [param.name for param in strategy.params if group is not None and param.ordered == group]
    series = [columns.get(member, np.asarray(_base_value(strategy, base, member))) for member in members]
    for lower, higher in pairwise(series):
        wrong = np.flatnonzero(np.broadcast_to(lower >= higher, column.shape))
        switches = [each[wrong] for other, each in columns.items() if isinstance(_base_value(strategy, base, other), bool)]
        first = np.unique(switches, axis=1, return_index=True)[1] if switches else np.arange(min(len(wrong), 1))
        rows.update(wrong[first].tolist())
    return rows


def _base_value(strategy: Strategy, base: StrategyConfig, name: str) -> ParamValue:
    if name in base.params:
        return base.params[name]
    if name in StrategyConfig.model_fields:
        value: ParamValue = getattr(base, name)
        return value
    return next(param.default for param in strategy.params if param.name == name)
