"""How the curves of accounts are drawn, the same on every chart: lines differ by dash as well as by colour."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Name, colour role, dash and width of one curve."""

    name: str
    color: str
    dash: str
    width: float


LINES = {
    "baseline": Line("Baseline", "@c-blue", "solid", 1.8),
    "7.1": Line("7.1 integers (in sample)", "@c-sky", "dot", 1.3),
    "7.2": Line("7.2 floats (in sample)", "@c-purple", "dashdot", 1.3),
    "7.3": Line("Optimized, 7.3 (in sample)", "@c-orange", "dash", 1.8),
    "walkforward": Line("Walk-forward (out of sample)", "@c-green", "solid", 2.6),
    "hold": Line("Buy & hold", "@muted", "dot", 1.4),
}
