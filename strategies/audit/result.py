"""What an audit found, as a record that can be shown and stored."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.clock import format_utc

SCHEMA_VERSION = 1
State = Literal["passed", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One bar that gave something away. Bars count from 0, times are UTC ms of the bar's open.

    ``output`` is what differed at ``bar``: ``direction``, ``touch_level``, ``atr``, or ``error`` where the strategy failed. ``value`` is
    what it is on all candles, ``other`` what it is in the run that this check compared them with; None where there is none.
    ``cut`` is the first bar that was different or absent in that run.
    """

    output: str
    bar: int
    bar_ms: int
    cut: int
    cut_ms: int
    change: str
    value: float | None
    other: float | None

    @property
    def when(self) -> str:
        """The bar's number and time, for people."""
        return f"bar {self.bar:,} ({format_utc(self.bar_ms)} UTC)"


@dataclass(frozen=True, slots=True)
class Check:
    """One question put to the strategy. ``points`` runs or cuts were compared, ``failing`` of them differed; ``first`` is the earliest
    bar that did. ``difference`` is the largest relative difference of a value, nan where it is not measured. A warning has passed.
    """

    name: str
    title: str
    state: State
    points: int
    failing: int
    first: Finding | None
    difference: float
    text: str

    @property
    def passed(self) -> bool:
        """Whether the strategy may be used as far as this check goes."""
        return self.state != "failed"


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The audit of one strategy with one set of parameters on one series; equal inputs give an equal result.

    ``strategy`` is a name or a file without its folders, ``strategy_digest`` the name again or the SHA-256 of that file.
    """

    strategy: str
    strategy_digest: str
    params: Mapping[str, bool | int | float]
    exchange: str
    symbol: str
    timeframe: str
    synthetic: bool
    bars: int
    start_ms: int
    end_ms: int
    candles_digest: str
    signals: int
    warmup: int
    cuts: int
    seed: int
    checks: tuple[Check, ...]
    headline: str
    text: str

    @property
    def passed(self) -> bool:
        """True when no check failed; warnings are allowed."""
        return all(check.passed for check in self.checks)

    def check(self, name: str) -> Check:
        """Return the check called ``name``; KeyError when it was not made."""
        found = {check.name: check for check in self.checks}
        return found[name]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: the fields above, with the verdict's three under ``verdict``."""
        content = asdict(self) | {"schema": SCHEMA_VERSION, "params": dict(self.params)}
        verdict = {"passed": self.passed, "headline": content.pop("headline"), "text": content.pop("text")}
        checks = [asdict(check) | {"passed": check.passed} for check in self.checks]
        return content | {"checks": checks, "verdict": verdict}
