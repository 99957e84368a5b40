"""What there is to choose from: exchanges, their symbols, strategies and their parameters; and whether the dashboard is there."""

from typing import Literal

from pydantic import Field

from dashboard.api.schemas.base import Answer, Number
from dashboard.api.schemas.paging import Page, PageQuery


class HealthAnswer(Answer):
    """That the dashboard answers; nothing else is told to whom nobody knows."""

    status: Literal["ok"]
    api: Literal["v1"]


class Fees(Answer):
    """What trading costs at a venue's standard account, as fractions of the notional."""

    maker: float
    taker: float
    source: str
    as_of: str | None


class ExchangeItem(Answer):
    """A source of candles."""

    name: str
    synthetic: bool = Field(description="Whether its prices are generated.")
    has_volume: bool
    is_spot: bool = Field(description="Whether short positions cannot be held there.")
    fees: Fees


class ExchangesAnswer(Answer):
    """The exchanges; besides, CCXT:<id> names any exchange of the ccxt library where that is installed."""

    items: list[ExchangeItem]
    total: int


class SymbolsQuery(PageQuery):
    """Which symbols."""

    q: str | None = Field(default=None, max_length=60, description="Only symbols that contain this text.")


class SymbolsPage(Page):
    """A page of symbols, sorted."""

    items: list[str]


class ParamItem(Answer):
    """A parameter of a strategy: its range, and how the search treats it."""

    name: str
    kind: Literal["int", "float", "bool"]
    default: bool | int | float
    low: Number
    high: Number
    step: Number
    stage: str | None = Field(description="The search stage that tries values; null: never searched.")
    relative: bool = Field(description="Whether it is searched around its value instead of over its whole range.")
    ordered: str | None = Field(description="Parameters of one such group must rise in this order.")


class StrategyItem(Answer):
    """A strategy with its parameters."""

    name: str
    description: str
    warmup_bars: int = Field(description="Bars before the first that can carry a signal, with the defaults.")
    params: list[ParamItem]


class StrategiesAnswer(Answer):
    """The built-in strategies."""

    items: list[StrategyItem]
    total: int


class HardwareAnswer(Answer):
    """The last measurement of this machine, made in stage 6 of a run."""

    measured_ms: int = Field(description="UTC milliseconds.")
    cores: int
    memory_bytes: int
    gpu: str | None
    ray: str | None = Field(description="The installed version of Ray.")
    bars_per_second: Number = Field(description="Bars of one backtest in a second, on one core.")
    search_bars_per_second: Number = Field(description="Bars of a search's batch in a second, on one core.")
    workers: int
    executor: str
    estimated_seconds: Number
