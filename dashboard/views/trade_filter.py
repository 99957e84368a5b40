"""Which trades are shown: by side, tier, reason of exit and result, the same for the table and for the marks on the candles."""

from dataclasses import dataclass
from typing import Protocol

import polars as pl


class TradeChoice(Protocol):
    """What may be chosen; None leaves a column open."""

    @property
    def side(self) -> str | None:
        """``long`` or ``short``."""
        ...

    @property
    def tier(self) -> int | None:
        """The tier of the first fill, 1 to 4."""
        ...

    @property
    def reason(self) -> str | None:
        """The reason of the exit."""
        ...

    @property
    def result(self) -> str | None:
        """``won`` or ``lost``."""
        ...


@dataclass(frozen=True, slots=True)
class TradeFilter:
    """A choice as plain values."""

    side: str | None = None
    tier: int | None = None
    reason: str | None = None
    result: str | None = None


def chosen_trades(trades: pl.DataFrame, choice: TradeChoice) -> pl.DataFrame:
    """Return the trades that ``choice`` leaves."""
    conditions = []
    if choice.side is not None:
        conditions.append(pl.col("direction") == (1 if choice.side == "long" else -1))
    if choice.tier is not None:
        conditions.append(pl.col("entry_tier") == choice.tier)
    if choice.reason is not None:
        conditions.append(pl.col("exit_reason") == choice.reason)
    if choice.result is not None:
        won = pl.col("net_pnl") > 0
        conditions.append(won if choice.result == "won" else ~won)
    return trades.filter(pl.all_horizontal(conditions)) if conditions else trades
