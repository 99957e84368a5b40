"""The quality of one market's candles: what was checked, and exactly where what is missing or odd."""

from flask import Blueprint, Response

from dashboard.charts.data import ranges_of
from dashboard.context import Context
from dashboard.pages.parts import market_page, part
from dashboard.pages.query import one_of, page_number
from dashboard.reading.run_reader import MarketView, Run
from dashboard.views.quality import QualityView, RangesQuery, quality_view, ranges_view
from dashboard.views.ranges import KINDS, ranges_csv
from reporting.finer_execution import FinerExecution, finer_execution


def blueprint(context: Context) -> Blueprint:
    """Return the routes of the page and of the file with all ranges."""
    routes = Blueprint("data", __name__)

    @routes.get("/runs/<run_id>/<slug>/data", provide_automatic_options=False)
    def page(run_id: str, slug: str) -> str:
        run = context.index.open(run_id)
        market = run.market(slug)
        query = RangesQuery(one_of("kind", ("", *KINDS)), page_number())
        return market_page(
            context, "data", run, market, quality=part(lambda: _quality(run, market)), finer=part(lambda: _finer(run, market)),
            ranges=part(lambda: ranges_view(ranges_of(run, market), query)),
        )  # fmt: skip

    @routes.get("/runs/<run_id>/<slug>/data/ranges.csv", provide_automatic_options=False)
    def ranges(run_id: str, slug: str) -> Response:
        run = context.index.open(run_id)
        market = run.market(slug)
        answer = Response(ranges_csv(ranges_of(run, market)), mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename=f"{run.run_id}_{market.slug}_ranges.csv")
        return answer

    return routes


def _quality(run: Run, market: MarketView) -> QualityView | None:
    sealed = any(stage.name == "baseline" for stage in run.done_stages())
    baseline = run.market_json("baseline", market.slug, "baseline.json")
    return quality_view(run.market_json("baseline", market.slug, "quality.json"), baseline, market, sealed=sealed)


def _finer(run: Run, market: MarketView) -> FinerExecution | None:
    return finer_execution(run.market_json("baseline", market.slug, "baseline.json") or {}, market.timeframe)
