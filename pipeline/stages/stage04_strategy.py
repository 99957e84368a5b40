"""Stage 4: the strategy's parameters, what trading costs, how hard to search, which windows; every range checked."""

from typing import Any

from config import ExecutionConfig, OptimizationConfig
from core.atomic_files import write_bytes
from core.canonical_json import digest, dump_bytes
from core.run_folder import stage_named
from exchanges import ExchangeManager, VenueFees, is_spot_market
from market_data.loading import UNSTORED
from pipeline.context import RunContext
from pipeline.plan import fees_of
from pipeline.selection import SelectedMarket, load_selection
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData, cell, facts, plain_number
from strategies import Strategy, get_strategy, resolve_params, strategy_digest, strategy_label

STAGE = stage_named("strategy")


def _inputs(context: RunContext) -> dict[str, str]:
    settings = context.settings
    return {
        "selection": context.record_hash("selection"),
        "strategy": digest([settings.strategy.model_dump(mode="json", exclude={"name"}), strategy_digest(settings.strategy.name)]),
        "execution": digest([settings.execution.model_dump(mode="json"), sorted(settings.execution.model_fields_set)]),
        "optimization": digest(searched(settings.optimization)),
        "walkforward": context.part_hash("walkforward"),
    }


def searched(optimization: OptimizationConfig) -> dict[str, Any]:
    """Return the settings of the search that its result depends on: all but where it is computed."""
    return optimization.model_dump(mode="json", exclude={"executor"})


def _run(context: RunContext) -> StageOutcome:
    """Check the strategy's parameters, complete the fees from each venue's record and write strategy.json."""
    settings = context.settings
    strategy = get_strategy(settings.strategy.name)
    params = resolve_params(strategy, settings.strategy)
    markets = load_selection(context.run)
    fees = {market.slug: fees_of(settings.execution, _venue_fees(context, market)) for market in markets}
    content = {
        "strategy": settings.strategy.model_dump(mode="json") | {"name": strategy_label(settings.strategy.name)},
        "execution": settings.execution.model_dump(mode="json"),
        "fees": {slug: {"maker": fee.maker, "taker": fee.taker, "source": fee.source} for slug, fee in fees.items()},
        "optimization": searched(settings.optimization),
        "walkforward": settings.walkforward.model_dump(mode="json"),
    }
    path = context.run.stage(STAGE) / "strategy.json"
    write_bytes(path, dump_bytes(content))
    tables = (_parameter_table(strategy, params), _fee_table(markets, fees, settings.execution), _search_table(context))
    return StageOutcome((path,), tables, tuple(_warnings(context, markets)))


def _venue_fees(context: RunContext, market: SelectedMarket) -> VenueFees:
    return ExchangeManager().get(market.exchange, context.paths).default_fees


def _parameter_table(strategy: Strategy, params: dict[str, Any]) -> TableData:
    rows = tuple(
        (param.name, plain_number(params[param.name]), plain_number(param.default), param.stage or "fixed") for param in strategy.params
    )
    return TableData(f"Strategy {strategy.name}", ("parameter", "value", "default", "searched in"), rows)


def _fee_table(markets: list[SelectedMarket], fees: dict[str, VenueFees], execution: ExecutionConfig) -> TableData:
    rows = tuple(
        (
            market.label,
            f"{fees[market.slug].maker:.4%}",
            f"{fees[market.slug].taker:.4%}",
            f"{execution.slippage:.4%}",
            _source(fees[market.slug]),
        )
        for market in markets
    )
    return TableData("Costs", ("market", "maker fee", "taker fee", "slippage", "fees from"), rows, (0, 4))


def _source(fees: VenueFees) -> str:
    return f"{fees.source} ({fees.as_of})" if fees.as_of else fees.source


def _search_table(context: RunContext) -> TableData:
    optimization, walkforward = context.settings.optimization, context.settings.walkforward
    profile = optimization.profile
    return facts(
        "Search and validation",
        (
            ("profile", f"{profile.value}: {profile.trials} / {profile.trials} / {profile.timeout_trials} trials in 7.1 / 7.2 / 7.3"),
            ("sampler, objective", f"{optimization.optuna_sampler}, {optimization.objective}"),
            (
                "windows",
                f"{walkforward.is_length_days:g} days in sample, {walkforward.oos_length_days:g} out, every {walkforward.stride_days:g}",
            ),
            ("starting capital", cell(context.settings.execution.initial_capital)),
        ),
    )


def _warnings(context: RunContext, markets: list[SelectedMarket]) -> list[str]:
    shorts, found = context.settings.strategy.allow_short, []
    for market in markets:
        exchange = ExchangeManager().get(market.exchange, context.paths)
        if not is_spot_market(exchange, market.symbol):
            if exchange.name not in UNSTORED:
                found.append(f"{market.label} is a derivative: what its positions pay or receive in funding is not in the results")
        elif shorts:
            found.append(
                f"{market.label} is a spot market: short positions cannot be held there. Set strategy.allow_short=false to leave them out"
            )
    return found


STRATEGY = StageWork(STAGE, _inputs, _run)
