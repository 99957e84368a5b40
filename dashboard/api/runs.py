"""Runs: the list of them, and each with its stages, settings, progress and report."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import json_answer, reading
from dashboard.api.errors import NotReadyError
from dashboard.api.paging import page_of
from dashboard.api.schemas.paths import RunPath
from dashboard.api.schemas.runs import MarketsAnswer, RunItem, RunsPage, RunsQuery, SettingsAnswer, StagesAnswer
from dashboard.context import Context
from dashboard.keeping.tags import TagStore
from dashboard.reading.runs import MarketVerdict, RunSummary
from dashboard.views.run_files import report_of, settings_of, stages_of

TAG = Tag(name="Runs", description="Runs of the pipeline and what they found.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the runs."""
    routes = APIBlueprint("api_runs", __name__, abp_tags=[TAG])
    store = TagStore(context.paths, context.files)

    @routes.get("/runs", responses=reading(RunsPage), provide_automatic_options=False)
    def runs(query: RunsQuery) -> Response:
        """Runs, filtered and sorted; the newest first where nothing else is asked for."""
        tags, _ = store.readable()
        found = [run_item(row, tags.get(row.run_id, ())) for row in context.index.summaries()]
        fitting = [row for row in found if _fits(row, query)]
        ordered = sorted(fitting, key=lambda row: (row[query.sort] or 0, row["run_id"]), reverse=query.order == "desc")
        return json_answer(page_of(ordered, query))

    @routes.get("/runs/<run_id>", responses=reading(RunItem, 404), provide_automatic_options=False)
    def run(path: RunPath) -> Response:
        """One run at a glance."""
        row = context.index.summary(context.index.open(path.run_id).run_id)
        return json_answer(run_item(row, store.readable()[0].get(row.run_id, ())))

    @routes.get("/runs/<run_id>/markets", responses=reading(MarketsAnswer, 404, 422), provide_automatic_options=False)
    def markets(path: RunPath) -> Response:
        """The markets of a run, with their verdicts."""
        context.index.open(path.run_id).markets()  # a damaged selection is an error here, not an empty list
        items = [market_item(each) for each in context.index.summary(path.run_id).markets]
        return json_answer({"items": items, "total": len(items)})

    @routes.get("/runs/<run_id>/stages", responses=reading(StagesAnswer, 404, 422), provide_automatic_options=False)
    def stages(path: RunPath) -> Response:
        """The ten stages of a run: which are done, and how long they took."""
        return json_answer(stages_of(context.index.open(path.run_id)))

    @routes.get("/runs/<run_id>/settings", responses=reading(SettingsAnswer, 404, 422), provide_automatic_options=False)
    def settings(path: RunPath) -> Response:
        """The settings of a run, as given and as resolved."""
        return json_answer(settings_of(context.index.open(path.run_id)))

    @routes.get("/runs/<run_id>/report", responses=reading("Report", 404, 422), provide_automatic_options=False)
    def report(path: RunPath) -> Response:
        """The verdict of every market with its gates, and the comparison of its backtests."""
        found = report_of(context.index.open(path.run_id))
        if found is None:
            raise NotReadyError("the run has no report yet: stage 9 writes it.")
        return json_answer(found)

    return routes


def run_item(row: RunSummary, tags: Sequence[str]) -> dict[str, Any]:
    """Return a run with its tags as the API shows it."""
    return {
        "run_id": row.run_id,
        "state": row.state,
        "created_ms": row.created_ms,
        "mode": row.mode,
        "sizing": row.sizing,
        "stages_done": row.stages_done,
        "next_stage": None if row.next_stage is None else row.next_stage.name,
        "problem": row.problem,
        "tags": list(tags),
        "markets": [market_item(each) for each in row.markets],
    }


def market_item(item: MarketVerdict) -> dict[str, Any]:
    """Return a market of a run as the API shows it."""
    market = item.market
    return {
        "slug": market.slug,
        "exchange": market.exchange,
        "symbol": market.symbol,
        "timeframe": market.timeframe,
        "order_qty": market.order_qty,
        "synthetic": market.synthetic,
        "verdict": item.verdict,
        "headline": item.headline,
    }


def _fits(row: dict[str, Any], query: RunsQuery) -> bool:
    markets = row["markets"]
    texts = [
        row["run_id"],
        row["mode"],
        *row["tags"],
        *(str(each[name]) for each in markets for name in ("exchange", "symbol", "timeframe", "headline")),
    ]
    return (
        (query.state is None or row["state"] == query.state)
        and (query.verdict is None or any(each["verdict"] == query.verdict for each in markets))
        and (query.tag is None or query.tag in row["tags"])
        and (query.q is None or any(query.q.casefold() in text.casefold() for text in texts))
    )
