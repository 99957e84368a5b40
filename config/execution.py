"""ExecutionConfig: the account, how much an entry buys, and what trading costs."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from config.base import Settings
from core.errors import ConfigError
from core.timeframe import Timeframe

Fee = Annotated[float, Field(ge=0, lt=0.1)]
Share = Annotated[float, Field(ge=0, le=1)]


class SizingMethod(StrEnum):
    """What the quantity of an entry follows; leverage caps each of them."""

    FIXED = "fixed"  # order_qty
    EQUITY = "equity"  # a fraction of the equity
    RISK = "risk"  # what the stop would lose
    VOLATILITY = "volatility"  # the annual volatility of the position
    KELLY = "kelly"  # the record of the trades closed so far


class ExecutionConfig(Settings):
    """The account and its costs; ``docs/execution.md`` says what each does in every bar.

    The account: ``initial_capital`` in the quote currency; ``leverage`` caps the notional of an entry at that multiple of the equity;
    ``maintenance_margin`` is the equity a position must keep, a fraction of its notional (0 = no liquidation), ``liquidation_fee`` what
    a liquidation pays on top of the taker fee; ``risk_free_rate`` an annual fraction subtracted from returns in every ratio.

    Costs: ``maker_fee``, ``taker_fee`` fractions of the notional (0.0004 = 0.04 %). Every taker price is worsened by ``slippage``, a
    fraction of the price, plus ``slippage_range_share`` of the bar's range, plus ``slippage_impact`` times that range times the square
    root of the order's share of the bar's volume; ``slippage_cap`` is the most that all three may be together. ``funding_rate`` is the
    constant that longs pay shorts every ``funding_interval_hours`` where no rates come with the data.

    Size: ``sizing`` picks the method. ``equity_fraction`` of the equity is the notional for ``equity``, and for ``kelly`` until
    ``kelly_min_trades`` trades are closed; ``risk_per_trade`` the fraction of the equity that the stop would lose for ``risk``;
    ``volatility_target`` the annual volatility of the position, a fraction of the equity, for ``volatility``; ``kelly_fraction`` the
    share of the full Kelly size for ``kelly``.

    ``detail_timeframe`` (``1m`` under decisions on ``1h``) fills on finer bars than the strategy decides on; None is on the same.
    """

    initial_capital: Annotated[float, Field(gt=0, le=1e15)] = 100_000.0
    maker_fee: Fee = 0.0002
    taker_fee: Fee = 0.0004
    slippage: Fee = 0.0002
    slippage_range_share: Share = 0.0
    slippage_impact: Annotated[float, Field(ge=0, le=10)] = 0.0
    slippage_cap: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    funding_rate: Annotated[float, Field(ge=-0.1, le=0.1)] = 0.0
    funding_interval_hours: Annotated[int, Field(ge=1, le=24)] = 8
    leverage: Annotated[float, Field(gt=0, le=1000)] = 1.0
    maintenance_margin: Annotated[float, Field(ge=0, lt=1)] = 0.0
    liquidation_fee: Fee = 0.01
    sizing: SizingMethod = SizingMethod.FIXED
    equity_fraction: Annotated[float, Field(gt=0, le=1000)] = 0.1
    risk_per_trade: Annotated[float, Field(gt=0, le=1)] = 0.01
    volatility_target: Annotated[float, Field(gt=0, le=100)] = 0.2
    kelly_fraction: Annotated[float, Field(gt=0, le=1)] = 0.25
    kelly_min_trades: Annotated[int, Field(ge=2, le=1_000_000)] = 30
    detail_timeframe: str | None = None
    risk_free_rate: Annotated[float, Field(ge=-1, le=1)] = 0.0

    @field_validator("sizing", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("detail_timeframe")
    @classmethod
    def _known_timeframe(cls, value: str | None) -> str | None:
        try:
            return None if value is None else Timeframe.parse(value).name
        except ConfigError as error:
            raise ValueError(str(error).removeprefix("timeframe ")) from None

    @model_validator(mode="after")
    def _possible(self) -> "ExecutionConfig":
        if self.slippage > self.slippage_cap:
            raise ValueError(f"slippage = {self.slippage} is above slippage_cap = {self.slippage_cap}: raise the cap")
        if self.maintenance_margin * self.leverage >= 1:
            raise ValueError(
                f"maintenance_margin = {self.maintenance_margin} at leverage = {self.leverage:g} liquidates a full entry at once:"
                f" lower one of them (maintenance_margin must be below 1 / leverage = {1 / self.leverage:g})"
            )
        return self

    def is_idle(self, name: str) -> bool:
        """Return whether the setting ``name`` of size or liquidation changes nothing here, because another one switches it off."""
        used = {
            "equity_fraction": self.sizing in (SizingMethod.EQUITY, SizingMethod.KELLY),
            "risk_per_trade": self.sizing is SizingMethod.RISK,
            "volatility_target": self.sizing is SizingMethod.VOLATILITY,
            "kelly_fraction": self.sizing is SizingMethod.KELLY,
            "kelly_min_trades": self.sizing is SizingMethod.KELLY,
            "liquidation_fee": self.maintenance_margin > 0,
            "funding_interval_hours": self.funding_rate != 0,
        }
        return not used.get(name, True)
