"""The charts of the overfitting page."""

from collections.abc import Callable, Mapping
from typing import Any

from backtest_engine.metrics import day_ends
from dashboard.charts.request import ChartRequest
from dashboard.figures.account_intervals import intervals_figure
from dashboard.figures.base import Figure, empty
from dashboard.figures.deflated_sharpe import deflated_figure
from dashboard.figures.equity_cone import cone_figure
from dashboard.figures.overfitting_logits import logits_figure
from dashboard.figures.p_values import p_values_figure
from dashboard.figures.path_sharpes import path_sharpes_figure
from dashboard.figures.shuffled_candles import shuffled_figure
from dashboard.reading.files import expecting
from dashboard.views.overfitting import checked_significance, gate_limits

_NOT_YET = "Not computed yet: stage 8 does so when all windows are tested. Runs of older versions have no such statistics."


def _of_content(make: Callable[[ChartRequest, Mapping[str, Any]], Figure]) -> Callable[[ChartRequest], Figure]:
    """Return the chart that ``make`` makes of the content of significance.json."""

    def chart(asked: ChartRequest) -> Figure:
        content = checked_significance(asked.run.market_json("walkforward", asked.market.slug, "significance.json"))
        if content is None:
            return empty(_NOT_YET)
        with expecting("significance.json"):
            return make(asked, content)

    return chart


def _limits(asked: ChartRequest) -> dict[str, float]:
    return gate_limits(asked.run.report(asked.market.slug))


def _cone(asked: ChartRequest, content: Mapping[str, Any]) -> Figure:
    capital = float(asked.setting("execution", "initial_capital"))
    return cone_figure(content["monte_carlo"], real_equity(asked), capital)


def real_equity(asked: ChartRequest) -> list[float]:
    """Return the out-of-sample equity at the end of each tested day, the capital first; empty before there is any."""
    equity = asked.table("walkforward", "oos_equity.parquet")
    if equity is None or equity.is_empty():
        return []
    with expecting("oos_equity.parquet"):
        _, last = day_ends(equity["time"].to_numpy())
        return [float(asked.setting("execution", "initial_capital")), *equity["equity"].to_numpy()[last].tolist()]


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {
    "deflated": _of_content(lambda asked, content: deflated_figure(content["deflated_sharpe"], _limits(asked).get("deflated_sharpe"))),
    "logits": _of_content(lambda _, content: logits_figure(content["overfitting_probability"])),
    "p_values": _of_content(lambda asked, content: p_values_figure(content, _limits(asked))),
    "permutation": _of_content(lambda _, content: shuffled_figure(content["permutation"], "The search")),
    "walkforward_permutation": _of_content(lambda _, content: shuffled_figure(content["walkforward_permutation"], "The walk-forward")),
    "path_sharpes": _of_content(lambda _, content: path_sharpes_figure(content["paths"])),
    "cone": _of_content(_cone),
    "intervals": _of_content(lambda _, content: intervals_figure(content["winner"], content["out_of_sample"])),
}
