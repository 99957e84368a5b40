"""StrategyConfig: when to enter, how to enter, how to protect a position."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from config.base import Settings

Period = Annotated[int, Field(ge=1, le=5000)]
Threshold = Annotated[float, Field(ge=0, le=100)]
Multiplier = Annotated[float, Field(gt=0, le=100)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Timeout = Annotated[int, Field(ge=0, le=1000)]
ParamValue = bool | int | float


class Distance(StrEnum):
    """How far a stop or a target stands from the average entry."""

    ATR = "atr"  # a multiple of the ATR at the signal
    PERCENT = "percent"  # a fraction of the average entry
    NONE = "none"  # there is none


class StrategyConfig(Settings):
    """The settings of one strategy; ``docs/execution.md`` says what each does in every bar.

    Periods and timeouts count bars of the decision timeframe, thresholds of the RSI run 0-100, ``*_multiplier``, ``limit_offset_atr``
    and ``max_chase_atr`` are multiples of the ATR at the signal, every other float is a fraction (0.02 = 2 %). ``name`` picks the
    strategy from the registry; ``params`` carries the plain values of a strategy that declares parameters of its own.

    ``stop_type`` and ``target_type`` say what the distance of stop and target is: ``atr_sl_multiplier`` / ``atr_tp_multiplier`` ATRs, or
    ``stop_distance`` / ``target_distance`` of the average entry, or none. Both distances widen (or with a negative
    ``regime_response`` narrow) when the ATR stands above its mean of ``regime_lookback`` bars, by a multiplier kept within
    ``regime_min_multiplier`` and ``regime_max_multiplier``; a ``regime_response`` of 0 switches that off.

    ``allow_long`` and ``allow_short`` switch a side off. Its signals then mean nothing, or with ``exit_on_disabled_side`` only end what the
    other side holds: how a spot market, which cannot be sold short, is left on a sell signal.
    """

    name: str = Field(default="hybrid_trend", min_length=1, max_length=200)

    ema_fast: Period = 20
    ema_slow: Period = 50
    ema_trend: Period = 200
    rsi_period: Period = 14
    rsi_long_threshold: Threshold = 35.0
    rsi_short_threshold: Threshold = 65.0
    atr_period: Period = 14
    enable_trend_filter: bool = True
    enable_rsi_filter: bool = True

    stop_type: Distance = Distance.ATR
    target_type: Distance = Distance.ATR
    atr_sl_multiplier: Multiplier = 1.5
    atr_tp_multiplier: Multiplier = 2.0
    stop_distance: Fraction = 0.02
    target_distance: Annotated[float, Field(gt=0, le=100)] = 0.04
    regime_response: Annotated[float, Field(ge=-10, le=10)] = 0.0
    regime_lookback: Annotated[int, Field(ge=2, le=5000)] = 100
    regime_min_multiplier: Annotated[float, Field(gt=0, le=1)] = 0.5
    regime_max_multiplier: Annotated[float, Field(ge=1, le=100)] = 2.0
    trailing_sl_enabled: bool = True
    trailing_sl_threshold: Fraction = 0.02
    trailing_tp_enabled: bool = True
    trailing_tp_threshold: Fraction = 0.03
    trailing_tp_lock: Annotated[float, Field(ge=0, le=1)] = 0.5

    allow_long: bool = True
    allow_short: bool = True
    exit_on_disabled_side: bool = False
    exit_on_opposite_signal: bool = True

    enable_hybrid_engine: bool = True
    enable_hybrid_tier1: bool = True
    enable_hybrid_tier2: bool = True
    enable_hybrid_tier3: bool = True
    enable_hybrid_tier4: bool = True
    hybrid_tier1_timeout: Timeout = 5
    hybrid_tier2_timeout: Timeout = 3
    hybrid_tier3_timeout: Timeout = 4
    hybrid_tier4_timeout: Timeout = 1
    ema_touch_tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.0015
    limit_offset_atr: Annotated[float, Field(ge=0, le=100)] = 0.25
    participation_rate: Annotated[float, Field(gt=0, le=1)] = 0.10
    max_chase_atr: Annotated[float, Field(ge=0, le=1000)] = 1.0

    params: dict[str, ParamValue] = Field(default_factory=dict)

    @field_validator("stop_type", "target_type", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _order_of_averages(self) -> "StrategyConfig":
        if self.ema_fast >= self.ema_slow:
            raise ValueError(f"ema_fast = {self.ema_fast} must be below ema_slow = {self.ema_slow}")
        if self.enable_trend_filter and self.ema_slow >= self.ema_trend:
            raise ValueError(f"ema_slow = {self.ema_slow} must be below ema_trend = {self.ema_trend} (or switch enable_trend_filter off)")
        return self

    def is_idle(self, name: str) -> bool:
        """Return whether the setting ``name`` of stop, target or trailing changes nothing here, because another one switches it off."""
        trails_target = self.trailing_tp_enabled and self.target_type is not Distance.NONE
        used = {
            "atr_sl_multiplier": self.stop_type is Distance.ATR,
            "stop_distance": self.stop_type is Distance.PERCENT,
            "atr_tp_multiplier": self.target_type is Distance.ATR,
            "target_distance": self.target_type is Distance.PERCENT,
            "trailing_sl_threshold": self.trailing_sl_enabled,
            "trailing_tp_threshold": trails_target,
            "trailing_tp_lock": trails_target,
        }
        return not used.get(name, True)
