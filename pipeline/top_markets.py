"""Stage 3 with ``top``: the markets that are traded most now, each with a quantity of the same value."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from config import MarketConfig, RunConfig, TopMarkets
from core.errors import ConfigError, DataError, NoCandlesError
from core.market import MarketRules
from core.paths import Paths
from core.timeframe import Timeframe
from exchanges import Exchange, ExchangeManager
from market_data.top_symbols import top_symbols

# So many bars are asked for to find the last close: a venue may leave out bars without trades.
_LAST_BARS = 50
_BIAS = (
    "the markets were chosen by what is traded now: over past dates this flatters, since those that have faded meanwhile are left out"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizing:
    """How a market's quantity came about: the close (of the bar that opened at ``open_ms``) at which the value was turned into it."""

    market: MarketConfig
    close: float
    open_ms: int


@dataclass(frozen=True, slots=True)
class TopSelection:
    """The markets with their sizing, the largest first, and what is to be known about them."""

    sizings: tuple[Sizing, ...]
    warnings: tuple[str, ...]

    @property
    def markets(self) -> tuple[MarketConfig, ...]:
        """The markets as a run file would name them."""
        return tuple(each.market for each in self.sizings)


def choose_top(top: TopMarkets, settings: RunConfig, paths: Paths) -> TopSelection:
    """Return the ``top.limit`` most traded markets that have candles in the dates of ``settings``; others are left out and named.

    Raises ConfigError for an exchange without a ranking, a wrong quote currency and an order value below the smallest order; DataError
    when no market has candles; and what asking raises.
    """
    exchange = ExchangeManager().get(top.exchange, paths)
    ranked = top_symbols(exchange, top.quote, top.limit * 2, paths).symbols
    sizings: list[Sizing] = []
    left_out: list[str] = []
    for each in ranked:
        if len(sizings) == top.limit:
            break
        found = _last_close(exchange, each.symbol, Timeframe.parse(top.timeframe), settings)
        if found is None:
            left_out.append(each.symbol)
            continue
        quantity = quantity_of(top, each.symbol, found[1], exchange.market_rules(each.symbol))
        market = MarketConfig(exchange=exchange.name, symbol=each.symbol, timeframe=top.timeframe, order_qty=quantity)
        sizings.append(Sizing(market, found[1], found[0]))
    if not sizings:
        raise DataError(f"none of {top} has candles in these dates. Choose later ones.")
    return TopSelection(tuple(sizings), tuple(_warnings(top, left_out, len(sizings))))


def quantity_of(top: TopMarkets, symbol: str, close: float, rules: MarketRules) -> float:
    """Return ``order_value`` at ``close`` in the base currency, rounded down to the venue's step.

    Raises ConfigError, with the value that would do, when that is less than the smallest order.
    """
    quantity = top.order_value / close
    if rules.qty_step > 0:
        # In decimals: the nearest double below a multiple of 0.00001 is one step too few.
        step = Decimal(repr(rules.qty_step))
        quantity = float((Decimal(repr(quantity)) / step).to_integral_value(ROUND_FLOOR) * step)
    smallest = max(rules.min_qty, rules.qty_step)
    needed = max(smallest * close, rules.min_notional)
    if quantity <= 0 or quantity < smallest or top.order_value < rules.min_notional:
        raise ConfigError(
            f"top.order_value = {top.order_value:g} {top.quote} is less than the smallest order of {symbol}, "
            f"{_rounded_up(needed)} {top.quote} at its last close of {close:g}. Choose a larger one."
        )
    return quantity


def _rounded_up(value: float) -> str:
    return f"{math.ceil(value * 100) / 100:,.2f}"


def _last_close(exchange: Exchange, symbol: str, timeframe: Timeframe, settings: RunConfig) -> tuple[int, float] | None:
    """Return open time and close of the last candle in the dates; None when there is none."""
    source = exchange.source_timeframe(symbol, timeframe)
    span = exchange.available_span(symbol, source)
    if span is None:
        return None
    end = span[1] if settings.end_ms is None else min(settings.end_ms, span[1])
    start = max(span[0], end - _LAST_BARS * source.ms, settings.start_ms or 0)
    if start >= end:
        return None
    try:
        candles = exchange.fetch(symbol, source, start, end)
    except NoCandlesError:
        return None
    return int(candles.open_ms[-1]), float(candles.close[-1])


def _warnings(top: TopMarkets, left_out: list[str], found: int) -> Iterator[str]:
    yield _BIAS
    if left_out:
        yield f"without candles in these dates, and therefore left out: {', '.join(left_out)}"
    if found < top.limit:
        yield f"{found} markets are all there is: {top.limit} were asked for"
