"""What a chart is asked for, and the files it may read."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboard.decimation import Span
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import MarketView, Run


@dataclass(frozen=True, slots=True)
class ChartRequest:
    """What is asked for: a market of a run, a stretch of time, and one of the backtests where a chart shows only one."""

    run: Run
    market: MarketView
    span: Span
    source: str

    def table(self, stage: str, name: str) -> pl.DataFrame | None:
        """Return a table of the market in a stage, None while there is none."""
        return self.run.market_table(stage, self.market.slug, name)

    def setting(self, section: str, name: str) -> Any:
        """Return one of the settings resolved in stage 4. Raises CorruptFileError when it is not there."""
        with expecting("strategy.json"):
            return (self.run.stage_json("strategy", "strategy.json") or {})[section][name]
