"""``explain``: the story of one trade."""

import click

from core.run_folder import RunFolder
from pipeline.app import App
from pipeline.screen import Screen
from pipeline.story import tell


@click.command()
@click.argument("run_id", metavar="RUN")
@click.argument("which", metavar="TRADE")
@click.option("--market", "slug", help="Which market of a run with several, e.g. binance_btcusdt_1h.")
@click.option("--optimized", is_flag=True, help="A trade of the optimized parameters instead of the baseline.")
@click.option("--window", type=click.IntRange(min=0), help="A trade of this walk-forward window, with the parameters it had found.")
@click.pass_obj
def explain(app: App, /, run_id: str, which: str, slug: str | None, optimized: bool, window: int | None) -> None:
    """Tell TRADE of RUN bar by bar, with the rule that acted.

    TRADE is the number of a trade, from 0 (in every window anew); missed:K is the K-th entry that was missed, rejected or filled in part
    only.
    """
    tell(Screen(), RunFolder.existing(app.paths, run_id), which, slug, optimized=optimized, window=window)
