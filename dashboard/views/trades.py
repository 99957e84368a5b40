"""The trades table: sorted and cut into pages here, so that a browser never holds more than one page."""

from typing import Any

import polars as pl

from core.errors import ConfigError

COLUMNS = (
    "row", "trade_id", "window", "direction", "entry_time", "avg_entry", "qty", "entry_tier", "exit_time", "exit_price", "exit_reason",
    "bars_held",
    "gross_pnl", "fees", "slippage_cost", "funding", "net_pnl", "return_pct", "mfe", "mae",
)  # fmt: skip
PAGE_SIZES = (25, 50, 100, 200)


def trades_page(
    trades: pl.DataFrame | None, page: int, size: int, sort: str, descending: bool, around: int | None = None
) -> dict[str, Any]:
    """Return one page of trades as rows of plain values, with the number of pages and the totals of all trades.

    ``page`` counts from 1 and is cut to the pages there are; ``around`` picks the page that holds that row instead. Ties keep the
    order of the trades. Raises ConfigError for an unknown column or page size.
    """
    if size not in PAGE_SIZES:
        raise ConfigError(f"size = {size} is not allowed: use one of {', '.join(map(str, PAGE_SIZES))}.")
    if sort not in COLUMNS:
        raise ConfigError(f"'{sort}' is no column of the trades: use one of {', '.join(COLUMNS)}.")
    if trades is None:
        return {
            "rows": [],
            "columns": [],
            "page": 1,
            "pages": 1,
            "size": size,
            "total": 0,
            "sort": sort,
            "order": _order(descending),
            "ready": False,
        }
    columns = [name for name in COLUMNS if name in trades.columns and (name != "funding" or (trades["funding"] != 0).any())]
    table = trades.select(columns)
    if sort in columns:
        table = table.sort(sort, descending=descending, maintain_order=True, nulls_last=True)
    pages = max(1, -(-len(table) // size))
    if around is not None:
        page = _page_of(table, around, size)
    page = min(max(page, 1), pages)
    rows = table.slice((page - 1) * size, size).rows()
    totals = {"net_pnl": float(table["net_pnl"].sum()), "fees": float(table["fees"].sum()), "winners": int((table["net_pnl"] > 0).sum())}
    return {
        "rows": rows, "columns": columns, "page": page, "pages": pages, "size": size, "total": len(table), "totals": totals,
        "sort": sort, "order": _order(descending), "ready": True,
    }  # fmt: skip


def _order(descending: bool) -> str:
    return "desc" if descending else "asc"


def _page_of(table: pl.DataFrame, row: int, size: int) -> int:
    found = table["row"].index_of(row)
    return 1 if found is None else found // size + 1
