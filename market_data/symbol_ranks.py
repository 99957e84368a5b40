"""A venue's symbols by traded value, kept on disk for a while: one file for every venue and quote currency."""

import logging
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from core.atomic_files import write_bytes
from core.canonical_json import digest, dump_bytes, read_json
from core.errors import CorruptFileError, StorageError
from market_data.store.names import folder_name

_LOG = logging.getLogger(__name__)
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class RankedSymbol:
    """A symbol, its value traded in 24 hours in the quote currency, and the smallest order its venue takes (0: no rule)."""

    symbol: str
    quote_volume: float
    min_notional: float


@dataclass(frozen=True, slots=True)
class SymbolRanks:
    """All tradable symbols of ``exchange`` (asked at ``host``) against ``quote``, the largest first, as they were at ``as_of_ms``."""

    exchange: str
    host: str
    quote: str
    as_of_ms: int
    symbols: tuple[RankedSymbol, ...]

    def content(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        rows = [[each.symbol, each.quote_volume, each.min_notional] for each in self.symbols]
        return {
            "schema": _SCHEMA, "exchange": self.exchange, "host": self.host, "quote": self.quote, "as_of_ms": self.as_of_ms, "symbols": rows
        }  # fmt: skip


def ranks_file(folder: Path, exchange: str, quote: str) -> Path:
    """Return where the list of ``exchange`` against ``quote`` is kept."""
    return folder / folder_name(exchange) / f"{folder_name(quote)}.json"


def write_ranks(folder: Path, ranks: SymbolRanks) -> None:
    """Keep ``ranks`` under ``folder``. A disk that refuses is told in the log: the list can be shown all the same."""
    content = ranks.content()
    try:
        write_bytes(ranks_file(folder, ranks.exchange, ranks.quote), dump_bytes({**content, "sha256": digest(content)}))
    except StorageError as error:
        _LOG.warning("the list of symbols could not be kept: %s", error)


def read_ranks(folder: Path, exchange: str, host: str, quote: str) -> SymbolRanks | None:
    """Return the list that was kept for this venue at this address; None when there is none.

    A file that does not hold what was written is told in the log and left aside: the venue is asked again.
    """
    path = ranks_file(folder, exchange, quote)
    try:
        ranks = _checked(path)
    except FileNotFoundError:
        return None
    except (CorruptFileError, OSError) as error:
        _LOG.warning("%s does not hold what was written and is not used: %s", path, error)
        return None
    return ranks if (ranks.exchange, ranks.host, ranks.quote) == (exchange, host, quote) else None


def _checked(path: Path) -> SymbolRanks:
    content = read_json(path)
    said = content.pop("sha256", "") if isinstance(content, dict) else ""
    if not said or digest(content) != said:
        raise CorruptFileError("its SHA-256 differs")
    try:
        symbols = tuple(RankedSymbol(str(name), float(volume), float(smallest)) for name, volume, smallest in content["symbols"])
        ranks = SymbolRanks(content["exchange"], content["host"], content["quote"], int(content["as_of_ms"]), symbols)
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptFileError(f"it is of another form ({type(error).__name__})") from error
    if content["schema"] != _SCHEMA or not all(isfinite(each.quote_volume) for each in symbols):
        raise CorruptFileError("it is of another form")
    return ranks
