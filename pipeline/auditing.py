"""What an audit works on and where its result goes."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from config import RunConfig, StrategyConfig, load_run_config
from config.run import GapPolicy
from core.atomic_files import write_bytes
from core.candles import Candles
from core.canonical_json import dump_bytes
from core.errors import ConfigError
from core.paths import Paths
from core.suggest import did_you_mean
from market_data import load_candles, read_candle_file
from pipeline.demo import demo_settings
from pipeline.screen import Screen
from strategies import get_strategy
from strategies.audit import AuditResult

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def audit_settings(strategy: str, assignments: Iterable[str], overrides: Mapping[str, Any], file: Path | None) -> RunConfig:
    """Return the settings of an audit: the simulated market of the demonstration unless other candles are named.

    ``assignments`` are ``name=value`` pairs of the strategy's parameters. Raises ConfigError for a strategy, a parameter or a value that
    is not known, and for candles named twice.
    """
    if file is not None and (twice := [name for name in ("exchange", "symbol") if name in overrides]):
        raise ConfigError(f"--candles names the candles already: leave out {' and '.join(f'--{name}' for name in twice)}.")
    declared = [param.name for param in get_strategy(strategy).params]
    keys = [_key(assignment, strategy, declared) for assignment in assignments]
    market = dict(overrides) | {"strategy": {"name": strategy}}
    if file is None and str(market.get("exchange", "SIMULATED")).upper() == "SIMULATED" and not {"start", "end"} & market.keys():
        demo = demo_settings()
        market |= {"start": demo.start, "end": demo.end}  # a fixed year: equal audits give equal bytes
    return load_run_config([], keys, market)


def audit_candles(paths: Paths, settings: RunConfig, file: Path | None, screen: Screen) -> Candles:
    """Return the candles that ``settings`` or ``file`` name, holes left as they are; what is remarkable is shown as a warning."""
    if file is not None:
        if not file.is_file():
            raise ConfigError(f"there is no candle file {file}.")
        timeframe = settings.timeframe if "timeframe" in settings.model_fields_set else None
        candles = read_candle_file(file, timeframe=timeframe)
        first = int(candles.open_ms[0]) if settings.start_ms is None else settings.start_ms
        return candles.between(first, candles.end_ms if settings.end_ms is None else settings.end_ms)
    loaded = load_candles(
        settings.exchange, settings.symbol, settings.timeframe, settings.start_ms, settings.end_ms, gaps=GapPolicy.KEEP, paths=paths
    )
    for warning in loaded.quality.warnings:
        screen.warning(warning)
    return loaded.candles


def save_audit(paths: Paths, result: AuditResult) -> Path:
    """Write the result to ``results/audits`` under the strategy's name, in place of an earlier one."""
    path = paths.audits / f"{_UNSAFE.sub('-', result.strategy)}.json"
    write_bytes(path, dump_bytes(result.as_dict()))
    return path


def _key(assignment: str, strategy: str, declared: list[str]) -> str:
    """Return a parameter's assignment as one of the settings."""
    name, equals, value = assignment.partition("=")
    name = name.strip()
    if not equals or not name:
        raise ConfigError(f"--params {assignment}: must be name=value, such as --params {declared[0] if declared else 'period'}=10.")
    if name not in declared:
        raise ConfigError(f"--params {name}: strategy {strategy} has no such parameter.{did_you_mean(name, declared)}")
    return f"strategy.{'' if name in StrategyConfig.model_fields else 'params.'}{name}={value}"
