"""The walk-forward windows as a table, and the four scores."""

from dataclasses import dataclass
from typing import Any

from dashboard.formatting import compact, day, number, sign
from dashboard.reading.files import expecting


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One window: dates, in-sample and out-of-sample results, what was chosen; ``note`` says why it is not scored."""

    index: int
    searched: str
    tested: str
    is_sharpe: str
    oos_sharpe: str
    is_pnl: str
    oos_pnl: str
    oos_kind: str
    median_pnl: str
    doubled_pnl: str
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
class WalkForwardView:
    """Everything the walk-forward section shows beside its charts."""

    rows: tuple[WindowRow, ...]
    scores: tuple[Score, ...]
    scored: int


_MEANINGS = {
    "consistency": "Share of scored windows with a profit (and the least profit factor, where one is set). 1 is every one.",
    "stability": "1 minus the spread of the out-of-sample Sharpe ratios over their mean, at least 0. 1 is the same every time.",
    "overfitting": "How much of the in-sample Sharpe is lost out of sample. 0 is nothing, 0.5 half of it.",
    "confidence": "0.4 consistency + 0.4 stability + 0.2 (1 - overfitting).",
}


def walkforward_view(content: dict[str, Any] | None) -> WalkForwardView | None:
    """Return the view of walkforward.json, None before there is one. Raises CorruptFileError."""
    if content is None:
        return None
    with expecting("walkforward.json"):
        rows = tuple(_row(window) for window in content["windows"])
        scores = tuple(Score(name.capitalize(), number(content["scores"].get(name), 2), meaning) for name, meaning in _MEANINGS.items())
        return WalkForwardView(rows, scores, sum(1 for row in rows if not row.note))


def _days(start_ms: Any, end_ms: Any) -> str:
    """Return both dates, the year of the second only where it differs."""
    start, end = day(start_ms), day(end_ms)
    return f"{start} – {end[5:] if end[:4] == start[:4] else end}"


def _row(window: dict[str, Any]) -> WindowRow:
    inside, outside = window.get("is_metrics") or {}, window.get("oos_metrics") or {}
    median = (window.get("median_trial") or {}).get("oos_metrics") or {}
    note = "" if window.get("scored") else str(window.get("reason") or "not scored")
    return WindowRow(
        index=int(window["index"]),
        searched=_days(window["is_start_ms"], window["is_end_ms"]),
        tested=_days(window["oos_start_ms"], window["oos_end_ms"]),
        is_sharpe=number(inside.get("sharpe_ratio")),
        oos_sharpe=number(outside.get("sharpe_ratio")),
        is_pnl=number(inside.get("net_pnl")),
        oos_pnl=number(outside.get("net_pnl")),
        oos_kind=sign(outside.get("net_pnl")),
        median_pnl=number(median.get("net_pnl")),
        doubled_pnl=number(window.get("doubled_costs_net_pnl")),
        trades=number(outside.get("total_trades"), 0),
        win_rate=number(outside.get("win_rate"), 1),
        note=note,
        params=tuple((str(name), compact(value)) for name, value in (window.get("params") or {}).items()),
        oos_start_ms=int(window["oos_start_ms"]),
        oos_end_ms=int(window["oos_end_ms"]),
    )
