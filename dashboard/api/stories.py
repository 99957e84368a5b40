"""The stories of trades and of entries that were not filled: simulated again, one at a time, and watched."""

import threading
from collections import OrderedDict
from typing import Any

import polars as pl
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from werkzeug.exceptions import ServiceUnavailable

from dashboard.api.answers import json_answer, reading
from dashboard.api.errors import MissingError
from dashboard.api.schemas.stories import Story, StoryPath, StoryQuery
from dashboard.context import Context
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import Run
from dashboard.reading.sources import trades_of
from dashboard.reading.story_inputs import told_market
from dashboard.views.story import require_same, story_view
from reporting.trade_story import Kind, story_of

TAG = Tag(name="Stories", description="Why a trade went as it did, bar by bar, with the rule that acted.")
_KEPT = 64
# Each keeps a request thread waiting, of which there are eight for all pages.
_WAITING = 3
_SPANS = {"trade": ("entry_time", "exit_time"), "entry": ("signal_time", "end_time")}


class Stories:
    """Tells stories one at a time, however many ask: each takes the whole series into memory. The last few are kept."""

    def __init__(self) -> None:
        self._told: OrderedDict[tuple[object, ...], dict[str, Any]] = OrderedDict()
        self._one_at_a_time = threading.Lock()
        self._places = threading.BoundedSemaphore(_WAITING)

    def tell(self, run: Run, slug: str, kind: Kind, row: int, source: str) -> dict[str, Any]:
        """Return the story of ``row``.

        Raises MissingError when the table has no such row, ServiceUnavailable while too many wait, and what ``told_market`` raises.
        """
        market = run.market(slug)
        stored = trades_of(run, slug, source) if kind == "trade" else run.market_table("baseline", slug, "entries.parquet")
        if stored is None or row >= len(stored):
            raise MissingError(f"there is no such {kind}: {0 if stored is None else len(stored)} are stored, numbered from 0.")
        key = run.run_id, slug, kind, row, source, _state(stored)
        if not self._places.acquire(blocking=False):
            raise ServiceUnavailable("Other stories are being told: ask again in a moment.", retry_after=2)
        try:
            with self._one_at_a_time:
                if key not in self._told:
                    self._told[key] = _told(run, slug, kind, row, source, stored, market.bar_ms)
                    if len(self._told) > _KEPT:
                        self._told.popitem(last=False)
                self._told.move_to_end(key)
                return self._told[key]
        finally:
            self._places.release()


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the stories."""
    routes = APIBlueprint("api_stories", __name__, abp_tags=[TAG])
    stories, answers = Stories(), reading(Story, 404, 422, 503)

    @routes.get("/runs/<run_id>/markets/<slug>/trades/<row>/story", responses=answers, provide_automatic_options=False)
    def trade(path: StoryPath, query: StoryQuery) -> Response:
        """A trade of the baseline, of the optimized parameters or of a walk-forward window, told bar by bar."""
        run = context.index.open(path.run_id)
        return json_answer(stories.tell(run, path.slug, "trade", path.row, query.source))

    @routes.get("/runs/<run_id>/markets/<slug>/entries/<row>/story", responses=answers, provide_automatic_options=False)
    def entry(path: StoryPath) -> Response:
        """An entry of the baseline that was missed, rejected or filled in part, told bar by bar."""
        run = context.index.open(path.run_id)
        return json_answer(stories.tell(run, path.slug, "entry", path.row, "baseline"))

    return routes


def _told(run: Run, slug: str, kind: Kind, row: int, source: str, stored: pl.DataFrame, bar_ms: int) -> dict[str, Any]:
    with expecting(f"the table of {'trades' if kind == 'trade' else 'entries'}"):
        window, number = (int(stored["window"][row]), int(stored["trade_id"][row])) if source == "walkforward" else (None, row)
        first, last = (int(stored[name][row]) for name in _SPANS[kind])
    story = story_of(told_market(run, slug, source, window), kind, number)
    require_same(story, first, last, bar_ms)
    return story_view(story)


def _state(table: pl.DataFrame) -> int:
    """Return what tells a table from one that a resumed run wrote in its place."""
    return int(table.hash_rows().sum() or 0)
