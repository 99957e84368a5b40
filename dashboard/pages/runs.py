"""The list of all runs."""

from flask import Blueprint, render_template

from dashboard.context import Context


def blueprint(context: Context) -> Blueprint:
    """Return the route of the list."""
    routes = Blueprint("runs", __name__)

    @routes.get("/", provide_automatic_options=False)
    def page() -> str:
        return render_template("runs.html", runs=context.index.summaries())

    return routes
