"""``data clear``: remove stored candles."""

import click

from pipeline.app import App
from pipeline.commands.data import options
from pipeline.data_checks import NOTHING_STORED
from pipeline.data_clear import clear_series
from pipeline.data_funding import clear_funding
from pipeline.data_session import data_session


@click.command()
@options.symbols
@click.option("--all", "everything", is_flag=True, help="Every stored series (of --exchange and --timeframe, where given).")
@options.exchange
@options.timeframe
@click.option("--yes", "-y", "sure", is_flag=True, help="Do not ask; needed without a terminal.")
@click.pass_context
def clear(
    ctx: click.Context, symbols: tuple[str, ...], everything: bool, exchange: str | None, timeframe: str | None, sure: bool
) -> None:  # fmt: skip
    """Remove the stored candles of SYMBOL, or with --all of everything, after saying what and how much that is.

    Stored funding rates go with the last candles of their market.
    """
    if everything == bool(symbols):
        raise click.UsageError("name the symbols to remove, or give --all." if not symbols else "give symbols or --all, not both.", ctx)
    app: App = ctx.obj
    with data_session(app) as session:
        markets = session.chosen(options.listed(symbols), exchange, timeframe)
        if not markets:
            session.screen.line(NOTHING_STORED)
            return
        if not clear_series(session, markets, sure=sure):
            ctx.exit(1)
        clear_funding(session, markets)
