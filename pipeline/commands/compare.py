"""``compare``: two runs side by side."""

import click

from core.run_folder import RunFolder
from pipeline.app import App
from pipeline.run_comparison import compare_runs
from pipeline.screen import Screen


@click.command()
@click.argument("first", metavar="RUN")
@click.argument("second", metavar="RUN")
@click.pass_obj
def compare(app: App, /, first: str, second: str) -> None:
    """Show two runs side by side: the settings that differ, and the out-of-sample results."""
    compare_runs(Screen(), RunFolder.existing(app.paths, first), RunFolder.existing(app.paths, second))
