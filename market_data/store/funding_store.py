"""Funding rates kept on disk: one small sealed file per perpetual, rewritten whole, under the rules that stored candles live by.

A rate comes every few hours, so that ten years of a market are a few hundred kilobytes: parts and a manifest would gain nothing.
"""

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.atomic_files import storage_errors, write_bytes
from core.errors import ConfigError, CorruptFileError, DataError
from core.funding import FundingRates
from core.paths import Paths
from market_data.store.checking import Damage, set_aside
from market_data.store.intervals import Interval, Intervals, gaps_in, union
from market_data.store.names import LOCK, folder_name, is_temporary
from market_data.store.sealed_json import seal, unseal
from market_data.store.series_lock import series_lock
from market_data.store.stored_files import corrupt, read_regular

FILE = "funding.json"
SCHEMA = 1
_LARGEST_BYTES = 64_000_000
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredFunding:
    """All that is stored of one perpetual; ``covered`` are the ranges that need not be asked for again."""

    exchange: str
    symbol: str
    rates: FundingRates
    covered: Intervals

    def __str__(self) -> str:
        return f"{self.exchange} {self.symbol} funding"


class FundingStore:
    """Funding rates by market, under ``paths.funding_cache``: EXCHANGE/SYMBOL/funding.json.

    Reading needs no lock and sees the rates before or after an update. The file vouches for every byte of itself: CorruptFileError names
    one that is not what was written.
    """

    def __init__(self, paths: Paths) -> None:
        self.root = paths.funding_cache

    def path(self, exchange: str, symbol: str) -> Path:
        """Return where the rates lie, whether or not there are any."""
        return self.root / folder_name(exchange) / folder_name(symbol) / FILE

    def read(self, exchange: str, symbol: str) -> StoredFunding:
        """Return what is stored of ``symbol``; nothing at all is an answer."""
        return _read(self.path(exchange, symbol), exchange, symbol) or StoredFunding(exchange, symbol, _no_rates(), ())

    def missing(self, exchange: str, symbol: str, start_ms: int, end_ms: int) -> Intervals:
        """Return the parts of the range for which nobody asked yet; () when all of it is covered."""
        return gaps_in((start_ms, end_ms), self.read(exchange, symbol).covered)

    def merge(self, exchange: str, symbol: str, rates: FundingRates, covered: Interval) -> int:
        """Store ``rates``, and that ``covered`` was asked for in full; return how many are new.

        A stored rate that now has another value is replaced, and logged. The update is complete and synced on return, or did not happen.
        Raises StorageError when the disk refuses.
        """
        path = self.path(exchange, symbol)
        with series_lock(path.parent):
            before = self.read(exchange, symbol)
            known = dict(zip(before.rates.time_ms.tolist(), before.rates.rate.tolist(), strict=True))
            told = dict(zip(rates.time_ms.tolist(), rates.rate.tolist(), strict=True))
            changed = sum(1 for time, rate in told.items() if known.get(time, rate) != rate)
            merged = dict(sorted((known | told).items()))
            content = _as_dict(exchange, symbol, merged, union((*before.covered, covered)))
            write_bytes(path, seal(content))
            _remove_leftovers(path.parent)
        if changed:
            _LOG.warning("%s: the venue changed %d stored rate(s). The new values are used.", before, changed)
        return len(merged) - len(known)

    def all(self) -> tuple[StoredFunding, ...]:
        """Return what is stored of every market that can be read, sorted by name; see ``verify`` for the rest."""
        found = []
        for path in self._files():
            with suppress(CorruptFileError):
                found.append(self._at(path))
        return tuple(sorted(found, key=str))

    def verify(self) -> tuple[Damage, ...]:
        """Check every byte under the root and return all damage, foreign files too; () when it is sound."""
        return tuple(self._damage())

    def repair(self, found: Sequence[Damage]) -> tuple[tuple[Damage, Path], ...]:
        """Set what ``verify`` found aside, so that the next run that needs the rates gets them again; return each and where it is."""
        aside = self.root.parent / "set_aside" / "funding"
        return tuple(
            (damage, set_aside(damage.path, aside / damage.path.parent.relative_to(self.root)))
            for damage in found
            if damage.path.is_symlink() or damage.path.exists()
        )

    def clear(self, exchange: str, symbol: str) -> None:
        """Remove the rates of ``symbol``; nothing happens when there are none."""
        folder = self.path(exchange, symbol).parent
        if folder.is_dir():
            with series_lock(folder), storage_errors(folder):
                shutil.rmtree(folder)

    def _files(self) -> list[Path]:
        return sorted(self.root.glob(f"*/*/{FILE}"))

    def _at(self, path: Path) -> StoredFunding:
        """Return the rates in ``path``, whatever market they say they are of, as long as that one lies there."""
        content = _content(path)
        exchange, symbol = str(content.get("exchange")), str(content.get("symbol"))
        if self.path(exchange, symbol) != path:
            raise corrupt(path, f"belongs to another market ({exchange} {symbol})")
        return _parsed(path, content, exchange, symbol)

    def _damage(self) -> Iterator[Damage]:
        for path in sorted(self.root.rglob("*")) if self.root.is_dir() else ():
            if path.is_dir() and not path.is_symlink():
                continue
            at_home = len(path.relative_to(self.root).parts) == 3
            if at_home and path.name == FILE:
                try:
                    self._at(path)
                except (CorruptFileError, ConfigError, DataError, FileNotFoundError) as error:
                    yield Damage(path, str(error))
            elif not (at_home and path.is_file() and (path.name == LOCK or is_temporary(path.name))):
                yield Damage(path, f"{path} is not a file of the store: 'data repair' sets it aside.")


def _no_rates() -> FundingRates:
    return FundingRates(np.zeros(0, np.int64), np.zeros(0))


def _as_dict(exchange: str, symbol: str, rates: dict[int, float], covered: Intervals) -> dict[str, Any]:
    return {
        "schema": SCHEMA, "exchange": exchange, "symbol": symbol, "covered": covered, "times": list(rates), "rates": list(rates.values()),
    }  # fmt: skip


def _read(path: Path, exchange: str, symbol: str) -> StoredFunding | None:
    try:
        content = _content(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if [content.get("exchange"), content.get("symbol")] != [exchange, symbol]:
        raise corrupt(path, f"belongs to another market ({content.get('exchange')} {content.get('symbol')})")
    return _parsed(path, content, exchange, symbol)


def _content(path: Path) -> dict[str, Any]:
    content = unseal(path, read_regular(path, _LARGEST_BYTES))
    if content.get("schema") != SCHEMA:
        raise DataError(f"{path} has format {content.get('schema')}, and this version of the product knows {SCHEMA}: update the product.")
    return content


def _parsed(path: Path, content: dict[str, Any], exchange: str, symbol: str) -> StoredFunding:
    try:
        times: NDArray[np.int64] = np.array(content["times"], np.int64)
        rates = FundingRates(times, np.array(content["rates"], np.float64))
        return StoredFunding(exchange, symbol, rates, tuple((int(start), int(end)) for start, end in content["covered"]))
    except (KeyError, TypeError, ValueError, OverflowError, DataError) as error:
        raise corrupt(path, f"holds no funding rates ({error})") from error


def _remove_leftovers(folder: Path) -> None:
    """Remove what a killed process was writing; call with the folder locked."""
    for path in folder.iterdir():
        if is_temporary(path.name):
            with storage_errors(path):
                path.unlink(missing_ok=True)
