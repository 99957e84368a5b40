"""All p-values beside each other: how often nothing but luck would look this good, by one test and by the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.figures.base import Figure, Trace, axis, empty, figure
from reporting.gate_texts import finite

# Below this a p-value is drawn at the border; the text beside it has the number.
LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class PValue:
    """One p-value with the bounds that are known of it, and the limit of the gate that rests on it (None: of none)."""

    label: str
    value: float
    low: float
    high: float
    limit: float | None

    @property
    def outcome(self) -> str:
        """What the gate says: ``met``, ``missed`` or, without a gate, ``told``."""
        if self.limit is None:
            return "told"
        return "met" if self.value <= self.limit else "missed"


_OUTCOMES = {
    "met": ("gate met", "circle", "@c-green"),
    "missed": ("gate missed", "x", "@c-vermillion"),
    "told": ("told beside, without a gate", "diamond-open", "@c-blue"),
}
_HAIRCUTS = {"bonferroni": "Haircut, Bonferroni", "holm": "Haircut, Holm", "bhy": "Haircut, BHY"}


def p_values_figure(content: Mapping[str, Any], limits: Mapping[str, float]) -> Figure:
    """Return the chart of every p-value in significance.json; ``limits`` are those of the gates by name."""
    tests = p_values(content, limits)
    if not tests:
        return empty("No p-value could be computed; the table says why.")
    data = [trace for outcome in _OUTCOMES if (trace := _marks(outcome, tests)) is not None]
    gates = [test for test in tests if test.limit is not None]
    if gates:
        data.append(_limits(gates))
    labels = [test.label for test in reversed(tests)]
    layout = {
        "xaxis": axis(
            "p-value (to the left: harder to explain by luck)", type="log", range=[-4.15, 0.12], tickvals=[1e-4, 1e-3, 0.01, 0.1, 1],
            ticktext=["0.0001", "0.001", "0.01", "0.1", "1"],
        ),
        "yaxis": axis(type="category", categoryorder="array", categoryarray=labels, showgrid=True, range=[-0.6, len(labels) - 0.4]),
        "height": 110 + 30 * len(labels),
    }  # fmt: skip
    return figure(data, layout, tests=len(tests))


def p_values(content: Mapping[str, Any], limits: Mapping[str, float]) -> list[PValue]:
    """Return the tests that have a p-value, in the order in which they are told."""
    superior = content["superior_ability"]
    gate = limits.get("superior_ability")
    found = [
        _test("Superior predictive ability", superior, gate, superior["p_lower"], superior["p_upper"]),
        _test("Reality check", content["reality_check"]),
        _test("Shuffled candles", content["permutation"], limits.get("permutation")),
        _test("Shuffled walk-forward", content["walkforward_permutation"]),
        *(_test(label, {"value": content["haircut"][name]["p_value"]}) for name, label in _HAIRCUTS.items()),
    ]
    return [test for test in found if test is not None]


def _test(
    label: str, statistic: Mapping[str, Any], limit: float | None = None, low: float | None = None, high: float | None = None
) -> PValue | None:
    value = finite(statistic["value"])
    if value is None:
        return None
    return PValue(label, value, value if low is None else low, value if high is None else high, limit)


def _marks(outcome: str, tests: list[PValue]) -> Trace | None:
    chosen = [test for test in tests if test.outcome == outcome]
    if not chosen:
        return None
    name, symbol, color = _OUTCOMES[outcome]
    drawn = [max(test.value, LEAST) for test in chosen]
    return {
        "type": "scatter", "mode": "markers+text", "name": name, "x": drawn, "y": [test.label for test in chosen],
        "marker": {"symbol": symbol, "size": 11, "color": color, "line": {"width": 2 if symbol.endswith("open") else 0, "color": color}},
        "error_x": {
            "type": "data", "symmetric": False, "color": color, "thickness": 1.5, "width": 5,
            "array": [max(0.0, test.high - at) for test, at in zip(chosen, drawn, strict=True)],
            "arrayminus": [max(0.0, at - max(test.low, LEAST)) for test, at in zip(chosen, drawn, strict=True)],
        },
        "text": [p_text(test.value) for test in chosen], "textposition": "top center", "textfont": {"size": 11, "color": "@ink"},
        "hovertemplate": "%{y}: p = %{text}<extra></extra>", "cliponaxis": False,
    }  # fmt: skip


def _limits(gates: list[PValue]) -> Trace:
    return {
        "type": "scatter", "mode": "markers", "name": "limit of the gate",
        "x": [test.limit for test in gates], "y": [test.label for test in gates],
        "marker": {"symbol": "line-ns", "size": 22, "color": "@ink", "line": {"width": 2, "color": "@ink"}},
        "hovertemplate": "%{y}: the gate asks for %{x:.3~g} or less<extra></extra>",
    }  # fmt: skip


def p_text(value: float) -> str:
    """Return a p-value with three decimals, small ones as a bound."""
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1e}" if value > 0 else "0"
