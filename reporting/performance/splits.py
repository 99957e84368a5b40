"""The trades by side, by entry tier, by what ended them and by the hour in which they began."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.timeframe import DAY_MS

_HOUR_MS = DAY_MS // 24
# Split -> what its rows are.
SPLITS: Mapping[str, str] = {
    "direction": "Side",
    "tier": "Entry tier",
    "exit_reason": "Exit reason",
    "hour": "Hour of entry (UTC)",
}


@dataclass(frozen=True, slots=True)
class SplitRow:
    """The trades that have ``key`` in common: how many, ``win_rate`` (%), ``net_pnl`` and ``expectancy`` (quote), ``profit_factor``
    (nan without a loser), ``average_bars_held``."""

    key: str
    trades: int
    win_rate: float
    net_pnl: float
    expectancy: float
    profit_factor: float
    average_bars_held: float

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def split_trades(trades: pl.DataFrame) -> dict[str, list[SplitRow]]:
    """Return the rows of every split of ``SPLITS``; keys without a trade have no row, and every split's rows add up to all trades."""
    keys: dict[str, NDArray[Any]] = {
        "direction": np.where(trades["direction"].to_numpy() > 0, "long", "short"),
        "tier": trades["entry_tier"].to_numpy(),
        "exit_reason": trades["exit_reason"].to_numpy().astype(str),
        "hour": trades["entry_time"].to_numpy() % DAY_MS // _HOUR_MS,
    }
    return {name: list(_rows(trades, keys[name])) for name in SPLITS}


def _rows(trades: pl.DataFrame, keys: NDArray[Any]) -> Iterator[SplitRow]:
    net, held = trades["net_pnl"].to_numpy(), trades["bars_held"].to_numpy()
    for key in np.unique(keys):
        chosen = keys == key
        part = net[chosen]
        won, lost = float(part[part > 0.0].sum()), -float(part[part <= 0.0].sum())
        yield SplitRow(
            key=str(key),
            trades=len(part),
            win_rate=100.0 * float((part > 0.0).mean()),
            net_pnl=float(part.sum()),
            expectancy=float(part.mean()),
            profit_factor=won / lost if lost > 0.0 else math.nan,
            average_bars_held=float(held[chosen].mean()),
        )
