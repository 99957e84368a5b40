"""What a search depends on: the settings that its ledger must share before it is resumed."""

from dataclasses import asdict
from typing import Any

from config import ExecutionConfig, StrategyConfig
from config.objectives import objective_label
from core.candles import Candles
from core.code_version import code_version
from core.funding import FundingRates
from core.market import MarketRules
from optimization.objectives import Goal
from optimization.search import SearchPlan
from strategies import strategy_digest, strategy_label


def study_identity(
    plan: SearchPlan,
    candles: Candles,
    config: StrategyConfig,
    order_qty: float,
    execution: ExecutionConfig,
    rules: MarketRules,
    first_bar: int,
    funding: FundingRates | None,
    *,
    detail: Candles | None = None,
) -> dict[str, Any]:
    """Return everything that can change a trial, ready for JSON; nothing that cannot, like paths or the number of workers."""
    return {
        "stage": plan.stage,
        "window": plan.window,
        "market": str(candles.market),
        "candles": candles.digest,
        "detail": None if detail is None else detail.digest,
        "first_bar": first_bar,
        "order_qty": order_qty,
        "rules": asdict(rules),
        "funding": None if funding is None else funding.digest,
        "execution": execution.model_dump(mode="json"),
        "base": config.model_dump(mode="json") | {"name": strategy_label(config.name)},
        "strategy": strategy_digest(config.name),
        "space": plan.space.as_dict(),
        "sampler": plan.sampler,
        "objective": [objective_label(name) for name in plan.objectives],
        "objective_files": list(plan.objective_digests),
        "objective_blocks": plan.blocks if any(Goal.of(name).form == "quartile" for name in plan.objectives) else None,
        "constraints": plan.constraints.limits,
        "levels": list(plan.levels),
        "batch": plan.batch,
        "trials": plan.trials,
        "min_trades": plan.min_trades,
        "device": plan.device,
        "seed": plan.seed,
        "code": code_version(),
    }
