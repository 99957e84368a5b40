"""RunConfig: everything that one run of the pipeline needs."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from config.base import Settings
from config.execution import ExecutionConfig
from config.optimization import OptimizationConfig
from config.strategy import StrategyConfig
from config.walkforward import WalkForwardConfig
from core.clock import ms_from_datetime
from core.errors import ConfigError
from core.timeframe import Timeframe

_DATE_FORM = "write 2024-01-31 or 2024-01-31T12:00"

Quantity = Annotated[float, Field(gt=0, le=1e15)]


class RunMode(StrEnum):
    """One market or several."""

    SINGLE = "SINGLE"
    MULTI = "MULTI"


class GapPolicy(StrEnum):
    """What to do about missing bars: ``auto`` keeps up to 0.1 % with a warning and refuses more."""

    AUTO = "auto"
    REFUSE = "refuse"
    FILL = "fill"
    KEEP = "keep"


class MarketConfig(Settings):
    """One market of a run; ``symbol`` is the venue's name for it or, for LOCAL, a candle file or its name in the folder."""

    exchange: str = Field(min_length=1, max_length=40)
    symbol: str = Field(min_length=1, max_length=4096)
    timeframe: str = "1h"
    order_qty: Quantity = 0.1

    @field_validator("exchange")
    @classmethod
    def _upper(cls, value: str) -> str:
        return value.upper()

    @field_validator("timeframe")
    @classmethod
    def _known_timeframe(cls, value: str) -> str:
        try:
            return Timeframe.parse(value).name
        except ConfigError as error:
            raise ValueError(str(error).removeprefix("timeframe ")) from None


class RunConfig(Settings):
    """The settings of a run. ``start`` is inclusive, ``end`` exclusive, naive times are UTC; None means as far as the data goes.

    SINGLE mode takes ``exchange``, ``symbol``, ``timeframe`` and ``order_qty``; MULTI takes ``markets``.
    """

    mode: RunMode = RunMode.SINGLE
    exchange: str = "SIMULATED"
    symbol: str = "BTCUSDT"
    timeframe: str = "1h"
    order_qty: Quantity = 0.1
    markets: tuple[MarketConfig, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    gaps: GapPolicy = GapPolicy.AUTO
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    strategy: StrategyConfig = Field(default_factory=StrategyConfig)
    execution: ExecutionConfig = Field(default_factory=ExecutionConfig)
    optimization: OptimizationConfig = Field(default_factory=OptimizationConfig)
    walkforward: WalkForwardConfig = Field(default_factory=WalkForwardConfig)
    log_levels: dict[str, Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]] = Field(default_factory=dict)

    @field_validator("mode", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("start", "end", mode="before")
    @classmethod
    def _utc(cls, value: Any) -> Any:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise ValueError(f"'{value}' is no date: {_DATE_FORM}") from None
        if isinstance(value, int | float):
            raise ValueError(f"{value} is a number and no date: {_DATE_FORM}")
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "RunConfig":
        if self.start and self.end and self.start >= self.end:
            raise ValueError(f"start = {self.start:%Y-%m-%d %H:%M} must be before end = {self.end:%Y-%m-%d %H:%M} (the end is exclusive)")
        if self.mode is RunMode.MULTI and not self.markets:
            raise ValueError("mode MULTI needs markets: a list of {exchange, symbol, timeframe, order_qty}")
        if self.mode is RunMode.SINGLE and self.markets:
            raise ValueError("markets are for mode MULTI; in mode SINGLE set exchange, symbol, timeframe and order_qty")
        if self.mode is RunMode.SINGLE:
            self._single_market()
        return self

    def _single_market(self) -> MarketConfig:
        return MarketConfig(exchange=self.exchange, symbol=self.symbol, timeframe=self.timeframe, order_qty=self.order_qty)

    @property
    def all_markets(self) -> tuple[MarketConfig, ...]:
        """The markets of the run, in order, whatever the mode."""
        return self.markets if self.mode is RunMode.MULTI else (self._single_market(),)

    @property
    def start_ms(self) -> int | None:
        """``start`` as UTC milliseconds."""
        return None if self.start is None else ms_from_datetime(self.start)

    @property
    def end_ms(self) -> int | None:
        """``end`` as UTC milliseconds, exclusive."""
        return None if self.end is None else ms_from_datetime(self.end)
