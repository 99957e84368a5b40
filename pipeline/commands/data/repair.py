"""``data repair``: set damage aside and fetch just that again."""

import click

from pipeline import options as common
from pipeline.app import App
from pipeline.commands.data import options
from pipeline.data_checks import repair as repair_markets
from pipeline.data_funding import repair_funding
from pipeline.data_session import data_session


@click.command()
@options.symbols
@options.exchange
@options.timeframe
@common.quiet
@click.pass_context
def repair(ctx: click.Context, symbols: tuple[str, ...], exchange: str | None, timeframe: str | None, quiet: bool) -> None:
    """Move damaged and foreign files to data/cache/set_aside and get just the candles that were in them again.

    Damaged funding rates are set aside too; the next run that needs them gets them again.

    A venue that does not answer does not keep the other series from being repaired. Exit code 1 when something did not come back.
    """
    app: App = ctx.obj
    with data_session(app, quiet=quiet) as session:
        everything = not (symbols or exchange or timeframe)
        markets = session.chosen(options.listed(symbols), exchange, timeframe)
        repair_funding(session, None if everything else markets)
        if not repair_markets(session, markets, session.content().strangers if everything else ()):
            ctx.exit(1)
