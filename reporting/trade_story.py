"""One trade, or one entry that was not filled whole, told bar by bar with the rule that acted: for the terminal and for pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any, Literal

from backtest_engine.explain import BarStory, explain_missed_entry, explain_trade
from config import StrategyConfig
from core.candles import Candles
from core.errors import ConfigError
from core.funding import FundingRates
from reporting.market_plan import MarketPlan
from strategies import with_params

Kind = Literal["trade", "entry"]


@dataclass(frozen=True, slots=True)
class ToldMarket:
    """A market of a run as it was simulated: its plan and its data; ``config`` is the plan's strategy or another one to tell of.

    ``first_bar``: the account began there.
    """

    plan: MarketPlan
    config: StrategyConfig
    candles: Candles
    funding: FundingRates | None = None
    detail: Candles | None = None
    first_bar: int = 0


def story_of(market: ToldMarket, kind: Kind, number: int) -> Sequence[BarStory]:
    """Return the story of trade ``number``, or of the entry event of that number; ConfigError when there is none."""
    plan, tell = market.plan, explain_trade if kind == "trade" else explain_missed_entry
    return tell(
        market.candles, market.config, plan.selected.order_qty, plan.execution, plan.rules, number,
        first_bar=market.first_bar, funding=market.funding, detail=market.detail,
    )  # fmt: skip


def optimized_config(plan: MarketPlan, optimization: Mapping[str, Any]) -> StrategyConfig:
    """Return the strategy with the parameters that the search ended with, by its optimization.json."""
    return StrategyConfig(**(optimization["final_config"] | {"name": plan.strategy.name}))


def in_window(market: ToldMarket, walkforward: Mapping[str, Any], number: int) -> ToldMarket:
    """Return ``market`` as window ``number`` tested it out of sample with the parameters it had found, by its walkforward.json.

    ConfigError when there is no such window.
    """
    windows = {window["index"]: window for window in walkforward["windows"]}
    if number not in windows:
        raise ConfigError(f"there is no window {number}: the walk-forward has {len(windows)}, numbered from {min(windows)}.")
    window = windows[number]
    known = market.candles[: market.candles.index_of(window["oos_end_ms"])]
    return replace(
        market,
        config=with_params(market.plan.strategy, window["params"]),
        candles=known,
        detail=None if market.detail is None else market.detail[: market.detail.index_of(known.end_ms)],
        first_bar=market.candles.index_of(window["oos_start_ms"]),
    )


def levels_of(bar: BarStory) -> tuple[tuple[str, float], ...]:
    """Return the prices that hold from the close of ``bar`` on, by name; those that there are."""
    placed = (("stop", bar.stop), ("target", bar.target), ("liquidation", bar.liquidation))
    return tuple((name, level) for name, level in placed if not isnan(level))
