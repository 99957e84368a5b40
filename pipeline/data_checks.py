"""``data verify`` and ``data repair``: what is damaged, and getting just that again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clock import format_utc
from core.errors import CorruptFileError, DataError, PipelineError
from core.market import Market
from exchanges.manager import ExchangeManager
from market_data.fetching import Wanted, fetch_series
from market_data.loading import UNSTORED
from market_data.store import Damage, Repair
from market_data.store.intervals import Intervals, gaps_in
from market_data.store.names import MANIFEST, hash_in_name
from market_data.stored_series import move_stranger
from pipeline.data_rows import counted, size
from pipeline.data_session import DataSession
from pipeline.fetch_view import Tally, fetch_progress
from pipeline.program import command_to
from pipeline.progress import progress_on
from pipeline.tables import TableData, cell

NOTHING_STORED = "Nothing is stored."
_STRANGER = "is no file of the store"


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one damaged series: bars fetched again, or why they could not be."""

    market: Market
    files: int
    ranges: Intervals
    bars: int
    trouble: str | None = None


def verify(session: DataSession, markets: Sequence[Market], strangers: Sequence[Path]) -> bool:
    """Check every byte of ``markets``, show what is damaged, and return whether all is sound."""
    found = [Damage(path, _STRANGER) for path in strangers]
    read, hurt = 0, 0
    with progress_on(session.screen) as report:
        for number, market in enumerate(markets, 1):
            wrong = session.store.verify(market)
            found += wrong
            hurt += bool(wrong)
            read += _bytes_of(session, market)
            report.report("checking", number, len(markets), str(market))
    if not found:
        session.screen.good(f"All {len(markets):,} series are sound: {size(read)} checked." if markets else NOTHING_STORED)
        return True
    session.screen.heading(f"Damage in {session.store.root}")
    for damage in found:
        # Lines rather than a table: it would break the names of files anywhere.
        session.screen.line(session.shown(damage.path))
        session.screen.line(f"  {problem_of(damage)}{_lost(damage)}")
    session.screen.bad(f"{counted(len(found), 'damaged or foreign file')} in {hurt:,} of {len(markets):,} series.")
    session.screen.line(f"Set them aside and get just these candles again: {command_to('data', 'repair')}")
    return False


def repair(session: DataSession, markets: Sequence[Market], strangers: Sequence[Path]) -> bool:
    """Repair what is damaged of ``markets``, show it, and return whether everything came back."""
    done: list[Mended] = []
    session.interrupts.farewell = lambda: (
        f"Interrupted. Repaired: {len(done):,} series, and what was fetched is stored. Continue with: {command_to('data', 'repair')}, "
        f"then {command_to('data', 'update')}"
    )
    for path in strangers:
        session.screen.line(f"{session.shown(path)} {_STRANGER}: moved to {session.shown(move_stranger(session.store, path))}")
    damaged = list(_damaged(session, markets))
    for market in damaged:
        done.append(_mend(session, market))
    if not done:
        session.screen.good(f"Nothing to repair: all {len(markets):,} series are sound." if markets else NOTHING_STORED)
        return True
    heads = ("series", "files set aside", "bars of (UTC)", "bars fetched", "result")
    rows = tuple((str(each.market), cell(each.files), _ranges(each.ranges), cell(each.bars), _result(each)) for each in done)
    session.screen.table(TableData("Repair", heads, rows, (0, 2, 4)))
    failed = [each for each in done if each.trouble]
    for each in failed:
        session.screen.bad(f"{each.market}: {each.trouble}")
    if failed:
        session.screen.line(f"Fetch what is missing when the venue answers: {command_to('data', 'update')}")
    else:
        session.screen.good(f"Repaired: {len(done):,} series, {sum(each.bars for each in done):,} candles fetched again.")
    return not failed


def problem_of(damage: Damage) -> str:
    """Return what is wrong without the file's name and the remedy, which stand elsewhere."""
    text = damage.problem.replace(f"{damage.path} ", "", 1)
    return text.partition(": 'data repair'")[0]


def _damaged(session: DataSession, markets: Sequence[Market]) -> Iterator[Market]:
    with progress_on(session.screen) as report:
        for number, market in enumerate(markets, 1):
            if session.store.verify(market):
                yield market
            report.report("checking", number, len(markets), str(market))


def _mend(session: DataSession, market: Market) -> Mended:
    """Set damage of one series aside and fetch what was in it; trouble of the venue is part of the answer."""
    before = _covered(session, market)
    files, tally = 0, Tally()
    ranges: Intervals = ()
    try:
        repaired = session.store.repair(market)
        files, ranges = len(repaired.set_aside), _to_fetch(session, market, repaired, before)
        if ranges:
            _fetch(session, market, ranges, tally)
    except PipelineError as error:
        return Mended(market, files, ranges, tally.total, str(error))
    info = session.store.info(market)
    held_bars = any(damage.path.name == MANIFEST or hash_in_name(damage.path.name) for damage in repaired.found)
    lost = "nothing of it could be saved: get it again with 'data fetch'." if held_bars and not (info and info.rows) else None
    return Mended(market, files, ranges, tally.total, lost)


def _fetch(session: DataSession, market: Market, ranges: Intervals, tally: Tally) -> None:
    exchange = ExchangeManager().get(market.exchange, session.paths)
    if exchange.name in UNSTORED:
        raise DataError(f"{exchange.name} is no venue that could be asked.")
    with progress_on(session.screen) as report, session.interrupts.gently() as stop:
        for start, end in ranges:
            wanted = [Wanted(market, start, end)]
            progress = fetch_progress(report, f"fetching {market}")
            fetch_series(exchange, session.store, wanted, on_part=tally.take, on_progress=progress, stop=stop)


def _covered(session: DataSession, market: Market) -> Intervals | None:
    """Return for which time the series was complete; None when its manifest cannot tell any more."""
    try:
        info = session.store.info(market)
    except CorruptFileError:
        return None
    return info.covered if info else None


def _to_fetch(session: DataSession, market: Market, repaired: Repair, before: Intervals | None) -> Intervals:
    """Return what of the lost time had been fetched before, or else everything that is missing between the bars that are left."""
    if before is not None:
        return tuple(each for lost in repaired.to_fetch for each in _common(lost, before))
    info = session.store.info(market)
    return () if info is None or info.span is None else session.store.missing(market, *info.span)


def _common(span: tuple[int, int], ranges: Intervals) -> Intervals:
    return gaps_in(span, gaps_in(span, ranges))


def _bytes_of(session: DataSession, market: Market) -> int:
    try:
        info = session.store.info(market)
    except DataError:
        return 0
    return info.bytes if info else 0


def _lost(damage: Damage) -> str:
    return "" if damage.lost is None else f"; it holds the bars of {_ranges((damage.lost,))} UTC"


def _ranges(ranges: Intervals) -> str:
    return "; ".join(f"{format_utc(start)} to {format_utc(end)}" for start, end in ranges) or "none"


def _result(mended: Mended) -> str:
    return "failed" if mended.trouble else "ok"
