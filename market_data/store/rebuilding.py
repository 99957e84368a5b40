"""A series whose manifest is lost, told from its parts: each says in its name what it must hash to, and inside whose it is."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from core.candles import Candles
from core.errors import DataError
from core.market import Market
from market_data.store.columns import TIME, Columns, columns_of, decode, label_of, rows_at, stacked
from market_data.store.intervals import runs_of
from market_data.store.manifest import Manifest
from market_data.store.names import hash_in_name
from market_data.store.parts import label_for, update_parts
from market_data.store.stored_files import read_regular

_LARGEST_PART_BYTES = 16_000_000
SOURCE = "rebuilt"


def sound_leftover(path: Path) -> bool:
    """Return whether the file at ``path`` has the hash that its name says; True as well when it is gone."""
    try:
        return _content(path) is not None
    except FileNotFoundError:
        return True


def _content(path: Path) -> bytes | None:
    """Return the bytes of a part that is what its name says; None for anything else."""
    try:
        content = read_regular(path, _LARGEST_PART_BYTES)
    except DataError:
        return None
    return content if hashlib.sha256(content).hexdigest()[:16] == hash_in_name(path.name) else None


def rebuilt(folder: Path, market: Market) -> Manifest:
    """Return a manifest of everything that the sound parts of ``market`` in ``folder`` hold, and write it as parts.

    What the parts contradict each other about is left out, to be fetched again; that holes were asked for is not known any more, nor
    is what the venue has revised.
    """
    tables = list(_tables(folder, market))
    empty = Manifest(market)
    if not tables:
        return empty
    kinds = {(tuple(columns), has_volume) for columns, has_volume in tables}
    if len(kinds) > 1:
        return empty
    columns = _agreed([columns for columns, _ in tables])
    if not len(columns[TIME]):
        return empty
    ((names, has_volume),) = kinds
    base = replace(empty, columns=names, has_volume=has_volume, sources=(SOURCE,))
    parts, _ = update_parts(folder, base, columns, SOURCE)
    return replace(base, parts=parts, covered=runs_of(columns[TIME], market.timeframe.ms))


def _tables(folder: Path, market: Market) -> Iterator[tuple[Columns, bool]]:
    """Yield the bars of every part of ``market``, and whether their volume counts."""
    for path in sorted(folder.iterdir()):
        content = _content(path) if hash_in_name(path.name) else None
        if content is None:
            continue
        try:
            label = label_of(content)
            has_volume = label.get("has_volume") == "true"
            if label_for(market, has_volume=has_volume).items() <= label.items():
                yield columns_of(Candles.from_arrays(market, decode([content]), has_volume=has_volume)), has_volume
        except (DataError, pl.exceptions.PolarsError):
            continue


def _agreed(tables: list[Columns]) -> Columns:
    """Return the bars about which all tables that have them agree, oldest first."""
    every = stacked(tables)
    ordered = rows_at(every, np.argsort(every[TIME], kind="stable"))
    _, first, group, counts = np.unique(ordered[TIME], return_index=True, return_inverse=True, return_counts=True)
    same = np.ones(len(group), np.bool_)
    for values in ordered.values():
        same &= values == values[first][group]
    agreed = np.bincount(group, weights=same) == counts
    return rows_at(ordered, first[agreed])
