"""One market of a run: candles with entries and exits, and the trades."""

from flask import Blueprint

from dashboard.context import Context
from dashboard.figures.trade_markers import EXIT_REASONS as REASONS
from dashboard.pages.parts import market_page
from dashboard.reading.sources import SOURCES


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("market", __name__)

    @routes.get("/runs/<run_id>/<slug>/", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        return market_page(context, "market", run, run.market(slug), sources=SOURCES, reasons=REASONS)

    return routes
