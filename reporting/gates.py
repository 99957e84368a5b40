"""The gates that a strategy has to pass, each with its number, its limit and a sentence a trader understands."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class GateThresholds:
    """The limits. ``min_oos_trades`` counts trades; ``min_profitable_windows`` and ``max_overfitting`` are shares (0.6 = 60 %);
    profits are in the quote currency and must lie above their limit."""

    min_oos_trades: int = 30
    profit_above: float = 0.0
    min_profitable_windows: float = 0.6
    max_overfitting: float = 0.5
    doubled_costs_profit_above: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """One judged gate: passed means ``value comparison threshold`` holds. ``value`` is None when it cannot be computed; then ``reason``
    says why and the gate counts as failed."""

    name: str
    passed: bool
    value: float | None
    threshold: float
    comparison: str
    sentence: str
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def judge_gates(walkforward: Mapping[str, Any], thresholds: GateThresholds) -> tuple[Gate, ...]:
    """Return every gate for the content of a walkforward.json, in a fixed order."""
    return (
        _enough_trades(walkforward, thresholds.min_oos_trades),
        _profitable(walkforward, thresholds.profit_above),
        _consistent(walkforward, thresholds.min_profitable_windows),
        _not_overfitted(walkforward, thresholds.max_overfitting),
        _survives_costs(walkforward, thresholds.doubled_costs_profit_above),
    )


def _enough_trades(walkforward: Mapping[str, Any], limit: int) -> Gate:
    trades = int(walkforward["oos_trades"])
    return _gate(
        "out_of_sample_trades", trades, ">=", limit,
        f"{trades} out-of-sample trade{'s' if trades != 1 else ''}; at least {limit} are needed, fewer say little about the next ones.",
        "the number of trades is missing",
    )  # fmt: skip


def _profitable(walkforward: Mapping[str, Any], limit: float) -> Gate:
    profit = _number(walkforward["stitched"].get("net_pnl"))
    return _gate(
        "out_of_sample_profit", profit, ">", limit,
        f"On days the search had not seen, the strategy {earned(profit)} after costs; it must earn more than {limit:,.2f}.",
        "the stitched out-of-sample result has no net P&L",
    )  # fmt: skip


def _consistent(walkforward: Mapping[str, Any], limit: float) -> Gate:
    share = _number(walkforward["scores"].get("consistency"))
    windows = int(walkforward["scored_windows"])
    return _gate(
        "profitable_windows", share, ">=", limit,
        f"{_percent(share)} of the {windows} scored window{'s' if windows != 1 else ''} ended with a profit; "
        f"at least {_percent(limit)} must, so that no single lucky stretch carries the result.",
        "no window had enough trades to be scored",
    )  # fmt: skip


def _not_overfitted(walkforward: Mapping[str, Any], limit: float) -> Gate:
    loss = _number(walkforward["scores"].get("overfitting"))
    reason = (
        "no window had enough trades to be scored"
        if int(walkforward["scored_windows"]) == 0
        else "the mean in-sample Sharpe ratio is not above zero or undefined, so there is nothing to compare the out-of-sample one with"
    )
    return _gate(
        "overfitting", loss, "<=", limit,
        f"Out of sample the Sharpe ratio lost {_percent(loss)} of what the search promised; at most {_percent(limit)} may be lost.",
        reason,
    )  # fmt: skip


def _survives_costs(walkforward: Mapping[str, Any], limit: float) -> Gate:
    profit = _number((walkforward.get("doubled_costs") or {}).get("net_pnl"))
    return _gate(
        "doubled_costs_profit", profit, ">", limit,
        f"With fees and slippage twice as high, the same parameters {earned(profit)}; they must earn more than {limit:,.2f}, "
        "because real costs are rarely lower than planned.",
        "there is no result at doubled fees and slippage",
    )  # fmt: skip


def _gate(name: str, value: float | None, comparison: str, limit: float, sentence: str, missing: str) -> Gate:
    if value is None:
        return Gate(name, False, None, limit, comparison, f"Cannot be computed: {missing}. That counts as failed.", missing)
    passed = {">=": value >= limit, ">": value > limit, "<=": value <= limit}[comparison]
    return Gate(name, passed, value, limit, comparison, sentence)


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.0f} %"


def earned(profit: float | None) -> str:
    """Return ``earned 1,234.50`` or ``lost 1,234.50``."""
    if profit is None:
        return "earned n/a"
    return f"earned {profit:,.2f}" if profit >= 0 else f"lost {-profit:,.2f}"
