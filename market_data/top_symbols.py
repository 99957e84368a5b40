"""The symbols of a venue with the largest traded value: asked once in a quarter of an hour, and never old without saying so."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.clock import format_utc
from core.clock import now_ms as clock_ms
from core.errors import APIError, ConfigError, CredentialError, DataError
from core.market import MarketRules
from core.paths import Paths
from core.timeframe import MINUTE_MS
from exchanges.base import Exchange
from market_data.symbol_ranks import RankedSymbol, SymbolRanks, read_ranks, write_ranks

# So long a list is shown again without asking.
FRESH_MS = 15 * MINUTE_MS
_EVERY_SYMBOL = 1_000_000


@runtime_checkable
class RankingExchange(Protocol):
    """An exchange that knows what is traded most; see ``RestExchange.top_symbols``."""

    def top_symbols(self, quote: str, limit: int) -> list[tuple[str, float]]: ...

    def market_rules(self, symbol: str) -> MarketRules: ...


@dataclass(frozen=True, slots=True)
class TopSymbols:
    """The first ``symbols`` of a ranking of ``listed``; ``trouble`` says why an old list had to do, "" for one that is fresh."""

    exchange: str
    quote: str
    as_of_ms: int
    age_ms: int
    listed: int
    symbols: tuple[RankedSymbol, ...]
    trouble: str = ""


def top_symbols(
    exchange: Exchange,
    quote: str,
    limit: int,
    paths: Paths,
    *,
    refresh: bool = False,
    stale_ok: bool = False,
    now_ms: int | None = None,
) -> TopSymbols:
    """Return up to ``limit`` tradable symbols against ``quote`` by their value traded in 24 hours, the largest first.

    The venue is asked when the list that is kept is older than a quarter of an hour, or with ``refresh``. When it cannot be asked, an
    old list is returned only with ``stale_ok``. Raises ConfigError for a venue that does not tell and for a quote currency against which
    nothing is traded; else what asking raises, with a word about the old list where there is one.
    """
    if not isinstance(exchange, RankingExchange):
        raise ConfigError(f"{exchange.name} does not tell what is traded: there is no list of its symbols by value.")
    now, wanted = clock_ms() if now_ms is None else now_ms, quote.strip().upper()
    if not wanted or not wanted.isprintable():
        raise ConfigError(f"{quote!r} is no currency. Name one such as USDT.")
    host = _host(exchange)
    kept = read_ranks(paths.symbol_ranks, exchange.name, host, wanted)
    # A list from the future comes of a clock that was wrong: it may be any age.
    if kept is not None and not refresh and 0 <= now - kept.as_of_ms < FRESH_MS:
        return _first(kept, limit, now)
    try:
        ranks = _ask(exchange, exchange, host, wanted, now)
    except (APIError, CredentialError, DataError) as error:
        if kept is None:
            raise
        if stale_ok:
            return _first(kept, limit, now, trouble=str(error))
        age = age_text(now - kept.as_of_ms)
        raise type(error)(
            f"{str(error).rstrip('.')}. There is a list as of {format_utc(kept.as_of_ms)} UTC ({age} old): --stale-ok shows it."
        ) from error
    write_ranks(paths.symbol_ranks, ranks)
    return _first(ranks, limit, now)


def age_text(age_ms: int) -> str:
    """Return an age as people say it: ``under a minute``, ``7 minutes``, ``3 h``, ``2 days``."""
    minutes = age_ms // MINUTE_MS
    if minutes < 0:
        return "by this computer's clock less than nothing"
    if minutes < 1:
        return "under a minute"
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def _host(exchange: Exchange) -> str:
    """Return where the exchange is asked: the list of one place is not that of another."""
    return str(getattr(getattr(exchange, "http", None), "host", ""))


def _ask(exchange: Exchange, ranking: RankingExchange, host: str, quote: str, now_ms: int) -> SymbolRanks:
    ranked = ranking.top_symbols(quote, _EVERY_SYMBOL)
    symbols = tuple(RankedSymbol(symbol, volume, ranking.market_rules(symbol).min_notional) for symbol, volume in ranked)
    return SymbolRanks(exchange.name, host, quote, now_ms, symbols)


def _first(ranks: SymbolRanks, limit: int, now_ms: int, *, trouble: str = "") -> TopSymbols:
    return TopSymbols(
        ranks.exchange, ranks.quote, ranks.as_of_ms, now_ms - ranks.as_of_ms, len(ranks.symbols), ranks.symbols[:limit], trouble
    )
