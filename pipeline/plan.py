"""The settings of a run as the engines take them: one execution per market, with fees the user did not set taken from the venue."""

from typing import Any

from config import ExecutionConfig, RunConfig
from core.canonical_json import digest, read_json
from core.errors import CorruptFileError
from core.run_folder import RunFolder, stage_named
from exchanges import VenueFees
from pipeline.context import RunContext
from reporting.market_plan import MarketPlan, market_plan
from reporting.selection import load_selection
from strategies import strategy_digest

USER_SOURCE = "your settings"
_STRATEGY_STAGE = stage_named("strategy")


def fees_of(execution: ExecutionConfig, venue: VenueFees) -> VenueFees:
    """Return the fees that apply: each one the user set, the venue's for the other; ``source`` says which."""
    chosen = execution.model_fields_set & {"maker_fee", "taker_fee"}
    if not chosen:
        return venue
    maker = execution.maker_fee if "maker_fee" in chosen else venue.maker
    taker = execution.taker_fee if "taker_fee" in chosen else venue.taker
    if len(chosen) == 2:
        return VenueFees(maker, taker, USER_SOURCE)
    return VenueFees(
        maker, taker, f"{'maker' if 'maker_fee' in chosen else 'taker'}: {USER_SOURCE}; the other: {venue.source}", venue.as_of
    )


def load_plan(run: RunFolder, settings: RunConfig) -> list[MarketPlan]:
    """Return the plans of all markets, in order, of a run whose stages 3 and 4 are done."""
    resolved = read_strategy_file(run)
    return [market_plan(market, settings, resolved) for market in load_selection(run)]


def read_strategy_file(run: RunFolder) -> dict[str, Any]:
    """Return strategy.json; CorruptFileError when it is absent or damaged."""
    path = run.stage(_STRATEGY_STAGE) / "strategy.json"
    if not path.is_file():
        raise CorruptFileError(f"{path} is missing: stage 4 has not been done or its files were removed. Resume the run.")
    content: dict[str, Any] = read_json(path)
    return content


def plan_hashes(context: RunContext, *parts: str) -> dict[str, str]:
    """Return the hashes of ``parts`` of strategy.json and of what always matters: markets, strategy, costs."""
    content = read_strategy_file(context.run)
    hashes = {part: digest(content[part]) for part in ("strategy", "execution", "fees", "funding", *parts)}
    source = digest(strategy_digest(context.settings.strategy.name))
    return hashes | {"selection": context.record_hash("selection"), "strategy_source": source}
