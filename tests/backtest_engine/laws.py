"""Settings drawn for the laws between runs, and the one list that says where a law does not hold, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from config import ExecutionConfig, SizingMethod, StrategyConfig
from core.market import MarketRules
from tests.backtest_engine.markets import BUSY


@dataclass(frozen=True)
class Drawn:
    """One set of settings; ``changed`` returns it with some laid over, whichever of the three they belong to."""

    strategy: StrategyConfig
    execution: ExecutionConfig
    rules: MarketRules

    def changed(self, **values: Any) -> "Drawn":
        fields = MarketRules.__slots__
        strategy = {name: value for name, value in values.items() if name in StrategyConfig.model_fields}
        execution = {name: value for name, value in values.items() if name in ExecutionConfig.model_fields}
        rules = {name: values.get(name, getattr(self.rules, name)) for name in fields}
        return Drawn(self.strategy.replace(**strategy), self.execution.replace(**execution), MarketRules(**rules))


_strategies = st.builds(
    lambda **changes: BUSY.replace(**changes),
    trailing_sl_enabled=st.booleans(),
    trailing_tp_enabled=st.booleans(),
    trailing_sl_threshold=st.floats(0.002, 0.05),
    trailing_tp_threshold=st.floats(0.002, 0.05),
    stop_type=st.sampled_from(["atr", "atr", "percent", "none"]),
    target_type=st.sampled_from(["atr", "atr", "percent", "none"]),
    atr_sl_multiplier=st.floats(0.3, 5.0),
    atr_tp_multiplier=st.floats(0.3, 5.0),
    stop_distance=st.floats(0.003, 0.1),
    target_distance=st.floats(0.003, 0.1),
    regime_response=st.sampled_from([0.0, 1.0, -0.7]),
    regime_lookback=st.integers(2, 30),
    exit_on_opposite_signal=st.booleans(),
    enable_hybrid_engine=st.booleans(),
    hybrid_tier1_timeout=st.integers(0, 5),
    hybrid_tier2_timeout=st.integers(0, 5),
    hybrid_tier3_timeout=st.integers(0, 5),
    participation_rate=st.floats(0.001, 1.0),
)


@st.composite
def _executions(draw: st.DrawFn) -> ExecutionConfig:
    leverage = draw(st.sampled_from([1.0, 3.0, 20.0]))
    return ExecutionConfig(
        leverage=leverage,
        maintenance_margin=draw(st.sampled_from([0.0, 0.0, 0.5 / leverage, 0.9 / leverage])),
        maker_fee=draw(st.floats(0.0, 0.001)),
        taker_fee=draw(st.floats(0.0, 0.001)),
        slippage=draw(st.floats(0.0, 0.001)),
        slippage_range_share=draw(st.sampled_from([0.0, 0.1])),
        slippage_impact=draw(st.sampled_from([0.0, 0.3])),
        funding_rate=draw(st.sampled_from([0.0, 0.001, -0.001])),
        sizing=list(SizingMethod)[draw(st.integers(0, 9_999)) % len(SizingMethod)],
        equity_fraction=draw(st.floats(0.05, 3.0)),
        risk_per_trade=draw(st.floats(0.001, 0.1)),
        volatility_target=draw(st.floats(0.1, 5.0)),
        kelly_min_trades=draw(st.integers(2, 5)),
    )


@st.composite
def drawn_settings(draw: st.DrawFn) -> Drawn:
    strategy, execution = draw(_strategies), draw(_executions())
    if execution.sizing == "risk" and strategy.stop_type == "none":
        strategy = strategy.replace(stop_type="percent")
    # steps are powers of two here: times one they are rounded just as before
    rules = MarketRules(
        qty_step=draw(st.sampled_from([0.0, 0.25, 0.5])),
        min_qty=draw(st.sampled_from([0.0, 0.5])),
        min_notional=draw(st.sampled_from([0.0, 64.0])),
        price_step=draw(st.sampled_from([0.0, 0.0, 1 / 64, 0.25])),
    )
    return Drawn(strategy, execution, rules)


# law -> setting -> (the value at which the law holds whatever else is set, why it does not hold otherwise)
EXCEPTIONS: Mapping[str, Mapping[str, tuple[Any, str]]] = {
    "prices": {},
    "sizes": {},
    "split": {},
    "end": {},
    "fees": {
        "sizing": ("fixed", "what fees leave of the equity is what the next entry is sized by"),
        "maintenance_margin": (0.0, "what fees leave of the cash moves the liquidation price"),
        "leverage": (1000.0, "the equity caps the quantity"),
    },
    "mirror at a price": {
        "maker_fee": (0.0, "a fraction of the notional, which is another one in the mirror"),
        "taker_fee": (0.0, "a fraction of the notional"),
        "funding_rate": (0.0, "a fraction of the notional"),
        "min_notional": (0.0, "a notional"),
        "slippage": (0.0, "a fraction of the price"),
        "slippage_range_share": (0.0, "the range as a fraction of the price"),
        "slippage_impact": (0.0, "the range as a fraction of the price"),
        "ema_touch_tolerance": (0.0, "a fraction of the price"),
        "trailing_sl_enabled": (False, "a fraction of the price"),
        "trailing_tp_enabled": (False, "a fraction of the price"),
        "stop_type": ("atr", "percent is a fraction of the price"),
        "target_type": ("atr", "percent is a fraction of the price"),
        "sizing": ("fixed", "equity and Kelly divide by the price, leverage caps at a notional"),
        "leverage": (1000.0, "caps at a notional"),
        "maintenance_margin": (0.0, "a fraction of the notional"),
    },
    # p -> K / p. What holds is stated by the test: a distance d below becomes d / (1 - d) above, one of d above d / (1 + d) below.
    "mirror of logarithms": {
        "stop_type": ("percent", "an ATR is a difference of prices"),
        "target_type": ("percent", "an ATR is a difference of prices"),
        "regime_response": (0.0, "made of ATRs"),
        "trailing_sl_enabled": (False, "it starts at 1 + threshold and trails at 1 - threshold: no threshold mirrors both"),
        "trailing_tp_enabled": (False, "it locks a share of a difference of prices"),
        "ema_touch_tolerance": (0.0, "the same fraction on both sides"),
        "hybrid_tier2_timeout": (0, "an offset in ATRs"),
        "hybrid_tier3_timeout": (0, "a VWAP is no price that mirrors"),
        "max_chase_atr": (1000.0, "a chase in ATRs"),
        "slippage": (0.0, "the same fraction on both sides"),
        "slippage_range_share": (0.0, "the range as a fraction of the open"),
        "slippage_impact": (0.0, "the range as a fraction of the open"),
        "price_step": (0.0, "steps are differences of prices"),
        "min_notional": (0.0, "a notional"),
        "sizing": ("fixed", "divides by prices"),
        "leverage": (1000.0, "caps at a notional"),
        "maintenance_margin": (0.0, "margin is linear in the price"),
    },
}  # fmt: skip


def drawn_for(law: str) -> st.SearchStrategy[Drawn]:
    """Return settings of all kinds, those in which ``law`` does not hold set to where it does."""
    return drawn_settings().map(lambda drawn: drawn.changed(**{name: value for name, (value, _) in EXCEPTIONS[law].items()}))


def capitals() -> st.SearchStrategy[float]:
    """Return accounts that a few losses use up, and such that never notice them: an order of the laws is worth about 500."""
    return st.integers(0, 9_999).map(lambda number: (60.0, 150.0, 700.0, 5_000.0, 1e6)[number % 5])
