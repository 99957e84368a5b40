"""The gates that a strategy has to pass, each with its number, its limit and a sentence a trader understands.

Those of the walk-forward and of the winner's surroundings are here, those of the statistics in ``reporting.significance_gates``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config import VerdictConfig
from reporting.gate import Gate, gate, uncomputed
from reporting.gate_texts import counted, earned, finite, objective_in_words, percent_beside, percent_of_limit, plain
from reporting.significance_gates import significance_gates


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the gates judge: the contents of walkforward.json, optimization.json and significance.json, None where a run has no such
    file because an older version made it."""

    walkforward: Mapping[str, Any]
    optimization: Mapping[str, Any]
    significance: Mapping[str, Any] | None


def judge_gates(evidence: Evidence, limits: VerdictConfig) -> tuple[Gate, ...]:
    """Return every gate, in the order of ``reporting.gate.GATES``."""
    superior, deflated, overfitting, psr, permutation = significance_gates(evidence.significance, limits)
    return (
        superior,
        deflated,
        overfitting,
        _consistent(evidence.walkforward, limits.profitable_windows_from),
        psr,
        _on_a_plateau(evidence.optimization, limits.plateau_from),
        permutation,
        _survives_costs(evidence.walkforward, limits.doubled_costs_profit_above),
        _enough_trades(evidence.walkforward, limits.out_of_sample_trades_from),
    )


def _consistent(walkforward: Mapping[str, Any], limit: float) -> Gate:
    share = finite(walkforward["scores"].get("consistency"))
    if share is None:
        return uncomputed("profitable_windows", ">=", limit, "no window was scored")
    windows = counted(int(walkforward["scored_windows"]), "scored window")
    return gate(
        "profitable_windows", share, ">=", limit,
        f"{percent_beside(share, limit)} of {windows} ended with a profit; "
        f"at least {percent_of_limit(limit)} must, so that no single lucky stretch carries the result.",
    )  # fmt: skip


def _survives_costs(walkforward: Mapping[str, Any], limit: float) -> Gate:
    profit = finite((walkforward.get("doubled_costs") or {}).get("net_pnl"))
    if profit is None:
        return uncomputed("doubled_costs_profit", ">", limit, "there is no result at doubled fees and slippage")
    return gate(
        "doubled_costs_profit", profit, ">", limit,
        f"With fees and slippage twice as high, the same parameters {earned(profit)}; they must earn more than {limit:,.2f}, "
        "because real costs are rarely lower than planned.",
    )  # fmt: skip


def _enough_trades(walkforward: Mapping[str, Any], limit: int) -> Gate:
    trades = int(walkforward["oos_trades"])
    return gate(
        "out_of_sample_trades", trades, ">=", limit,
        f"{counted(trades, 'out-of-sample trade')}; at least {limit:,} are needed, fewer say little about the next ones.",
    )  # fmt: skip


def _on_a_plateau(optimization: Mapping[str, Any], limit: float) -> Gate:
    """Judge the winner that loses most when its parameters are moved by up to two steps, among those of the stages."""
    around = {
        stage: result["neighbourhood"] for stage, result in optimization["stages"].items() if _has_neighbours(result.get("neighbourhood"))
    }
    loser = next((stage for stage, found in around.items() if found["value"] <= found["neutral"]), None)
    if loser is not None:
        return _nothing_kept(loser, around[loser], limit)
    reasons = (_no_share(stage, found) for stage, found in around.items())
    missing = next((reason for reason in reasons if reason), "") if around else _nothing_around(optimization)
    if missing:
        return uncomputed("plateau", ">=", limit, missing)
    shares = {stage: _kept(found) for stage, found in around.items()}
    stage = min(shares, key=lambda name: shares[name])
    objective = objective_in_words(around[stage]["objective"])
    kept = percent_beside(shares[stage], limit) if shares[stage] > 0 else "nothing"
    return gate(
        "plateau", shares[stage], ">=", limit,
        f"Moved by one or two steps, the parameters of stage {stage} keep {kept} of the winner's {objective} in the median; at least "
        f"{percent_of_limit(limit)} must stay in every stage.",
    )  # fmt: skip


def _has_neighbours(found: Mapping[str, Any] | None) -> bool:
    """Tell whether a stage has a winner with points around it; one whose parameters went on as they were moved nothing."""
    return found is not None and finite(found["value"]) is not None and found["groups"]["steps"]["points"] > 0


def _nothing_around(optimization: Mapping[str, Any]) -> str:
    if any(result.get("neighbourhood") for result in optimization["stages"].values()):
        return "no stage of the search has a winner with other points around it"
    return "the surroundings of the winners were not looked at (optimization.neighbourhood is off, or an older version made the run)"


def _nothing_kept(stage: str, winner: Mapping[str, Any], limit: float) -> Gate:
    """Judge a winner at or below the neutral value: no share of it can be told, and of nothing nothing is kept."""
    objective, value = objective_in_words(winner["objective"]), plain(winner["value"])
    sentence = f"The {objective} of stage {stage}'s winner is {value}: it does not earn, so its neighbours have nothing to keep."
    return gate("plateau", 0.0, ">=", limit, sentence)


def _no_share(stage: str, found: Mapping[str, Any]) -> str:
    """Return why there is no share to tell, empty where there is one."""
    if finite(found["plateau_score"]) is None:
        return f"half or more of the points within two steps of stage {stage}'s winner have no valid result"
    return ""


def _kept(found: Mapping[str, Any]) -> float:
    """Return which share of the winner's lead over the objective's neutral value the median neighbour keeps."""
    neutral = float(found["neutral"])
    return (float(found["plateau_score"]) - neutral) / (float(found["value"]) - neutral)
