"""``resume``: continue a run."""

import click

from pipeline import options
from pipeline.app import App
from pipeline.screen import Screen
from pipeline.serving import Serving
from pipeline.whole_run import continue_run


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@options.no_serve
@options.port
@options.quiet
@click.pass_obj
def resume(app: App, /, run_id: str | None, no_serve: bool, port: int, quiet: bool) -> None:
    """Continue the latest run, or RUN, from its last commit point, in the middle of a stage too."""
    continue_run(app, Screen(quiet=quiet), run_id, Serving.on_port(not no_serve, port))
