"""``data top``: the symbols that are traded most."""

import click

from core.clock import format_utc
from core.timeframe import MINUTE_MS
from market_data.top_symbols import FRESH_MS, TopSymbols, age_text, top_symbols
from pipeline.app import App
from pipeline.commands.data import options
from pipeline.data_fetch import stored_venue
from pipeline.data_session import data_session
from pipeline.tables import TableData, plain_number

_FRESH = FRESH_MS // MINUTE_MS


@click.command(
    help=f"""List the symbols with the largest traded value of the last 24 hours.

    The list is kept for {_FRESH} minutes, and its age is always shown. When the venue cannot be asked the command fails; with --stale-ok
    it shows the last list, whatever its age, and says so.
    """
)
@options.venue
@click.option("--quote", default="USDT", show_default=True, help="Only symbols against this currency.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many symbols.")
@click.option("--refresh", is_flag=True, help=f"Ask the venue even if the list is not {_FRESH} minutes old yet.")
@click.option("--stale-ok", is_flag=True, help="Show an old list when the venue cannot be asked.")
@click.pass_obj
def top(app: App, /, exchange: str, quote: str, limit: int, refresh: bool, stale_ok: bool) -> None:
    """Ask, show the table, and say how old it is."""
    with data_session(app) as session:
        venue = stored_venue(session, exchange)
        found = top_symbols(venue, quote, limit, app.paths, refresh=refresh, stale_ok=stale_ok)
        session.screen.table(_table(found))
        if found.trouble:
            session.screen.warning(f"the venue could not be asked, and this list is {age_text(found.age_ms)} old. {found.trouble}")
        session.screen.line(f"As of {format_utc(found.as_of_ms // MINUTE_MS * MINUTE_MS)} UTC, {age_text(found.age_ms)} old.")


def _table(found: TopSymbols) -> TableData:
    rows = tuple(
        (str(rank), each.symbol, f"{each.quote_volume:,.0f}", plain_number(each.min_notional) if each.min_notional else "no rule")
        for rank, each in enumerate(found.symbols, 1)
    )
    title = f"{found.exchange}: {len(rows)} of {found.listed:,} symbols against {found.quote}"
    return TableData(title, ("rank", "symbol", f"24 h volume ({found.quote})", f"smallest order ({found.quote})"), rows, (1,))
