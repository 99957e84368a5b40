"""``data info``: what is stored, and how good it is."""

from collections.abc import Iterable, Sequence

import numpy as np

from config.run import GapPolicy
from core.candles import Candles
from core.clock import format_utc, now_ms
from core.errors import DataError
from core.market import Market
from core.timeframe import MINUTE_MS
from market_data import find_holes
from market_data.fetch_progress import bars_between
from market_data.fetching import missing_ranges
from market_data.quality import assess
from market_data.store import Revision, SeriesInfo
from market_data.store.intervals import Intervals
from pipeline.data_rows import NOTHING, counted, holes_in, per_candle, size, span_of
from pipeline.data_session import DataSession
from pipeline.program import command_to
from pipeline.tables import TableData, cell, facts

_HEADS = ("market", "bars", "span (UTC)", "holes", "size", "source", "rev.")
# Below this many columns a row takes two lines.
_WIDE = 115


def show_series(session: DataSession, markets: Sequence[Market]) -> bool:
    """Show a table of ``markets``, one row each; return whether all of them could be read."""
    rows, damaged, total, wide = [], 0, 0, session.screen.console.width >= _WIDE
    for market in markets:
        try:
            info = session.store.info(market)
            if info is not None:
                rows.append(_row(info, session.store.read(market), wide=wide))
                total += info.bytes
        except DataError:
            rows.append((str(market) if wide else str(market).replace(" ", "\n", 1), "damaged", *[NOTHING] * (len(_HEADS) - 2)))
            damaged += 1
    session.screen.table(TableData("Stored candles", _HEADS, tuple(rows), (0, 3, 5)))
    session.screen.line(f"{len(rows):,} series, {size(total)}, in {session.store.root}")
    if damaged:
        session.screen.bad(f"{damaged:,} series cannot be read. What is wrong: {command_to('data', 'verify')}")
    return not damaged


def show_quality(session: DataSession, market: Market, limit: int) -> None:
    """Show the quality of one series, lists cut after ``limit`` rows; CorruptFileError for damage."""
    info, candles = session.store.info(market), session.store.read(market)
    if info is None:
        return
    if candles is None or info.span is None:
        session.screen.line(f"{market}: no bars.")
    else:
        session.screen.table(_facts(info, candles))
        _list(session, "Holes", ("from (UTC)", "to (UTC)", "bars"), _hole_rows(candles), limit)
        spikes = assess(candles, GapPolicy.KEEP).spikes
        _list(session, "Spikes, kept", ("bar (UTC)", "move"), [(format_utc(ms), f"{move:+.1%}") for ms, move in spikes], limit)
    _list(session, "Changed bars", ("bar (UTC)", "found (UTC)", "by", "changes"), _revision_rows(info.revisions), limit)
    origins = [tuple(each.partition(" sha256:")[::2]) for each in session.store.origins(market)]
    _list(session, "Files of archives", ("file", "SHA-256, as checked"), origins, limit)
    missing = _missing(session, info)
    _list(session, "Not asked for yet", ("from (UTC)", "to (UTC)", "bars"), _missing_rows(market, missing), limit)


def _row(info: SeriesInfo, candles: Candles | None, *, wide: bool) -> tuple[str, ...]:
    holes = holes_in([] if candles is None else find_holes(candles))
    exchange, _, series = str(info.market).partition(" ")
    sizes = (size(info.bytes), f"{per_candle(info)} B/bar") if info.rows else (NOTHING,)
    span = list(dict.fromkeys(span_of(candles)))
    row = (f"{exchange}\n{series}", cell(info.rows), "\n".join(span), holes.replace(" (", "\n("), "\n".join(sizes))
    if wide:
        row = (str(info.market), cell(info.rows), " to ".join(span), holes, ", ".join(sizes))
    return *row, ", ".join(info.sources) or NOTHING, cell(info.revised)


def _facts(info: SeriesInfo, candles: Candles) -> TableData:
    quality = assess(candles, GapPolicy.KEEP)
    begin, end = span_of(candles)
    runs = counted(quality.zero_volume_runs, "run")
    silent = f"{counted(quality.zero_volume_bars, 'bar')} in {runs}, the longest of {quality.longest_zero_volume_run:,}"
    rows = (
        ("bars", f"{quality.bars:,} of {quality.expected_bars:,} from {begin} to {end} UTC"),
        ("missing", f"{quality.missing_bars:,} ({quality.missing_share:.3%}) in {counted(len(quality.holes), 'hole')}"),
        ("duplicates", int((np.diff(candles.open_ms) <= 0).sum())),
        ("spikes", len(quality.spikes)),
        ("without volume", "the venue tells no volume" if not candles.has_volume else silent if quality.zero_volume_bars else 0),
        ("changed by the venue or an import", info.revised),
        ("source", ", ".join(info.sources)),
        ("on disk", f"{size(info.bytes)} in {counted(info.parts, 'part')}, {per_candle(info)} bytes per bar"),
    )
    return facts(str(info.market), rows)


def _missing(session: DataSession, info: SeriesInfo) -> Intervals:
    """Return the ranges since the first bar for which nobody asked."""
    if info.span is None:
        return ()
    now = now_ms()
    return missing_ranges(session.store, info.market, info.span[0], max(info.market.timeframe.floor(now), info.span[0]), now)


def _hole_rows(candles: Candles) -> list[tuple[str, ...]]:
    return [(format_utc(hole.start_ms), format_utc(hole.end_ms), cell(hole.bars)) for hole in find_holes(candles)]


def _missing_rows(market: Market, ranges: Intervals) -> list[tuple[str, ...]]:
    return [(format_utc(start), format_utc(end), cell(bars_between(market, start, end))) for start, end in ranges]


def _revision_rows(revisions: Iterable[Revision]) -> list[tuple[str, ...]]:
    return [(format_utc(each.open_ms), _found(each), each.source, str(each).partition("(")[2].rstrip(")")) for each in revisions]


def _found(revision: Revision) -> str:
    """Return when the change was noticed, to the minute."""
    return format_utc(revision.found_ms // MINUTE_MS * MINUTE_MS) if revision.found_ms else NOTHING


def _list(session: DataSession, title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], limit: int) -> None:
    """Show rows under a title; nothing at all for none."""
    if not rows:
        return
    shown = tuple(rows[:limit] if limit else rows)
    texts = tuple(column for column, head in enumerate(heads) if head not in {"bars", "move"})
    session.screen.table(TableData(f"{title}: {len(rows):,}", heads, shown, texts))
    if len(shown) < len(rows):
        session.screen.detail(f"and {len(rows) - len(shown):,} more; --limit 0 lists all")
