"""New lines of the packages' logs, which hold no secret: they were masked before they were written."""

import json
from pathlib import Path
from typing import Any

from core.logs import PACKAGES
from core.paths import Paths
from dashboard.events.hub import Event
from dashboard.reading.masking import PathCutter
from dashboard.reading.small_files import Tail

_MOST_LINES = 100
_FIELDS = ("time", "level", "logger", "message")


class LogsSource:
    """Watches ``logs/<package>.log`` of every package."""

    def __init__(self, paths: Paths) -> None:
        self._folder, self._cut = paths.logs, PathCutter(paths)
        self._tails: dict[str, Tail] = {}

    def prime(self) -> None:
        """Take in where the logs end."""
        self._tails = {package: Tail(self._path(package), from_the_end=True) for package in PACKAGES}

    def poll(self) -> list[Event]:
        """Return an event for each new line, oldest first; of a flood the last hundred, and then how many were left out."""
        found = [line for package, tail in self._tails.items() for text in tail.lines() if (line := self._line(package, text))]
        found.sort(key=lambda line: str(line["time"]))
        left_out = len(found) - _MOST_LINES
        events = [Event("log", line) for line in found[-_MOST_LINES:]]
        return [Event("log", {"left_out": left_out}), *events] if left_out > 0 else events

    def _path(self, package: str) -> Path:
        return self._folder / f"{package}.log"

    def _line(self, package: str, text: bytes) -> dict[str, Any]:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(content, dict) or not all(isinstance(content.get(name), str) for name in _FIELDS):
            return {}
        line = {"package": package} | {name: content[name] for name in _FIELDS}
        return line | {"message": self._cut(line["message"])}
