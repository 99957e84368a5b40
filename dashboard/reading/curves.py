"""The equity curves of a market: of the baseline, of each search stage's winner on all candles, and of the walk-forward."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dashboard.reading.files import expecting
from dashboard.reading.run_reader import Run

_COLUMNS = ("time", "equity")
# Name -> the stage that writes the curve, and its file. Runs of earlier versions kept the last search stage's alone.
_FILES = {
    "baseline": ("baseline", "equity.parquet"),
    "7.1": ("optimize", "7.1.best_equity.parquet"),
    "7.2": ("optimize", "7.2.best_equity.parquet"),
    "7.3": ("optimize", "best_equity.parquet"),
    "walkforward": ("walkforward", "oos_equity.parquet"),
}
CURVES = tuple(_FILES)


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """``times`` int64 (UTC ms, the opens of bars, rising) and ``equity`` float64 at their closes, in the quote currency."""

    times: NDArray[np.int64]
    equity: NDArray[np.float64]

    def part(self, rows: slice) -> "Curve":
        """Return some of the bars."""
        return Curve(self.times[rows], self.equity[rows])


def curve_of(run: Run, slug: str, name: str) -> Curve | None:
    """Return the curve called ``name``, None while it is not there or has no bar. Raises CorruptFileError."""
    stage, file = _FILES[name]
    frame = run.market_table(stage, slug, file, _COLUMNS)
    if frame is None or frame.is_empty():
        return None
    with expecting(file):
        times, equity = frame["time"].cast(pl.Int64).to_numpy(), frame["equity"].cast(pl.Float64).to_numpy()
        if np.isnan(equity).any():
            raise ValueError("equity that is no number")
        return Curve(times, equity)


def curves_of(run: Run, slug: str) -> dict[str, Curve]:
    """Return the curves that are there by now, by name. Raises CorruptFileError."""
    found = {name: curve_of(run, slug, name) for name in CURVES}
    return {name: curve for name, curve in found.items() if curve is not None}
