"""Which files the bars of a series came from, each with the SHA-256 that was checked: a record beside the series, and no part of it.

Bars of a venue's archive and the same bars of its REST interface make the same series, byte by byte; what tells them apart is kept here.
The record depends on the set of files and not on their order either.
"""

from pathlib import Path

from core.atomic_files import write_bytes
from core.market import Market
from market_data.store.names import ORIGINS
from market_data.store.sealed_json import seal, unseal
from market_data.store.stored_files import corrupt, read_regular

_LARGEST_BYTES = 64_000_000


def read_origins(folder: Path, market: Market) -> tuple[str, ...]:
    """Return the record of ``market``'s series in ``folder``, sorted; () when there is none.

    Raises CorruptFileError when it is damaged or belongs to another series.
    """
    path = folder / ORIGINS
    try:
        content = unseal(path, read_regular(path, _LARGEST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    if content.get("series") != str(market):
        raise corrupt(path, f"belongs to another series ({content.get('series')})")
    return tuple(content["origins"])


def note_origin(folder: Path, market: Market, origin: str) -> None:
    """Add ``origin`` to the record; call with the series locked, before its bars are committed: bars without a record could not be told.

    Raises StorageError, and CorruptFileError as above.
    """
    known = read_origins(folder, market)
    if origin not in known:
        write_bytes(folder / ORIGINS, seal({"series": str(market), "origins": sorted({*known, origin})}))
