"""The form to start a run, or to fetch candles."""

from typing import Any

from flask import Blueprint, render_template, request

from core.errors import ConfigError
from core.timeframe import TIMEFRAMES
from dashboard.context import Context
from dashboard.jobs.orders import standing_settings
from dashboard.views.new_run import KINDS, run_form
from exchanges import ExchangeManager


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("new", __name__)

    @routes.get("/new", provide_automatic_options=False)
    def page() -> str:
        source = request.args.get("from")
        wanted: dict[str, Any] = {} if source is None else context.index.open(source).head()["settings"]
        problem, standing = "", {}
        try:
            standing = standing_settings(context.paths)
        except ConfigError as error:
            problem = str(error)
        return render_template(
            "new.html", form=run_form(standing, wanted), kinds=KINDS, source=source, problem=problem,
            exchanges=ExchangeManager().names(), timeframes=list(TIMEFRAMES),
        )  # fmt: skip

    return routes
