"""The charts of the walk-forward page."""

from collections.abc import Callable, Mapping

from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure
from dashboard.figures.parameter_drift import drift_figure
from dashboard.figures.walkforward_windows import windows_figure
from dashboard.reading.files import expecting


def _windows(asked: ChartRequest) -> Figure:
    content = asked.run.market_json("walkforward", asked.market.slug, "walkforward.json") or {"windows": []}
    with expecting("walkforward.json"):
        return windows_figure(content["windows"])


def _drift(asked: ChartRequest) -> Figure:
    content = asked.run.market_json("walkforward", asked.market.slug, "walkforward.json") or {"windows": [], "drift": {}}
    with expecting("walkforward.json"):
        return drift_figure(content["windows"], content["drift"])


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {"windows": _windows, "drift": _drift}
