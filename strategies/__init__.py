"""Strategies: candles in, signals out. One file adds one; the registry finds it."""

from strategies.base import Param, ParamValue, ParamValues, PreparedColumns, SharedConditions, Signals, Strategy
from strategies.columns import Columns
from strategies.registry import get_strategy, resolve_params, strategy_digest, strategy_label, strategy_names, with_params
from strategies.sparse import Conditions, SignalTable, SparseSignals

__all__ = [
    "Columns",
    "Conditions",
    "Param",
    "ParamValue",
    "ParamValues",
    "PreparedColumns",
    "SharedConditions",
    "SignalTable",
    "Signals",
    "SparseSignals",
    "Strategy",
    "get_strategy",
    "resolve_params",
    "strategy_digest",
    "strategy_label",
    "strategy_names",
    "with_params",
]
