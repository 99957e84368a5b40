"""What a chart is asked for, and the files it may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from core.errors import ConfigError
from dashboard.decimation import Span
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import MarketView, Run


@dataclass(frozen=True, slots=True)
class ChartRequest:
    """What is asked for: a market of a run, a stretch of time, and one of the backtests where a chart shows only one.

    ``options`` is what single charts are asked beside this, as it stands in the query: names and texts of the browser's making.
    """

    run: Run
    market: MarketView
    span: Span
    source: str
    options: Mapping[str, str] = field(default_factory=dict)

    def table(self, stage: str, name: str, columns: tuple[str, ...] | None = None) -> pl.DataFrame | None:
        """Return a table of the market in a stage, or ``columns`` of it, None while there is none."""
        return self.run.market_table(stage, self.market.slug, name, columns)

    def option(self, name: str, allowed: tuple[str, ...]) -> str:
        """Return the option called ``name``, the first of ``allowed`` where it is not given. Raises ConfigError for any other value."""
        value = self.options.get(name, allowed[0])
        if value not in allowed:
            raise ConfigError(f"{name} must be one of {', '.join(word for word in allowed if word)}.")
        return value

    def setting(self, section: str, name: str) -> Any:
        """Return one of the settings resolved in stage 4. Raises CorruptFileError when it is not there."""
        with expecting("strategy.json"):
            return (self.run.stage_json("strategy", "strategy.json") or {})[section][name]
