"""What the interactive mode asks: markets and dates for stage 3, strategy, search and windows for stage 4."""

from collections.abc import Callable, Mapping
from typing import Any

from config import MarketConfig, OptimizationProfile, RunConfig, RunMode
from core.clock import format_utc
from core.errors import ConfigError
from core.paths import Paths
from core.timeframe import DAY_MS, TIMEFRAMES, Timeframe
from exchanges import Exchange, ExchangeManager
from exchanges.local import LocalExchange
from pipeline.prompts import Choice, Prompter
from pipeline.settings import anchored
from pipeline.tables import plain_number
from strategies import Param, get_strategy, resolve_params, strategy_names, with_params

_YEAR_DAYS = 365

Ask = Callable[[Prompter, RunConfig, Paths], RunConfig]


def ask_markets(prompter: Prompter, settings: RunConfig, paths: Paths) -> RunConfig:
    """Ask for one market or several, the dates and the quantity."""
    known = settings.all_markets
    markets = [_ask_market(prompter, known[0], paths)]
    while prompter.confirm("Add another market?", default=len(known) > len(markets)):
        position = min(len(markets), len(known) - 1)
        markets.append(_ask_market(prompter, known[position], paths))
    return anchored(_ask_dates(prompter, _with_markets(settings, markets), paths))


def _with_markets(settings: RunConfig, markets: list[MarketConfig]) -> RunConfig:
    if len(markets) > 1:
        return settings.replace(mode=RunMode.MULTI, markets=tuple(markets))
    only = markets[0]
    return settings.replace(
        mode=RunMode.SINGLE, markets=(), exchange=only.exchange, symbol=only.symbol, timeframe=only.timeframe, order_qty=only.order_qty
    )


def _ask_market(prompter: Prompter, market: MarketConfig, paths: Paths) -> MarketConfig:
    manager = ExchangeManager()
    name = prompter.choose(
        "Where do the candles come from?", [Choice(name, _described(name, paths)) for name in manager.names()], market.exchange
    )
    exchange = manager.get(name, paths)
    same = name == market.exchange
    symbol = _ask_symbol(prompter, exchange, market.symbol if same else "")
    own = exchange.source_timeframe(symbol, TIMEFRAMES["1w"]).name if isinstance(exchange, LocalExchange) else market.timeframe
    timeframe = prompter.choose("Timeframe?", [Choice(each, each) for each in TIMEFRAMES], market.timeframe if same else own)
    quantity = prompter.text(
        "Order quantity (base currency)?", plain_number(market.order_qty), lambda text: market.replace(order_qty=_number(text, "order_qty"))
    )
    return MarketConfig(exchange=name, symbol=symbol, timeframe=timeframe, order_qty=_number(quantity, "order_qty"))


def _described(name: str, paths: Paths) -> str:
    exchange = ExchangeManager().get(name, paths)
    if exchange.synthetic:
        return f"{name}: generated prices, for trying things out"
    return f"{name}: candle files on this machine" if isinstance(exchange, LocalExchange) else name


def _ask_symbol(prompter: Prompter, exchange: Exchange, default: str) -> str:
    if isinstance(exchange, LocalExchange):
        return prompter.file("Candle file (Parquet, Feather, CSV; Tab completes)?", default, exchange.find)
    suggestion = default or (exchange.symbols() or ["BTCUSDT"])[0]
    return prompter.text("Symbol?", suggestion, lambda text: exchange.source_timeframe(text, TIMEFRAMES["1h"]))


def _ask_dates(prompter: Prompter, settings: RunConfig, paths: Paths) -> RunConfig:
    first = settings.all_markets[0]
    span = ExchangeManager().get(first.exchange, paths).available_span(first.symbol, Timeframe.parse(first.timeframe))
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
    return _number(prompter.text(question, f"{default:g}", lambda text: check(_number(text, "days"))), "days")


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"{name}: '{text}' is no number.") from None
