"""The trades of a market, a page at a time."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel

from dashboard.api.answers import json_answer
from dashboard.api.arguments import one_of, source_argument, whole_number
from dashboard.context import Context
from dashboard.reading.files import expecting
from dashboard.reading.sources import trades_of
from dashboard.views.trades import TableQuery, trades_page


class MarketPath(BaseModel):
    """A market of a run."""

    run_id: str
    slug: str


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the trades."""
    routes = APIBlueprint("api_trades", __name__)

    @routes.get("/runs/<run_id>/markets/<slug>/trades")
    def trades(path: MarketPath) -> Response:
        """A page of a market's trades."""
        run = context.index.open(path.run_id)
        frame = trades_of(run, run.market(path.slug).slug, source_argument())
        query = TableQuery(
            page=whole_number("page", 1, 2**31) or 1,
            size=whole_number("size", 1, 1000) or 25,
            sort=request.args.get("sort", "row"),
            descending=one_of("order", ("asc", "desc")) == "desc",
            around=whole_number("around", 0, 2**53),
        )
        with expecting("the table of trades"):
            return json_answer(trades_page(frame, query))

    return routes
