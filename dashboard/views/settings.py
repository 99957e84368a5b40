"""The settings of a run as sections of label and text; paths of the machine are cut to the file's name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.formatting import compact
from dashboard.reading.run_reader import Run, short_name

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?(?:Z|\+00:00)")
SECTION_TITLES = {
    "strategy": "Strategy",
    "execution": "Execution",
    "optimization": "Optimization",
    "walkforward": "Walk-forward",
    "significance": "Significance",
    "verdict": "Verdict",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One group of settings."""

    title: str
    items: tuple[tuple[str, str], ...]


def settings_sections(run: Run) -> tuple[Section, ...]:
    """Return the run's settings: as resolved in stage 4, or as given before that. Raises CorruptFileError."""
    given = run.head()["settings"]
    resolved = run.stage_json("strategy", "strategy.json") or {}
    general = {name: value for name, value in given.items() if name not in (*SECTION_TITLES, "log_levels", "markets")}
    sections = [Section("Run", _items(general))]
    for name, title in SECTION_TITLES.items():
        content = resolved.get(name, given.get(name))
        if isinstance(content, dict):
            sections.append(Section(title, _items(content)))
    for name in ("fees", "funding", "rules"):
        by_market = resolved.get(name)
        if isinstance(by_market, dict):
            sections += [
                Section(f"{name.capitalize()} of {slug}", _items(each)) for slug, each in by_market.items() if isinstance(each, dict)
            ]
    return tuple(section for section in sections if section.items)


def _items(content: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    items: list[tuple[str, str]] = []
    for name, value in content.items():
        if isinstance(value, dict):
            items += [(f"{name}.{inner}", setting_text(item)) for inner, item in value.items()]
        elif value not in (None, [], ""):
            items.append((name, setting_text(value)))
    return tuple(items)


def setting_text(value: Any) -> str:
    """Return a setting as pages show it: moments in UTC, paths cut to the file's name."""
    if isinstance(value, dict):
        return f"{len(value)} values"
    if isinstance(value, str):
        moment = _MOMENT.fullmatch(value)
        return f"{moment[1]} {moment[2]} UTC" if moment else short_name(value)
    return compact(value)


def flat_settings(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the settings of a section by name; one within another is called ``outer.inner``."""
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from flat_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
