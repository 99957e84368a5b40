"""Candles of a file as those of a venue: strictly read, and never over what is stored without being asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.candles import Candles
from core.errors import DataError
from core.timeframe import Timeframe
from exchanges.base import Exchange
from exchanges.candle_files import read_candles
from market_data.column_kinds import fitting, lacks_quote_volume, stored_columns
from market_data.fetching import market_of
from market_data.store import CandleStore, MergeReport, Revision
from market_data.store.columns import columns_of
from market_data.store.merging import merge
from market_data.store.revisions import imported_from


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did with the bars of ``candles``: how many are new, were there already, and replaced others."""

    candles: Candles
    added: int
    unchanged: int
    replaced: tuple[Revision, ...]


def import_candles(
    store: CandleStore, exchange: Exchange, path: Path, symbol: str, timeframe: Timeframe | None, *, replace_stored: bool = False
) -> ImportReport:
    """Store the candles of the file at ``path`` as those of ``symbol`` at ``exchange``; the venue is not asked.

    ``timeframe`` is only needed for a file with one bar; a file on another one is refused. What was asked of the venue so far is not
    changed by it but for the file's own bars: holes of the file are still fetched. A last bar that is still open is left out.

    Raises DataError for a file that is not sound, and for bars that differ from stored ones unless ``replace_stored``: then they are
    replaced and recorded as revisions.
    """
    candles = _read(exchange, path, symbol, timeframe)
    columns = stored_columns(store, candles.market)
    if lacks_quote_volume(candles, columns):
        raise DataError(
            f"{path} has no column quote_volume, and the stored {candles.market} candles have one. Use a file that has it, or remove the "
            "stored candles first ('data clear')."
        )
    candles = fitting(candles, columns)
    stored = store.read(candles.market, int(candles.open_ms[0]), candles.end_ms)
    source = imported_from(path.name)
    if stored is not None:
        differing = merge(columns_of(stored), columns_of(candles), source)[1].revisions
        if differing and not replace_stored:
            raise DataError(_refusal(candles, path, differing))
    report: MergeReport = store.merge(candles.market, candles, source=source)
    return ImportReport(candles, report.added, report.unchanged, report.revisions)


def _read(exchange: Exchange, path: Path, symbol: str, timeframe: Timeframe | None) -> Candles:
    found = read_candles(path, exchange=exchange.name, symbol=symbol, timeframe=timeframe)
    if timeframe is not None and found.timeframe.name != timeframe.name:
        raise DataError(
            f"{path} holds {found.timeframe} candles, not {timeframe}. Leave --timeframe out: coarser candles are made of them when needed."
        )
    market = market_of(exchange, symbol, found.timeframe)
    return replace(found, market=market, has_volume=found.has_volume and exchange.has_volume)


def _refusal(candles: Candles, path: Path, differing: Sequence[Revision]) -> str:
    count = f"{len(differing):,} of {len(candles):,} bars"
    return (
        f"{path}: {count} differ from the stored {candles.market} candles, first {differing[0]}, stored -> file. Nothing was imported. "
        "--replace takes the file's bars and keeps a record of the stored ones."
    )
