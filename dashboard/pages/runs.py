"""The list of all runs."""

from flask import Blueprint, render_template

from dashboard.context import Context
from dashboard.keeping.tags import MAX_LENGTH, MAX_TAGS, TagStore
from dashboard.views.run_list import run_list


def blueprint(context: Context) -> Blueprint:
    """Return the route of the list."""
    routes = Blueprint("runs", __name__)
    store = TagStore(context.paths, context.files)

    @routes.get("/", provide_automatic_options=False)
    def page() -> str:
        tags, problem = store.readable()
        listed = run_list(context.index.summaries(), tags)
        return render_template("runs.html", listed=listed, tags_problem=problem, max_tags=MAX_TAGS, max_tag_length=MAX_LENGTH)

    return routes
