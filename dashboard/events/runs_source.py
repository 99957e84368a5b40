"""What runs do: how far they are, when a stage or a run ends, and which come and go."""

import re
from typing import Any

from core.paths import Paths
from core.run_folder import RunLock
from dashboard.events.hub import Event
from dashboard.reading.small_files import Stamp, small_json, stamp_of

_RUN_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
# Every how many looks the locks of runs at work are asked: a killed process writes no farewell.
_LOCK_EVERY = 4
_NUMBERS = (
    "stage", "done", "total", "window", "best", "per_second", "bars_per_second", "eta_seconds", "started_ms", "stage_started_ms",
    "updated_ms",
)  # fmt: skip
_TEXTS = ("state", "stage_name", "title", "name", "note", "market", "search", "objective")


def progress_content(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a progress file says, in known fields of known kinds only; {} for a file that is none."""
    numbers = {name: value for name in _NUMBERS if isinstance(value := content.get(name), int | float) and not isinstance(value, bool)}
    texts = {name: value[:300] for name in _TEXTS if isinstance(value := content.get(name), str)}
    return dict.fromkeys((*_NUMBERS, *_TEXTS)) | numbers | texts if "state" in texts else {}


class RunsSource:
    """Watches ``progress.json`` of every run; ``live`` has those at work, with the number of their stage."""

    def __init__(self, paths: Paths) -> None:
        self._folder = paths.checkpoints
        self.live: dict[str, int] = {}
        self._stamps: dict[str, Stamp | None] = {}
        self._states: dict[str, tuple[str, int]] = {}
        self._ending: dict[str, dict[str, Any]] = {}
        self._looks = 0

    def prime(self) -> None:
        """Take in which runs there are and which are at work."""
        self.live, self._states, self._ending, self._looks = {}, {}, {}, 0
        self._stamps = {name: self._stamp(name) for name in self._names()}
        for name, stamp in self._stamps.items():
            content = self._progress(name) if stamp else {}
            if content:
                self._take(name, content)
        self._told_dead()

    def poll(self) -> list[Event]:
        """Return ``progress`` of each run that moved, and ``run`` where one came, went, changed its stage or ended."""
        names = self._names()
        events = [_run_event(name, "removed") for name in self._stamps if name not in names]
        for name in [name for name in self._stamps if name not in names]:
            del self._stamps[name]
            self.live.pop(name, None)
            self._states.pop(name, None)
            self._ending.pop(name, None)
        for name in names:
            known, stamp = name in self._stamps, self._stamp(name)
            if not known:
                events.append(_run_event(name, "new"))
            if not known or stamp != self._stamps[name]:
                self._stamps[name] = stamp
                events += self._moved(name) if stamp else []
        events += self._ended()
        self._looks += 1
        return events if self._looks % _LOCK_EVERY else [*events, *self._told_dead()]

    def _moved(self, name: str) -> list[Event]:
        content = self._progress(name)
        if not content:
            return []
        before, now = self._states.get(name), self._take(name, content)
        events = [Event("progress", {"run": name} | content, name)]
        self._ending.pop(name, None)
        if now != before and now[0] != "running":
            self._ending[name] = content
        return events if now == before or now[0] != "running" else [*events, _run_event(name, now[0], content)]

    def _take(self, name: str, content: dict[str, Any]) -> tuple[str, int]:
        state = (str(content["state"]), int(content["stage"] or 0))
        self._states[name] = state
        if state[0] == "running":
            self.live[name] = state[1]
        else:
            self.live.pop(name, None)
        return state

    def _ended(self) -> list[Event]:
        """Return a ``run`` event for each run that said its last word and let go of its lock: before, it would still be found at work."""
        gone = {name: content for name, content in self._ending.items() if not self._is_held(name)}
        for name in gone:
            del self._ending[name]
        return [_run_event(name, str(content["state"]), content) for name, content in gone.items()]

    def _told_dead(self) -> list[Event]:
        """Return a ``run`` event for each run that says it is at work and is not."""
        dead = [name for name in self.live if not self._is_held(name)]
        for name in dead:
            del self.live[name]
            self._states[name] = ("stopped", self._states[name][1])
        return [_run_event(name, "stopped") for name in dead]

    def _is_held(self, name: str) -> bool:
        lock = self._folder / name / "run.lock"
        return stamp_of(lock) is not None and RunLock.is_held(self._folder / name)

    def _names(self) -> set[str]:
        if not self._folder.is_dir():
            return set()
        return {
            entry.name for entry in self._folder.iterdir() if _RUN_ID.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink()
        }

    def _stamp(self, name: str) -> Stamp | None:
        return stamp_of(self._folder / name / "progress.json")

    def _progress(self, name: str) -> dict[str, Any]:
        return progress_content(small_json(self._folder / name / "progress.json"))


def _run_event(name: str, state: str, content: dict[str, Any] | None = None) -> Event:
    return Event("run", {"run": name, "state": state, "stage": (content or {}).get("stage")}, name)
