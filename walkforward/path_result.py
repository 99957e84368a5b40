"""What one path of combinatorial windows comes to."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PathResult:
    """One path, stitched: amounts in the quote currency, percent for the drawdown (<= 0), annual Sharpe (nan where undefined)."""

    path: int
    net_pnl: float
    sharpe_ratio: float
    max_drawdown: float
    total_trades: int

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)
