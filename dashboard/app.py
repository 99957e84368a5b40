"""The application factory."""

from flask import Flask

from core.paths import Paths
from dashboard.api import api_blueprint
from dashboard.assets import PlotlyScript, assets_blueprint
from dashboard.errors import handle_errors
from dashboard.files import FileReader
from dashboard.formatting import FILTERS
from dashboard.pages import pages_blueprint
from dashboard.runs import RunIndex
from dashboard.security import protect, refuse_debug_mode


def create_app(paths: Paths) -> Flask:
    """Return the dashboard of the runs under ``paths``. Nothing is read before a request, nothing is ever written.

    Raises ConfigError when FLASK_DEBUG is set or the installed Plotly has no script.
    """
    refuse_debug_mode()
    app = Flask("dashboard")
    app.debug = False
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    protect(app)
    handle_errors(app)
    plotly = PlotlyScript.installed()
    index = RunIndex(paths, FileReader(paths.data))
    app.register_blueprint(assets_blueprint(plotly))
    app.register_blueprint(pages_blueprint(index, plotly))
    app.register_blueprint(api_blueprint(index), url_prefix="/api")
    return app
