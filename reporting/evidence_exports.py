"""CSV tables of the verdict and of what it rests on: gates, statistics of luck, stress and regimes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reporting.checkpoints import MarketReport
from reporting.csv_files import write_table
from reporting.verdict import Verdict

_GATE = ("name", "passed", "value", "comparison", "threshold", "sentence", "reason")
_STRESS = (
    "name", "net_pnl", "kept", "worst_net_pnl", "return_pct", "sharpe_ratio", "profit_factor", "max_drawdown", "total_trades", "sentence",
)  # fmt: skip
_REGIME = ("trend", "volatility", "bars", "share", "trades", "net_pnl", "sharpe_ratio")


def write_evidence(folder: Path, markets: Sequence[MarketReport], verdicts: Mapping[str, Verdict]) -> list[Path]:
    """Write gates.csv of all ``markets`` and, for each that has them, significance_, stress_ and regimes_<slug>.csv; return their paths."""
    gates = ([slug, *(getattr(gate, name) for name in _GATE)] for slug, verdict in verdicts.items() for gate in verdict.gates)
    written = [write_table(folder / "gates.csv", ["market", *_GATE], gates)]
    for market in markets:
        if market.significance is not None:
            rows = _statistics(market.significance)
            written.append(write_table(folder / f"significance_{market.slug}.csv", ["statistic", "value", "reason"], rows))
        for name, columns in (("stress", _STRESS), ("regimes", _REGIME)):
            found = market.walkforward.get(name)
            if found is not None:
                written.append(
                    write_table(folder / f"{name}_{market.slug}.csv", columns, ([each.get(column) for column in columns] for each in found))
                )
    return written


def _statistics(content: Mapping[str, Any], prefix: str = "") -> Iterator[list[Any]]:
    """Yield name, value and reason of every number and text in ``content``, names dotted; lists are for the JSON file."""
    for key, value in content.items():
        if key == "reason":
            continue
        name = prefix.rstrip(".") if key == "value" else f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _statistics(value, f"{name}.")
        elif not isinstance(value, list):
            yield [name, value, content.get("reason") if key == "value" else None]
