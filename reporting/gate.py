"""One gate of the verdict, and what every gate is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reporting.gate_texts import number_beside, percent_beside, percent_of_limit


@dataclass(frozen=True, slots=True)
class GateInfo:
    """How to show a gate: ``unit`` is "probability", "share", "quote" or "trades"; ``definition`` says what its number is."""

    label: str
    unit: str
    definition: str

    def value_text(self, value: float | None, limit: float) -> str:
        """Return a value in the gate's unit, with the digits that tell it from its limit; n/a for None."""
        return percent_beside(value, limit) if self._is_share else number_beside(value, limit)

    def limit_text(self, limit: float) -> str:
        """Return a limit in the gate's unit, with all of its digits."""
        return percent_of_limit(limit) if self._is_share else f"{limit:,.10g}"

    @property
    def _is_share(self) -> bool:
        return self.unit in ("probability", "share")


# In the order of the verdict.
GATES: Mapping[str, GateInfo] = {
    "superior_ability": GateInfo(
        "Better than the benchmark", "probability",
        "Hansen's test of superior predictive ability (consistent p-value): how often the best of all trials would look this good beside "
        "the better of cash and buy-and-hold if none of them were.",
    ),
    "deflated_sharpe": GateInfo(
        "Sharpe ratio after so many trials", "probability",
        "Deflated Sharpe ratio: the probability that the winner's true Sharpe ratio is above the best that as many independent trials "
        "without any edge are expected to show.",
    ),
    "overfitting_probability": GateInfo(
        "Overfitting", "probability",
        "Probability of backtest overfitting: how often the best trial of one half of the days is in the worse half of the trials on the "
        "other half. Across the trials, better on one half must go with better on the other, too.",
    ),
    "profitable_windows": GateInfo(
        "Profitable windows", "share",
        "Share of the scored walk-forward windows that ended with a profit, on days their search had not seen.",
    ),
    "out_of_sample_psr": GateInfo(
        "True Sharpe ratio out of sample", "probability",
        "Probabilistic Sharpe ratio of all out-of-sample days together: the probability that the true Sharpe ratio is above zero.",
    ),
    "plateau": GateInfo(
        "Plateau", "share",
        "What the median point within two steps of a stage's winner keeps of the winner's objective; the stage that keeps least counts.",
    ),
    "permutation": GateInfo(
        "Better than shuffled candles", "probability",
        "How often the same search does as well on candles whose order was shuffled, the real candles counted among them.",
    ),
    "doubled_costs_profit": GateInfo(
        "Profit at doubled costs", "quote", "Net P&L of all walk-forward windows with fees and slippage twice as high."
    ),
    "out_of_sample_trades": GateInfo("Enough trades", "trades", "Closed trades of all walk-forward windows."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gate:
    """One judged gate: passed means ``value comparison threshold`` holds and, for the probability of overfitting, the slope is steep
    enough. ``why`` says in a sentence what the number means and what is needed, ``beside`` what other ways to count say (may be empty).
    ``reason`` is why a number cannot be computed; the gate then counts as failed, with ``value`` None where it is its own."""

    name: str
    passed: bool
    value: float | None
    threshold: float
    comparison: str
    why: str
    reason: str | None = None
    beside: str = ""

    @property
    def sentence(self) -> str:
        """All that there is to say of it."""
        return f"{self.why} ({self.beside})" if self.beside else self.why

    def as_dict(self) -> dict[str, Any]:
        """Return name, passed, value, threshold, comparison, sentence and reason."""
        names = ("name", "passed", "value", "threshold", "comparison", "sentence", "reason")
        return {name: getattr(self, name) for name in names}


def uncomputed(name: str, comparison: str, limit: float, reason: str) -> Gate:
    """Return the failed gate of a number that there is none of; ``reason`` has no full stop."""
    return Gate(name, False, None, limit, comparison, f"Cannot be computed: {reason}. That counts as failed.", reason)


def gate(name: str, value: float, comparison: str, limit: float, why: str, beside: str = "") -> Gate:
    """Return the judged gate of a number."""
    passed = {">=": value >= limit, ">": value > limit, "<=": value <= limit, "<": value < limit}[comparison]
    return Gate(name, passed, value, limit, comparison, why, None, beside)
