"""Stage 4: the strategy's parameters, what trading costs, how hard to search, which windows; every range checked."""

from dataclasses import asdict
from typing import Any

from config import ExecutionConfig, OptimizationConfig, StrategyConfig, WalkForwardConfig
from config.objectives import objective_label
from core.atomic_files import write_bytes
from core.canonical_json import digest, dump_bytes
from core.run_folder import stage_named
from exchanges import Exchange, ExchangeManager, VenueFees
from optimization.objectives import Judge
from pipeline.account_rows import account_rows, idle_settings
from pipeline.context import RunContext
from pipeline.market_costs import cautions, constant_rate, funding_words
from pipeline.plan import fees_of
from pipeline.search_tables import constraint_words, objective_words
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import TableData, facts, plain_number
from reporting.selection import SelectedMarket, load_selection
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
    """Return the settings of the search that its result depends on: all but where it is computed.

    A file of the user's goes by its name, with the SHA-256 of its text beside it; ConfigError when it holds no objective.
    """
    content = optimization.model_dump(mode="json", exclude={"executor", "ray_address"})
    digests = Judge(optimization.objectives).digests
    if digests:
        labels = [objective_label(name) for name in optimization.objectives]
        content |= {"objective": labels if len(labels) > 1 else labels[0], "objective_files": list(digests)}
    return content


def _run(context: RunContext) -> StageOutcome:
    """Check the strategy's parameters, complete the fees from each venue's record and write strategy.json."""
    settings = context.settings
    strategy = get_strategy(settings.strategy.name)
    params = resolve_params(strategy, settings.strategy)
    markets = load_selection(context.run)
    fees = {market.slug: fees_of(settings.execution, _exchange(context, market).default_fees) for market in markets}
    said = {market.slug: cautions(market, settings.strategy, settings.execution, context.paths) for market in markets}
    content = {
        "strategy": settings.strategy.model_dump(mode="json") | {"name": strategy_label(settings.strategy.name)},
        "execution": settings.execution.model_dump(mode="json"),
        "fees": {slug: asdict(fee) for slug, fee in fees.items()},
        "funding": {market.slug: _funding(context, market) for market in markets},
        "rules": {market.slug: asdict(market.rules) for market in markets},
        "cautions": said,
        "optimization": searched(settings.optimization),
        "walkforward": settings.walkforward.model_dump(mode="json"),
    }
    path = context.run.stage(STAGE) / "strategy.json"
    write_bytes(path, dump_bytes(content))
    costs = (_fee_table(markets, fees, settings.execution), _rules_table(context, markets))
    account = facts("Account and protection", account_rows(settings.execution, settings.strategy))
    tables = (_parameter_table(strategy, params, settings.strategy), account, *costs, _search_table(context))
    warnings = (*idle_settings(settings.execution, settings.strategy), *(text for texts in said.values() for text in texts))
    return StageOutcome((path,), tables, warnings)


def _exchange(context: RunContext, market: SelectedMarket) -> Exchange:
    return ExchangeManager().get(market.exchange, context.paths)


def _funding(context: RunContext, market: SelectedMarket) -> dict[str, Any]:
    """Return the constant rate that holds in a market, and in words what is charged."""
    exchange, execution = _exchange(context, market), context.settings.execution
    constant = constant_rate(exchange, market.symbol, execution)
    return {"constant_rate": constant, "charged": funding_words(exchange, market.symbol, execution)}


def _parameter_table(strategy: Strategy, params: dict[str, Any], config: StrategyConfig) -> TableData:
    rows = tuple(
        (
            param.name, plain_number(params[param.name]), plain_number(param.default),
            "has no effect" if config.is_idle(param.name) else param.stage or "fixed",
        )
        for param in strategy.params
    )  # fmt: skip
    return TableData(f"Strategy {strategy.name}", ("parameter", "value", "default", "searched in"), rows)


def _fee_table(markets: list[SelectedMarket], fees: dict[str, VenueFees], execution: ExecutionConfig) -> TableData:
    rows = tuple(
        (
            market.label,
            f"{fees[market.slug].maker:.4%}",
            f"{fees[market.slug].taker:.4%}",
            _slippage(execution),
            _source(fees[market.slug]),
        )
        for market in markets
    )
    return TableData("Costs", ("market", "maker fee", "taker fee", "slippage", "fees from"), rows, (0, 4))


def _slippage(execution: ExecutionConfig) -> str:
    parts = [f"{execution.slippage:.4%}"]
    if execution.slippage_range_share:
        parts.append(f"{execution.slippage_range_share:.4g} of the range")
    if execution.slippage_impact:
        parts.append(f"impact {execution.slippage_impact:.4g}")
    return " + ".join(parts)


def _fills(execution: ExecutionConfig) -> str:
    finer = execution.detail_timeframe
    return "the candles that the strategy decides on" if finer is None else f"{finer} candles, inside those that the strategy decides on"


def _rules_table(context: RunContext, markets: list[SelectedMarket]) -> TableData:
    """Return what the venue lets an order be, all of which the simulation keeps to, and what funding is charged."""
    rows = tuple(
        (
            market.label,
            *(
                plain_number(value) if value else "none"
                for value in (market.qty_step, market.min_qty, market.price_step, market.min_notional)
            ),
            funding_words(_exchange(context, market), market.symbol, context.settings.execution),
        )
        for market in markets
    )
    heads = ("market", "quantity step", "least quantity", "price step", "least value", "funding")
    return TableData("Rules of the markets, kept by every simulation", heads, rows, (0, 5))


def _source(fees: VenueFees) -> str:
    return f"{fees.source} ({fees.as_of})" if fees.as_of else fees.source


def _window_words(walkforward: WalkForwardConfig) -> str:
    if walkforward.scheme == "combinatorial":
        return f"combinatorial: {walkforward.tested_groups} of {walkforward.groups} groups of days left out of each search and tested"
    begin = "all from the first day, " if walkforward.from_the_start else ""
    return f"{begin}{walkforward.is_length_days:g} days in sample, {walkforward.oos_length_days:g} out, every {walkforward.stride_days:g}"


def _search_table(context: RunContext) -> TableData:
    optimization, walkforward = context.settings.optimization, context.settings.walkforward
    profile, trials = optimization.profile, optimization.stage_trials()
    return facts(
        "Search and validation",
        (
            ("profile", f"{profile.value}: {trials} / {trials} / {optimization.stage_trials(timeouts=True)} trials in 7.1 / 7.2 / 7.3"),
            ("sampler, objective", f"{optimization.optuna_sampler}, {objective_words(optimization)}"),
            *([("constraints", constraint_words(optimization.constraints))] if optimization.constraints.limits else []),
            ("windows", _window_words(walkforward)),
            ("orders fill on", _fills(context.settings.execution)),
        ),
    )


STRATEGY = StageWork(STAGE, _inputs, _run)
