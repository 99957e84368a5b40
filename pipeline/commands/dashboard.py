"""``dashboard``: serve the results."""

from typing import Any

import click

from dashboard.options import LOOPBACK, DashboardOptions
from pipeline import options
from pipeline.app import App
from pipeline.log_files import start_logging
from pipeline.screen import Screen
from pipeline.serving import Serving, serve_results


@click.command()
@options.port
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen at; any but 127.0.0.1 needs --unsafe-bind.")
@click.option("--unsafe-bind", is_flag=True, help="Let other machines reach the dashboard, without encryption.")
@click.option("--name", "names", multiple=True, help="A further host name under which it is asked for. May be repeated.")
@click.option("--allow-origin", "cors_origins", multiple=True, help="An origin whose pages may use the API, e.g. http://localhost:3000.")
@click.option("--jobs-running", type=click.IntRange(1, 16), default=1, show_default=True, help="How many jobs may be at work at once.")
@click.option("--jobs-waiting", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many jobs may wait their turn.")
@click.pass_obj
def dashboard(app: App, /, no_open: bool, **values: Any) -> None:
    """Serve the results on this machine (127.0.0.1 only) until Ctrl-C.

    The address that is shown lets one browser in, once; each time it was used, a fresh one is shown.
    """
    start_logging(app.paths)
    serve_results(app, Screen(), Serving(True, DashboardOptions(**values), open_browser=not no_open))
