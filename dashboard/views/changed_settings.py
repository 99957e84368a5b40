"""The settings of a run that differ from the program's defaults."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config import (
    ExecutionConfig,
    OptimizationConfig,
    RunConfig,
    SignificanceConfig,
    StrategyConfig,
    VerdictConfig,
    WalkForwardConfig,
)
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import Run
from dashboard.views.settings import SECTION_TITLES, flat_settings, setting_text
from strategies import get_strategy, strategy_names

_UNSET = "not set"


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """A setting with what it is in the run and what it would be by itself."""

    section: str
    name: str
    value: str
    default: str


def changed_settings(run: Run) -> tuple[ChangedSetting, ...]:
    """Return what differs, in the order of the sections: as resolved in stage 4, or as given before that. Raises CorruptFileError."""
    given = run.head()["settings"]
    resolved = run.stage_json("strategy", "strategy.json") or {}
    with expecting("run.json or strategy.json"):
        return tuple(
            change
            for section, defaults in default_settings(str((given.get("strategy") or {}).get("name", ""))).items()
            for change in _changes(section, _content(section, given, resolved), defaults)
        )


def default_settings(strategy: str) -> dict[str, dict[str, Any]]:
    """Return section -> setting -> default; "run" are those of no section. ``strategy`` adds the parameters of a built-in one."""
    general = RunConfig().model_dump(mode="json", exclude={*SECTION_TITLES, "log_levels", "markets", "top"})
    models = {
        "strategy": StrategyConfig(), "execution": ExecutionConfig(), "optimization": OptimizationConfig(),
        "walkforward": WalkForwardConfig(), "significance": SignificanceConfig(), "verdict": VerdictConfig(),
    }  # fmt: skip
    sections = {"run": general} | {name: model.model_dump(mode="json") for name, model in models.items()}
    if strategy in strategy_names():
        declared = {param.name: param.default for param in get_strategy(strategy).params}
        own = {name: value for name, value in declared.items() if name not in StrategyConfig.model_fields}
        sections["strategy"] |= {"params": own}
    return sections


def _content(section: str, given: Mapping[str, Any], resolved: Mapping[str, Any]) -> Mapping[str, Any]:
    if section == "run":
        return {name: value for name, value in given.items() if name not in {*SECTION_TITLES, "log_levels", "markets", "top"}}
    content = resolved.get(section, given.get(section)) or {}
    if not isinstance(content, Mapping):
        raise TypeError(section)
    return content


def _changes(section: str, content: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[ChangedSetting]:
    known = dict(flat_settings(defaults))
    for name, value in flat_settings(content):
        if name not in known or not _same(value, known[name]):
            default = _UNSET if known.get(name) is None else setting_text(known[name])
            yield ChangedSetting(SECTION_TITLES.get(section, "Run"), name, _UNSET if value is None else setting_text(value), default)


def _same(one: Any, other: Any) -> bool:
    """Return whether two settings are equal: 1 and 1.0 are, 1 and True are not."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other
