"""What trading in a market of the run costs beyond fees: funding, and what has to be said about it and about selling short."""

from collections.abc import Iterator

from config import ExecutionConfig, StrategyConfig
from core.paths import Paths
from exchanges import Exchange, ExchangeManager, is_perpetual, is_spot_market
from exchanges.base import FundingExchange
from market_data.loading import UNSTORED
from reporting.selection import SelectedMarket


def tells_funding(exchange: Exchange, symbol: str) -> bool:
    """Return whether the rates that positions in ``symbol`` paid are to be had from the exchange."""
    return isinstance(exchange, FundingExchange) and is_perpetual(exchange, symbol)


def constant_rate(exchange: Exchange, symbol: str, execution: ExecutionConfig) -> float:
    """Return the constant funding rate of a market: the setting's, but 0 where no funding is ever paid."""
    return execution.funding_rate if exchange.name in UNSTORED or is_perpetual(exchange, symbol) else 0.0


def funding_words(exchange: Exchange, symbol: str, execution: ExecutionConfig) -> str:
    """Return what funding is charged in a market, for a table."""
    constant = constant_rate(exchange, symbol, execution)
    every = f"{constant:.4%} every {execution.funding_interval_hours} h"
    if tells_funding(exchange, symbol):
        return f"the venue's rates; where they are missing {every}" if constant else "the venue's rates"
    if constant:
        return f"constant {every}"
    if exchange.name in UNSTORED:
        return "none"
    return "not charged: no rates" if is_perpetual(exchange, symbol) else "none is paid here"


def cautions(market: SelectedMarket, strategy: StrategyConfig, execution: ExecutionConfig, paths: Paths) -> list[str]:
    """Return what the reader of a result in this market must know, as sentences: for stage 4 and again for the verdict."""
    return list(_cautions(ExchangeManager().get(market.exchange, paths), market, strategy, execution))


def _cautions(exchange: Exchange, market: SelectedMarket, strategy: StrategyConfig, execution: ExecutionConfig) -> Iterator[str]:
    if execution.leverage > 1 and not execution.maintenance_margin:
        yield (
            f"{market.label} is simulated with a leverage of {execution.leverage:g} and an execution.maintenance_margin of 0: no position "
            "is ever liquidated here, as it would be at a venue. Set the maintenance margin that the venue asks for."
        )
    if is_spot_market(exchange, market.symbol):
        if strategy.allow_short:
            yield (
                f"{market.label} is a spot market: a spot market cannot be sold short, and these results may hold short positions. "
                "Set strategy.allow_short=false to leave them out."
            )
    elif exchange.name in UNSTORED or not is_perpetual(exchange, market.symbol) or tells_funding(exchange, market.symbol):
        return
    elif not execution.funding_rate:
        yield (
            f"{market.label} is a perpetual, {exchange.name} tells no funding rates to this product, and execution.funding_rate is 0: what "
            "positions pay or receive in funding is not in the results. Set execution.funding_rate to assume a constant rate."
        )
