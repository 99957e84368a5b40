"""What stage 9 says of a market: a verdict with its gates, and the comparison."""

from typing import Any


def market_report(trades_found: int, passed: bool) -> dict[str, Any]:
    """Return what report.json holds of one market."""
    gates = _gates(trades_found, passed)
    headline = "Holds up out of sample" if passed else "Not worth trading as it is"
    text = "The search found settings that earned in sample; on days it had not seen they did " + ("too." if passed else "not.")
    rows = [
        _row("net_pnl", "Net P&L", "quote", "Sum of all trades after fees and funding.", [812.4, 1220.9, 1603.25, 1710.0, -118.4]),
        _row(
            "sharpe_ratio",
            "Sharpe ratio",
            "ratio",
            "Mean of the per-bar returns over their standard deviation, annualized.",
            [0.61, 1.1, 1.52, 1.73, -0.2],
        ),
        _row("max_drawdown", "Max drawdown", "%", "Deepest fall of equity below its highest point so far.", [-1.9, -1.4, -1.2, -1.1, -1.3]),
        _row("total_trades", "Trades", "trades", "Closed trades.", [90, 81, 72, 70, trades_found]),
        _row(
            "profit_factor",
            "Profit factor",
            "ratio",
            "Net profits of the winners over net losses of the losers.",
            [1.2, None, 1.6, 1.7, 0.9],
        ),
        _row("ruined", "Ruined", "yes/no", "Whether the account was lost.", [False, False, False, False, False]),
    ]
    comparison = {"columns": ["baseline", "7.1", "7.2", "7.3", "walkforward"], "rows": rows}
    return {"verdict": {"passed": passed, "headline": headline, "text": text, "gates": gates}, "comparison": comparison}


def _gates(trades_found: int, passed: bool) -> list[dict[str, Any]]:
    """Return the gates in their order; of those that fail in a market without an edge one cannot be computed."""
    return [
        _gate(
            "superior_ability", passed, 0.012 if passed else 0.41, "<", 0.05, "If no trial were truly better, the best would still look it."
        ),
        _gate("deflated_sharpe", passed, 0.968 if passed else 0.9496, ">=", 0.95, "At least 95 % is needed after so many trials."),
        _gate(
            "overfitting_probability",
            passed,
            0.11 if passed else 0.57,
            "<=",
            0.2,
            "At most 20 % of the choices may test in the worse half.",
        ),
        _gate("profitable_windows", True, 0.6667, ">=", 0.6, "67 % of the 3 scored windows ended with a profit; at least 60 % must."),
        _gate("out_of_sample_psr", passed, 0.97 if passed else 0.38, ">=", 0.9, "That the true Sharpe ratio is above zero must be likely."),
        _gate("plateau", True, 0.83, ">=", 0.6, "Moved by one or two steps, the parameters must keep at least 60 %."),
        _gate("permutation", passed, 0.00498 if passed else None, "<=", 0.05, "At most 5 % of the shuffled copies may be as good.")
        | ({} if passed else {"reason": "no permutation was asked for"}),
        _gate(
            "doubled_costs_profit", passed, 71.2 if passed else -358.4, ">", 0.0, "With fees twice as high, it must still earn more than 0."
        ),
        _gate("out_of_sample_trades", True, trades_found, ">=", 30, f"{trades_found} out-of-sample trades; at least 30 are needed."),
    ]


def _gate(name: str, passed: bool, value: float | None, comparison: str, threshold: float, sentence: str) -> dict[str, Any]:
    return {
        "name": name,
        "passed": passed,
        "value": value,
        "comparison": comparison,
        "threshold": threshold,
        "sentence": sentence,
        "reason": None,
    }


def _row(metric: str, label: str, unit: str, definition: str, values: list[Any]) -> dict[str, Any]:
    return {"metric": metric, "label": label, "unit": unit, "definition": definition, "values": values}
