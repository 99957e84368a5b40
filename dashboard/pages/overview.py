"""One run: its verdicts with their gates, what it could prove, its stages, its settings, and the files to download."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, send_from_directory

from dashboard.context import Context
from dashboard.keeping.tags import TagStore
from dashboard.pages.parts import part
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import MarketView, Run
from dashboard.views.changed_settings import changed_settings
from dashboard.views.comparison import comparison_view
from dashboard.views.headline import headline_figures
from dashboard.views.provable import ProvableView, provable_view
from dashboard.views.settings import settings_sections
from dashboard.views.stage_table import stage_table
from dashboard.views.verdict import verdict_view
from reporting.finer_execution import FinerExecution, finer_execution


def blueprint(context: Context) -> Blueprint:
    """Return the routes of a run's overview and of its downloads."""
    routes = Blueprint("overview", __name__)
    store = TagStore(context.paths, context.files)

    @routes.get("/runs/<run_id>/", provide_automatic_options=False)
    def page(run_id: str) -> str:
        run = context.index.open(run_id)
        markets = run.markets()
        return render_template(
            "overview.html",
            page="overview",
            run=context.index.summary(run_id),
            market=markets[0] if len(markets) == 1 else None,
            judged=[_judged(run, market) for market in markets],
            stages=part(lambda: stage_table(run)),
            exports=run.exports(),
            changed=part(lambda: changed_settings(run)),
            settings=part(lambda: settings_sections(run)),
            tags=store.readable()[0].get(run_id, ()),
        )

    @routes.get("/downloads/<run_id>/<name>", provide_automatic_options=False)
    def download(run_id: str, name: str) -> Response:
        run = context.index.open(run_id)
        if name not in run.exports():
            abort(404)
        return send_from_directory(run.folder.exports, name, as_attachment=True)

    return routes


def _judged(run: Run, market: MarketView) -> dict[str, Any]:
    """Return the parts that judge one market."""

    def baseline() -> dict[str, Any] | None:
        return run.market_json("baseline", market.slug, "baseline.json")

    def finer() -> FinerExecution | None:
        with expecting("baseline.json"):
            return finer_execution(baseline() or {}, market.timeframe)

    def provable() -> ProvableView | None:
        validated = any(stage.name == "walkforward" for stage in run.done_stages())
        return provable_view(baseline(), run.market_json("walkforward", market.slug, "significance.json"), validated)

    return {
        "market": market,
        "provable": part(provable),
        "verdict": part(lambda: verdict_view(run.report(market.slug))),
        "figures": part(lambda: headline_figures(baseline(), run.market_json("walkforward", market.slug, "walkforward.json"))),
        "comparison": part(lambda: comparison_view(run.report(market.slug))),
        "finer": part(finer),
    }
