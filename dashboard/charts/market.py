"""The charts of the market page."""

from collections.abc import Callable, Mapping

import polars as pl

from dashboard.charts.indicators import indicators_of
from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure
from dashboard.figures.candles import MarketTables, candle_figure
from dashboard.reading.files import expecting
from dashboard.reading.sources import trades_of
from dashboard.views.trade_filter import TradeFilter, chosen_trades

_TIERS = ("", "1", "2", "3", "4")


def _candles(asked: ChartRequest) -> Figure:
    candles = asked.table("baseline", "candles.parquet")
    if candles is None:
        return candle_figure(None, asked.span, asked.market.bar_ms)
    choice = _choice(asked)
    # Entries that were never filled have no tier, no exit and no result: a filter of those leaves none of them.
    bare = choice.tier is None and choice.reason is None and choice.result is None
    entries = asked.table("baseline", "entries.parquet") if asked.source == "baseline" and bare else None
    trades = trades_of(asked.run, asked.market.slug, asked.source)
    with expecting("a table of candles or trades"):
        tables = MarketTables(
            candles,
            None if trades is None else chosen_trades(trades, choice),
            None if entries is None else _on_side(entries, choice.side),
            indicators_of(asked.run, asked.market.slug, len(candles)),
            foreign=asked.source != "baseline",
        )
        return candle_figure(tables, asked.span, asked.market.bar_ms)


def _choice(asked: ChartRequest) -> TradeFilter:
    """Return which trades are to be marked: all of them, or those that the table beside the chart is filtered to."""
    tier = asked.option("tier", _TIERS)
    return TradeFilter(
        asked.option("side", ("", "long", "short")) or None,
        int(tier) if tier else None,
        asked.options.get("reason") or None,
        asked.option("result", ("", "won", "lost")) or None,
    )


def _on_side(entries: pl.DataFrame, side: str | None) -> pl.DataFrame:
    return entries if side is None else entries.filter(pl.col("direction") == (1 if side == "long" else -1))


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {"candles": _candles}
