"""The pages: list of runs, one run, one market of a run, and the files of a run to download."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template, send_from_directory

from core.errors import CorruptFileError
from dashboard.api import market_of
from dashboard.assets import PlotlyScript
from dashboard.files import expecting
from dashboard.run_reader import MarketView, Run
from dashboard.runs import RunIndex
from dashboard.views.comparison import comparison_view
from dashboard.views.headline import headline_figures
from dashboard.views.progress import stage_views
from dashboard.views.quality import quality_view
from dashboard.views.search import search_rows
from dashboard.views.settings import settings_sections
from dashboard.views.sources import SOURCES
from dashboard.views.verdict import verdict_view
from dashboard.views.windows import walkforward_view
from reporting.finer_execution import FinerExecution, finer_execution


@dataclass(frozen=True, slots=True)
class Part:
    """A section's content, or what is wrong with its file: one damaged file does not hide the others."""

    content: Any = None
    problem: str = ""


def part(read: Callable[[], Any]) -> Part:
    """Return what ``read`` returns, or the problem it met."""
    try:
        return Part(read())
    except CorruptFileError as error:
        return Part(problem=str(error))


def pages_blueprint(index: RunIndex, plotly: PlotlyScript) -> Blueprint:
    """Return the routes of the pages."""
    routes = Blueprint("pages", __name__)

    @routes.get("/", provide_automatic_options=False)
    def run_list() -> str:
        return render_template("run_list.html", runs=index.summaries())

    @routes.get("/runs/<run_id>/", provide_automatic_options=False)
    def run_page(run_id: str) -> str:
        run = index.open(run_id)
        markets = run.markets()
        if len(markets) == 1:
            return _market_page(index, run, markets[0], plotly)
        return render_template(
            "run.html", run=index.summary(run_id), stages=stage_views(run), settings=part(lambda: settings_sections(run))
        )

    @routes.get("/runs/<run_id>/<slug>/", provide_automatic_options=False)
    def market_page(run_id: str, slug: str) -> str:
        run = index.open(run_id)
        return _market_page(index, run, market_of(run, slug), plotly)

    @routes.get("/downloads/<run_id>/<name>", provide_automatic_options=False)
    def download(run_id: str, name: str) -> Response:
        run = index.open(run_id)
        if name not in run.exports():
            abort(404)
        return send_from_directory(run.folder.exports, name, as_attachment=True)

    return routes


def _market_page(index: RunIndex, run: Run, market: MarketView, plotly: PlotlyScript) -> str:
    slug = market.slug

    def report() -> dict[str, Any] | None:
        return run.report(slug)

    def walkforward() -> dict[str, Any] | None:
        return run.market_json("walkforward", slug, "walkforward.json")

    def baseline() -> dict[str, Any] | None:
        return run.market_json("baseline", slug, "baseline.json")

    def finer() -> FinerExecution | None:
        with expecting("baseline.json"):
            return finer_execution(baseline() or {}, market.timeframe)

    return render_template(
        "market.html",
        run=index.summary(run.run_id),
        market=market,
        plotly=plotly,
        sources=SOURCES,
        stages=stage_views(run),
        exports=run.exports(),
        verdict=part(lambda: verdict_view(report())),
        figures=part(lambda: headline_figures(baseline(), walkforward())),
        comparison=part(lambda: comparison_view(report())),
        search=part(lambda: search_rows(run, slug)),
        walkforward=part(lambda: walkforward_view(walkforward())),
        finer=part(finer),
        quality=part(lambda: quality_view(run.market_json("baseline", slug, "quality.json"), baseline())),
        settings=part(lambda: settings_sections(run)),
    )
