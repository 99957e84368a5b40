"""What an account earned, how, and at what risk: figures and tables from its equity, its trades and the market beside it."""

from reporting.performance.account import Account
from reporting.performance.compute import Performance, performance_of
from reporting.performance.drawdowns import Drawdown
from reporting.performance.splits import SPLITS, SplitRow
from reporting.performance.table import PERFORMANCE_METRICS

__all__ = [
    "PERFORMANCE_METRICS",
    "SPLITS",
    "Account",
    "Drawdown",
    "Performance",
    "SplitRow",
    "performance_of",
]
