"""From what a page or a script asks for to a command that is safe to run: settings checked, names only, nothing that leads to a file.

A strategy is one of the registry, an objective one of the built-in ones, a symbol of LOCAL the name of a file in the candle folder: whoever
wants files of their own names them in config/run.yaml or at the command line, where they are at home anyway.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from config import RunConfig
from config.loading import merge_settings, read_settings_file
from config.objectives import is_own
from core.errors import ConfigError
from core.paths import Paths
from core.run_folder import RunFolder, RunLock
from core.suggest import did_you_mean
from core.timeframe import Timeframe
from dashboard.jobs.problems import FormError, Problem, problems_of
from dashboard.jobs.queue import JOB, Order
from dashboard.jobs.states import JobKind
from exchanges import ExchangeManager
from strategies import get_strategy, resolve_params
from strategies.registry import strategy_names

# What a venue may call a market: letters of any script, digits, and the marks between them; never the beginning of an option or a path.
_SYMBOL = re.compile(r"\w[\w:/.+ -]{0,63}")
_FILE = "run.yaml"
_COMMANDS = {
    JobKind.PIPELINE: ("run", "--no-serve"),
    JobKind.BACKTEST: ("backtest",),
    JobKind.OPTIMIZE: ("optimize",),
    JobKind.WALKFORWARD: ("walkforward",),
}


def standing_settings(paths: Paths) -> dict[str, Any]:
    """Return what config/run.yaml sets, which every command begins with; {} without such a file. Raises ConfigError."""
    path = paths.config / _FILE
    return read_settings_file(path) if path.is_file() else {}


def settings_order(paths: Paths, kind: JobKind, given: Mapping[str, Any], fields: Callable[[], frozenset[str]]) -> Order:
    """Return the order of a run, backtest, optimization or walk-forward with the settings ``given``, as a run file has them.

    Raises FormError, which names the field of each mistake; ``fields`` tells the dotted paths that are fields.
    """
    try:
        settings = _settings(paths, given, fields)
    except RecursionError:
        raise FormError([Problem("", "the settings are nested deeper than settings are.")]) from None
    content = yaml.safe_dump(_plain(given), sort_keys=False, allow_unicode=True).encode()
    markets = ", ".join(f"{market.exchange} {market.symbol} {market.timeframe}" for market in settings.all_markets)
    label = f"{markets or settings.top} · {settings.strategy.name}"
    command, *options = _COMMANDS[kind]
    return Order(kind, label[:300], (command, "--config", f"{JOB}/{_FILE}", *options), ((_FILE, content),))


def resume_order(paths: Paths, run_id: str) -> Order:
    """Return the order to continue a run. Raises RunNotFoundError, ConfigError for no run id, and FormError for a run at work."""
    run = RunFolder.existing(paths, run_id)
    if RunLock.is_held(run.checkpoints):
        raise FormError([Problem("run", f"run {run_id} is at work already.")])
    return Order(JobKind.RESUME, run_id, ("resume", run_id, "--no-serve"), run_id=run_id)


@dataclass(frozen=True, slots=True)
class Fetch:
    """Candles to fetch: dates as in settings, None for the command's own defaults."""

    exchange: str
    symbols: tuple[str, ...]
    timeframe: str
    start: str | None = None
    end: str | None = None


def fetch_order(paths: Paths, fetch: Fetch) -> Order:
    """Return the order to fetch candles. Raises FormError."""
    problems: list[Problem] = []
    _tried(problems, "exchange", lambda: ExchangeManager().get(fetch.exchange, paths))
    _tried(problems, "timeframe", lambda: Timeframe.parse(fetch.timeframe))
    _tried(problems, "", lambda: RunConfig.model_validate({"start": fetch.start, "end": fetch.end}))
    if not fetch.symbols:
        problems.append(Problem("symbols", "name at least one symbol."))
    problems += [Problem("symbols", _no_symbol(symbol)) for symbol in fetch.symbols if not is_symbol(symbol)]
    if problems:
        raise FormError(problems)
    dates = [text for name, value in (("--from", fetch.start), ("--to", fetch.end)) if value for text in (name, value)]
    label = f"{fetch.exchange} {', '.join(fetch.symbols)} {fetch.timeframe}"
    options = ("--exchange", fetch.exchange, "--timeframe", fetch.timeframe, *dates)
    return Order(JobKind.FETCH, label[:300], ("data", "fetch", *options, "--", *fetch.symbols))


def is_symbol(text: str) -> bool:
    """Return whether ``text`` can be a venue's name of a market, and nothing worse."""
    return _SYMBOL.fullmatch(text) is not None and ".." not in text and "//" not in text and not text.endswith("/")


def _tried(problems: list[Problem], field: str, check: Callable[[], Any]) -> None:
    try:
        check()
    except ConfigError as error:
        problems += problems_of(error, ("start", "end")) if not field else [Problem(field, str(error))]


def _settings(paths: Paths, given: Mapping[str, Any], fields: Callable[[], frozenset[str]]) -> RunConfig:
    problems = _own_files(given)
    if _has_self(given):
        raise FormError([*problems, Problem("", "self is no setting.")])
    try:
        settings = RunConfig(**merge_settings(standing_settings(paths), given))
    except ConfigError as error:
        raise FormError([*problems, *_unknown_exchange(paths, given), *problems_of(error, fields())]) from None
    problems += _unknown_names(paths, settings, fields)
    if problems:
        raise FormError(problems)
    return settings


def _has_self(given: Mapping[str, Any]) -> bool:
    """Return whether a name is used that no Python call bears."""
    return "self" in given or any(isinstance(each, Mapping) and _has_self(each) for each in given.values())


def _own_files(given: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each setting that would name a file."""
    problems = []
    strategy, search = given.get("strategy"), given.get("optimization")
    name = strategy.get("name") if isinstance(strategy, Mapping) else None
    if isinstance(name, str) and name not in strategy_names():
        problems.append(Problem("strategy.name", f"strategy '{name[:80]}' is not known.{did_you_mean(name, strategy_names())}"))
    objective = search.get("objective") if isinstance(search, Mapping) else None
    names = objective if isinstance(objective, list | tuple) else [objective]
    problems += [
        Problem("optimization.objective", f"'{each[:80]}' is a file: files of your own are named in config/run.yaml, not here.")
        for each in names
        if isinstance(each, str) and is_own(each)
    ]
    return problems


def _unknown_exchange(paths: Paths, given: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for an exchange that does not exist, for settings that have other mistakes too."""
    name = given.get("exchange")
    problems: list[Problem] = []
    if isinstance(name, str):
        _tried_name(problems, "exchange", lambda: ExchangeManager().get(name, paths))
    return problems


def _unknown_names(paths: Paths, settings: RunConfig, fields: Callable[[], frozenset[str]]) -> list[Problem]:
    """Return a problem for each exchange, symbol, strategy or parameter that is not there or not allowed here."""
    problems: list[Problem] = []
    several = bool(settings.markets)
    for place, market in enumerate(settings.all_markets):
        whose = f"markets.{place}." if several else ""
        try:
            exchange = ExchangeManager().get(market.exchange, paths)
        except ConfigError as error:
            problems.append(Problem(f"{whose}exchange", str(error)))
            continue
        if market.exchange == "LOCAL":
            known = exchange.symbols()
            if market.symbol not in known:
                text = f"there is no '{market.symbol[:80]}' in the candle folder.{did_you_mean(market.symbol, known)}"
                problems.append(Problem(f"{whose}symbol", text))
        elif not is_symbol(market.symbol):
            problems.append(Problem(f"{whose}symbol", _no_symbol(market.symbol)))
    if settings.top is not None:
        _tried_name(problems, "top.exchange", lambda: ExchangeManager().get(str(settings.top and settings.top.exchange), paths))
    try:
        resolve_params(get_strategy(settings.strategy.name), settings.strategy)
    except ConfigError as error:
        problems += problems_of(error, fields(), "strategy")
    return problems


def _tried_name(problems: list[Problem], field: str, check: Callable[[], Any]) -> None:
    try:
        check()
    except ConfigError as error:
        problems.append(Problem(field, str(error)))


def _no_symbol(text: str) -> str:
    return f"'{text[:80]}' is no symbol: use the venue's name of the market, e.g. BTCUSDT or BTC/USDT."


def _plain(value: Any) -> Any:
    """Return ``value`` as YAML knows it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
