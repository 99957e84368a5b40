"""Strategies: candles in, signals out. One file adds one; the registry finds it."""

from strategies.base import (
    ChartedIndicators,
    Indicator,
    Param,
    ParamRows,
    ParamValue,
    ParamValues,
    SharedConditions,
    Signals,
    Strategy,
)
from strategies.charted import charted_indicators
from strategies.columns import Columns
from strategies.conditions import ConditionPlan, Run
from strategies.registry import get_strategy, resolve_params, strategy_digest, strategy_label, strategy_names, with_params
from strategies.sparse import ConditionTable, SignalTable, SparseSignals

__all__ = [
    "ChartedIndicators",
    "Columns",
    "ConditionPlan",
    "ConditionTable",
    "Indicator",
    "Param",
    "ParamRows",
    "ParamValue",
    "ParamValues",
    "Run",
    "SharedConditions",
    "SignalTable",
    "Signals",
    "SparseSignals",
    "Strategy",
    "charted_indicators",
    "get_strategy",
    "resolve_params",
    "strategy_digest",
    "strategy_label",
    "strategy_names",
    "with_params",
]
