"""The parts of a series: reading those of a range, and writing those that an update changes."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.atomic_files import write_bytes
from core.market import Market
from market_data.store.columns import TIME, Columns, decode, encode, rows_at
from market_data.store.layout import period_from, period_starts
from market_data.store.manifest import Manifest, Part
from market_data.store.merging import MergeReport, merge
from market_data.store.names import part_name
from market_data.store.stored_files import corrupt, read_exact

# Below this, starting threads takes longer than what they save.
_THREADS_FROM_BYTES = 4_000_000
_THREADS = 4


def read_parts(folder: Path, parts: Sequence[Part]) -> Columns:
    """Return the bars of ``parts`` (at least one) after checking the SHA-256 of each.

    Raises FileNotFoundError when one is gone, CorruptFileError when one is not what was written.
    """
    columns = decode(_verified(folder, parts))
    if len(columns[TIME]) != sum(part.rows for part in parts):
        raise corrupt(folder, "has parts with other numbers of bars than its manifest says")
    return columns


def _verified(folder: Path, parts: Sequence[Part]) -> list[bytes]:
    """Return the parts' bytes. The newest are read first: only they are replaced by an update that happens meanwhile."""

    def read(part: Part) -> bytes:
        return read_exact(folder / part.file, part.bytes, part.sha256)

    newest_first = parts[::-1]
    if len(parts) == 1 or sum(part.bytes for part in parts) < _THREADS_FROM_BYTES:
        contents = [read(part) for part in newest_first]
    else:
        with ThreadPoolExecutor(_THREADS) as pool:
            contents = list(pool.map(read, newest_first))
    return contents[::-1]


def update_parts(folder: Path, manifest: Manifest, new: Columns | None, source: str) -> tuple[tuple[Part, ...], MergeReport]:
    """Write the parts that ``new`` bars change, and return all parts that the series then has; files of old ones are left.

    None only brings the parts into the layout of what is stored. Raises StorageError, and CorruptFileError for a damaged part among
    those that have to be read.
    """
    last_ms = max([*([] if manifest.last_ms is None else [manifest.last_ms]), *([] if new is None else [int(new[TIME][-1])])])
    timeframe = manifest.market.timeframe
    hit = set() if new is None else set(np.unique(period_starts(new[TIME], last_ms, timeframe)).tolist())
    touched = [part for part in manifest.parts if part.start_ms in hit or part.period != period_from(part.start_ms, last_ms, timeframe)]
    if new is None and not touched:
        return manifest.parts, MergeReport()
    columns, report = _combined(folder, touched, new, source)
    written, size = _write(folder, manifest, columns, last_ms, touched)
    kept = [part for part in manifest.parts if part not in touched]
    return tuple(sorted([*kept, *written], key=lambda part: part.start_ms)), replace(report, written_bytes=size)


def _combined(folder: Path, touched: Sequence[Part], new: Columns | None, source: str) -> tuple[Columns, MergeReport]:
    if new is None:
        return read_parts(folder, touched), MergeReport()
    old = read_parts(folder, touched) if touched else rows_at(new, slice(0, 0))
    return merge(old, new, source)


def _write(folder: Path, manifest: Manifest, columns: Columns, last_ms: int, old: Iterable[Part]) -> tuple[list[Part], int]:
    """Write ``columns`` in parts by period; a part that is there already, byte by byte, is not written again."""
    there = {part.sha256: part for part in old}
    label = label_for(manifest.market, has_volume=manifest.has_volume)
    starts = period_starts(columns[TIME], last_ms, manifest.market.timeframe)
    edges = [0, *(np.flatnonzero(np.diff(starts)) + 1).tolist(), len(starts)]
    parts, size = [], 0
    for begin, end in pairwise(edges):
        rows = rows_at(columns, slice(begin, end))
        content = encode(rows, label)
        digest = sha256(content).hexdigest()
        period = period_from(int(starts[begin]), last_ms, manifest.market.timeframe)
        part = Part(
            part_name(period[0], digest), digest, len(content), end - begin, int(rows[TIME][0]), int(rows[TIME][-1]), *period,
        )  # fmt: skip
        if digest not in there or there[digest].file != part.file:
            write_bytes(folder / part.file, content)
            size += len(content)
        parts.append(part)
    return parts, size


def label_for(market: Market, *, has_volume: bool) -> dict[str, str]:
    """Return what a part says of itself, so that a lost manifest can be made anew."""
    return {
        "exchange": market.exchange,
        "symbol": market.symbol,
        "timeframe": market.timeframe.name,
        "has_volume": str(has_volume).lower(),
    }
