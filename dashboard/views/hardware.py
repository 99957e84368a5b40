"""The last measurement of this machine, as stage 6 wrote it."""

from dataclasses import dataclass
from typing import Any

from core.paths import Paths
from dashboard.formatting import number, words
from dashboard.reading.files import FileReader, expecting

_GIB = 2**30
_EXECUTORS = {"inline": "this process alone", "processes": "processes of this machine", "ray": "a Ray cluster"}


@dataclass(frozen=True, slots=True)
class HardwareView:
    """When it was measured (UTC ms), facts as label, text and what it means, and what the GPU is worth, where there is one."""

    measured_ms: int
    machine: tuple[tuple[str, str, str], ...]
    speed: tuple[tuple[str, str, str], ...]
    gpu: tuple[tuple[str, str, str], ...]


def hardware_profile(paths: Paths, files: FileReader) -> dict[str, Any] | None:
    """Return the content of data/hardware_profile.json, None before the first measurement. Raises CorruptFileError."""
    profile = files.mapping(paths.hardware_profile)
    if profile is not None:
        with expecting("hardware_profile.json"):
            _checked(profile)
    return profile


def _checked(profile: dict[str, Any]) -> None:
    for name in ("measured_ms", "cores", "memory_bytes", "workers"):
        if isinstance(profile[name], bool) or not isinstance(profile[name], int):
            raise TypeError(name)
    for name in ("bars_per_second", "search_bars_per_second", "estimated_seconds"):
        if isinstance(profile[name], bool) or not isinstance(profile[name], int | float):
            raise TypeError(name)
    for name in ("gpu", "ray"):
        if not isinstance(profile[name], str | None):
            raise TypeError(name)
    if not isinstance(profile["executor"], str):
        raise TypeError("executor")


def hardware_view(profile: dict[str, Any] | None) -> HardwareView | None:
    """Return what the page shows of the profile, None before the first measurement. Raises CorruptFileError."""
    if profile is None:
        return None
    with expecting("hardware_profile.json"):
        return HardwareView(profile["measured_ms"], _machine(profile), _speed(profile), _gpu(profile))


def _machine(profile: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    return (
        ("Processor cores", number(profile["cores"], 0), "Those that the program may use."),
        ("Memory", f"{number(profile['memory_bytes'] / _GIB, 1)} GiB", "All of the machine's."),
        ("GPU", profile["gpu"] or "none found", "The first that NVIDIA's driver names."),
        ("Ray", profile["ray"] or "not installed; not needed", "For searches on several machines."),
    )


def _speed(profile: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    executor = str(profile["executor"])
    return (
        ("One backtest", f"{number(profile['bars_per_second'], 0)} bars/s", "Signals included, on one core."),
        (
            "A search",
            f"{number(profile['search_bars_per_second'], 0)} bars/s",
            "Trials in batches share what they have in common; on one core.",
        ),
        ("Workers", number(profile["workers"], 0), "How many the last run had for its search."),
        ("They are", _EXECUTORS.get(executor, words(executor).lower()), "What computed the last run's trials."),
        ("Estimated", duration(profile["estimated_seconds"]), "For stages 7 and 8 of the last run, before they began."),
    )


def _gpu(profile: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    found = profile.get("gpu_crossover")
    if not isinstance(found, dict):
        return ()
    return (
        ("Device", str(found["device"]), "What a search may screen its trials on."),
        ("Worth it from", f"{number(found['batch'], 0)} trials", "In smaller batches the processor is as fast."),
    )


def duration(seconds: Any) -> str:
    """Return seconds as people say them: 0.4 s, 12 s, 3 min 20 s, 2 h 05 min; "n/a" for what is no number."""
    text = number(seconds, 1 if isinstance(seconds, int | float) and seconds < 10 else 0)
    if not isinstance(seconds, int | float) or text == "n/a" or seconds < 120:
        return f"{text} s" if text != "n/a" else text
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 120:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
