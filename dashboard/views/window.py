"""One walk-forward window by itself: what its search promised, what came of it, what it chose, and what a plain choice would have made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.formatting import compact, number, sign, true_minus
from dashboard.reading.files import expecting
from dashboard.views.windows import days_between
from reporting.metric_info import MetricInfo
from reporting.metric_table import METRICS
from reporting.robustness_view import depth_cells, depth_columns

Content = Mapping[str, Any]

_SIGNED = {"net_pnl", "return_pct", "gross_pnl", "sharpe_ratio", "sortino_ratio", "expectancy", "cagr"}


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric: in sample, out of sample and of the median trial out of sample; ``kind`` colours the one in the middle."""

    label: str
    definition: str
    inside: str
    outside: str
    median: str
    kind: str


@dataclass(frozen=True, slots=True)
class ParamRow:
    """One parameter: the window's choice, the base, its distance from it and the range over all windows."""

    name: str
    chosen: str
    base: str
    shift: str
    span: str


@dataclass(frozen=True, slots=True)
class WindowView:
    """The page of one window; ``before`` and ``after`` are its neighbours' numbers, None at the ends."""

    index: int
    facts: tuple[tuple[str, str], ...]
    note: str
    depth: tuple[tuple[str, str, str], ...]
    metrics: tuple[MetricRow, ...]
    has_median: bool
    params: tuple[ParamRow, ...]
    before: int | None
    after: int | None
    oos_start_ms: int
    oos_end_ms: int
    on_path: bool


def window_view(content: Content | None, index: int) -> WindowView | None:
    """Return the view of window ``index`` of walkforward.json, None where there is no such window. Raises CorruptFileError."""
    if content is None:
        return None
    with expecting("walkforward.json"):
        windows = content["windows"]
        place = next((place for place, window in enumerate(windows) if window["index"] == index), None)
        if place is None:
            return None
        window = windows[place]
        return WindowView(
            index=index,
            facts=_facts(content, window),
            note="" if window.get("scored") else str(window.get("reason") or "not scored"),
            depth=_depth(content, window),
            metrics=_metrics(window),
            has_median=bool(window.get("median_trial")),
            params=tuple(
                _param(str(name), value, content["drift"].get(name) or {}) for name, value in (window.get("params") or {}).items()
            ),
            before=int(windows[place - 1]["index"]) if place else None,
            after=int(windows[place + 1]["index"]) if place + 1 < len(windows) else None,
            oos_start_ms=int(window["oos_start_ms"]),
            oos_end_ms=int(window["oos_end_ms"]),
            on_path=window.get("path") == content.get("stitched_path"),
        )


def _facts(content: Content, window: Content) -> tuple[tuple[str, str], ...]:
    path = window.get("path")
    judged = ", the one that is judged" if path == content.get("stitched_path") else ""
    facts = [
        ("Searched", days_between(window["is_start_ms"], window["is_end_ms"])),
        ("Tested", days_between(window["oos_start_ms"], window["oos_end_ms"])),
        *(
            []
            if path is None
            else [("Path", f"{path}{judged}"), ("Left out of the search", "the tested days, and those of its other groups")]
        ),
        ("A trial of the search was valid", compact(bool(window["found"])) if "found" in window else "n/a"),
        ("Scored", compact(bool(window.get("scored")))),
        ("Counts as profitable", compact(bool(window["profitable"])) if "profitable" in window else "n/a"),
        ("Net P&L at twice the costs", number(window.get("doubled_costs_net_pnl"))),
        ("Trials tested out of sample", number(window.get("trials_tested"), 0)),
        ("Trials with a rank in both parts", number(window.get("trials_ranked"), 0)),
    ]
    return tuple(facts)


def _depth(content: Content, window: Content) -> tuple[tuple[str, str, str], ...]:
    """Return label, text and definition of the window's figures of depth; none in older runs."""
    heads = depth_columns(content)[:-1]
    return tuple(
        (head, true_minus(text), definition) for (head, definition), text in zip(heads, depth_cells(content, window), strict=False)
    )


def _metrics(window: Content) -> tuple[MetricRow, ...]:
    inside, outside = window.get("is_metrics") or {}, window.get("oos_metrics") or {}
    median = (window.get("median_trial") or {}).get("oos_metrics") or {}
    parts = (inside, outside, median)
    return tuple(_metric(info, [part.get(info.metric) for part in parts]) for info in METRICS if info.metric in inside | outside)


def _metric(info: MetricInfo, values: list[Any]) -> MetricRow:
    inside, outside, median = (_text(value, info.decimals) for value in values)
    label = f"{info.label}, %" if info.unit == "%" else info.label
    return MetricRow(label, info.definition, inside, outside, median, sign(values[1]) if info.metric in _SIGNED else "")


def _text(value: Any, decimals: int) -> str:
    return compact(value) if isinstance(value, bool) else number(value, decimals)


def _param(name: str, value: Any, drift: Content) -> ParamRow:
    base = drift.get("base")
    moved = isinstance(value, int | float) and not isinstance(value, bool) and isinstance(base, int | float) and base
    shift = number((value / base - 1) * 100, 1) if moved else ""
    low, high = (compact(_whole(drift.get(end))) for end in ("min", "max"))
    return ParamRow(name, compact(value), compact(_whole(base)), shift, f"{low} to {high}")


def _whole(value: Any) -> Any:
    """Return a float that is a whole number as one: bases of periods are kept as floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
