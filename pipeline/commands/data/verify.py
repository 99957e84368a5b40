"""``data verify``: check every stored byte."""

import click

from pipeline import options as common
from pipeline.app import App
from pipeline.commands.data import options
from pipeline.data_checks import verify as verify_markets
from pipeline.data_funding import verify_funding
from pipeline.data_session import data_session


@click.command()
@options.symbols
@options.exchange
@options.timeframe
@common.quiet
@click.pass_context
def verify(ctx: click.Context, symbols: tuple[str, ...], exchange: str | None, timeframe: str | None, quiet: bool) -> None:
    """Check every stored byte: the SHA-256 of each file, the manifests, foreign files, and the candles and funding rates themselves.

    Nothing is changed. Exit code 1 when anything is damaged; what is damaged is named.
    """
    app: App = ctx.obj
    with data_session(app, quiet=quiet) as session:
        everything = not (symbols or exchange or timeframe)
        markets = session.chosen(options.listed(symbols), exchange, timeframe)
        sound = verify_markets(session, markets, session.content().strangers if everything else ())
        if not verify_funding(session, None if everything else markets) or not sound:
            ctx.exit(1)
