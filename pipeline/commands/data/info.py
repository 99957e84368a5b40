"""``data info``: what is stored, and how good it is."""

import click

from pipeline.app import App
from pipeline.commands.data import options
from pipeline.data_funding import show_funding
from pipeline.data_info import show_quality, show_series
from pipeline.data_session import data_session
from pipeline.program import command_to


@click.command()
@options.symbols
@options.exchange
@options.timeframe
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Rows of each list of a symbol's report; 0 lists all.")
@click.pass_context
def info(ctx: click.Context, symbols: tuple[str, ...], exchange: str | None, timeframe: str | None, limit: int) -> None:
    """Show every stored series: its span, holes, size, source and revisions.

    With a SYMBOL the quality of its candles too: the exact range of every hole, duplicates, spikes, bars without volume, bars that the
    venue changed, and the ranges for which nobody asked yet. Exit code 1 when something cannot be read.
    """
    app: App = ctx.obj
    with data_session(app) as session:
        markets = session.chosen(options.listed(symbols), exchange, timeframe)
        if not markets:
            session.screen.line(f"Nothing is stored in {session.store.root} yet. Get candles: {command_to('data', 'fetch', 'BTCUSDT')}")
            return
        sound = show_series(session, markets)
        show_funding(session, markets)
        for market in markets if symbols and sound else ():
            show_quality(session, market, limit)
        if not sound:
            ctx.exit(1)
