"""What the verdict on one market rests on: is it an edge, or did the search look too often?"""

from flask import Blueprint

from dashboard.context import Context
from dashboard.pages.parts import market_page, part
from dashboard.views.overfitting import overfitting_view
from dashboard.views.verdict import verdict_view
from reporting.significance_view import ABSENT


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("overfitting", __name__)

    @routes.get("/runs/<run_id>/<slug>/overfitting", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        market = run.market(slug)
        luck = part(lambda: overfitting_view(run.market_json("walkforward", market.slug, "significance.json")))
        verdict = part(lambda: verdict_view(run.report(market.slug)))
        done = any(stage.name == "walkforward" for stage in run.done_stages())
        return market_page(context, "overfitting", run, market, luck=luck, verdict=verdict, absent=ABSENT if done else "")

    return routes
