"""Which series lie in the store, damaged ones too, and what lies there that is none."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from core.errors import ConfigError, DataError
from core.market import Market
from core.suggest import did_you_mean
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.calendars import venue_timeframe
from market_data.store import CandleStore
from market_data.store.checking import set_aside
from market_data.store.columns import label_of
from market_data.store.manifest import market_named_in
from market_data.store.names import hash_in_name
from market_data.store.stored_files import read_regular

_LARGEST_PART_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class StoreContent:
    """``markets`` have a folder each, sorted; ``strangers`` are files and folders that belong to no series."""

    markets: tuple[Market, ...]
    strangers: tuple[Path, ...]


def store_content(store: CandleStore) -> StoreContent:
    """Return what lies in the store. A series whose manifest is lost is told by its folder's name, or by what its parts say."""
    markets, strangers = [], []
    for path in _leaves(store.root, 3):
        market = _market_in(store, path) if path.is_dir() else None
        if market is None:
            strangers.append(path)
        elif any(path.iterdir()):
            markets.append(market)
    return StoreContent(tuple(sorted(markets, key=str)), tuple(strangers))


def move_stranger(store: CandleStore, path: Path) -> Path:
    """Move what belongs to no series out of the store, beside the files that repairs set aside; return where it is."""
    return set_aside(path, store.root.parent / "set_aside" / path.relative_to(store.root).parent)


def choose_markets(
    markets: Sequence[Market], symbols: Sequence[str] = (), exchange: str | None = None, timeframe: str | None = None
) -> tuple[Market, ...]:
    """Return those of ``markets`` with one of ``symbols`` (in any case; none given: all), of ``exchange`` and ``timeframe`` where named.

    Raises ConfigError, with the nearest name, for a symbol, an exchange or a timeframe of which nothing is there.
    """
    chosen = tuple(markets)
    if exchange is not None:
        chosen = _called(chosen, exchange, "exchange", [each.exchange for each in chosen])
    if timeframe is not None:
        chosen = _called(chosen, Timeframe.parse(timeframe).name, "timeframe", [each.timeframe.name for each in chosen])
    found: dict[Market, None] = {} if symbols else dict.fromkeys(chosen)
    for symbol in symbols:
        found |= dict.fromkeys(_called(chosen, symbol, "symbol", [each.symbol for each in chosen]))
    return tuple(found)


def _called(markets: Sequence[Market], name: str, kind: str, names: Sequence[str]) -> tuple[Market, ...]:
    """Return the markets whose name in ``names`` is ``name``, whatever its case."""
    wanted = name.strip().upper()
    found = tuple(market for market, known in zip(markets, names, strict=True) if known.upper() == wanted)
    if not found:
        raise ConfigError(f"no candles of {kind} '{name[:80]}' are stored.{did_you_mean(wanted, names)}")
    return found


def _leaves(folder: Path, depth: int) -> Iterator[Path]:
    """Yield what lies ``depth`` levels below ``folder``, and every file that lies higher."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if depth > 1 and path.is_dir() and not path.is_symlink():
            yield from _leaves(path, depth - 1)
        else:
            yield path


def _market_in(store: CandleStore, folder: Path) -> Market | None:
    """Return the market whose folder this is; None when it is that of none."""
    if folder.name not in TIMEFRAMES or folder.is_symlink():
        return None
    for exchange, symbol in _names_of(folder):
        with suppress(ConfigError):
            market = Market(exchange, symbol, venue_timeframe(exchange, folder.name))
            if store.folder(market) == folder:
                return market
    return None


def _names_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what the market may be called, by exchange and symbol."""
    yield unquote(folder.parent.parent.name), unquote(folder.parent.name)
    with suppress(DataError):
        named = market_named_in(folder)
        if named is not None:
            yield named[0], named[1]
    for path in sorted(folder.iterdir()):
        if hash_in_name(path.name):
            with suppress(DataError, OSError, KeyError, pl.exceptions.PolarsError):
                label = label_of(read_regular(path, _LARGEST_PART_BYTES))
                yield label["exchange"], label["symbol"]
