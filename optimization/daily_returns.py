"""Daily returns of the valid trials, for statistics over the whole search."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np
import polars as pl

from core.atomic_files import write_atomically
from core.parquet_files import write_parquet
from optimization.evaluation import SimulationTrials
from optimization.trial_record import TrialRecord

# Trials whose returns are made at once, and how many such parts are written as one table: a search of 100,000 trials has a quarter of a
# gigabyte of them.
PART = 250
WHOLE = 4
_SCHEMA = {"trial": pl.Int32, "date": pl.Int64, "return": pl.Float64}


def daily_returns_of(records: Iterable[TrialRecord], trials: SimulationTrials) -> pl.DataFrame:
    """Return a row per complete trial and UTC day: trial (i32), date (the day's start, i64 ms), return (f64, a fraction).

    Each trial is simulated again from its recorded parameters, so a resumed search and a fresh one go the same way.
    """
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *daily_return_parts(records, trials)])


def daily_return_parts(records: Iterable[TrialRecord], trials: SimulationTrials) -> Iterator[pl.DataFrame]:
    """Yield what ``daily_returns_of`` returns in parts of ``PART`` trials."""
    complete = [record for record in records if record.state == "complete"]
    for first in range(0, len(complete), PART):
        yield _returns(complete[first : first + PART], trials)


def _returns(records: Sequence[TrialRecord], trials: SimulationTrials) -> pl.DataFrame:
    days, found = trials.daily_returns([record.params for record in records])
    columns = {
        "trial": np.repeat(np.array([record.trial for record in records], np.int32), len(days)),
        "date": np.tile(days, len(records)),
        "return": found.ravel(),
    }
    return pl.DataFrame(columns, schema=_SCHEMA)


def write_daily_returns(parts: Iterator[pl.DataFrame], path: Path) -> None:
    """Write ``parts`` as one Parquet file, whole or not at all; StorageError when that is not possible."""
    first = [pl.DataFrame(schema=_SCHEMA), *islice(parts, WHOLE)]
    following = next(parts, None)
    if following is None:
        write_parquet(path, pl.concat(first, rechunk=True))
        return
    import pyarrow.parquet as pq  # a quarter of a second to load, for searches that are longer than that

    def write(temporary: Path) -> None:  # part by part to the disk: the file of a search of 100,000 trials takes 60 MB, twice in memory
        few_values = ["trial", "date"]
        with pq.ParquetWriter(temporary, following.to_arrow().schema, compression="zstd", use_dictionary=few_values) as writer:
            for part in chain(first[1:], (following,), parts):
                writer.write_table(part.to_arrow())

    write_atomically(path, write)
