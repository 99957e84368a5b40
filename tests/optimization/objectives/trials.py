"""Trials as a finished search leaves them, by their values alone."""

from collections.abc import Sequence

from optimization.trial_record import State, TrialRecord


def trial(
    number: int, values: Sequence[float | None], *, state: State = "complete", violations: tuple[float, ...] = (), drawdown: float = -1.0
) -> TrialRecord:
    score = None if None in values else values[0]
    metrics = {"sharpe_ratio": 1.0, "max_drawdown": drawdown, "total_trades": 20, "exposure": 10.0}
    return TrialRecord(
        number, "7.1", None, {"x": number}, str(number), state, 1, 900, (score,), metrics, values=tuple(values), violations=violations
    )
