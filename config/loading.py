"""Run files and their layers: defaults, config/run.yaml, --config, --set; later wins."""

from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from config.run import RunConfig
from core.errors import ConfigError


class _UniqueKeys(yaml.SafeLoader):
    """The safe loader, which lets a repeated key silently win over the first one; here it is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build the mapping; a repeated key is an error with its line."""
        keys = [key.value for key, _value in node.value]
        for position, (key, _value) in enumerate(node.value):
            if key.value in keys[:position]:
                raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' stands there twice", key.start_mark)
        return super().construct_mapping(node, deep)


def load_run_config(files: Iterable[Path], assignments: Iterable[str] = (), overrides: Mapping[str, Any] | None = None) -> RunConfig:
    """Return the settings of the merged ``files``, then ``key=value`` ``assignments``, then ``overrides`` (nested mapping).

    Raises ConfigError for an unreadable file, a key that does not exist or a value out of range.
    """
    settings: dict[str, Any] = {}
    for path in files:
        settings = merge_settings(settings, read_settings_file(path))
    settings = merge_settings(settings, parse_assignments(assignments))
    return RunConfig(**merge_settings(settings, overrides or {}))


def read_settings_file(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; ConfigError names the file and the line that is wrong."""
    try:
        content = _UniqueKeys(path.read_text(encoding="utf-8")).get_single_data()
    except FileNotFoundError:
        raise ConfigError(f"there is no settings file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the settings file {path}: {error}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: 2024-13-01 looks like a date and is none
        raise ConfigError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from error
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigError(f"{path} must hold settings as 'key: value' lines.")
    return content


def parse_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """Return the nested mapping of ``dotted.key=value`` texts; values are read as YAML (numbers, true, lists)."""
    settings: dict[str, Any] = {}
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set '{text}' must be key=value, e.g. --set optimization.profile=FAST.")
        try:
            parsed: Any = yaml.safe_load(value) if value.strip() else None
        except (yaml.YAMLError, ValueError, RecursionError):
            raise ConfigError(f"--set '{text}': '{value}' is no valid value.") from None
        for part in reversed(key.strip().split(".")):
            parsed = {part: parsed}
        settings = merge_settings(settings, parsed)
    return settings


def merge_settings(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``changes`` laid over it, nested mappings merged key by key."""
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = merge_settings(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
