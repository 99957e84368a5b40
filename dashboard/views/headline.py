"""The few figures at the top of a market's page: out of sample where there is any, with the baseline beside them."""

from dataclasses import dataclass
from typing import Any

from dashboard.formatting import number, sign
from dashboard.reading.files import expecting
from reporting.metric_table import METRIC_BY_NAME

_METRICS = ("net_pnl", "return_pct", "sharpe_ratio", "max_drawdown", "profit_factor", "win_rate", "expectancy", "total_trades")
_SIGNED = {"net_pnl", "return_pct", "sharpe_ratio", "expectancy"}


@dataclass(frozen=True, slots=True)
class HeadlineFigure:
    """One figure: out of sample as ``value``, the baseline as ``other``; before stage 8 the baseline is the value."""

    label: str
    definition: str
    value: str
    kind: str
    other: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures and what they are from; ``other_source`` is empty while there is only the baseline."""

    source: str
    other_source: str
    figures: tuple[HeadlineFigure, ...]


def headline_figures(baseline: dict[str, Any] | None, walkforward: dict[str, Any] | None) -> Headline | None:
    """Return the figures of baseline.json and walkforward.json, None before stage 5. Raises CorruptFileError."""
    if baseline is None:
        return None
    with expecting("baseline.json or walkforward.json"):
        before = baseline["metrics"]
        if walkforward is None:
            return Headline("baseline, all bars", "", tuple(_figure(metric, before, None) for metric in _METRICS))
        after = walkforward["stitched"]
        return Headline("walk-forward, out of sample", "baseline, all bars", tuple(_figure(metric, after, before) for metric in _METRICS))


def _figure(metric: str, shown: dict[str, Any], other: dict[str, Any] | None) -> HeadlineFigure:
    info = METRIC_BY_NAME[metric]
    kind = sign(shown.get(metric)) if metric in _SIGNED else ""
    beside = "" if other is None else _text(metric, other.get(metric))
    return HeadlineFigure(info.label, info.definition, _text(metric, shown.get(metric)), kind, beside)


def _text(metric: str, value: Any) -> str:
    info = METRIC_BY_NAME[metric]
    text = number(value, info.decimals)
    return f"{text} %" if info.unit == "%" and value is not None else text
