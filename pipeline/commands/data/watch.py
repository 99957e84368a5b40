"""``data watch``: candles as they close."""

import click

from pipeline.app import App
from pipeline.data_session import data_session
from pipeline.data_watch import watch_series


@click.command()
@click.argument("symbol")
@click.option("--exchange", default="BINANCE", show_default=True, help="The venue: BINANCE, BINANCEUSDM or DELTA.")
@click.option("--timeframe", default="1m", show_default=True, help="The candles' length, e.g. 1m or 1h.")
@click.pass_obj
def watch(app: App, /, symbol: str, exchange: str, timeframe: str) -> None:
    """Print every candle of SYMBOL as it closes, and store it.

    What closed since the last stored candle is fetched first, and so is what closes while the connection is broken: none is missed, none
    comes twice. Ctrl-C ends it.
    """
    with data_session(app) as session:
        watch_series(session, exchange, symbol, timeframe)
