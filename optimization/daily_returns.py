"""Daily returns of the valid trials, for statistics over the whole search."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from core.parquet_files import write_parquet
from optimization.evaluation import SimulationTrials
from optimization.trial_record import TrialRecord


def daily_returns_of(records: Iterable[TrialRecord], trials: SimulationTrials) -> pl.DataFrame:
    """Return a row per complete trial and UTC day: trial (i32), date (the day's start, i64 ms), return (f64, a fraction).

    Each trial is simulated again from its recorded parameters, so a resumed search and a fresh one go the same way.
    """
    numbers, dates, returns = [], [], []
    for record in records:
        if record.state == "complete":
            days, values = trials.simulation(record.params).run().daily_returns()
            numbers.append(np.full(len(days), record.trial, np.int32))
            dates.append(days)
            returns.append(values)
    return pl.DataFrame(
        {
            "trial": np.concatenate(numbers) if numbers else np.empty(0, np.int32),
            "date": np.concatenate(dates) if dates else np.empty(0, np.int64),
            "return": np.concatenate(returns) if returns else np.empty(0, np.float64),
        }
    )


def write_daily_returns(frame: pl.DataFrame, path: Path) -> None:
    """Write ``frame`` as Parquet, whole or not at all; StorageError when that is not possible."""
    write_parquet(path, frame)
