"""What the interactive mode asks: markets and dates for stage 3, strategy, search and windows for stage 4."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from config import MarketConfig, OptimizationProfile, RunConfig, RunMode, TopMarkets
from config.secrets import read_secrets
from core.clock import format_utc
from core.errors import ConfigError, CredentialError
from core.paths import Paths
from core.timeframe import DAY_MS, TIMEFRAMES, Timeframe
from exchanges import Exchange, ExchangeManager
from exchanges.ccxt_library import PREFIX, load_ccxt
from exchanges.local import LocalExchange
from market_data.top_symbols import RankingExchange, top_symbols
from pipeline.account_keys import keys_of
from pipeline.prompts import Choice, Prompter
from pipeline.settings import anchored
from pipeline.tables import plain_number
from strategies import Param, get_strategy, resolve_params, strategy_names, with_params

_YEAR_DAYS = 365
# What is typed for the symbols that are traded most: how many, and against what.
_TOP = re.compile(r"top ([0-9]{1,3})(?: ([A-Za-z0-9]{2,20}))?", re.IGNORECASE)
_CCXT = f"{PREFIX.rstrip(':')}: any other exchange, by way of ccxt"
# The symbols that are offered first.
_USUAL = ("BTCUSDT", "BTCUSD", "RELIANCE")

Ask = Callable[[Prompter, RunConfig, Paths], RunConfig]


def ask_markets(prompter: Prompter, settings: RunConfig, paths: Paths) -> RunConfig:
    """Ask for one market or several, or for those that are traded most; for the dates and the quantity."""
    known = settings.all_markets or (_as_market(settings.top or TopMarkets()),)
    first = _ask_market(prompter, known[0], paths, settings.top)
    if isinstance(first, TopMarkets):
        return anchored(_ask_dates(prompter, settings.replace(mode=RunMode.MULTI, markets=(), top=first), paths))
    markets = [first]
    while prompter.confirm("Add another market?", default=len(known) > len(markets)):
        position = min(len(markets), len(known) - 1)
        markets.append(_ask_named_market(prompter, known[position], paths))
    return anchored(_ask_dates(prompter, _with_markets(settings, markets), paths))


def _with_markets(settings: RunConfig, markets: list[MarketConfig]) -> RunConfig:
    if len(markets) > 1:
        return settings.replace(mode=RunMode.MULTI, markets=tuple(markets), top=None)
    only = markets[0]
    return settings.replace(
        mode=RunMode.SINGLE,
        markets=(),
        top=None,
        exchange=only.exchange,
        symbol=only.symbol,
        timeframe=only.timeframe,
        order_qty=only.order_qty,
    )


def _as_market(top: TopMarkets) -> MarketConfig:
    """Return ``top`` as its questions show it: the symbol is what a person types for it."""
    return MarketConfig(exchange=top.exchange, symbol=f"top {top.limit} {top.quote}", timeframe=top.timeframe)


def _ask_market(prompter: Prompter, market: MarketConfig, paths: Paths, top: TopMarkets | None) -> MarketConfig | TopMarkets:
    exchange, symbol, timeframe = _ask_series(prompter, market, paths, can_rank=True)
    wanted = _TOP.fullmatch(symbol)
    if wanted is None:
        return _with_quantity(prompter, market, exchange, symbol, timeframe)
    quote = (wanted[2] or (top.quote if top else "USDT")).upper()
    chosen = TopMarkets(exchange=exchange.name, quote=quote, limit=int(wanted[1]), timeframe=timeframe)
    value = prompter.text(
        f"Value of an order in each market ({quote})?",
        plain_number((top or chosen).order_value),
        lambda text: chosen.replace(order_value=_number(text, "order_value")),
    )
    return chosen.replace(order_value=_number(value, "order_value"))


def _ask_named_market(prompter: Prompter, market: MarketConfig, paths: Paths) -> MarketConfig:
    return _with_quantity(prompter, market, *_ask_series(prompter, market, paths, can_rank=False))


def _ask_series(prompter: Prompter, market: MarketConfig, paths: Paths, *, can_rank: bool) -> tuple[Exchange, str, str]:
    """Ask for exchange, symbol (or ``top 5``, where several can be meant) and timeframe."""
    name = _ask_exchange(prompter, market.exchange, paths)
    exchange = ExchangeManager().get(name, paths)
    same = name == market.exchange
    symbol = _ask_symbol(prompter, exchange, market.symbol if same else "", can_rank=can_rank)
    own = exchange.source_timeframe(symbol, TIMEFRAMES["1w"]).name if isinstance(exchange, LocalExchange) else market.timeframe
    timeframe = prompter.choose("Timeframe?", [Choice(each, each) for each in TIMEFRAMES], market.timeframe if same else own)
    return exchange, symbol, timeframe


def _ask_exchange(prompter: Prompter, default: str, paths: Paths) -> str:
    """Ask where the candles come from. Raises CredentialError for customers-only candles without keys, ConfigError without ccxt."""
    manager, by_ccxt = ExchangeManager(), default.startswith(PREFIX)
    choices = [*(Choice(name, _described(name, paths)) for name in manager.names()), Choice(PREFIX, _CCXT)]
    name = prompter.choose("Where do the candles come from?", choices, PREFIX if by_ccxt else default)
    if name == PREFIX:
        load_ccxt(PREFIX.rstrip(":"))
        usual = default.removeprefix(PREFIX).lower() if by_ccxt else "bybit"
        name = f"{PREFIX}{prompter.text('Which exchange of ccxt?', usual, lambda text: manager.get(f'{PREFIX}{text}', paths))}".upper()
    keys = keys_of(name, read_secrets(paths.config))
    if keys.barred:
        raise CredentialError(f"{name} shows its candles only to its customers: {keys.remedy}. Then choose redo.")
    return name


def _with_quantity(prompter: Prompter, market: MarketConfig, exchange: Exchange, symbol: str, timeframe: str) -> MarketConfig:
    smallest = exchange.market_rules(symbol).min_qty
    chosen = MarketConfig(exchange=exchange.name, symbol=symbol, timeframe=timeframe)

    def check(text: str) -> MarketConfig:
        found = chosen.replace(order_qty=_number(text, "order_qty"))
        if found.order_qty < smallest:
            raise ConfigError(f"order_qty = {plain_number(found.order_qty)} is less than the smallest order, {plain_number(smallest)}")
        return found

    at_least = f", at least {plain_number(smallest)}" if smallest else ""
    return check(prompter.text(f"Order quantity (base currency{at_least})?", plain_number(max(market.order_qty, smallest)), check))


def _described(name: str, paths: Paths) -> str:
    exchange = ExchangeManager().get(name, paths)
    if exchange.synthetic:
        return f"{name}: generated prices, for trying things out"
    if isinstance(exchange, LocalExchange):
        return f"{name}: candle files on this machine"
    return f"{name}: for its customers, keys are not set" if keys_of(name, read_secrets(paths.config)).barred else name


def _ask_symbol(prompter: Prompter, exchange: Exchange, default: str, *, can_rank: bool) -> str:
    if isinstance(exchange, LocalExchange):
        return prompter.file("Candle file (Parquet, Feather, CSV; Tab completes)?", default, exchange.find)
    ranks = can_rank and isinstance(exchange, RankingExchange)

    def check(text: str) -> None:
        wanted = _TOP.fullmatch(text) if ranks else None
        if wanted is None:
            exchange.source_timeframe(text, TIMEFRAMES["1h"])
            exchange.market_rules(text)
        else:
            TopMarkets(limit=int(wanted[1]))

    more = " ('top 5 USDT': the five that are traded most)" if ranks else ""
    return prompter.text(f"Symbol{more}?", default or _usual(exchange.symbols()), check)


def _usual(symbols: list[str]) -> str:
    """Return the symbol that most people mean, of those that there are."""
    return next((name for name in _USUAL if name in symbols), symbols[0] if symbols else _USUAL[0])


def _ask_dates(prompter: Prompter, settings: RunConfig, paths: Paths) -> RunConfig:
    span = _span(settings, paths)
    hint = "" if span is None else f" (there are candles from {format_utc(span[0])[:10]} to {format_utc(span[1])[:10]})"
    open_ended = settings.replace(start=None, end=None)
    start = prompter.text(
        f"First day, UTC{hint}? Empty: all there is",
        _day(_suggested_start(settings.start_ms, span)),
        lambda text: open_ended.replace(start=text or None),
    )
    begun = open_ended.replace(start=start or None)
    end = prompter.text("Day after the last? Empty: all there is", _day(settings.end_ms), lambda text: begun.replace(end=text or None))
    return begun.replace(end=end or None)


def _span(settings: RunConfig, paths: Paths) -> tuple[int, int] | None:
    """Return from when to when there are candles of the first market."""
    top = settings.top
    market = settings.all_markets[0] if top is None else _as_market(top)
    exchange = ExchangeManager().get(market.exchange, paths)
    symbol = market.symbol if top is None else top_symbols(exchange, top.quote, 1, paths).symbols[0].symbol
    return exchange.available_span(symbol, exchange.source_timeframe(symbol, Timeframe.parse(market.timeframe)))


def _suggested_start(start_ms: int | None, span: tuple[int, int] | None) -> int | None:
    """Return the start that was chosen, else a year before the last candle: enough windows to judge by, and minutes rather than hours."""
    if start_ms is not None or span is None:
        return start_ms
    return max(span[0], span[1] - span[1] % DAY_MS - _YEAR_DAYS * DAY_MS)


def _day(ms: int | None) -> str:
    if ms is None:
        return ""
    text = format_utc(ms)
    return text[:10] if text.endswith("00:00") else text.replace(" ", "T")


def ask_strategy(prompter: Prompter, settings: RunConfig, paths: Paths) -> RunConfig:
    """Ask for the strategy and its parameters, how hard to search, and the lengths of the windows."""
    del paths
    settings = _ask_parameters(prompter, _ask_name(prompter, settings))
    optimization = settings.optimization
    profiles = [
        Choice(each.value, f"{each.value}: {each.trials} trials in 7.1 and 7.2, {each.timeout_trials} in 7.3")
        for each in OptimizationProfile
    ]
    profile = prompter.choose("How hard to search?", profiles, optimization.profile.value)
    settings = settings.replace(optimization=optimization.replace(profile=profile))
    return _ask_windows(prompter, settings)


def _ask_name(prompter: Prompter, settings: RunConfig) -> RunConfig:
    names = list(dict.fromkeys([settings.strategy.name, *strategy_names()]))
    if len(names) == 1:
        return settings
    name = prompter.choose("Strategy?", [Choice(each, each) for each in names], settings.strategy.name)
    if name == settings.strategy.name:
        return settings  # with the parameters it has
    return settings.replace(strategy=settings.strategy.replace(name=name, params={}))


def _ask_parameters(prompter: Prompter, settings: RunConfig) -> RunConfig:
    strategy = get_strategy(settings.strategy.name)
    values = resolve_params(strategy, settings.strategy)
    groups = {
        "7.1": "periods",
        "7.2": "thresholds and protection",
    }
    for stage, title in groups.items():
        params = [param for param in strategy.params if param.stage == stage]
        shown = ", ".join(f"{param.name} {plain_number(values[param.name])}" for param in params)
        if params and prompter.confirm(f"Change the {title}? Now: {shown}", default=False):
            settings = _ask_group(prompter, settings, params, values)
            values = resolve_params(strategy, settings.strategy)
    return settings


def _ask_group(prompter: Prompter, settings: RunConfig, params: list[Param], values: Mapping[str, Any]) -> RunConfig:
    """Ask a group of parameters; together they must be allowed, else the group is asked again."""
    while True:
        answers = {param.name: _ask_param(prompter, param, values[param.name]) for param in params}
        try:
            return settings.replace(strategy=with_params(settings.strategy, answers))
        except ConfigError as error:
            message = str(error)
        if not prompter.confirm(f"That does not fit together: {message}. Once more?", default=True):
            return settings


def _ask_param(prompter: Prompter, param: Param, value: Any) -> bool | int | float:
    text = prompter.text(
        f"{param.name} ({plain_number(float(param.low))} to {plain_number(float(param.high))})?",
        plain_number(value),
        lambda text: param.check(_number(text, param.name)),
    )
    return param.check(_number(text, param.name))


def _ask_windows(prompter: Prompter, settings: RunConfig) -> RunConfig:
    windows = settings.walkforward
    now = f"{windows.is_length_days:g} days in sample, {windows.oos_length_days:g} out, every {windows.stride_days:g}"
    if not prompter.confirm(f"Change the walk-forward windows? Now: {now}", default=False):
        return settings
    inside = _days(prompter, "Days in sample?", windows.is_length_days, lambda days: windows.replace(is_length_days=days))
    widest = windows.replace(stride_days=36_525.0)  # the stride is asked last and must not stand in the way
    outside = _days(prompter, "Days out of sample?", windows.oos_length_days, lambda days: widest.replace(oos_length_days=days))
    tested = widest.replace(is_length_days=inside, oos_length_days=outside)
    suggested = max(outside, windows.stride_days)
    stride = _days(prompter, "Days from one window to the next?", suggested, lambda days: tested.replace(stride_days=days))
    return settings.replace(walkforward=tested.replace(stride_days=stride))


def _days(prompter: Prompter, question: str, default: float, check: Callable[[float], object]) -> float:
    return _number(prompter.text(question, plain_number(default), lambda text: check(_number(text, "days"))), "days")


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"{name}: '{text}' is no number.") from None
