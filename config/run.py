"""RunConfig: everything that one run of the pipeline needs."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from config.base import Settings
from config.execution import ExecutionConfig, SizingMethod
from config.optimization import OptimizationConfig
from config.significance import SignificanceConfig
from config.strategy import Distance, StrategyConfig
from config.verdict import VerdictConfig
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


def _in_capitals(value: str) -> str:
    return value.upper()


def _timeframe_name(value: str) -> str:
    try:
        return Timeframe.parse(value).name
    except ConfigError as error:
        raise ValueError(str(error).removeprefix("timeframe ")) from None


class MarketConfig(Settings):
    """One market of a run; ``symbol`` is the venue's name for it or, for LOCAL, a candle file or its name in the folder."""

    exchange: str = Field(min_length=1, max_length=40)
    symbol: str = Field(min_length=1, max_length=4096)
    timeframe: str = "1h"
    order_qty: Quantity = 0.1

    _upper = field_validator("exchange")(_in_capitals)
    _known_timeframe = field_validator("timeframe")(_timeframe_name)


class TopMarkets(Settings):
    """The markets of an exchange that are traded most when stage 3 is done, each with the same value of an order.

    ``limit`` of those against ``quote`` with the largest value traded in 24 hours. ``order_value`` is in the quote currency: the quantity
    is this value at the close of the last candle of the dates, rounded down to the venue's step.
    """

    exchange: str = Field(default="BINANCE", min_length=1, max_length=40)
    quote: str = Field(default="USDT", min_length=1, max_length=20)
    limit: Annotated[int, Field(ge=1, le=50)] = 5
    timeframe: str = "1h"
    order_value: Quantity = 1_000.0

    _upper = field_validator("exchange", "quote")(_in_capitals)
    _known_timeframe = field_validator("timeframe")(_timeframe_name)

    def __str__(self) -> str:
        return f"the {self.limit} largest of {self.exchange} against {self.quote}, {self.timeframe}"


class RunConfig(Settings):
    """The settings of a run. ``start`` is inclusive, ``end`` exclusive, naive times are UTC; None means as far as the data goes.

    SINGLE mode takes ``exchange``, ``symbol``, ``timeframe`` and ``order_qty``; MULTI takes ``markets``, or ``top``.
    """

    mode: RunMode = RunMode.SINGLE
    exchange: str = "SIMULATED"
    symbol: str = "BTCUSDT"
    timeframe: str = "1h"
    order_qty: Quantity = 0.1
    markets: tuple[MarketConfig, ...] = ()
    top: TopMarkets | None = None
    start: datetime | None = None
    end: datetime | None = None
    gaps: GapPolicy = GapPolicy.AUTO
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    strategy: StrategyConfig = Field(default_factory=StrategyConfig)
    execution: ExecutionConfig = Field(default_factory=ExecutionConfig)
    optimization: OptimizationConfig = Field(default_factory=OptimizationConfig)
    walkforward: WalkForwardConfig = Field(default_factory=WalkForwardConfig)
    significance: SignificanceConfig = Field(default_factory=SignificanceConfig)
    verdict: VerdictConfig = Field(default_factory=VerdictConfig)
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
        if self.mode is RunMode.MULTI and not (self.markets or self.top):
            raise ValueError(
                "mode MULTI needs markets: a list of {exchange, symbol, timeframe, order_qty}; "
                "or top: {exchange, quote, limit, timeframe, order_value}"
            )
        if self.markets and self.top:
            raise ValueError("markets and top are two ways to choose: set one of them")
        if self.mode is RunMode.SINGLE and (self.markets or self.top):
            which = "markets are" if self.markets else "top is"
            raise ValueError(f"{which} for mode MULTI; in mode SINGLE set exchange, symbol, timeframe and order_qty")
        if self.mode is RunMode.SINGLE:
            self._single_market()
        for market in self.all_markets:
            self._refuse_unfit_detail(market.timeframe, market.symbol)
        if self.top is not None:
            self._refuse_unfit_detail(self.top.timeframe, str(self.top).rpartition(",")[0])
        if self.execution.sizing is SizingMethod.RISK and self.strategy.stop_type is Distance.NONE:
            raise ValueError("execution.sizing = risk needs a stop to risk: set strategy.stop_type to atr or percent")
        return self

    def _refuse_unfit_detail(self, timeframe: str, whose: str) -> None:
        detail = self.execution.detail_timeframe
        if detail is not None and Timeframe.parse(timeframe).ms % Timeframe.parse(detail).ms:
            raise ValueError(
                f"execution.detail_timeframe = {detail} does not divide the timeframe {timeframe} of {whose}: take a finer one"
            )

    def _single_market(self) -> MarketConfig:
        return MarketConfig(exchange=self.exchange, symbol=self.symbol, timeframe=self.timeframe, order_qty=self.order_qty)

    @property
    def all_markets(self) -> tuple[MarketConfig, ...]:
        """The markets that are named, in order, whatever the mode; none with ``top``, since stage 3 finds them."""
        return self.markets if self.mode is RunMode.MULTI else (self._single_market(),)

    @property
    def exchanges(self) -> tuple[str, ...]:
        """The exchanges of the run, each once, in order."""
        names = [market.exchange for market in self.all_markets]
        return tuple(dict.fromkeys([*names, *([self.top.exchange] if self.top else [])]))

    @property
    def has_several_markets(self) -> bool:
        """True unless there is one market, and it is named."""
        return self.top is not None or len(self.all_markets) > 1

    @property
    def start_ms(self) -> int | None:
        """``start`` as UTC milliseconds."""
        return None if self.start is None else ms_from_datetime(self.start)

    @property
    def end_ms(self) -> int | None:
        """``end`` as UTC milliseconds, exclusive."""
        return None if self.end is None else ms_from_datetime(self.end)
