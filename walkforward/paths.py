"""The paths of combinatorial windows: each tests all days once, and together they are a distribution where one result is a point."""

from collections.abc import Sequence

from config import ExecutionConfig
from walkforward.path_result import PathResult
from walkforward.result import WindowOutcome
from walkforward.stitching import stitched_metrics


def path_results(outcomes: Sequence[WindowOutcome], execution: ExecutionConfig, periods_per_year: float) -> tuple[PathResult, ...]:
    """Return every path of ``outcomes``; none where the windows have no paths."""
    paths = sorted({outcome.window.path for outcome in outcomes if outcome.window.path is not None})
    found = []
    for path in paths:
        runs = [(outcome.window.index, outcome.chosen) for outcome in on_path(outcomes, path)]
        metrics = stitched_metrics(runs, execution, periods_per_year)
        found.append(PathResult(path, metrics.net_pnl, metrics.sharpe_ratio, metrics.max_drawdown, metrics.total_trades))
    return tuple(found)


def middle_path(paths: Sequence[PathResult]) -> int | None:
    """Return the path with the median net P&L, the lower one of the two middle ones; None without paths. Equal ones count in order."""
    ranked = sorted(paths, key=lambda each: (each.net_pnl, each.path))
    return ranked[(len(ranked) - 1) // 2].path if ranked else None


def on_path(outcomes: Sequence[WindowOutcome], path: int | None) -> list[WindowOutcome]:
    """Return the ``outcomes`` of one path, in order; all of them where there are no paths."""
    return [outcome for outcome in outcomes if outcome.window.path == path]
