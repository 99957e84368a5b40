"""The equity of a market's backtests."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import reading
from dashboard.api.schemas.paths import MarketPath
from dashboard.api.schemas.tables import EquityPage, EquityQuery
from dashboard.api.tables import EQUITY, Asked, shaped, table_answer
from dashboard.context import Context
from dashboard.reading.sources import equity_of

TAG = Tag(name="Equity", description="The account, bar by bar.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the equity."""
    routes = APIBlueprint("api_equity", __name__, abp_tags=[TAG])

    @routes.get("/runs/<run_id>/markets/<slug>/equity", responses=reading(EquityPage, 404, 422), provide_automatic_options=False)
    def equity(path: MarketPath, query: EquityQuery) -> Response:
        """Equity and drawdown of one backtest of a market at the close of every bar."""
        run = context.index.open(path.run_id)
        stored = equity_of(run, run.market(path.slug).slug, query.source)
        table = shaped(stored, EQUITY, "the table of equity")
        times = table["time"]
        first = 0 if query.start_ms is None else int(times.search_sorted(query.start_ms, side="left"))
        last = len(table) if query.end_ms is None else int(times.search_sorted(query.end_ms, side="right"))
        inside = table.slice(first, max(0, last - first))
        ordered = inside.reverse() if query.order == "desc" else inside
        asked = Asked(ordered, stored is not None, f"equity_{path.run_id}_{path.slug}_{query.source}")
        return table_answer(asked, query, query.format)

    return routes
