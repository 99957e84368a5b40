"""``data import``: the candles of a file as those of a venue."""

from pathlib import Path

from core.timeframe import Timeframe
from market_data import find_holes
from market_data.importing import import_candles
from market_data.store.revisions import describe
from pipeline.data_fetch import stored_venue
from pipeline.data_rows import holes_in, span_of
from pipeline.data_session import DataSession
from pipeline.tables import facts


def import_file(session: DataSession, path: Path, exchange: str, symbol: str, timeframe: str | None, *, replace_stored: bool) -> None:
    """Store the candles of one file and show what became of them; raises what ``import_candles`` raises."""
    venue = stored_venue(session, exchange)
    wanted = None if timeframe is None else Timeframe.parse(timeframe)
    report = import_candles(session.store, venue, path, symbol, wanted, replace_stored=replace_stored)
    candles = report.candles
    rows = (
        ("series", candles.market),
        ("bars", len(candles)),
        ("span (UTC)", " to ".join(span_of(candles))),
        ("holes", holes_in(find_holes(candles))),
        ("new", report.added),
        ("stored before, the same", report.unchanged),
        ("replaced", len(report.replaced)),
    )
    session.screen.table(facts(f"Import of {path.name}", rows))
    if report.replaced:
        session.screen.warning(f"{describe(report.replaced)}. The old values are kept.")
    if candles.quote_volume is None:
        session.screen.detail("The file has no quote volume: candles of this series are stored without it from now on.")
    session.screen.good(f"{report.added:,} new candles of {candles.market} are stored.")
