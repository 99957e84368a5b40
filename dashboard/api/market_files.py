"""What the stages found out about a market: the quality of its candles, its walk-forward windows, and the evidence."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import json_answer, reading
from dashboard.api.errors import NotReadyError
from dashboard.api.paging import page_of
from dashboard.api.schemas.paging import PageQuery
from dashboard.api.schemas.paths import MarketPath
from dashboard.context import Context
from dashboard.views.run_files import checked
from reporting.schema import QUALITY, WALKFORWARD
from reporting.shapes import Shape
from reporting.significance_schema import SIGNIFICANCE

TAG = Tag(name="Findings", description="What the stages found out about a market.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the files that hold findings."""
    routes = APIBlueprint("api_market_files", __name__, abp_tags=[TAG])

    @routes.get("/runs/<run_id>/markets/<slug>/quality", responses=reading("Quality", 404, 422), provide_automatic_options=False)
    def quality(path: MarketPath) -> Response:
        """The quality of a market's candles: holes, spikes, bars without trades."""
        return json_answer(_stored(context, path, "baseline", "quality.json", QUALITY))

    @routes.get("/runs/<run_id>/markets/<slug>/significance", responses=reading("Significance", 404, 422), provide_automatic_options=False)
    def significance(path: MarketPath) -> Response:
        """The evidence: each statistic with its value, or with the reason why it has none."""
        return json_answer(_stored(context, path, "walkforward", "significance.json", SIGNIFICANCE))

    @routes.get("/runs/<run_id>/markets/<slug>/windows", responses=reading("WindowsPage", 404, 422), provide_automatic_options=False)
    def windows(path: MarketPath, query: PageQuery) -> Response:
        """The walk-forward windows of a market, in order, and what they add up to."""
        content = _stored(context, path, "walkforward", "walkforward.json", WALKFORWARD)
        summary = {name: value for name, value in content.items() if name != "windows"}
        return json_answer(page_of(content["windows"], query) | {"summary": summary})

    return routes


def _stored(context: Context, path: MarketPath, stage: str, name: str, shape: Shape) -> dict[str, Any]:
    """Return a JSON file of a market, checked. Raises NotReadyError while there is none, CorruptFileError for one that is damaged."""
    run = context.index.open(path.run_id)
    content = run.market_json(stage, run.market(path.slug).slug, name)
    if content is None:
        raise NotReadyError(f"the run has no {name} of this market yet: stage '{stage}' writes it.")
    found: dict[str, Any] = checked(content, shape, name)
    return found
