"""What ccxt knows of an exchange, as our records: timeframes, page size, limits, fees, and the rules of its markets."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from core.errors import ConfigError, DataError
from core.market import MarketRules
from core.timeframe import DAY_MS, TIMEFRAMES, Timeframe
from exchanges.base import SymbolFacts, VenueFees
from exchanges.ccxt_library import PREFIX, meanings
from exchanges.facts import VenueFacts

# ccxt counts the weight of requests in fractions; ours are whole numbers.
WEIGHT_UNIT = 100
# Weeks begin on different days; they are made of days instead.
_OWN_TIMEFRAMES = tuple(name for name, timeframe in TIMEFRAMES.items() if timeframe.ms <= DAY_MS)
# What one request may ask for where ccxt does not say it.
_PAGE_BARS = 100
# Where ccxt's figure is the most that one request may return, while a range with both ends counts one more.
_PAGES: Mapping[str, int] = {"coinbase": 299, "coinbaseadvanced": 299}
# 2010-01-01: nobody has older candles of a crypto currency.
_FIRST_CANDLE_MS = 1_262_304_000_000
# The shortest window in which requests are counted, and the least number of requests in one.
_WINDOW_S, _REQUESTS = 2.0, 4
_KINDS = ("spot", "swap", "future")


def facts_of(library: Any, client: Any) -> VenueFacts:
    """Return the facts of the exchange behind ``client``; ConfigError when it has none of our timeframes."""
    name = f"{PREFIX}{client.id.upper()}"
    timeframes = {each: each for each in _OWN_TIMEFRAMES if each in client.timeframes}
    if not timeframes:
        listed = ", ".join(map(str, client.timeframes))
        raise ConfigError(f"{name} has candles of {listed} only, none of {', '.join(_OWN_TIMEFRAMES)}. Use another exchange.")
    every_ms = float(client.rateLimit or 1000)
    window_s = max(_WINDOW_S, _REQUESTS * every_ms / 1000)
    return VenueFacts(
        name=name,
        base_url=_main_address(client, name),
        fees=_fees(library, client, name),
        is_spot=client.has.get("spot") is not False,
        timeframes=timeframes,
        page_bars=_page_bars(client),
        weight_limit=max(int(window_s * 1000 / every_ms * WEIGHT_UNIT), 1),
        weight_window_s=window_s,
        candle_weight=WEIGHT_UNIT,
        first_candle_ms=_FIRST_CANDLE_MS,
        parallel=False,
        errors=meanings(library),
    )


def parse_markets(name: str, markets: Mapping[str, Any], precision_mode: int, library: Any) -> dict[str, tuple[str, SymbolFacts]]:
    """Return ccxt's spelling and the facts of every market, by the symbol in capitals; of two that differ in case only, neither."""
    found: dict[str, tuple[str, SymbolFacts]] = {}
    mixed_up: set[str] = set()
    step = _StepReader(precision_mode, library)
    for market in markets.values():
        try:
            if market["type"] not in _KINDS:
                continue
            facts = _symbol_facts(market, step)
            spelled = str(market["symbol"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DataError(f"{name}: the list of symbols is not of ccxt's documented form ({type(error).__name__}).") from None
        if facts.symbol in found:
            mixed_up.add(facts.symbol)
        found[facts.symbol] = (spelled, facts)
    return {symbol: each for symbol, each in found.items() if symbol not in mixed_up}


def _symbol_facts(market: Mapping[str, Any], step: "_StepReader") -> SymbolFacts:
    precision, limits = market.get("precision") or {}, market.get("limits") or {}
    # Contracts are counted in pieces: of the base currency where they are linear, of the quote currency where they are inverse.
    piece = float(market.get("contractSize") or 1) if market.get("contract") else 1.0
    inverse = market.get("inverse") is True
    qty_step, least = step(precision.get("amount")), _number((limits.get("amount") or {}).get("min"))
    rules = MarketRules(
        qty_step=0.0 if inverse else qty_step * piece,
        min_qty=0.0 if inverse else least * piece,
        min_notional=_number((limits.get("cost") or {}).get("min")),
        price_step=step(precision.get("price")),
    )
    active = market.get("active") is not False
    status = "active" if active else "inactive"
    return SymbolFacts(str(market["symbol"]).upper(), rules, str(market["base"]), str(market["quote"]).upper(), active, status)


class _StepReader:
    """Reads a market's precision, which ccxt writes in one of three ways."""

    def __init__(self, mode: int, library: Any) -> None:
        self._is_step, self._is_digits = mode == library.TICK_SIZE, mode == library.DECIMAL_PLACES

    def __call__(self, precision: Any) -> float:
        """Return the step of a price or quantity; 0 where there is none: a number of significant digits is no step."""
        if precision is None:
            return 0.0
        if self._is_step:
            return _number(precision)
        return float(f"1e-{int(precision)}") if self._is_digits else 0.0


def _number(value: Any) -> float:
    number = 0.0 if value is None else float(value)
    return number if 0 <= number < float("inf") else 0.0


def _page_bars(client: Any) -> int:
    """Return how many bars one request may ask for in any of the exchange's kinds of markets."""
    named = _PAGES.get(client.id)
    if named is not None:
        return named
    limits = [limit for limit in _candle_limits(client.features) if isinstance(limit, int) and limit > 0]
    return min(limits, default=_PAGE_BARS)


def _candle_limits(features: Any) -> Iterator[Any]:
    """Yield the limit of every kind of market in ccxt's table of features."""
    for kind in _KINDS:
        rows = features.get(kind) if isinstance(features, dict) else None
        if isinstance(rows, dict):
            for each in [rows] if "fetchOHLCV" in rows else rows.values():
                yield ((each or {}).get("fetchOHLCV") or {}).get("limit")


def _fees(library: Any, client: Any, name: str) -> VenueFees:
    """Return the fees in ccxt's own table of the exchange; a venue without any gets a tenth of a percent, and the source says so."""
    tables = (client.fees.get("trading"), client.fees.get("spot"), client.fees.get("swap"), client.fees.get("linear"))
    for table in tables:
        maker, taker = (None, None) if not isinstance(table, dict) else (table.get("maker"), table.get("taker"))
        if isinstance(maker, int | float) and isinstance(taker, int | float):
            # A rebate is no fee; it is not counted on.
            return VenueFees(max(float(maker), 0.0), max(float(taker), 0.0), f"ccxt {library.__version__}, its table for {client.id}")
    return VenueFees(0.001, 0.001, f"assumed: ccxt {library.__version__} lists no fees for {name}; set your own")


def _main_address(client: Any, name: str) -> str:
    """Return the first of the exchange's addresses; requests go to whichever ccxt names."""
    for address in _texts(client.urls.get("api")):
        parts = urlsplit(client.implode_hostname(address))
        if parts.scheme == "https" and parts.netloc:
            return f"https://{parts.netloc}"
    raise ConfigError(f"{name}: ccxt names no address of this exchange. Use another one.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)


def own_timeframe(facts: VenueFacts, name: str) -> Timeframe | None:
    """Return the timeframe called ``name`` where the exchange has it."""
    return TIMEFRAMES[name] if name in facts.timeframes else None
