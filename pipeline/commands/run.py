"""``run``: all stages, unattended."""

from pathlib import Path
from typing import Any

import click

from pipeline import options
from pipeline.app import App
from pipeline.screen import Screen
from pipeline.serving import Serving
from pipeline.settings import resolve_settings
from pipeline.whole_run import start_run


@click.command()
@options.config
@options.assignments
@options.executor_options
@options.no_serve
@options.port
@options.quiet
@click.pass_obj
def run(app: App, /, config_file: Path | None, assignments: tuple[str, ...], no_serve: bool, port: int, quiet: bool, **values: Any) -> None:
    """Go through all stages unattended.

    Settings: defaults, then config/run.yaml if it is there, then --config, then --set, then options; later wins. Without a terminal the
    run ends after publishing, as with --no-serve.
    """
    settings = resolve_settings(app.paths, config_file, assignments, options.overrides_of(values))
    start_run(app, Screen(quiet=quiet), settings, Serving.on_port(not no_serve, port))
