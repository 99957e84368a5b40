"""``data fetch``: get candles from a venue."""

import click

from core.clock import format_utc
from exchanges.span import require_forward
from pipeline import options
from pipeline.app import App
from pipeline.commands.data import options as data_options
from pipeline.commands.data.options import UtcDate, listed
from pipeline.data_fetch import DEFAULT_DAYS, FetchOrder, fetch_candles
from pipeline.data_session import data_session
from pipeline.program import command_to


@click.command()
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@data_options.venue
@click.option("--timeframe", "timeframes", default="1h", show_default=True, help="One or several, e.g. 1h,1d.")
@click.option("--from", "start_ms", type=UtcDate(), help=f"First day (UTC), e.g. 2024-01-01; {DEFAULT_DAYS} days back if not given.")
@click.option("--to", "end_ms", type=UtcDate(), help="Day after the last (UTC); now if not given.")
@click.option("--all", "whole", is_flag=True, help="From the venue's first bar on.")
@data_options.limit_share
@options.quiet
@click.pass_context
def fetch(
    ctx: click.Context, symbols: tuple[str, ...], exchange: str, timeframes: str, start_ms: int | None, end_ms: int | None, whole: bool,
    limit_share: float | None, quiet: bool,
) -> None:  # fmt: skip
    """Get candles of every SYMBOL on every timeframe: only what is not stored yet.

    Several series are downloaded side by side, within the venue's limits; long histories of Binance come from its archive. Ctrl-C keeps
    everything that came, and the same command goes on from there.
    """
    if whole and start_ms is not None:
        raise click.UsageError("--all begins with the venue's first bar and --from with a day: give one of them.", ctx)
    require_forward(start_ms, end_ms)
    if not listed(symbols) or not listed(timeframes):
        raise click.UsageError("name at least one symbol and one timeframe.", ctx)
    app: App = ctx.obj
    share = [] if limit_share is None else ["--limit-share", str(limit_share)]
    dates = _dates(start_ms, end_ms, whole=whole)
    again = command_to("data", "fetch", *symbols, "--exchange", exchange, "--timeframe", timeframes, *dates, *share)
    order = FetchOrder(exchange, listed(symbols), listed(timeframes), start_ms, end_ms, whole, again)
    with data_session(app, quiet=quiet) as session:
        if not fetch_candles(session, order):
            ctx.exit(1)


def _dates(start_ms: int | None, end_ms: int | None, *, whole: bool) -> list[str]:
    """Return the options that stand for these dates."""
    texts = [] if start_ms is None else ["--from", format_utc(start_ms).replace(" ", "T")]
    texts += [] if end_ms is None else ["--to", format_utc(end_ms).replace(" ", "T")]
    return [*texts, "--all"] if whole else texts
