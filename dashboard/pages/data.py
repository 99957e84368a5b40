"""The quality of one market's candles."""

from flask import Blueprint

from dashboard.context import Context
from dashboard.pages.parts import market_page, part
from dashboard.views.quality import quality_view


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("data", __name__)

    @routes.get("/runs/<run_id>/<slug>/data", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        market = run.market(slug)
        quality = part(
            lambda: quality_view(
                run.market_json("baseline", market.slug, "quality.json"), run.market_json("baseline", market.slug, "baseline.json")
            )
        )
        return market_page(context, "data", run, market, quality=quality)

    return routes
