"""The layers of settings, and how a run keeps its own: run.json for the program, run.yaml for people to repeat it with."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from config import RunConfig, load_run_config
from config.objectives import is_own
from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes, read_json
from core.errors import ConfigError, CorruptFileError
from core.paths import Paths
from core.run_folder import SCHEMA_VERSION, RunFolder
from pipeline.program import command_to

_YAML_HEADER = "# The settings of run {run_id}. Repeat it with: python run_pipeline.py run --config <this file>\n"


def resolve_settings(
    paths: Paths, config_file: Path | None, assignments: Iterable[str] = (), overrides: Mapping[str, Any] | None = None
) -> RunConfig:
    """Return the settings of config/run.yaml (if present), then ``config_file``, then ``assignments``, then ``overrides``."""
    standing = paths.config / "run.yaml"
    files = [*([standing] if standing.is_file() else []), *([config_file] if config_file else [])]
    return anchored(load_run_config(files, assignments, overrides))


def anchored(settings: RunConfig) -> RunConfig:
    """Return ``settings`` with relative paths of candle, strategy and objective files made absolute: resume works from any folder."""
    changes: dict[str, Any] = {}
    if settings.markets:
        changes["markets"] = tuple(
            market.replace(symbol=_absolute(market.symbol)) if market.exchange == "LOCAL" else market for market in settings.markets
        )
    elif settings.exchange.upper() == "LOCAL":
        changes["symbol"] = _absolute(settings.symbol)
    if settings.strategy.name.endswith(".py"):
        changes["strategy"] = settings.strategy.replace(name=_absolute(settings.strategy.name))
    if any(is_own(name) for name in settings.optimization.objectives):
        names = [_absolute(name) if is_own(name) else name for name in settings.optimization.objectives]
        changes["optimization"] = settings.optimization.replace(objective=names)
    return settings.replace(**changes) if changes else settings


def _absolute(text: str) -> str:
    path = Path(text).expanduser()
    return str(path.resolve()) if path.exists() else text


def settings_as_given(settings: RunConfig) -> dict[str, Any]:
    """Return what was set, and only that: what was left to defaults stays open (fees, for one, come from the venue then)."""
    return settings.model_dump(mode="json", exclude_unset=True)


def save_settings(run: RunFolder, settings: RunConfig, created_ms: int) -> None:
    """Write run.yaml and then run.json, whose presence makes the folder a run."""
    given = settings_as_given(settings)
    text = _YAML_HEADER.format(run_id=run.run_id) + yaml.safe_dump(given, sort_keys=False, allow_unicode=True)
    write_bytes(run.checkpoints / "run.yaml", text.encode())
    write_bytes(run.settings_file, dump_bytes({"schema": SCHEMA_VERSION, "settings": given, "created_ms": created_ms}))


def load_settings(run: RunFolder) -> tuple[RunConfig, int]:
    """Return a run's settings and when it was created (UTC ms); CorruptFileError names run.json and how to go on."""
    try:
        content = read_json(run.settings_file)
        return RunConfig(**content["settings"]), int(content["created_ms"])
    except (CorruptFileError, ConfigError, TypeError, KeyError, ValueError) as error:
        spare = run.checkpoints / "run.yaml"
        raise CorruptFileError(
            f"{run.settings_file} is damaged: {error}. "
            f"The settings also stand in {spare}: start again with: {command_to('run', '--config', str(spare))}"
        ) from error
