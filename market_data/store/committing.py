"""The one moment at which an update becomes visible: the manifest is renamed last, and what it no longer names goes after that."""

from contextlib import suppress
from pathlib import Path

from core.atomic_files import storage_errors, write_bytes
from core.errors import StorageError
from core.market import Market
from market_data.store.manifest import Manifest
from market_data.store.names import LOCK, MANIFEST, ORIGINS, hash_in_name, is_temporary


def commit(folder: Path, manifest: Manifest, former: bytes) -> int:
    """Make ``manifest`` the one that counts and return how many bytes were written; call with the series locked.

    ``former`` is the file's content so far: an equal one is not written again. Files of ours that it does not name are removed, those
    that a killed process left too; foreign files stay.
    """
    content = manifest.to_bytes()
    if content != former:
        write_bytes(folder / MANIFEST, content)
    # What cannot be removed now does no harm, and the next update tries again.
    with suppress(StorageError):
        remove_leftovers(folder, {part.file for part in manifest.parts})
    return len(content) if content != former else 0


def remove_leftovers(folder: Path, named: set[str]) -> None:
    """Remove parts that are not among ``named`` and files that were being written when a process died."""
    with storage_errors(folder):
        for path in folder.iterdir():
            ours = hash_in_name(path.name) is not None and path.name not in named
            if (ours or is_temporary(path.name)) and (path.is_symlink() or not path.is_dir()):
                path.unlink(missing_ok=True)


def remove_series(folder: Path, market: Market) -> None:
    """Remove a series: readers find it whole or not at all, also when the process dies. Foreign files stay, and so does the folder then."""
    # A manifest without parts first: parts without a manifest would be damage. On a full disk that cannot be had.
    with suppress(StorageError):
        write_bytes(folder / MANIFEST, Manifest(market).to_bytes())
    with storage_errors(folder):
        remove_leftovers(folder, set())
        for name in (ORIGINS, MANIFEST, LOCK):
            (folder / name).unlink(missing_ok=True)
        for each in (folder, folder.parent, folder.parent.parent):
            if any(each.iterdir()):
                break
            each.rmdir()
