"""The chart of the data page."""

from collections.abc import Callable, Mapping

import polars as pl

from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure
from dashboard.figures.data_quality import quality_figure
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import MarketView, Run
from dashboard.views.ranges import data_ranges

_COLUMNS = ("timestamp", "close", "volume")


def ranges_of(run: Run, market: MarketView) -> pl.DataFrame:
    """Return every range of a market's data that is remarkable; none before stage 5. Raises CorruptFileError."""
    quality = run.market_json("baseline", market.slug, "quality.json")
    if quality is None:
        return data_ranges({"holes": (), "spikes": ()}, {}, None, market.bar_ms)
    baseline = run.market_json("baseline", market.slug, "baseline.json") or {}
    candles = run.market_table("baseline", market.slug, "candles.parquet", _COLUMNS)
    with expecting("quality.json"):
        return data_ranges(quality, baseline, candles, market.bar_ms)


def _quality(asked: ChartRequest) -> Figure:
    ranges = ranges_of(asked.run, asked.market)
    with expecting("a table of candles"):
        return quality_figure(asked.table("baseline", "candles.parquet", _COLUMNS), ranges, asked.span, asked.market.bar_ms)


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {"quality": _quality}
