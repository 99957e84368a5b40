"""``demo``: a real run on the embedded simulated market."""

import click

from pipeline import options
from pipeline.app import App
from pipeline.demo import demo_settings
from pipeline.screen import Screen
from pipeline.serving import Serving
from pipeline.whole_run import start_run


@click.command()
@options.no_serve
@options.port
@options.quiet
@click.pass_obj
def demo(app: App, /, no_serve: bool, port: int, quiet: bool) -> None:
    """Run everything on the embedded simulated market: no network, no keys, no questions.

    Twelve months of hourly candles, a fast search and fifteen walk-forward windows. The prices are synthetic: the verdict shows how the
    pipeline works and says nothing about a real market. On a terminal the dashboard is served until Ctrl-C.
    """
    start_run(app, Screen(quiet=quiet), demo_settings(), Serving.on_port(not no_serve, port))
