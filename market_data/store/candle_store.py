"""The candle store: what was fetched once is not asked for again, and is handed out only if it is what was written."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from core.candles import Candles
from core.clock import now_ms as clock_ms
from core.errors import CorruptFileError, DataError
from core.market import Market
from core.paths import Paths
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.calendars import venue_timeframe
from market_data.store.checking import Damage, Repair, repair_series, verify_series
from market_data.store.columns import TIME, candles_of, columns_of, rows_at
from market_data.store.committing import commit, remove_series
from market_data.store.intervals import Interval, Intervals, gaps_in, runs_of, union
from market_data.store.manifest import Manifest, market_named_in, read_manifest, read_manifest_bytes
from market_data.store.merging import MergeReport
from market_data.store.names import series_folder
from market_data.store.origins import note_origin, read_origins
from market_data.store.parts import read_parts, update_parts
from market_data.store.revisions import KEPT_REVISIONS, Revision, describe
from market_data.store.series_lock import series_lock
from market_data.store.stored_files import corrupt

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")
# Every attempt after the first follows an update that was finished meanwhile.
_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """One stored series: ``span`` is (first open, last close) in UTC ms, ``covered`` the ranges that need not be asked for again."""

    market: Market
    rows: int
    span: Interval | None
    covered: Intervals
    parts: int
    bytes: int
    sources: tuple[str, ...]
    revised: int
    revisions: tuple[Revision, ...]


class CandleStore:
    """Closed candles by market, under ``paths.candle_cache``: EXCHANGE/SYMBOL/TIMEFRAME/*.parquet and a manifest.json each.

    Reading needs no lock and sees the series before or after an update, never a mix; updates of one series happen one after the other,
    by whatever processes. All methods raise CorruptFileError, which names the file, for anything that is not what was written.
    """

    def __init__(self, paths: Paths) -> None:
        self.root = paths.candle_cache

    def folder(self, market: Market) -> Path:
        """Return where the series lies, whether or not there is one."""
        return series_folder(self.root, market)

    def read(self, market: Market, start_ms: int | None = None, end_ms: int | None = None) -> Candles | None:
        """Return the stored bars with ``start_ms <= open < end_ms`` (None: all there are); None when there are none.

        The SHA-256 of every part that is opened is checked.
        """
        folder = self.folder(market)
        return self._consistently(market, lambda manifest: _read(folder, manifest, start_ms, end_ms))

    def missing(self, market: Market, start_ms: int, end_ms: int) -> Intervals:
        """Return the parts of the range, in whole bars, for which nobody asked yet; () when all of it is covered."""
        manifest = read_manifest(self.folder(market), market)
        wanted = _on_grid((start_ms, end_ms), market.timeframe)
        return gaps_in(wanted, manifest.covered if manifest else ())

    def info(self, market: Market) -> SeriesInfo | None:
        """Return what is stored of ``market``; None when there is nothing."""
        manifest = read_manifest(self.folder(market), market)
        return None if manifest is None else _info(manifest)

    def origins(self, market: Market) -> tuple[str, ...]:
        """Return the files that bars of ``market`` came from, each with its SHA-256, sorted; () when none was named."""
        return read_origins(self.folder(market), market)

    def merge(
        self,
        market: Market,
        candles: Candles | None,
        *,
        source: str,
        covered: Interval | None = None,
        origin: str | None = None,
        now_ms: int | None = None,
    ) -> MergeReport:
        """Store ``candles`` (None: there were none) of ``market``, and that ``covered`` was asked for in full; return what is new.

        A range of bars without a hole always counts as covered. A stored bar with other values is replaced, recorded in the manifest
        with the time of day, ``now_ms``, and logged. ``source`` says where the bars come from, e.g. ``rest``; ``origin`` names the very
        file and its checksum, which is recorded beside the series. The update is complete and synced on return, or did not happen.
        Raises DataError for candles of another market or other columns than those stored, StorageError when the disk refuses.
        """
        folder = self.folder(market)
        with series_lock(folder):
            manifest, former = read_manifest_bytes(folder, market)
            if manifest is None:
                # Parts without a manifest are then always damage, never an interrupted beginning.
                manifest = Manifest(market)
                commit(folder, manifest, former)
            updated, report = _merged(folder, manifest, candles, source, covered, clock_ms() if now_ms is None else now_ms)
            if origin is not None and candles is not None:
                note_origin(folder, market, origin)
            size = commit(folder, updated, former)
        if report.revisions:
            _LOG.warning("%s: %s. The new values are used; the old ones are kept in the manifest.", market, describe(report.revisions))
        return replace(report, written_bytes=report.written_bytes + size)

    def verify(self, market: Market) -> tuple[Damage, ...]:
        """Check every byte that is stored of ``market`` and return all damage, foreign files too; () when it is sound."""
        return verify_series(self.folder(market), market)

    def repair(self, market: Market) -> Repair:
        """Set damaged and foreign files aside and forget the ranges of damaged parts, so that fetching gets just them again."""
        return repair_series(self.folder(market), market, self.root.parent / "set_aside")

    def clear(self, market: Market) -> None:
        """Remove the series; nothing happens when there is none."""
        folder = self.folder(market)
        if folder.is_dir():
            with series_lock(folder):
                remove_series(folder, market)

    def markets(self) -> tuple[Market, ...]:
        """Return the markets of which there is a readable manifest, sorted."""
        return tuple(sorted((market for market, _ in self._series() if market), key=str))

    def unreadable(self) -> tuple[Path, ...]:
        """Return the folders whose manifest is damaged or gone, sorted."""
        return tuple(sorted(folder for market, folder in self._series() if market is None))

    def list(self) -> tuple[SeriesInfo, ...]:
        """Return what is stored of every market, sorted; see ``unreadable`` for the rest."""
        return tuple(info for market in self.markets() if (info := self.info(market)))

    def _series(self) -> Iterator[tuple[Market | None, Path]]:
        for folder in sorted(self.root.glob("*/*/*")):
            try:
                named = market_named_in(folder)
            except CorruptFileError:
                yield None, folder
                continue
            if named is not None and named[2] in TIMEFRAMES:
                yield Market(named[0], named[1], venue_timeframe(named[0], named[2])), folder

    def _consistently(self, market: Market, use: Callable[[Manifest], _Result]) -> _Result | None:
        """Return what ``use`` makes of the manifest, again when an update took a part away meanwhile; None when there is no series."""
        folder = self.folder(market)
        manifest, former = read_manifest_bytes(folder, market)
        for _ in range(_ATTEMPTS):
            if manifest is None:
                return None
            try:
                return use(manifest)
            except FileNotFoundError as error:
                manifest, current = read_manifest_bytes(folder, market)
                if current == former:
                    raise corrupt(Path(str(error.filename)), "is gone") from error
                former = current
        raise DataError(f"{market}: the series was changed {_ATTEMPTS} times while it was read. Stop what keeps changing it.")


def _read(folder: Path, manifest: Manifest, start_ms: int | None, end_ms: int | None) -> Candles | None:
    start = -1 if start_ms is None else start_ms
    wanted = [part for part in manifest.parts if part.last_ms >= start and (end_ms is None or part.first_ms < end_ms)]
    if not wanted:
        return None
    columns = read_parts(folder, wanted)
    first = int(columns[TIME].searchsorted(start))
    last = len(columns[TIME]) if end_ms is None else int(columns[TIME].searchsorted(end_ms))
    if first >= last:
        return None
    return candles_of(manifest.market, rows_at(columns, slice(first, last)), has_volume=manifest.has_volume)


def _merged(
    folder: Path, manifest: Manifest, candles: Candles | None, source: str, covered: Interval | None, now_ms: int
) -> tuple[Manifest, MergeReport]:
    """Write the parts that change and return the manifest that names them."""
    market = manifest.market
    asked = () if covered is None else (_on_grid(covered, market.timeframe),)
    if candles is None:
        return replace(manifest, covered=union((*manifest.covered, *asked))), MergeReport()
    columns = columns_of(candles)
    _require_same_kind(manifest, candles, tuple(columns))
    manifest = replace(manifest, columns=tuple(columns), has_volume=candles.has_volume)
    parts, found = update_parts(folder, manifest, columns, source)
    report = replace(found, revisions=tuple(replace(revision, found_ms=now_ms) for revision in found.revisions))
    updated = replace(
        manifest,
        parts=parts,
        covered=union((*manifest.covered, *asked, *runs_of(candles.open_ms, market.timeframe.ms))),
        sources=tuple(sorted({*manifest.sources, source})),
        revisions=(*manifest.revisions, *report.revisions)[-KEPT_REVISIONS:],
        revised=manifest.revised + len(report.revisions),
    )
    return updated, report


def _require_same_kind(manifest: Manifest, candles: Candles, columns: tuple[str, ...]) -> None:
    market = manifest.market
    if candles.market != market:
        raise DataError(f"candles of {candles.market} cannot be stored as {market}.")
    if candles.synthetic:
        raise DataError(f"{market}: generated candles are not stored; they can be made again.")
    if manifest.columns and (columns != manifest.columns or candles.has_volume != manifest.has_volume):
        raise DataError(
            f"{market}: the stored candles have {', '.join(manifest.columns)}, the new ones {', '.join(columns)} "
            f"(volume counts: {manifest.has_volume}, {candles.has_volume}). 'data clear' removes the stored ones."
        )


def _on_grid(span: Interval, timeframe: Timeframe) -> Interval:
    """Return the span in whole bars: from the first open at or after its start to that at or after its end."""
    start, end = (timeframe.floor(ms + timeframe.ms - 1) for ms in span)
    return start, end


def _info(manifest: Manifest) -> SeriesInfo:
    parts, step = manifest.parts, manifest.market.timeframe.ms
    return SeriesInfo(
        market=manifest.market,
        rows=manifest.rows,
        span=(parts[0].first_ms, parts[-1].last_ms + step) if parts else None,
        covered=manifest.covered,
        parts=len(parts),
        bytes=sum(part.bytes for part in parts),
        sources=manifest.sources,
        revised=manifest.revised,
        revisions=manifest.revisions,
    )
