"""Equity and drawdown of one market's backtests."""

from flask import Blueprint

from dashboard.context import Context
from dashboard.pages.parts import market_page


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("equity", __name__)

    @routes.get("/runs/<run_id>/<slug>/equity", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        return market_page(context, "equity", run, run.market(slug))

    return routes
