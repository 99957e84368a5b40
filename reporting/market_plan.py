"""What a run simulates each of its markets with, read back by whoever tells of the run afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config import ExecutionConfig, RunConfig, StrategyConfig
from core.market import MarketRules
from reporting.selection import SelectedMarket


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """What the engines need for one market, beside its candles."""

    selected: SelectedMarket
    strategy: StrategyConfig
    execution: ExecutionConfig
    rules: MarketRules


def market_plan(market: SelectedMarket, settings: RunConfig, resolved: Mapping[str, Any]) -> MarketPlan:
    """Return the plan of ``market`` by a run's settings and ``resolved``, its strategy.json."""
    return MarketPlan(market, settings.strategy, _resolved(settings.execution, resolved, market.slug), market.rules)


def _resolved(execution: ExecutionConfig, resolved: Mapping[str, Any], slug: str) -> ExecutionConfig:
    """Return the execution in one market: with its fees, and with the constant funding rate only where funding is paid."""
    fees, constant = resolved["fees"][slug], resolved["funding"][slug]["constant_rate"]
    return execution.replace(maker_fee=float(fees["maker"]), taker_fee=float(fees["taker"]), funding_rate=float(constant))
