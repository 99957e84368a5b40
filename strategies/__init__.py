"""Strategies: candles in, signals out. One file adds one; the registry finds it."""

from strategies.base import (
    ChartedIndicators,
    ConditionsOfMany,
    Indicator,
    Param,
    ParamRows,
    ParamValue,
    ParamValues,
    PreparedColumns,
    Run,
    SharedConditions,
    Signals,
    Strategy,
    run_in_turn,
)
from strategies.charted import charted_indicators
from strategies.columns import Columns
from strategies.registry import get_strategy, resolve_params, strategy_digest, strategy_label, strategy_names, with_params
from strategies.sparse import Conditions, ConditionTable, SignalTable, SparseSignals

__all__ = [
    "ChartedIndicators",
    "Columns",
    "ConditionTable",
    "Conditions",
    "ConditionsOfMany",
    "Indicator",
    "Param",
    "ParamRows",
    "ParamValue",
    "ParamValues",
    "PreparedColumns",
    "Run",
    "SharedConditions",
    "SignalTable",
    "Signals",
    "SparseSignals",
    "Strategy",
    "charted_indicators",
    "get_strategy",
    "resolve_params",
    "run_in_turn",
    "strategy_digest",
    "strategy_label",
    "strategy_names",
    "with_params",
]
