"""From a run's files to its charts: which files each chart needs, and what it shows while they are not there yet. One file a page."""

from collections.abc import Callable, Mapping

from dashboard.charts import data, equity, market, overfitting, search, walkforward
from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure

CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {
    **market.CHARTS,
    **equity.CHARTS,
    **search.CHARTS,
    **walkforward.CHARTS,
    **overfitting.CHARTS,
    **data.CHARTS,
}

__all__ = ["CHARTS", "ChartRequest"]
