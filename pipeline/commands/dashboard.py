"""``dashboard``: serve the results."""

import click

from pipeline import options
from pipeline.app import App
from pipeline.log_files import start_logging
from pipeline.screen import Screen
from pipeline.serving import Serving, serve_results


@click.command()
@options.port
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.pass_obj
def dashboard(app: App, /, port: int, no_open: bool) -> None:
    """Serve the results on this machine (127.0.0.1 only) until Ctrl-C."""
    start_logging(app.paths)
    serve_results(app, Screen(), Serving(True, port, open_browser=not no_open))
