"""The charts of the market page."""

from collections.abc import Callable, Mapping

from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure
from dashboard.figures.candles import candle_figure
from dashboard.reading.files import expecting
from dashboard.reading.sources import trades_of


def _candles(asked: ChartRequest) -> Figure:
    candles = asked.table("baseline", "candles.parquet")
    entries = asked.table("baseline", "entries.parquet") if asked.source == "baseline" else None
    trades = trades_of(asked.run, asked.market.slug, asked.source)
    with expecting("a table of candles or trades"):
        return candle_figure(candles, trades, entries, asked.span, asked.market.bar_ms)


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {"candles": _candles}
