"""What a search for several objectives, or under constraints, has to show: the front with its knee, and which limits were broken."""

from collections.abc import Mapping

from config import Constraints, OptimizationConfig
from config.objectives import objective_label
from optimization import OptimizationSummary
from optimization.objectives.summary import ConstraintResult, ParetoResult
from pipeline.tables import TableData, cell, plain_number

# A front of hundreds says no more on a screen than one of these many; optimization.json has all of it.
_SHOWN = 12
_UNITS = {"max_drawdown": " %", "min_trades": " trades", "max_exposure": " % of the bars"}


def objective_words(optimization: OptimizationConfig) -> str:
    """Return what is searched for, in one line."""
    names = " and ".join(objective_label(name) for name in optimization.objectives)
    if len(optimization.objectives) == 1:
        return names
    return f"{names} (a Pareto front; all trials at full fidelity)"


def constraint_words(constraints: Constraints) -> str:
    """Return the limits in one line."""
    return ", ".join(f"{name} {plain_number(limit)}{_UNITS[name]}" for name, limit in constraints.limits.items())


def search_tables(summary: OptimizationSummary) -> list[TableData]:
    """Return the tables of every stage that has more than one best value to show."""
    tables: list[TableData] = []
    for stage, result in summary.stages.items():
        if (pareto := result.get("pareto")) is not None and pareto["front"]:
            tables.append(_front_table(stage, pareto))
    limits: dict[str, dict[str, ConstraintResult]] = {
        stage: found for stage, result in summary.stages.items() if (found := result.get("constraints")) is not None
    }
    return [*tables, *([_constraint_table(limits)] if limits else [])]


def search_warnings(market: str, summary: OptimizationSummary) -> list[str]:
    """Return a line for each stage of ``market`` that found nothing valid, with what to change."""
    return [f"{market}, stage {stage}: {result['advice']}" for stage, result in summary.stages.items() if "advice" in result]


def _front_table(stage: str, pareto: ParetoResult) -> TableData:
    front, chosen = pareto["front"], pareto["knee"]
    shown = [each for place, each in enumerate(front) if place < _SHOWN or each["trial"] == chosen]
    rows = tuple(
        ("knee" if each["trial"] == chosen else "", str(each["trial"]), *(cell(value, 3) for value in each["values"])) for each in shown
    )
    left = len(front) - len(shown)
    note = f"{pareto['explanation']}{f' {left} more of the front stand in optimization.json.' if left else ''}"
    return TableData(f"Pareto front of stage {stage}", ("", "trial", *pareto["objectives"]), rows, (0,), note)


def _constraint_table(limits: Mapping[str, Mapping[str, ConstraintResult]]) -> TableData:
    rows = tuple(
        (stage, name, f"{plain_number(each['limit'])}{_UNITS[name]}", f"{each['broken']} of {each['judged']}", cell(each["closest"]))
        for stage, found in limits.items()
        for name, each in found.items()
    )
    return TableData("Constraints", ("stage", "constraint", "limit", "broken by", "closest trial"), rows, (0, 1))
