"""Questions for a market's tables, and the rows that answer them."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from dashboard.api.schemas.base import Answer, Format, Milliseconds, Number, Order, Question, Whole
from dashboard.api.schemas.paging import Page, PageQuery

Source = Literal["baseline", "optimized", "walkforward"]
TradeColumn = Literal[
    "row", "trade_id", "window", "direction", "entry_time", "avg_entry", "qty", "entry_tier", "exit_time", "exit_price", "exit_reason",
    "bars_held", "gross_pnl", "fees", "slippage_cost", "funding", "net_pnl", "return_pct", "mfe", "mae",
]  # fmt: skip
_CSV = "json: one page; csv: all rows that fit, as a file."


class SpanQuery(Question):
    """A stretch of time, both ends included; open where one is not given."""

    start_ms: Milliseconds | None = Field(default=None, alias="from", description="From this time on, UTC milliseconds.")
    end_ms: Milliseconds | None = Field(default=None, alias="to", description="Up to this time, UTC milliseconds.")

    @field_validator("end_ms")
    @classmethod
    def _forward(cls, end_ms: int | None, info: ValidationInfo) -> int | None:
        start_ms = info.data.get("start_ms")
        if start_ms is not None and end_ms is not None and start_ms >= end_ms:
            raise ValueError("must be after from")
        return end_ms


class TradesQuery(PageQuery):
    """Which trades, in which order."""

    source: Source = Field(default="baseline", description="The backtest whose trades are wanted.")
    side: Literal["long", "short"] | None = Field(default=None, description="Only trades of this side.")
    tier: Whole | None = Field(default=None, ge=1, le=4, description="Only trades whose entry came to this tier.")
    reason: str | None = Field(default=None, max_length=60, description="Only trades that ended for this reason, such as stop_loss.")
    result: Literal["won", "lost"] | None = Field(default=None, description="Only trades with a profit, or only those without.")
    sort: TradeColumn = "row"
    order: Order = "asc"
    around: Whole | None = Field(default=None, ge=0, le=2**53, description="Answer with the page that holds this row, if there is one.")
    format: Format = Field(default="json", description=_CSV)


class Trade(Answer):
    """One trade. ``row`` is its place in the file and names it; walk-forward counts ``trade_id`` anew in every window."""

    row: int
    trade_id: int
    direction: int = Field(description="1 long, -1 short.")
    entry_time: int = Field(description="UTC milliseconds.")
    avg_entry: Number
    qty: Number
    entry_tier: int | None
    exit_time: int = Field(description="UTC milliseconds.")
    exit_price: Number
    exit_reason: str
    bars_held: int
    gross_pnl: Number
    fees: Number
    slippage_cost: Number
    funding: Number
    net_pnl: Number
    return_pct: Number
    mfe: Number
    mae: Number
    window: int | None = Field(description="The walk-forward window; null in other backtests.")


class TradeTotals(Answer):
    """Sums over all trades that fit, in the quote currency."""

    net_pnl: Number
    fees: Number
    winners: int


class TradesPage(Page):
    """A page of trades; ``ready`` is false while the backtest has not been run."""

    items: list[Trade]
    ready: bool
    totals: TradeTotals


class EntriesQuery(PageQuery):
    """Which entries that were not filled, in which order."""

    kind: Literal["missed", "partial", "rejected"] | None = Field(default=None, description="Only entries of this kind.")
    sort: Literal["row", "kind", "direction", "signal_time", "end_time", "reason", "wanted_qty", "filled_qty", "signal_price"] = "row"
    order: Order = "asc"
    format: Format = Field(default="json", description=_CSV)


class Entry(Answer):
    """An entry of the baseline that was not filled, or not whole."""

    row: int
    kind: str
    direction: int = Field(description="1 long, -1 short.")
    signal_time: int = Field(description="UTC milliseconds.")
    end_time: int | None
    reason: str | None
    wanted_qty: Number
    filled_qty: Number
    signal_price: Number


class EntriesPage(Page):
    """A page of entries; ``ready`` is false while the baseline has not been run."""

    items: list[Entry]
    ready: bool


class EquityQuery(PageQuery, SpanQuery):
    """Which account's equity, and of which time."""

    source: Source = Field(default="baseline", description="The backtest whose equity is wanted.")
    order: Order = "asc"
    format: Format = Field(default="json", description=_CSV)


class EquityPoint(Answer):
    """The account at the close of a bar."""

    time: int = Field(description="UTC milliseconds.")
    equity: Number
    drawdown_pct: Number
    window: int | None = Field(description="The walk-forward window; null in other backtests.")


class EquityPage(Page):
    """A page of equity; ``ready`` is false while the backtest has not been run."""

    items: list[EquityPoint]
    ready: bool
