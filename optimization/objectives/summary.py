"""What a finished search says of its objectives and constraints: the front, the limits that were broken, and what to change."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from config import Constraints
from config.objectives import objective_label
from optimization.objectives.constraints import broken, reached
from optimization.objectives.pareto import Front, explanation, knee, point_of
from optimization.trial_record import TrialRecord
from strategies.base import ParamValue

# Of a trial with too few trades it says nothing that it keeps a limit.
_AT_THE_END = ("complete", "infeasible", "undefined")


class FrontMember(TypedDict):
    """One trial of a Pareto front; ``values`` has one number per objective, in their order."""

    trial: int
    params: dict[str, ParamValue]
    values: list[float]


class ParetoResult(TypedDict):
    """The front of a search for several ``objectives``, in trial order, the ``knee`` (a trial's number, None without a valid trial) that
    goes on, and why, in plain words.
    """

    objectives: list[str]
    front: list[FrontMember]
    knee: int | None
    explanation: str


class ConstraintResult(TypedDict):
    """One limit: how many trials broke it, of how many that were judged (at full fidelity, or certain to break it before that), and the
    figure nearest to the limit's good side among those at full fidelity (None when there is none).
    """

    limit: float
    broken: int
    judged: int
    closest: float | None


class SearchSummary(TypedDict):
    """What a search for more than one plain best value has to say beside it; parts that do not apply are absent.

    ``advice``: what to change, when no trial is valid.
    """

    pareto: NotRequired[ParetoResult]
    constraints: NotRequired[dict[str, ConstraintResult]]
    advice: NotRequired[str]


def add_summary(
    result: SearchSummary, objectives: Sequence[str], constraints: Constraints, min_trades: int, records: Sequence[TrialRecord]
) -> None:
    """Put into ``result`` what there is to say of ``records``, all the trials of a search."""
    if len(objectives) > 1:
        result["pareto"] = _pareto([objective_label(name) for name in objectives], records)
    if constraints.limits:
        result["constraints"] = _constraints(constraints, records)
    if not any(record.state == "complete" for record in records):
        result["advice"] = advice(records, result.get("constraints", {}), min_trades)


def _pareto(labels: list[str], records: Sequence[TrialRecord]) -> ParetoResult:
    front = Front(records).trials
    chosen = knee(front)
    members = [FrontMember(trial=each.trial, params=dict(each.params), values=list(point_of(each))) for each in front]
    number = None if chosen is None else chosen.trial
    return ParetoResult(objectives=labels, front=members, knee=number, explanation=explanation(front, labels))


def _constraints(constraints: Constraints, records: Sequence[TrialRecord]) -> dict[str, ConstraintResult]:
    full = [record for record in records if record.state in _AT_THE_END]
    found = {}
    for place, (name, limit) in enumerate(constraints.limits.items()):
        figures = [reached(name, record.metrics) for record in full]
        closest = (max if name == "min_trades" else min)(figures, default=None)
        early = [record for record in records if record.state not in _AT_THE_END and record.violations and record.violations[place] > 0.0]
        count = len(early) + sum(record.violations[place] > 0.0 for record in full)
        found[name] = ConstraintResult(limit=limit, broken=count, judged=len(full) + len(early), closest=closest)
    return found


def advice(records: Sequence[TrialRecord], constraints: dict[str, ConstraintResult], min_trades: int) -> str:
    """Return why none of ``records`` is valid and what to change, the most frequent reason first."""
    trials = [record for record in records if record.state != "duplicate"]
    states = [record.state for record in trials]
    reasons = {
        "infeasible": _broken(constraints),
        "few_trades": f"fewer trades than the {min_trades} of optimization.min_trades: lower it, loosen the strategy's thresholds, "
        "or take more candles",
        "ruined": "the account was ruined: lower order_qty or execution.leverage, or use a stop",
        "undefined": _undefined(trials, constraints),
        "failed": f"the simulation or the objective failed ({next((each.error for each in trials if each.error), '')})",
    }
    counted = sorted(((states.count(state), text) for state, text in reasons.items() if state in states), key=lambda item: -item[0])
    told = "; ".join(f"{count} of {len(trials)} trials: {text}" for count, text in counted)
    return f"No trial is valid, so the parameters go on as they were. {told}."


def _undefined(trials: Sequence[TrialRecord], constraints: dict[str, ConstraintResult]) -> str:
    barred = sum(record.state == "undefined" and broken(record.violations) > 0.0 for record in trials)
    text = (
        "the objective has no value (no trade, no losing trade, no change of the equity; of a quartile: too many blocks without one; of a "
        "plateau: half of the neighbours cannot win): choose another one, or more candles"
    )
    return f"{text}; in {barred} of them {_broken(constraints)}" if barred else text


def _broken(constraints: dict[str, ConstraintResult]) -> str:
    parts = [
        f"{name} {each['limit']:g} was broken by {each['broken']} of {each['judged']} (the closest came to {each['closest']:.4g})"
        for name, each in sorted(constraints.items(), key=lambda item: -item[1]["broken"])
        if each["broken"] and each["closest"] is not None
    ]
    return f"a constraint is broken: {', '.join(parts)}; loosen what is broken most" if parts else "a constraint is broken"
