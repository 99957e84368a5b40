"""Cutting long lists and tables into pages."""

from collections.abc import Sequence
from typing import Any, TypeVar

import polars as pl

from core.errors import ConfigError
from dashboard.api.schemas.paging import PageQuery

Item = TypeVar("Item")


class FieldError(ConfigError):
    """A parameter of a request that is wrong; ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def page_of(items: Sequence[Item], query: PageQuery) -> dict[str, Any]:
    """Return the page of ``items`` that is asked for, with the total of all pages."""
    first = (query.page - 1) * query.size
    return _page(list(items[first : first + query.size]), len(items), query.page, query.size)


def page_of_table(table: pl.DataFrame, query: PageQuery, page: int | None = None, *, order: pl.Series | None = None) -> dict[str, Any]:
    """Return the page of ``table`` that is asked for, each row an object.

    ``page`` overrules the question's; ``order`` names the rows that fit, by their numbers, in order (None: all as they stand).
    """
    wanted = query.page if page is None else page
    first = (wanted - 1) * query.size
    rows = table.slice(first, query.size) if order is None else table[order.slice(first, query.size)]
    return _page(rows.to_dicts(), len(table) if order is None else len(order), wanted, query.size)


def _page(items: list[Any], total: int, page: int, size: int) -> dict[str, Any]:
    return {"items": items, "total": total, "page": page, "size": size}


def sortable(table: pl.DataFrame, column: str) -> str:
    """Return ``column``, the name of one that ``table`` can be sorted by; FieldError when there is none of that name."""
    if column not in table.columns:
        raise FieldError("sort", f"sort = '{column[:60]}' is not allowed: use one of {', '.join(table.columns)}.")
    return column


def sorted_table(table: pl.DataFrame, column: str, descending: bool) -> pl.DataFrame:
    """Return ``table`` by one column, equal rows in their old order, undefined values last; FieldError when there is no such column."""
    return table.sort(pl.col(sortable(table, column)), descending=descending, nulls_last=True, maintain_order=True)
