"""What finer execution changed: a run on detail bars beside the same run on its decision bars alone."""

from dataclasses import dataclass

from backtest_engine.result import BacktestResult

# Of Metrics, and how many exits were ambiguous.
COMPARED = ("net_pnl", "return_pct", "sharpe_ratio", "max_drawdown", "total_trades", "win_rate", "ambiguous_exits")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of a detail run and of the run on the decision bars alone, in the units of ``Metrics``; ``nan`` is undefined."""

    name: str
    detail: float
    coarse: float

    @property
    def difference(self) -> float:
        """How much the finer bars add."""
        return self.detail - self.coarse

    def as_dict(self) -> dict[str, float | str]:
        """Return name, detail, coarse and difference."""
        return {"name": self.name, "detail": self.detail, "coarse": self.coarse, "difference": self.difference}


def compare_with_coarse(result: BacktestResult) -> tuple[Comparison, ...]:
    """Return the figures of ``COMPARED`` in their order, none for a run without detail bars. Makes the coarse run if it is not there."""
    coarse = result.coarse
    if coarse is None:
        return ()
    return tuple(Comparison(name, getattr(result, name), getattr(coarse, name)) for name in COMPARED)
