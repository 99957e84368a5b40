"""Stage 3: which markets, which dates, which quantity; everything that can be known to be wrong before candles are loaded."""

from config import MarketConfig, RunConfig
from core.atomic_files import sha256_of_file, write_bytes
from core.canonical_json import digest, dump_bytes
from core.clock import format_utc
from core.errors import ConfigError, DataError
from core.market import Market
from core.run_folder import stage_named
from core.timeframe import Timeframe
from exchanges import Exchange, ExchangeManager
from exchanges.local import LocalExchange
from market_data.fetching import PagedExchange
from pipeline.account_rows import quantity_words
from pipeline.context import RunContext
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData, plain_number
from pipeline.top_markets import choose_top
from reporting.selection import SelectedMarket

STAGE = stage_named("selection")


def _inputs(context: RunContext) -> dict[str, str]:
    markets: list[object] = [_identity(_exchange(context, market), market) for market in context.settings.all_markets]
    if context.settings.top is not None:
        # Not what is traded most now: a run keeps the markets that it began with.
        markets.append(context.settings.top.model_dump(mode="json"))
    finer = context.settings.execution.detail_timeframe
    return {"markets": digest(markets), "dates": context.part_hash("start", "end"), "detail": digest(finer)}


def _run(context: RunContext) -> StageOutcome:
    """Check every market against its exchange and write selection.json."""
    top = context.settings.top
    chosen = None if top is None else choose_top(top, context.settings, context.paths)
    wanted = context.settings.all_markets if chosen is None else chosen.markets
    finer = context.settings.execution.detail_timeframe
    found = [_select(_exchange(context, market), market, finer) for market in wanted]
    _require_distinct(found)
    spans = [_span(context, market) for market in wanted]
    for market, span in zip(found, spans, strict=True):
        _check_dates(market, span, context.settings)
    path = context.run.stage(STAGE) / "selection.json"
    content: dict[str, object] = {"markets": [market.as_dict() for market in found]}
    if chosen is not None:
        content["sized_at"] = [{"slug": market.slug, "close": each.close, "open_ms": each.open_ms}
                               for market, each in zip(found, chosen.sizings, strict=True)]  # fmt: skip
    write_bytes(path, dump_bytes(content))
    return StageOutcome((path,), (_table(found, spans, context.settings),), () if chosen is None else chosen.warnings)


def _exchange(context: RunContext, market: MarketConfig) -> Exchange:
    return ExchangeManager().get(market.exchange, context.paths)


def _identity(exchange: Exchange, market: MarketConfig) -> list[object]:
    """Return what makes a market this one: for a candle file its name and content, wherever it lies."""
    content = sha256_of_file(exchange.find(market.symbol)) if isinstance(exchange, LocalExchange) else ""
    return [exchange.name, market_symbol(exchange, market.symbol), market.timeframe, market.order_qty, content]


def market_symbol(exchange: Exchange, symbol: str) -> str:
    """Return what a market is called: the stem of a candle file, any other symbol as its exchange spells it."""
    if isinstance(exchange, LocalExchange):
        return exchange.find(symbol).stem
    return exchange.spelling(symbol) if isinstance(exchange, PagedExchange) else symbol.strip().upper()


def _select(exchange: Exchange, market: MarketConfig, finer: str | None) -> SelectedMarket:
    symbol = market_symbol(exchange, market.symbol)
    timeframe = Timeframe.parse(market.timeframe)
    exchange.source_timeframe(market.symbol, timeframe)  # refuses a symbol or timeframe that is not to be had
    if finer is not None:
        _require_detail(exchange, market, Timeframe.parse(finer))
    rules = exchange.market_rules(market.symbol)
    return SelectedMarket(
        exchange.name, symbol, timeframe.name, market.order_qty, Market(exchange.name, symbol, timeframe).slug, exchange.synthetic,
        rules.qty_step, rules.min_qty, rules.min_notional, rules.price_step,
    )  # fmt: skip


def _require_detail(exchange: Exchange, market: MarketConfig, finer: Timeframe) -> None:
    """Refuse a market of which there are no candles to fill on."""
    try:
        exchange.source_timeframe(market.symbol, finer)
    except DataError as error:
        advice = " LOCAL: name the file that holds them; the coarser candles are made of it." if isinstance(exchange, LocalExchange) else ""
        raise DataError(f"execution.detail_timeframe = {finer}: {error}{advice}") from None


def _span(context: RunContext, market: MarketConfig) -> tuple[int, int] | None:
    exchange = _exchange(context, market)
    return exchange.available_span(market.symbol, exchange.source_timeframe(market.symbol, Timeframe.parse(market.timeframe)))


def _require_distinct(markets: list[SelectedMarket]) -> None:
    slugs = [market.slug for market in markets]
    for market in markets:
        if slugs.count(market.slug) > 1:
            raise ConfigError(f"the market {market.label} is listed twice (files are told apart by name): remove or rename one.")


def _check_dates(market: SelectedMarket, span: tuple[int, int] | None, settings: RunConfig) -> None:
    """Raise DataError where the exchange has no candle at all for the dates."""
    if span is None:
        return
    first, end = span
    wanted_first = first if settings.start_ms is None else settings.start_ms
    wanted_end = end if settings.end_ms is None else settings.end_ms
    if wanted_first >= end or wanted_end <= first:
        raise DataError(
            f"{market.label} has no candles from {format_utc(wanted_first)} to {format_utc(wanted_end)} UTC; "
            f"there are candles from {format_utc(first)} to {format_utc(end)} UTC. Choose dates inside."
        )


def _table(markets: list[SelectedMarket], spans: list[tuple[int, int] | None], settings: RunConfig) -> TableData:
    rows = tuple(
        (
            market.label,
            quantity_words(settings.execution, plain_number(market.order_qty)),
            "not known" if span is None else f"{format_utc(span[0])} to {format_utc(span[1])}",
        )
        for market, span in zip(markets, spans, strict=True)
    )
    start = "the first candle" if settings.start_ms is None else format_utc(settings.start_ms)
    end = "the last" if settings.end_ms is None else format_utc(settings.end_ms)
    return TableData(f"Markets, {start} to {end} UTC", ("market", "quantity", "available (UTC)"), rows, (0, 2))


SELECTION = StageWork(STAGE, _inputs, _run)
