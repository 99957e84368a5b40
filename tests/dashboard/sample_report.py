"""What stage 9 says of a market: a verdict with its gates, and the comparison."""

from typing import Any


def market_report(trades_found: int, passed: bool) -> dict[str, Any]:
    """Return what report.json holds of one market."""
    gates = [
        _gate("out_of_sample_trades", True, trades_found, ">=", 30, f"{trades_found} out-of-sample trades; at least 30 are needed."),
        _gate(
            "out_of_sample_profit",
            passed,
            312.7 if passed else -118.4,
            ">",
            0.0,
            "On days the search had not seen, the strategy must earn more than 0.",
        ),
        _gate("profitable_windows", True, 0.6667, ">=", 0.6, "67 % of the 3 scored windows ended with a profit; at least 60 % must."),
        _gate(
            "overfitting",
            passed,
            0.2 if passed else None,
            "<=",
            0.5,
            "At most half of the promised Sharpe ratio may be lost out of sample.",
        )
        | ({} if passed else {"reason": "the mean in-sample Sharpe ratio is not above zero"}),
        _gate(
            "doubled_costs_profit",
            passed,
            71.2 if passed else -358.4,
            ">",
            0.0,
            "With fees and slippage twice as high, it must still earn more than 0.",
        ),
    ]
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
