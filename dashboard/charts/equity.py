"""The charts of the equity page."""

from collections.abc import Callable, Mapping

from config import SizingMethod
from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure
from dashboard.figures.equity import equity_figure, hold_equity
from dashboard.reading.files import expecting
from dashboard.reading.sources import SOURCES, equity_of


def _equity(asked: ChartRequest) -> Figure:
    found = {name: equity_of(asked.run, asked.market.slug, name) for name in SOURCES}
    series = {name: frame for name, frame in found.items() if frame is not None and not frame.is_empty()}
    candles = asked.table("baseline", "candles.parquet")
    if not series or candles is None:
        return equity_figure({}, asked.span, 0.0, asked.market.order_qty)
    capital = float(asked.setting("execution", "initial_capital"))
    with expecting("a table of candles or equity"):
        quantity = _held(asked, float(candles["open"][0]), capital)
        series["hold"] = hold_equity(candles, quantity, capital)
        return equity_figure(series, asked.span, capital, quantity)


def _held(asked: ChartRequest, first_open: float, capital: float) -> float:
    """Return the quantity to compare with: the market's, or what the capital buys where the account sizes the entries."""
    execution = (asked.run.stage_json("strategy", "strategy.json") or {})["execution"]
    return asked.market.order_qty if execution.get("sizing", SizingMethod.FIXED) == SizingMethod.FIXED else capital / first_open


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {"equity": _equity}
