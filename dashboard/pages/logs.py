"""What the program wrote down while it worked."""

from flask import Blueprint, render_template, request

from dashboard.context import Context
from dashboard.reading.logs import LEVELS, SOURCES


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("logs", __name__)

    @routes.get("/logs", provide_automatic_options=False)
    def page() -> str:
        asked = {name: request.args.get(name, "")[:200] for name in ("level", "package", "run", "text")}
        return render_template("logs.html", levels=LEVELS, packages=SOURCES, runs=context.index.run_ids(), asked=asked)

    return routes
