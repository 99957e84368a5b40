"""Equity of one market's backtests: overlaid with holding, its drawdowns, its months, and its Sharpe ratio as time went by."""

from flask import Blueprint

from dashboard.context import Context
from dashboard.figures.curve_lines import LINES
from dashboard.pages.parts import market_page
from dashboard.reading.curves import CURVES

CURVE_NAMES = {name: LINES[name].name for name in CURVES}


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("equity", __name__)

    @routes.get("/runs/<run_id>/<slug>/equity", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        return market_page(context, "equity", run, run.market(slug), curves=CURVE_NAMES)

    return routes
