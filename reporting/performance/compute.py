"""Everything that the report tells of one account."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reporting.performance.account import Account
from reporting.performance.drawdowns import Drawdown, deepest, find_drawdowns
from reporting.performance.figures import return_figures, trade_figures
from reporting.performance.splits import SplitRow, split_trades
from reporting.performance.table import PERFORMANCE_METRICS

LOST = "the account was lost on the way, so that its returns mean nothing"
HOLDING_LOST = "holding that quantity would have lost the whole capital on the way, so that there is nothing to compare with"
DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Performance:
    """``figures`` by the names of ``PERFORMANCE_METRICS`` (nan where undefined), the deepest ``drawdowns``, deepest first, ``months``
    as (``2024-01``, percent), and the ``splits`` of the trades. ``reason`` says why there are no months and no figures of returns, or
    none of the market's; None where nothing is missing.
    """

    figures: Mapping[str, float]
    drawdowns: Sequence[Drawdown]
    months: Sequence[tuple[str, float]]
    splits: Mapping[str, Sequence[SplitRow]]
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain numbers, lists and objects."""
        return {
            "figures": dict(self.figures),
            "drawdowns": [each.as_dict() for each in self.drawdowns],
            "months": [list(month) for month in self.months],
            "splits": {name: [row.as_dict() for row in rows] for name, rows in self.splits.items()},
            "reason": self.reason,
        }


def performance_of(account: Account) -> Performance:
    """Return figures and tables of ``account``."""
    undefined = dict.fromkeys((info.metric for info in PERFORMANCE_METRICS), math.nan)
    splits = split_trades(account.trades)
    if account.lost:
        return Performance(undefined | trade_figures(account), (), (), splits, LOST)
    names, returns = account.monthly_returns()
    found = find_drawdowns(account.times, account.equity)
    figures = undefined | trade_figures(account) | return_figures(account, found, returns)
    months = tuple(zip(names, (100.0 * returns).tolist(), strict=True))
    return Performance(figures, deepest(found, DEEPEST), months, splits, HOLDING_LOST if account.holding_lost else None)
