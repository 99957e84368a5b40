"""What happens, as it happens: a stream of server-sent events."""

from typing import cast

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from core.suggest import did_you_mean
from dashboard.api.answers import streaming
from dashboard.api.paging import FieldError
from dashboard.api.schemas.base import Question
from dashboard.context import Context
from dashboard.events.hub import KINDS, Kind
from dashboard.events.stream import Wanted, event_stream

TAG = Tag(name="Events", description="What happens, as it happens.")


class EventsQuery(Question):
    """Which events are wanted; ``last`` is for readers that cannot send Last-Event-ID."""

    run: str | None = Field(default=None, max_length=64, description="Only events of this run.")
    kinds: str | None = Field(default=None, max_length=80, description="Kinds with commas between: progress, trial, log, job, run.")
    last: str | None = Field(default=None, max_length=40, description="The id of the last event that was read.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the stream."""
    routes = APIBlueprint("api_events", __name__, abp_tags=[TAG])

    @routes.get("/events", responses=streaming(404, 503), provide_automatic_options=False)
    def events(query: EventsQuery) -> Response:
        """Progress, trials, log lines, jobs and runs, as they change."""
        run_id = None if query.run is None else context.index.open(query.run).run_id
        wanted = Wanted(_kinds(query.kinds), run_id)
        last = request.headers.get("Last-Event-ID") or query.last or ""
        stream = Response(event_stream(context.hub, wanted, last[:40], allowed=context.access.watch()), mimetype="text/event-stream")
        stream.headers["Cache-Control"] = "no-store"
        return stream

    return routes


def _kinds(text: str | None) -> frozenset[Kind]:
    """Return the kinds named, all where none is. Raises FieldError."""
    names = [name for name in (text or "").split(",") if name]
    unknown = next((name for name in names if name not in KINDS), None)
    if unknown is not None:
        raise FieldError("kinds", f"'{unknown[:40]}' is no kind of event.{did_you_mean(unknown[:40], KINDS)}")
    return frozenset(cast("list[Kind]", names) or KINDS)
