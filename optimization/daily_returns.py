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
    complete = [record for record in records if record.state == "complete"]
    days, returns = np.empty(0, np.int64), np.empty((len(complete), 0))
    for place, record in enumerate(complete):
        found, values = trials.simulation(record.params).run().daily_returns()
        if not place:  # the days are those of the candles; room for all trials at once, since there may be very many
            days, returns = found, np.empty((len(complete), len(found)))
        returns[place] = values
    numbers = np.array([record.trial for record in complete], np.int32)
    columns = {"trial": np.repeat(numbers, len(days)), "date": np.tile(days, len(complete)), "return": returns.ravel()}
    return pl.DataFrame(columns, schema={"trial": pl.Int32, "date": pl.Int64, "return": pl.Float64})


def write_daily_returns(frame: pl.DataFrame, path: Path) -> None:
    """Write ``frame`` as Parquet, whole or not at all; StorageError when that is not possible."""
    write_parquet(path, frame)
