"""Strategies: candles in, signals out. One file adds one; the registry finds it."""

from strategies.base import Param, ParamValue, ParamValues, Signals, Strategy
from strategies.registry import get_strategy, resolve_params, strategy_digest, strategy_label, strategy_names, with_params

__all__ = [
    "Param",
    "ParamValue",
    "ParamValues",
    "Signals",
    "Strategy",
    "get_strategy",
    "resolve_params",
    "strategy_digest",
    "strategy_label",
    "strategy_names",
    "with_params",
]
