"""The charts of the walk-forward page."""

from collections.abc import Callable, Mapping
from typing import Any

from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure
from dashboard.figures.parameter_drift import drift_figure
from dashboard.figures.regimes import regimes_figure
from dashboard.figures.stitched_equity import stitched_figure
from dashboard.figures.stress import stress_figure
from dashboard.figures.walkforward_paths import paths_figure
from dashboard.figures.walkforward_windows import windows_figure
from dashboard.figures.window_scatter import scatter_figure
from dashboard.figures.window_worth import worth_figure
from dashboard.reading.files import expecting

_NOTHING_YET: Mapping[str, Any] = {"windows": [], "drift": {}}


def _of_content(make: Callable[[Mapping[str, Any]], Figure]) -> Callable[[ChartRequest], Figure]:
    """Return the chart that ``make`` makes of the content of walkforward.json."""

    def chart(asked: ChartRequest) -> Figure:
        content = asked.run.market_json("walkforward", asked.market.slug, "walkforward.json") or _NOTHING_YET
        with expecting("walkforward.json"):
            return make(content)

    return chart


def _stitched(asked: ChartRequest) -> Figure:
    equity = asked.table("walkforward", "oos_equity.parquet")
    capital = None if equity is None else float(asked.setting("execution", "initial_capital"))
    with expecting("oos_equity.parquet"):
        return stitched_figure(equity, asked.span, capital)


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {
    "windows": _of_content(lambda content: windows_figure(content["windows"], content.get("stitched_path"))),
    "promise": _of_content(lambda content: scatter_figure(content["windows"])),
    "stitched": _stitched,
    "drift": _of_content(lambda content: drift_figure(content["windows"], content["drift"])),
    "worth": _of_content(worth_figure),
    "stress": _of_content(lambda content: stress_figure(content.get("stress"))),
    "regimes": _of_content(lambda content: regimes_figure(content.get("regimes"))),
    "paths": _of_content(paths_figure),
}
