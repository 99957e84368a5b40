"""Finding and removing damage in a stored series."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.atomic_files import make_folder, storage_errors
from core.candles import Candles
from core.errors import CorruptFileError, DataError
from core.market import Market
from market_data.store.columns import decode
from market_data.store.committing import commit
from market_data.store.intervals import Interval, Intervals, union, without
from market_data.store.manifest import Manifest, Part, read_manifest_bytes
from market_data.store.names import LOCK, MANIFEST, ORIGINS, hash_in_name, is_temporary
from market_data.store.origins import read_origins
from market_data.store.parts import update_parts
from market_data.store.rebuilding import rebuilt, sound_leftover
from market_data.store.series_lock import series_lock
from market_data.store.stored_files import corrupt, read_exact

_SHA256_OF_NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what it should be; ``lost`` is the time whose bars are in it, None for a file that holds none of ours."""

    path: Path
    problem: str
    lost: Interval | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did: the damage it found, where it put the files, and the ranges that have to be fetched again."""

    found: tuple[Damage, ...]
    set_aside: tuple[Path, ...]
    to_fetch: Intervals


def verify_series(folder: Path, market: Market) -> tuple[Damage, ...]:
    """Return everything that is wrong in ``folder``; () for a sound series and for none."""
    former = b""
    while True:
        try:
            manifest, raw = read_manifest_bytes(folder, market)
        except CorruptFileError as error:
            return (Damage(folder / MANIFEST, str(error)), *_damaged_companions(folder, market), *_strangers(folder, None))
        found = (*_damaged_parts(folder, manifest), *_damaged_companions(folder, market), *_strangers(folder, manifest))
        # An update that was finished meanwhile took files away: what looked like damage may be none.
        if not found or raw == former:
            return found
        former = raw


def _damaged_parts(folder: Path, manifest: Manifest | None) -> Iterator[Damage]:
    for part in manifest.parts if manifest else ():
        try:
            _require_sound(folder, part, manifest)
        except FileNotFoundError:
            yield Damage(folder / part.file, str(corrupt(folder / part.file, "is gone")), part.period)
        except DataError as error:
            yield Damage(folder / part.file, str(error), part.period)


def _require_sound(folder: Path, part: Part, manifest: Manifest | None) -> None:
    """Raise unless the part's bytes are those written, and its bars sound and those that the manifest says."""
    if manifest is None:
        return
    columns = decode([read_exact(folder / part.file, part.bytes, part.sha256)])
    candles = Candles.from_arrays(manifest.market, columns, has_volume=manifest.has_volume)
    found = (tuple(columns), len(candles), int(candles.open_ms[0]), int(candles.open_ms[-1]))
    if found != (manifest.columns, part.rows, part.first_ms, part.last_ms):
        raise corrupt(folder / part.file, "holds other bars than the manifest says")
    if part.first_ms < part.start_ms or part.last_ms >= part.end_ms:
        raise corrupt(folder / part.file, "holds bars of another period")


def _damaged_companions(folder: Path, market: Market) -> Iterator[Damage]:
    """Yield the record of origins and the lock where they are not what they should be; no bars are lost with them."""
    try:
        read_origins(folder, market)
    except CorruptFileError as error:
        yield Damage(folder / ORIGINS, str(error))
    yield from _damaged_lock(folder)


def _damaged_lock(folder: Path) -> Iterator[Damage]:
    """Yield the lock unless it is an empty file."""
    try:
        read_exact(folder / LOCK, 0, _SHA256_OF_NOTHING)
    except (FileNotFoundError, NotADirectoryError):
        return
    except CorruptFileError as error:
        yield Damage(folder / LOCK, str(error))


def _strangers(folder: Path, manifest: Manifest | None) -> Iterator[Damage]:
    """Yield the files that nobody of ours left there; leftovers of a killed process are none, the next update removes them."""
    named = {part.file for part in manifest.parts} if manifest else set()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name in named or path.name in {MANIFEST, ORIGINS, LOCK} or (is_temporary(path.name) and _is_regular(path)):
            continue
        if hash_in_name(path.name) is None or not sound_leftover(path):
            yield Damage(path, f"{path} is not a file of the store: 'data repair' sets it aside.")


def repair_series(folder: Path, market: Market, aside: Path) -> Repair:
    """Move damaged and foreign files to ``aside`` and forget the time of the damaged parts; a lost manifest is made anew from its parts.

    A part whose bars contradict those of another of the same time is forgotten too. Raises StorageError.
    """
    if not folder.is_dir():
        return Repair((), (), ())
    place = aside / folder.relative_to(folder.parents[2])
    # What is no file is nobody's lock, and cannot be taken.
    unlockable = () if _is_regular(folder / LOCK) else tuple(_damaged_lock(folder))
    freed = tuple(set_aside(damage.path, place) for damage in unlockable)
    with series_lock(folder):
        repair = _repair_locked(folder, market, place)
    return Repair((*unlockable, *repair.found), (*freed, *repair.set_aside), repair.to_fetch)


def _repair_locked(folder: Path, market: Market, place: Path) -> Repair:
    found = verify_series(folder, market)
    if not found:
        return Repair((), (), ())
    lost_manifest = any(damage.path.name == MANIFEST for damage in found)
    manifest, former = (None, b"") if lost_manifest else read_manifest_bytes(folder, market)
    there = [damage.path for damage in found if _exists(damage.path)]
    moved = [set_aside(path, place) for path in there if path.name != LOCK]
    lost = union(damage.lost for damage in found if damage.lost)
    if manifest is None:
        new = rebuilt(folder, market)
    else:
        new = _without_parts(folder, manifest, {damage.path.name for damage in found}, lost)
    commit(folder, new, former)
    # The lock that is held goes last: from then on others may take a new one.
    moved += [set_aside(path, place) for path in there if path.name == LOCK]
    return Repair(found, tuple(moved), lost)


def _without_parts(folder: Path, manifest: Manifest, bad: set[str], lost: Intervals) -> Manifest:
    """Return the manifest without its ``bad`` parts, the rest laid out as if they had never been there."""
    covered = manifest.covered
    for cut in lost:
        covered = without(covered, cut)
    kept = replace(manifest, parts=tuple(part for part in manifest.parts if part.file not in bad), covered=covered)
    return replace(kept, parts=update_parts(folder, kept, None, "")[0]) if kept.parts else kept


def set_aside(path: Path, aside: Path) -> Path:
    """Move whatever stands at ``path`` under ``aside``, with a number where that name is taken."""
    make_folder(aside)
    target, number = aside / path.name, 1
    while _exists(target):
        target, number = aside / f"{path.name}.{number}", number + 1
    with storage_errors(target):
        path.rename(target)
    return target


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True
