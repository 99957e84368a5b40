"""Stored funding rates in the ``data`` commands: shown, checked, set aside when damaged, removed with the last candles of their market."""

from collections.abc import Sequence
from pathlib import Path

from core.clock import format_utc
from core.market import Market
from market_data.store import Damage
from market_data.store.funding_store import FundingStore, StoredFunding
from pipeline.data_rows import NOTHING, counted, size
from pipeline.data_session import DataSession
from pipeline.program import command_to
from pipeline.tables import TableData, cell


def show_funding(session: DataSession, markets: Sequence[Market]) -> None:
    """Show what is stored of the funding of ``markets``; nothing where there is none."""
    store = FundingStore(session.paths)
    rows = tuple(_row(store, each) for each in store.all() if (each.exchange, each.symbol) in _names(markets))
    if rows:
        heads = ("market", "rates", "from (UTC)", "to (UTC)", "asked for (UTC)", "size")
        session.screen.table(TableData("Stored funding rates", heads, rows, (0, 2, 3, 4)))


def verify_funding(session: DataSession, markets: Sequence[Market] | None) -> bool:
    """Check every byte of the funding rates of ``markets`` (None: of all, foreign files too) and return whether all is sound."""
    store = FundingStore(session.paths)
    found = _damage(store, markets)
    for damage in found:
        session.screen.line(_shown(store, damage.path))
        session.screen.line(f"  {damage.problem.replace(f'{damage.path} ', '', 1)}")
    if found:
        session.screen.bad(f"{counted(len(found), 'damaged or foreign file')} among the funding rates.")
        session.screen.line(f"Set them aside; the next run that needs the rates gets them again: {command_to('data', 'repair')}")
    elif (count := len(store.all())) and markets is None:
        session.screen.good(f"The funding rates of {counted(count, 'market')} are sound.")
    return not found


def repair_funding(session: DataSession, markets: Sequence[Market] | None) -> None:
    """Set damaged and foreign files aside; rates are fetched again by the next run that needs them."""
    store = FundingStore(session.paths)
    for damage, place in store.repair(_damage(store, markets)):
        moved = f"{_shown(store, damage.path)} set aside as {place}"
        session.screen.line(f"{moved}: the next run that needs these rates gets them again.")


def clear_funding(session: DataSession, cleared: Sequence[Market]) -> None:
    """Remove the rates of markets of which no candles are stored any more."""
    store, left = FundingStore(session.paths), _names(session.content().markets)
    for exchange, symbol in sorted(_names(cleared) - left):
        if store.path(exchange, symbol).exists():
            store.clear(exchange, symbol)
            session.screen.line(f"The stored funding rates of {exchange} {symbol} went with its last candles.")


def _damage(store: FundingStore, markets: Sequence[Market] | None) -> tuple[Damage, ...]:
    folders = None if markets is None else {store.path(*name).parent for name in _names(markets)}
    return tuple(damage for damage in store.verify() if folders is None or damage.path.parent in folders)


def _names(markets: Sequence[Market]) -> set[tuple[str, str]]:
    return {(market.exchange, market.symbol) for market in markets}


def _row(store: FundingStore, stored: StoredFunding) -> tuple[str, ...]:
    times = stored.rates.time_ms
    first, last = (format_utc(int(times[at]) // 60_000 * 60_000) if len(times) else NOTHING for at in (0, -1))
    asked = "; ".join(f"{format_utc(start // 60_000 * 60_000)} to {format_utc(end // 60_000 * 60_000)}" for start, end in stored.covered)
    bytes_ = store.path(stored.exchange, stored.symbol).stat().st_size
    return f"{stored.exchange} {stored.symbol}", cell(len(times)), first, last, asked, size(bytes_)


def _shown(store: FundingStore, path: Path) -> str:
    return str(path.relative_to(store.root.parent))
