"""Options that several commands share, each said once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

DEFAULT_PORT = 8050
Command = TypeVar("Command", bound=Callable[..., Any])

quiet = click.option("--quiet", "-q", is_flag=True, help="Plain lines only: no tables, no bars.")
port = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port of the dashboard; if it is taken, the next free one.",
)
no_serve = click.option("--no-serve", is_flag=True, help="End after publishing instead of serving the dashboard.")
config = click.option("--config", "config_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="A run file (YAML).")
assignments = click.option(
    "--set", "assignments", multiple=True, metavar="KEY=VALUE", help="Change one setting, e.g. --set strategy.ema_fast=10. May be repeated."
)

# Option -> dotted key of RunConfig. What a user does not give stays as the run file or the defaults have it.
_COMMON = {
    "exchange": ("exchange", str, "Where candles come from: BINANCE, BINANCEUSDM, DELTA, ZERODHA, DHAN, CCXT:<id>, LOCAL, SIMULATED."),
    "symbol": ("symbol", str, "Symbol; for LOCAL a candle file."),
    "timeframe": ("timeframe", str, "1m 5m 15m 1h 4h 1d 1w."),
    "start": ("start", str, "First day, e.g. 2024-01-01 (UTC)."),
    "end": ("end", str, "Day after the last, e.g. 2025-01-01 (UTC)."),
    "qty": ("order_qty", float, "Order quantity in the base currency."),
    "seed": ("seed", int, "Seed of the search."),
    "strategy": ("strategy.name", str, "Name of a strategy, or a Python file of your own."),
}
_SEARCH = {
    "profile": ("optimization.profile", str, "FAST, BALANCED or THOROUGH."),
    "sampler": ("optimization.optuna_sampler", str, "tpe, gp, cmaes, nsga2, nsga3, qmc, random or grid."),
    "trials": ("optimization.trials", int, "Trials of 7.1 and 7.2; the profile's when left out."),
    "objective": ("optimization.objective", str, "What to raise: sharpe, sortino, ..., sharpe_plateau, a file; several with commas."),
}
_EXECUTION = {
    "executor": ("optimization.executor", str, "Where trials are computed: auto, inline, processes or ray. No result depends on it."),
    "ray-address": ("optimization.ray_address", str, "HOST:PORT of a Ray cluster to join, instead of starting Ray on this machine."),
}
_WINDOWS = {
    "scheme": ("walkforward.scheme", str, "rolling, anchored or combinatorial windows; docs/walkforward.md."),
    "is-days": ("walkforward.is_length_days", float, "Days in sample."),
    "oos-days": ("walkforward.oos_length_days", float, "Days out of sample."),
    "stride-days": ("walkforward.stride_days", float, "Days from one window to the next."),
}


def market_options(command: Command) -> Command:
    """Add --exchange, --symbol and the other settings of one market."""
    return _with(_COMMON, command)


def candle_options(command: Command) -> Command:
    """Add --exchange, --symbol, --timeframe, --start and --end."""
    return _with({name: _COMMON[name] for name in ("exchange", "symbol", "timeframe", "start", "end")}, command)


def executor_options(command: Command) -> Command:
    """Add --executor and --ray-address."""
    return _with(_EXECUTION, command)


def search_options(command: Command) -> Command:
    """Add the common settings of the search."""
    return _with(_SEARCH, command)


def window_options(command: Command) -> Command:
    """Add the scheme and the lengths of walk-forward windows."""
    return _with(_WINDOWS, command)


def overrides_of(values: dict[str, Any]) -> dict[str, Any]:
    """Return the nested settings that the given options stand for; options left out change nothing."""
    settings: dict[str, Any] = {}
    if any(values.get(option) is not None for option in ("exchange", "symbol", "timeframe", "qty")):
        settings |= {"mode": "SINGLE", "markets": [], "top": None}  # one market is named: a run file's list of markets is not meant
    for option, (key, _, _) in (_COMMON | _SEARCH | _EXECUTION | _WINDOWS).items():
        value = values.get(option.replace("-", "_"))
        if value is not None:
            group, _, name = key.rpartition(".")
            (settings.setdefault(group, {}) if group else settings)[name] = value
    return settings


def _with(table: Mapping[str, tuple[str, type, str]], command: Command) -> Command:
    for option, (_, kind, text) in reversed(list(table.items())):
        command = click.option(f"--{option}", type=kind, help=text)(command)
    return command
