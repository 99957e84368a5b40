"""What the pages' scripts fetch: charts, pages of trades and progress, as JSON without NaN. Everything is read-only."""

from flask import Blueprint, Response, abort, request

from core.canonical_json import dumps
from core.errors import ConfigError
from dashboard.charts import CHARTS, ChartRequest
from dashboard.decimation import Span
from dashboard.files import expecting
from dashboard.run_reader import SEARCH_STAGES, MarketView, Run
from dashboard.runs import RunIndex
from dashboard.views.progress import progress
from dashboard.views.sources import SOURCES, trades_of
from dashboard.views.trades import TableQuery, trades_page
from dashboard.views.trial_table import TrialsQuery, trial_table

_MAX_MS = 253_402_300_799_000  # the end of the year 9999


def api_blueprint(index: RunIndex) -> Blueprint:
    """Return the routes under ``/api``."""
    routes = Blueprint("api", __name__)

    @routes.get("/runs/<run_id>/progress", provide_automatic_options=False)
    def run_progress(run_id: str) -> Response:
        return _json(progress(index.open(run_id)))

    @routes.get("/runs/<run_id>/<slug>/charts/<name>", provide_automatic_options=False)
    def chart(run_id: str, slug: str, name: str) -> Response:
        if name not in CHARTS:
            abort(404)
        run = index.open(run_id)
        return _json(CHARTS[name](ChartRequest(run, market_of(run, slug), _span(), _source())))

    @routes.get("/runs/<run_id>/<slug>/trades", provide_automatic_options=False)
    def trades(run_id: str, slug: str) -> Response:
        run = index.open(run_id)
        frame = trades_of(run, market_of(run, slug).slug, _source())
        query = TableQuery(
            page=_whole("page", 1, 2**31) or 1,
            size=_whole("size", 1, 1000) or 25,
            sort=request.args.get("sort", "row"),
            descending=_one_of("order", ("asc", "desc")) == "desc",
            around=_whole("around", 0, 2**53),
        )
        with expecting("the table of trades"):
            return _json(trades_page(frame, query))

    @routes.get("/runs/<run_id>/<slug>/trials", provide_automatic_options=False)
    def trials(run_id: str, slug: str) -> Response:
        run = index.open(run_id)
        stage = _one_of("stage", SEARCH_STAGES) if "stage" in request.args else None
        query = TrialsQuery(stage, _whole("window", 0, 2**31), _whole("top", 1, 1000) or 20)
        return _json(trial_table(run, market_of(run, slug).slug, query))

    return routes


def market_of(run: Run, slug: str) -> MarketView:
    """Return the market of ``run`` called ``slug``; any other name ends the request with 404."""
    found = next((market for market in run.markets() if market.slug == slug), None)
    return found or abort(404)


def _json(content: object) -> Response:
    return Response(dumps(content), mimetype="application/json")


def _source() -> str:
    return _one_of("source", tuple(SOURCES))


def _one_of(name: str, allowed: tuple[str, ...]) -> str:
    value = request.args.get(name, allowed[0])
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(allowed)}.")
    return value


def _whole(name: str, low: int, high: int) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19 and low <= int(text) <= high):
        raise ConfigError(f"{name} must be a whole number from {low} to {high}.")
    return int(text)


def _span() -> Span:
    start, end = _whole("from", -_MAX_MS, _MAX_MS), _whole("to", -_MAX_MS, _MAX_MS)
    if start is not None and end is not None and start >= end:
        raise ConfigError("from must be before to.")
    return Span(start, end)
