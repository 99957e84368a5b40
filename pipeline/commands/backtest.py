"""``backtest``: candles and baseline only, or one trial of a run again."""

from pathlib import Path
from typing import Any

import click

from core.errors import ConfigError
from core.run_folder import RunFolder
from pipeline import options
from pipeline.app import App
from pipeline.replay import replay_trial
from pipeline.screen import Screen
from pipeline.settings import resolve_settings
from pipeline.stages import PREPARATION
from pipeline.whole_run import run_part


@click.command()
@options.market_options
@options.config
@options.assignments
@click.option("--run", "run_id", metavar="RUN", help="Instead: a run of which one trial is simulated again, with --trial.")
@click.option("--trial", type=click.IntRange(0), metavar="N", help="The number of that trial, as show RUN --trials tells it.")
@click.option("--stage", type=click.Choice(["7.1", "7.2", "7.3"]), help="Its search stage; without it trial N of every stage.")
@click.option("--market", "slug", metavar="SLUG", help="Its market, in a run with several.")
@click.option("--window", type=click.IntRange(0), metavar="W", help="Its walk-forward window; without it the search over all candles.")
@options.quiet
@click.pass_obj
def backtest(
    app: App,
    /,
    config_file: Path | None,
    assignments: tuple[str, ...],
    run_id: str | None,
    trial: int | None,
    stage: str | None,
    slug: str | None,
    window: int | None,
    quiet: bool,
    **values: Any,
) -> None:
    """Load candles, judge their quality and backtest the strategy as it is set: stages 1 to 5.

    The result is kept as a run, so that explain can tell its trades and resume can go on with the other stages.

    With --run and --trial it simulates one trial of a search again, from the files of that run, and compares every metric with the
    stored one, bit for bit.
    """
    overrides = options.overrides_of(values)
    if run_id is None and trial is None:
        for name, given in (("stage", stage), ("market", slug), ("window", window)):
            if given is not None:
                raise ConfigError(f"--{name} belongs to the replay of a trial: add --run RUN --trial N.")
        run_part(app, Screen(quiet=quiet), resolve_settings(app.paths, config_file, assignments, overrides), PREPARATION)
        return
    if run_id is None or trial is None:
        raise ConfigError("--run and --trial belong together: backtest --run RUN --trial N.")
    if overrides or config_file is not None or assignments:
        raise ConfigError("a trial is replayed with the settings of its run: leave out all others, or leave out --run and --trial.")
    replay_trial(Screen(quiet=quiet), RunFolder.existing(app.paths, run_id), trial, stage=stage, slug=slug, window=window)
