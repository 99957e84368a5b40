"""The walk-forward windows as a table that can be sorted, and the scores over all of them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ConfigError
from dashboard.formatting import compact, day, number, sign
from dashboard.reading.files import expecting
from reporting.gate_texts import finite
from reporting.robustness_view import WINDOW_DEPTH

Window = Mapping[str, Any]

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One window: dates, in-sample and out-of-sample results, what was chosen; ``note`` says why it is not scored."""

    index: int
    path: str
    searched: str
    tested: str
    is_sharpe: str
    oos_sharpe: str
    is_pnl: str
    oos_pnl: str
    oos_kind: str
    median_pnl: str
    doubled_pnl: str
    efficiency: str
    rank_correlation: str
    skill: str
    trades: str
    win_rate: str
    note: str
    params: tuple[tuple[str, str], ...]
    oos_start_ms: int
    oos_end_ms: int


@dataclass(frozen=True, slots=True)
class Score:
    """One robustness score with what it means."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class WindowsQuery:
    """Which page of the windows is wanted, and in which order; ConfigError for a column that there is not."""

    page: int = 1
    sort: str = "index"
    descending: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.sort not in SORTS:
            raise ConfigError(f"the windows have no such column to sort by: use one of {', '.join(SORTS)}.")


@dataclass(frozen=True, slots=True)
class WalkForwardView:
    """Everything the walk-forward page shows beside its charts; ``rows`` are those of the page asked for, ``total`` counts all windows."""

    rows: tuple[WindowRow, ...]
    scores: tuple[Score, ...]
    scored: int
    total: int
    page: int
    pages: int
    has_paths: bool
    has_depth: bool


_MEANINGS = {
    "consistency": "Share of scored windows with a profit (and the least profit factor, where one is set). 1 is every one.",
    "stability": "1 minus the spread of the out-of-sample Sharpe ratios over their mean, at least 0. 1 is the same every time.",
    "overfitting": "How much of the in-sample Sharpe is lost out of sample. 0 is nothing, 0.5 half of it.",
    "confidence": "0.4 consistency + 0.4 stability + 0.2 (1 - overfitting, which counts as 1 at most).",
}


def _metric(part: str, name: str) -> Callable[[Window], Any]:
    return lambda window: (window.get(part) or {}).get(name)


def _field(name: str) -> Callable[[Window], Any]:
    return lambda window: window.get(name)


def _median(window: Window) -> Any:
    return ((window.get("median_trial") or {}).get("oos_metrics") or {}).get("net_pnl")


# Column of the table: the value of a window that it is sorted by.
SORTS: Mapping[str, Callable[[Window], Any]] = {
    "index": _field("index"), "path": _field("path"), "tested": _field("oos_start_ms"),
    "is_sharpe": _metric("is_metrics", "sharpe_ratio"), "oos_sharpe": _metric("oos_metrics", "sharpe_ratio"),
    "is_pnl": _metric("is_metrics", "net_pnl"), "oos_pnl": _metric("oos_metrics", "net_pnl"), "median_pnl": _median,
    "doubled_pnl": _field("doubled_costs_net_pnl"), "efficiency": _field("efficiency"), "rank_correlation": _field("rank_correlation"),
    "skill": _field("selection_skill"), "trades": _metric("oos_metrics", "total_trades"), "win_rate": _metric("oos_metrics", "win_rate"),
}  # fmt: skip


def walkforward_view(content: dict[str, Any] | None, query: WindowsQuery | None = None) -> WalkForwardView | None:
    """Return the view of walkforward.json, None before there is one. Raises CorruptFileError."""
    if content is None:
        return None
    query = query or WindowsQuery()
    with expecting("walkforward.json"):
        windows = content["windows"]
        pages = max(1, math.ceil(len(windows) / PAGE_SIZE))
        page = min(max(query.page, 1), pages)
        shown = _sorted(windows, query)[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        return WalkForwardView(
            rows=tuple(_row(window) for window in shown),
            scores=tuple(Score(name.capitalize(), number(content["scores"].get(name), 2), text) for name, text in _MEANINGS.items()),
            scored=sum(1 for window in windows if window.get("scored")),
            total=len(windows),
            page=page,
            pages=pages,
            has_paths=bool(content.get("paths")),
            has_depth=any(name in window for window in windows for name in WINDOW_DEPTH),
        )


def _sorted(windows: Sequence[Window], query: WindowsQuery) -> list[Window]:
    """Return the windows in the order asked for; those without a value come last whichever way it is."""
    value = SORTS[query.sort]
    known = [window for window in windows if finite(value(window)) is not None]
    rest = [window for window in windows if finite(value(window)) is None]
    return [*sorted(known, key=value, reverse=query.descending), *rest]


def days_between(start_ms: Any, end_ms: Any) -> str:
    """Return both dates, the year of the second only where it differs."""
    start, end = day(start_ms), day(end_ms)
    return f"{start} – {end[5:] if end[:4] == start[:4] else end}"


def _row(window: Window) -> WindowRow:
    inside, outside = window.get("is_metrics") or {}, window.get("oos_metrics") or {}
    return WindowRow(
        index=int(window["index"]),
        path="" if window.get("path") is None else str(window["path"]),
        searched=days_between(window["is_start_ms"], window["is_end_ms"]),
        tested=days_between(window["oos_start_ms"], window["oos_end_ms"]),
        is_sharpe=number(inside.get("sharpe_ratio")),
        oos_sharpe=number(outside.get("sharpe_ratio")),
        is_pnl=number(inside.get("net_pnl")),
        oos_pnl=number(outside.get("net_pnl")),
        oos_kind=sign(outside.get("net_pnl")),
        median_pnl=number(_median(window)),
        doubled_pnl=number(window.get("doubled_costs_net_pnl")),
        efficiency=number(window.get("efficiency")),
        rank_correlation=number(window.get("rank_correlation")),
        skill=number(window.get("selection_skill")),
        trades=number(outside.get("total_trades"), 0),
        win_rate=number(outside.get("win_rate"), 1),
        note="" if window.get("scored") else str(window.get("reason") or "not scored"),
        params=tuple((str(name), compact(value)) for name, value in (window.get("params") or {}).items()),
        oos_start_ms=int(window["oos_start_ms"]),
        oos_end_ms=int(window["oos_end_ms"]),
    )
