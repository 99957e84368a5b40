"""The search of one market: every trial of the three stages, and of the walk-forward windows."""

from flask import Blueprint

from dashboard.context import Context
from dashboard.pages.parts import market_page, part
from dashboard.views.search import first_choice, search_options, search_rows


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("search", __name__)

    @routes.get("/runs/<run_id>/<slug>/search", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        market = run.market(slug)
        options = part(lambda: search_options(run, market.slug))
        return market_page(
            context,
            "search",
            run,
            market,
            search=part(lambda: search_rows(run, market.slug)),
            options=options,
            chosen=first_choice(options.content or ()),
        )

    return routes
