"""The trades table: sorted and cut into pages here, so that a browser never holds more than one page."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from core.errors import ConfigError

COLUMNS = (
    "row", "trade_id", "window", "direction", "entry_time", "avg_entry", "qty", "entry_tier", "exit_time", "exit_price", "exit_reason",
    "bars_held", "gross_pnl", "fees", "slippage_cost", "funding", "net_pnl", "return_pct", "mfe", "mae",
)  # fmt: skip
PAGE_SIZES = (25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class TableQuery:
    """Which page of the trades is wanted: ``page`` from 1 on, or the one that holds row ``around``; ConfigError for what cannot be."""

    page: int = 1
    size: int = 25
    sort: str = "row"
    descending: bool = False
    around: int | None = None

    def __post_init__(self) -> None:
        """Refuse columns and sizes that there are not."""
        if self.size not in PAGE_SIZES:
            raise ConfigError(f"size = {self.size} is not allowed: use one of {', '.join(map(str, PAGE_SIZES))}.")
        if self.sort not in COLUMNS:
            raise ConfigError(f"the trades have no such column to sort by: use one of {', '.join(COLUMNS)}.")

    def page_in(self, table: pl.DataFrame) -> int:
        """Return the page to show of a sorted table, cut to those there are."""
        pages = pages_of(table, self.size)
        found = None if self.around is None else table["row"].index_of(self.around)
        return min(max(self.page if found is None else found // self.size + 1, 1), pages)


def pages_of(table: pl.DataFrame, size: int) -> int:
    """Return how many pages a table has; an empty one has one."""
    return max(1, -(-len(table) // size))


def trades_page(trades: pl.DataFrame | None, query: TableQuery) -> dict[str, Any]:
    """Return one page of trades (with ``row``, their place in the file) as plain rows, with the totals of all of them.

    Ties keep the order of the trades. A column of funding that is all zero is left out. ``ready`` is False for None.
    """
    if trades is None:
        return {"ready": False, "rows": [], "columns": [], "page": 1, "pages": 1, "total": 0}
    columns = [name for name in COLUMNS if name in trades.columns and (name != "funding" or (trades["funding"] != 0).any())]
    table = trades.select(columns)
    if query.sort in columns:
        table = table.sort(query.sort, descending=query.descending, maintain_order=True, nulls_last=True)
    page = query.page_in(table)
    totals = {"net_pnl": float(table["net_pnl"].sum()), "fees": float(table["fees"].sum()), "winners": int((table["net_pnl"] > 0).sum())}
    return {
        "ready": True,
        "rows": table.slice((page - 1) * query.size, query.size).rows(),
        "columns": columns,
        "page": page,
        "pages": pages_of(table, query.size),
        "total": len(table),
        "totals": totals,
    }
