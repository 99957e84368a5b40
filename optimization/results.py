"""What a stage and a whole optimization come to."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired

from config import StrategyConfig
from optimization.objectives.summary import SearchSummary, add_summary
from optimization.screening import ScreeningResult, screening_result
from optimization.search import SearchPlan, best_of
from optimization.space import Stage
from optimization.trial_record import STATES, TrialRecord
from strategies import strategy_label
from strategies.base import ParamValue


class StageResult(SearchSummary):
    """The outcome of one stage.

    ``best_value`` is the winner's objective and ``best_sharpe`` its Sharpe ratio (both nan when no trial is valid), ``best_params`` its
    values of the stage's parameters, ``best_trial`` its number. Without a valid trial the base goes on: ``best_params`` are the base's
    and ``best_trial`` is None. ``metrics`` belong to the parameters that go on (empty when their simulation failed). ``states`` counts
    trials by state. ``bars_full`` is what the simulated trials would have cost at full fidelity, ``bars_simulated`` what they did cost.
    ``screening`` is there when a GPU took part, ``pareto`` with several objectives (the knee is the winner, ``best_value`` its first
    objective), ``constraints`` where there are any, ``advice`` when no trial is valid. ``neighbourhood`` and ``importance``
    are there in a summary where ``optimization.neighbourhood`` is on: what lies around the winner, and which parameters matter.
    """

    best_value: float
    best_sharpe: float
    best_params: dict[str, ParamValue]
    best_trial: int | None
    num_trials: int
    states: dict[str, int]
    metrics: dict[str, float | int | bool]
    bars_simulated: int
    bars_full: int
    screening: NotRequired[ScreeningResult]
    neighbourhood: NotRequired[dict[str, Any]]
    importance: NotRequired[dict[str, Any]]


def stage_result(plan: SearchPlan, records: Sequence[TrialRecord], bars: int) -> StageResult:
    """Return the outcome of a finished search over ``bars`` bars."""
    winner = best_of(records)
    chosen = records[0] if winner is None else winner
    states = [record.state for record in records]
    result = StageResult(
        best_value=math.nan if winner is None else winner.value,
        best_sharpe=math.nan if winner is None else float(winner.metrics["sharpe_ratio"]),
        best_params={name: (plan.space.base if winner is None else winner.params)[name] for name in plan.space.names},
        best_trial=None if winner is None else winner.trial,
        num_trials=len(records),
        states={state: states.count(state) for state in STATES if state in states},
        metrics=dict(chosen.metrics),
        bars_simulated=sum(record.bars for record in records),
        bars_full=bars * (len(records) - states.count("duplicate")),
    )
    add_summary(result, plan.objectives, plan.constraints, plan.min_trades, records)
    if plan.device != "cpu":
        result["screening"] = screening_result(plan.device, records)
    return result


@dataclass(frozen=True)
class OptimizationSummary:
    """The stages that ran, in the order in which they ran, and the configuration they lead to."""

    stages: Mapping[Stage, StageResult]
    final_config: StrategyConfig

    def as_dict(self) -> dict[str, Any]:
        """Return the content of ``optimization.json``; a strategy of the user's own goes by its file name."""
        final = self.final_config.model_dump(mode="json") | {"name": strategy_label(self.final_config.name)}
        return {"stages": {stage: dict(result) for stage, result in self.stages.items()}, "final_config": final}
