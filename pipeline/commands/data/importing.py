"""``data import``: store the candles of a file."""

from pathlib import Path

import click

from pipeline import options as common
from pipeline.app import App
from pipeline.data_import import import_file
from pipeline.data_session import data_session


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--exchange", required=True, help="The venue whose candles these are, e.g. BINANCE or CCXT:bybit.")
@click.option("--symbol", required=True, help="Their symbol there, e.g. BTCUSDT.")
@click.option("--timeframe", help="Refuse a file on another timeframe; needed for a file with a single bar.")
@click.option("--replace", "replace_stored", is_flag=True, help="Replace stored bars that differ; the old values are recorded.")
@common.quiet
@click.pass_obj
def import_(
    app: App, /, file: Path, exchange: str, symbol: str, timeframe: str | None, replace_stored: bool, quiet: bool
) -> None:  # fmt: skip
    """Store the candles of FILE (Parquet, Feather, CSV) as those of a venue, which is not asked.

    The file is read strictly: what is wrong with it is counted and shown, and nothing is stored then. A last bar that is still open is
    left out. Bars that differ from stored ones are refused unless --replace is given. Holes of the file are fetched when needed.
    """
    with data_session(app, quiet=quiet) as session:
        import_file(session, file.expanduser(), exchange, symbol, timeframe, replace_stored=replace_stored)
