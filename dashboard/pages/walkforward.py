"""The walk-forward validation of one market, and each of its windows."""

from flask import Blueprint, abort, render_template

from dashboard.context import Context
from dashboard.pages.parts import market_page, part
from dashboard.pages.query import one_of, page_number
from dashboard.views.robustness import robustness_view
from dashboard.views.window import window_view
from dashboard.views.windows import SORTS, WindowsQuery, walkforward_view


def blueprint(context: Context) -> Blueprint:
    """Return the routes of the page and of the windows' pages."""
    routes = Blueprint("walkforward", __name__)

    @routes.get("/runs/<run_id>/<slug>/walkforward", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        market = run.market(slug)
        order = one_of("order", ("asc", "desc"))
        query = WindowsQuery(page_number(), one_of("sort", tuple(SORTS)), order == "desc")
        windows = part(lambda: walkforward_view(run.market_json("walkforward", market.slug, "walkforward.json"), query))
        robustness = part(lambda: robustness_view(run.market_json("walkforward", market.slug, "walkforward.json")))
        begun = 0 if windows.content else run.windows_begun(market.slug)
        return market_page(
            context, "walkforward", run, market, walkforward=windows, robustness=robustness, query=query, order=order, begun=begun
        )

    @routes.get("/runs/<run_id>/<slug>/walkforward/<int:index>", provide_automatic_options=False)
    def window(run_id: str, slug: str, index: int) -> str:
        run = context.index.open(run_id)
        market = run.market(slug)
        found = window_view(run.market_json("walkforward", market.slug, "walkforward.json"), index)
        if found is None:
            abort(404)
        summary = context.index.summary(run.run_id)
        return render_template("window.html", page="walkforward", run=summary, market=market, plotly=context.plotly, window=found)

    return routes
