"""Stored tables as the API answers with them: columns of known kinds, filtered, sorted, and cut into pages or written as CSV."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from flask import Response

from dashboard.api.answers import json_answer
from dashboard.api.csv_tables import csv_answer
from dashboard.api.paging import page_of_table
from dashboard.api.schemas.paging import PageQuery
from dashboard.reading.files import expecting

Columns = Mapping[str, Any]

_F, _I = pl.Float64, pl.Int64
TRADE: Columns = {
    "row": _I, "trade_id": _I, "window": _I, "direction": _I, "entry_time": _I, "avg_entry": _F, "qty": _F, "entry_tier": _I,
    "exit_time": _I, "exit_price": _F, "exit_reason": pl.String, "bars_held": _I, "gross_pnl": _F, "fees": _F,
    "slippage_cost": _F, "funding": _F, "net_pnl": _F, "return_pct": _F, "mfe": _F, "mae": _F,
}  # fmt: skip
ENTRY: Columns = {
    "row": _I, "kind": pl.String, "direction": _I, "signal_time": _I, "end_time": _I, "reason": pl.String, "wanted_qty": _F,
    "filled_qty": _F, "signal_price": _F,
}  # fmt: skip
EQUITY: Columns = {"time": _I, "equity": _F, "drawdown_pct": _F, "window": _I}
# What some tables lack and others have; everything else must be there.
OPTIONAL = frozenset({"window"})
_ALWAYS_THERE = frozenset(
    {"row", "trade_id", "direction", "entry_time", "exit_time", "exit_reason", "bars_held", "kind", "signal_time", "time"}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A table as far as it fits what was asked: ``ready`` is False while the run has none, ``name`` is its file's when it is CSV."""

    table: pl.DataFrame
    ready: bool
    name: str


def shaped(frame: pl.DataFrame | None, columns: Columns, name: str) -> pl.DataFrame:
    """Return ``frame`` with exactly ``columns``, none of its rows where there is no frame. CorruptFileError names what does not fit."""
    if frame is None:
        return pl.DataFrame(schema=dict(columns))
    with expecting(name):
        given = frame.with_row_index("row") if "row" in columns and "row" not in frame.columns else frame
        made = [
            pl.lit(None, kind).alias(column) if column in OPTIONAL and column not in given.columns else pl.col(column).cast(kind)
            for column, kind in columns.items()
        ]
        table = given.select(made)
        if any(table[column].null_count() for column in columns if column in _ALWAYS_THERE):
            raise ValueError("a cell is empty that never is")
        return table


def table_answer(asked: Asked, query: PageQuery, wanted_format: str, page: int | None = None, **more: Any) -> Response:
    """Return the page of a table that ``query`` asks for, or all of it as CSV; ``more`` stands beside the items."""
    if wanted_format == "csv":
        return csv_answer(asked.table, asked.name)
    return json_answer(page_of_table(asked.table, query, page) | {"ready": asked.ready} | more)


def page_around(table: pl.DataFrame, query: PageQuery, row: int | None) -> int | None:
    """Return the page on which ``row`` of the file stands, None where it is not asked for or not among the rows."""
    found = None if row is None else table["row"].index_of(row)
    return None if found is None else found // query.size + 1
