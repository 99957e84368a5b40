"""The application factory."""

from flask import Flask
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from core.paths import Paths
from dashboard.api import register_api
from dashboard.api.errors import invalid_question
from dashboard.api.schemas.errors import ErrorAnswer
from dashboard.assets import assets_blueprint
from dashboard.context import Context
from dashboard.delivery import deliver
from dashboard.errors import handle_errors
from dashboard.formatting import FILTERS, visible
from dashboard.navigation import add_navigation
from dashboard.options import DashboardOptions
from dashboard.pages import register_pages
from dashboard.security import protect, refuse_debug_mode

INFO = Info(title="Strategy pipeline", version="1")


def create_app(paths: Paths, options: DashboardOptions | None = None) -> Flask:
    """Return the dashboard of the runs under ``paths``. Nothing is read before a request.

    Raises ConfigError when FLASK_DEBUG is set or the installed Plotly has no script.
    """
    refuse_debug_mode()
    app = OpenAPI(
        "dashboard", info=INFO, doc_ui=False, static_folder=None, validation_error_status=400,
        validation_error_model=ErrorAnswer, validation_error_callback=invalid_question,
    )  # fmt: skip
    app.debug = False
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.finalize = visible
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    context = Context.of(paths, options or DashboardOptions())
    app.extensions |= {"jobs": context.jobs, "events": context.hub}
    protect(app, context.access)
    handle_errors(app, paths)
    deliver(app, context.options)
    app.register_blueprint(assets_blueprint(context.plotly))
    register_pages(app, context)
    register_api(app, context)
    add_navigation(app)
    return app
