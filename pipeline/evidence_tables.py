"""The evidence of a run on the terminal: what was compared, and what luck would have to explain."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.tables import UNDEFINED, TableData, cell, facts
from reporting.market_plan import MarketPlan

_ROWS = (
    ("better than the benchmark (p, superior ability)", "superior_ability"),
    ("deflated Sharpe ratio (probability)", "deflated_sharpe"),
    ("probability of backtest overfitting", "overfitting_probability"),
    ("as good on shuffled candles (p)", "permutation"),
    ("as good a walk-forward on shuffled candles (p)", "walkforward_permutation"),
)


def evidence_tables(plans: Sequence[MarketPlan], contents: Sequence[Mapping[str, Any]]) -> list[TableData]:
    """Return a table for each market; none for a run without a search."""
    return [evidence_table(plan.selected.label, content) for plan, content in zip(plans, contents, strict=False)]


def evidence_table(label: str, content: Mapping[str, Any]) -> TableData:
    """Return trials, winner and the tests by which luck is judged, with the reasons of those that have no figure."""
    trials, noise = content["trials"], content["noise_sharpe"]
    rows = (
        ("different trials of the search", f"{cell(trials['unique'])} of {cell(trials['raw'])}"),
        ("trials of the windows", cell(trials["in_windows"])),
        (f"best Sharpe ratio expected from noise, of {_independent(noise)}", _figure(noise)),
        ("Sharpe ratio of the winner, of daily returns", cell(content["winner"]["sharpe"])),
        *((name, _figure(content[key])) for name, key in _ROWS),
    )
    reasons = [f"{name}: {content[key]['reason']}." for name, key in _ROWS if content[key]["reason"]]
    return facts(f"Edge or luck: {label}", rows, " ".join(reasons))


def _independent(noise: Mapping[str, Any]) -> str:
    """Return how many trials there are when those that are alike count as one: fewer than stage 5 counts before the search."""
    return "independent trials" if noise["trials"] is None else f"{noise['trials']:,.1f} independent trials"


def _figure(statistic: Mapping[str, Any]) -> str:
    return UNDEFINED if statistic["value"] is None else cell(statistic["value"], 3)
