"""The account and the protection of a run in words: how large an entry is, how much may be borrowed, where stop and target stand."""

from collections.abc import Iterator

from config import ExecutionConfig, SizingMethod, StrategyConfig
from config.strategy import Distance
from pipeline.tables import cell

_SWITCH = {
    **dict.fromkeys(("equity_fraction", "risk_per_trade", "volatility_target", "kelly_fraction", "kelly_min_trades"), "execution.sizing"),
    "liquidation_fee": "execution.maintenance_margin",
    "funding_interval_hours": "execution.funding_rate",
    **dict.fromkeys(("atr_sl_multiplier", "stop_distance"), "strategy.stop_type"),
    **dict.fromkeys(("atr_tp_multiplier", "target_distance"), "strategy.target_type"),
    "trailing_sl_threshold": "strategy.trailing_sl_enabled",
    **dict.fromkeys(("trailing_tp_threshold", "trailing_tp_lock"), "strategy.trailing_tp_enabled, with strategy.target_type,"),
}


def account_rows(execution: ExecutionConfig, strategy: StrategyConfig) -> Iterator[tuple[str, str]]:
    """Yield (name, words) of what decides how much is at stake; settings that have no effect here are not named."""
    yield "starting capital", cell(execution.initial_capital)
    yield "size of an entry", _size(execution)
    yield "leverage", f"a position of {execution.leverage:g} times the equity at most"
    yield "liquidation", _liquidation(execution)
    yield "stop", _distance(strategy.stop_type, strategy.atr_sl_multiplier, strategy.stop_distance)
    yield "target", _distance(strategy.target_type, strategy.atr_tp_multiplier, strategy.target_distance)
    if strategy.regime_response:
        low, high = strategy.regime_min_multiplier, strategy.regime_max_multiplier
        yield "volatility regime", f"stop and target distances times {low:g} to {high:g}, response {strategy.regime_response:g}"


def idle_settings(execution: ExecutionConfig, strategy: StrategyConfig) -> tuple[str, ...]:
    """Return a sentence for each setting that was given and changes nothing, because another one switches it off."""
    given = [("execution", name) for name in sorted(execution.model_fields_set) if execution.is_idle(name)]
    given += [("strategy", name) for name in sorted(strategy.model_fields_set) if strategy.is_idle(name)]
    return tuple(f"{section}.{name} is set but has no effect here: {_SWITCH[name]} decides." for section, name in given)


def quantity_words(execution: ExecutionConfig, quantity: str) -> str:
    """Return the quantity of an entry for a table: ``quantity``, or that the account decides."""
    return quantity if execution.sizing is SizingMethod.FIXED else f"sized by {execution.sizing}"


def _size(execution: ExecutionConfig) -> str:
    fraction = f"{execution.equity_fraction:.4g} of the equity"
    return {
        SizingMethod.FIXED: "the quantity of the market",
        SizingMethod.EQUITY: fraction,
        SizingMethod.RISK: f"so much that the stop loses {execution.risk_per_trade:.4g} of the equity",
        SizingMethod.VOLATILITY: f"an annual volatility of {execution.volatility_target:.4g} of the equity",
        SizingMethod.KELLY: (
            f"{execution.kelly_fraction:.4g} of the Kelly size of the trades closed so far; "
            f"{fraction} until {execution.kelly_min_trades:,} are"
        ),
    }[execution.sizing]


def _liquidation(execution: ExecutionConfig) -> str:
    if not execution.maintenance_margin:
        return "off (execution.maintenance_margin is 0)"
    return f"at a maintenance margin of {execution.maintenance_margin:.4%}, with a fee of {execution.liquidation_fee:.4%} on top"


def _distance(kind: Distance, multiplier: float, share: float) -> str:
    if kind is Distance.NONE:
        return "none"
    return f"{multiplier:.4g} ATR from the average entry" if kind is Distance.ATR else f"{share:.4%} from the average entry"
