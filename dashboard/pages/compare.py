"""Up to five runs side by side."""

from flask import Blueprint, render_template, request

from core.errors import ConfigError
from dashboard.context import Context
from dashboard.reading.sources import SOURCES
from dashboard.views.compare import MAX_RUNS, ComparedRun, columns, compared_markets, differing_settings, problem_of

_SOURCE_OF = {"baseline": "baseline", "walkforward": "walkforward"}


def blueprint(context: Context) -> Blueprint:
    """Return the route of the page."""
    routes = Blueprint("compare", __name__)

    @routes.get("/compare", provide_automatic_options=False)
    def page() -> str:
        names = list(dict.fromkeys(request.args.getlist("run")))
        if not 2 <= len(names) <= MAX_RUNS:
            raise ConfigError(f"{len(names)} runs cannot be compared: tick 2 to {MAX_RUNS} in the list of runs.")
        column = request.args.get("column", "walkforward")
        if column not in dict(columns()):
            raise ConfigError("column must be one of " + ", ".join(name for name, _ in columns()) + ".")
        runs = [context.index.open(name) for name in names]
        return render_template(
            "compare.html",
            names=names,
            runs=[ComparedRun(context.index.summary(run.run_id), problem_of(run)) for run in runs],
            column=column,
            columns=columns(),
            markets=compared_markets(runs, column),
            settings=differing_settings(runs),
            sources=SOURCES,
            source=_SOURCE_OF.get(column, "optimized"),
            plotly=context.plotly,
        )

    return routes
