"""What a search tries to raise: one number out of a backtest's metrics."""

import math
from collections.abc import Mapping

# Setting -> the metric of that name. All of them are better when higher; an undefined one is nan.
OBJECTIVE_METRICS: Mapping[str, str] = {
    "sharpe": "sharpe_ratio",
    "sortino": "sortino_ratio",
    "calmar": "calmar_ratio",
    "profit_factor": "profit_factor",
    "net_pnl": "net_pnl",
}

MetricValues = Mapping[str, float | int | bool]


def objective_value(metrics: MetricValues, objective: str) -> float:
    """Return the value of ``objective``, nan when it is undefined for these metrics."""
    value = float(metrics[OBJECTIVE_METRICS[objective]])
    return value if math.isfinite(value) else math.nan
