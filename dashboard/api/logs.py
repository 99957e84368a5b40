"""The logs of all packages, filtered, a page at a time."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import json_answer, reading
from dashboard.api.paging import page_of
from dashboard.api.schemas.logs import LogsPage, LogsQuery
from dashboard.context import Context
from dashboard.reading.logs import LogReader
from dashboard.views.logs import LogQuery, line_item, log_lines

TAG = Tag(name="Logs", description="What the program wrote down while it worked.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the logs."""
    routes = APIBlueprint("api_logs", __name__, abp_tags=[TAG])
    reader = LogReader(context.paths)

    @routes.get("/logs", responses=reading(LogsPage, 404, 422), provide_automatic_options=False)
    def logs(query: LogsQuery) -> Response:
        """Lines of the logs, the newest first: of a level, a package, a run, and with a text."""
        run = None if not query.run else context.index.open(query.run)
        tail = reader.tail()
        wanted = LogQuery(query.level, query.package or "", query.text or "", run, query.order == "desc")
        page = page_of(log_lines(tail, wanted), query)
        first = (query.page - 1) * query.size
        items = [line_item(first + index, line) for index, line in enumerate(page["items"])]
        return json_answer(page | {"items": items, "unreadable": tail.unreadable, "whole": tail.whole})

    return routes
