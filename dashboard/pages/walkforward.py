"""The walk-forward validation of one market."""

from flask import Blueprint

from dashboard.context import Context
from dashboard.pages.parts import market_page, part
from dashboard.views.windows import walkforward_view


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("walkforward", __name__)

    @routes.get("/runs/<run_id>/<slug>/walkforward", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        market = run.market(slug)
        windows = part(lambda: walkforward_view(run.market_json("walkforward", market.slug, "walkforward.json")))
        return market_page(context, "walkforward", run, market, walkforward=windows)

    return routes
