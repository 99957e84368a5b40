"""What a stored series consists of: one small file that vouches for every part, and for itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import DataError
from core.market import Market
from market_data.store.columns import ALL_NAMES, PLAIN_NAMES
from market_data.store.intervals import Interval, Intervals
from market_data.store.names import MANIFEST, hash_in_name
from market_data.store.revisions import Revision
from market_data.store.sealed_json import seal, unseal
from market_data.store.stored_files import corrupt, read_regular

SCHEMA = 1
_LARGEST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file: ``rows`` bars from ``first_ms`` to ``last_ms`` (opens) of the period [``start_ms``, ``end_ms``)."""

    file: str
    sha256: str
    bytes: int
    rows: int
    first_ms: int
    last_ms: int
    start_ms: int
    end_ms: int

    @property
    def period(self) -> Interval:
        """The stretch of time whose bars are in this part."""
        return self.start_ms, self.end_ms


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a series: ``parts`` oldest first, and ``covered``, the ranges for which all bars there are have been got.

    ``columns`` and ``has_volume`` are those of the first candles stored (``columns`` empty while there are none). ``sources`` says where
    bars came from, sorted. ``revisions`` are the newest of the ``revised`` bars that a venue changed.
    """

    market: Market
    columns: tuple[str, ...] = ()
    has_volume: bool = True
    parts: tuple[Part, ...] = ()
    covered: Intervals = ()
    sources: tuple[str, ...] = ()
    revisions: tuple[Revision, ...] = ()
    revised: int = 0

    @property
    def rows(self) -> int:
        """The number of bars."""
        return sum(part.rows for part in self.parts)

    @property
    def last_ms(self) -> int | None:
        """The open of the last bar; None when there is none."""
        return self.parts[-1].last_ms if self.parts else None

    def to_bytes(self) -> bytes:
        """Return the bytes of the file; equal manifests give equal bytes."""
        return seal(self._as_dict())

    def _as_dict(self) -> dict[str, Any]:
        timeframe = self.market.timeframe
        return {
            "schema": SCHEMA,
            "exchange": self.market.exchange,
            "symbol": self.market.symbol,
            "timeframe": {"name": timeframe.name, "ms": timeframe.ms, "offset_ms": timeframe.offset_ms},
            "columns": self.columns,
            "has_volume": self.has_volume,
            "rows": self.rows,
            "span": [self.parts[0].first_ms, self.parts[-1].last_ms + timeframe.ms] if self.parts else None,
            "parts": [{name: getattr(part, name) for name in Part.__slots__} for part in self.parts],
            "covered": self.covered,
            "sources": self.sources,
            "revisions": [revision.as_dict() for revision in self.revisions],
            "revised": self.revised,
        }


def read_manifest(folder: Path, market: Market) -> Manifest | None:
    """Return the manifest of ``market``'s series in ``folder``; None when there is none.

    Raises CorruptFileError when it is damaged or belongs to another series, DataError when a newer version of the product wrote it.
    """
    return read_manifest_bytes(folder, market)[0]


def read_manifest_bytes(folder: Path, market: Market) -> tuple[Manifest | None, bytes]:
    """Return the manifest and its bytes, by which it can be told from a later one; see ``read_manifest``."""
    path = folder / MANIFEST
    try:
        raw = read_regular(path, _LARGEST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        require_no_parts(folder)
        return None, b""
    content = _checked(path, raw)
    if content["schema"] != SCHEMA:
        raise DataError(f"{path} has format {content['schema']}, and this version of the product knows {SCHEMA}: update the product.")
    timeframe = market.timeframe
    wanted = [market.exchange, market.symbol, {"name": timeframe.name, "ms": timeframe.ms, "offset_ms": timeframe.offset_ms}]
    found = [content["exchange"], content["symbol"], content["timeframe"]]
    if found != wanted:
        raise corrupt(path, f"belongs to another series ({found[0]} {found[1]} {found[2]['name']})")
    try:
        return _parse(content, market), raw
    except (KeyError, TypeError, ValueError) as error:
        raise corrupt(path, f"is no manifest ({error!r})") from error


def market_named_in(folder: Path) -> tuple[str, str, str] | None:
    """Return (exchange, symbol, timeframe) of the series in ``folder``, None when there is none; CorruptFileError as above."""
    path = folder / MANIFEST
    try:
        content = _checked(path, read_regular(path, _LARGEST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        require_no_parts(folder)
        return None
    return content["exchange"], content["symbol"], content["timeframe"]["name"]


def require_no_parts(folder: Path) -> None:
    """Raise CorruptFileError when there are parts without a manifest: the first update of a series writes that before any part."""
    if folder.is_dir() and any(hash_in_name(path.name) for path in folder.iterdir()):
        raise corrupt(folder / MANIFEST, "is gone while its candles are there")


def _checked(path: Path, raw: bytes) -> dict[str, Any]:
    """Return the content of a manifest whose own checksum is right."""
    content = unseal(path, raw)
    named = ("schema", "exchange", "symbol", "timeframe")
    if any(name not in content for name in named) or "name" not in content["timeframe"]:
        raise corrupt(path, "is no manifest")
    return content


def _parse(content: dict[str, Any], market: Market) -> Manifest:
    parts = tuple(Part(**entry) for entry in content["parts"])
    columns = tuple(content["columns"])
    if columns not in {(), PLAIN_NAMES, ALL_NAMES}:
        raise ValueError(f"columns {columns}")
    for part in parts:
        if hash_in_name(part.file) != part.sha256[:16]:
            raise ValueError(f"part {part.file}")
    return Manifest(
        market=market,
        columns=columns,
        has_volume=content["has_volume"],
        parts=parts,
        covered=tuple((start, end) for start, end in content["covered"]),
        sources=tuple(content["sources"]),
        revisions=tuple(Revision(**entry) for entry in content["revisions"]),
        revised=content["revised"],
    )
