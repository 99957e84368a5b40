"""The trades of a market, and the entries that were not filled."""

import polars as pl
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import reading
from dashboard.api.paging import sorted_table
from dashboard.api.schemas.paths import MarketPath
from dashboard.api.schemas.tables import EntriesPage, EntriesQuery, TradesPage, TradesQuery
from dashboard.api.tables import ENTRY, TRADE, Asked, page_around, shaped, table_answer
from dashboard.context import Context
from dashboard.reading.sources import trades_of
from dashboard.views.trade_filter import chosen_trades

TAG = Tag(name="Trades", description="What a market's backtests traded, and what they would have.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the trades and the entries."""
    routes = APIBlueprint("api_trades", __name__, abp_tags=[TAG])

    @routes.get("/runs/<run_id>/markets/<slug>/trades", responses=reading(TradesPage, 404, 422), provide_automatic_options=False)
    def trades(path: MarketPath, query: TradesQuery) -> Response:
        """Trades of one backtest of a market, filtered and sorted."""
        run = context.index.open(path.run_id)
        stored = trades_of(run, run.market(path.slug).slug, query.source)
        fitting = chosen_trades(shaped(stored, TRADE, "the table of trades"), query)
        table = sorted_table(fitting, query.sort, query.order == "desc")
        asked = Asked(table, stored is not None, f"trades_{path.run_id}_{path.slug}_{query.source}")
        return table_answer(asked, query, query.format, page_around(table, query, query.around), totals=_totals(table))

    @routes.get("/runs/<run_id>/markets/<slug>/entries", responses=reading(EntriesPage, 404, 422), provide_automatic_options=False)
    def entries(path: MarketPath, query: EntriesQuery) -> Response:
        """Entries of the baseline that were missed, filled in part or rejected."""
        run = context.index.open(path.run_id)
        stored = run.market_table("baseline", run.market(path.slug).slug, "entries.parquet")
        table = shaped(stored, ENTRY, "the table of entries")
        fitting = table if query.kind is None else table.filter(pl.col("kind") == query.kind)
        asked = Asked(sorted_table(fitting, query.sort, query.order == "desc"), stored is not None, f"entries_{path.run_id}_{path.slug}")
        return table_answer(asked, query, query.format)

    return routes


def _totals(trades: pl.DataFrame) -> dict[str, float | int]:
    return {
        "net_pnl": float(trades["net_pnl"].sum()),
        "fees": float(trades["fees"].sum()),
        "winners": int((trades["net_pnl"] > 0).sum()),
    }
