"""The checkpoint files that a report is made of, read once and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from config import RunConfig
from core.canonical_json import read_json
from core.errors import CorruptFileError
from core.run_folder import RunFolder, stage_named
from reporting.schema import (
    BASELINE_CHECKPOINT,
    OPTIMIZATION,
    QUALITY,
    SELECTION,
    SETTINGS,
    STRATEGY,
    WALKFORWARD,
)
from reporting.shapes import Shape, require_shape
from reporting.significance_schema import SIGNIFICANCE

# Search stage -> how the names of the tables begin that show its winner on all candles.
BEST: Mapping[str, str] = {"7.1": "7.1.best_", "7.2": "7.2.best_", "7.3": "best_"}
LAST = "7.3"


@dataclass(frozen=True, eq=False, slots=True)
class AccountTables:
    """Equity and trades of one account, with the columns of the engine."""

    equity: pl.DataFrame
    trades: pl.DataFrame


@dataclass(frozen=True, slots=True)
class MarketReport:
    """One market's files: contents of the JSON files, and frames of the Parquet files with the columns of the engines.

    ``winners`` are those of the search stages on all candles; runs of earlier versions kept the last stage's alone. ``significance`` is
    None in a run of before there was such a file; ``cautions`` are the sentences that stand beside its verdict.
    """

    slug: str
    exchange: str
    symbol: str
    timeframe: str
    order_qty: float
    synthetic: bool
    quality: Mapping[str, Any]
    baseline: Mapping[str, Any]
    optimization: Mapping[str, Any]
    walkforward: Mapping[str, Any]
    significance: Mapping[str, Any] | None
    candles: pl.DataFrame
    baseline_equity: pl.DataFrame
    baseline_trades: pl.DataFrame
    baseline_entries: pl.DataFrame
    winners: Mapping[str, AccountTables]
    oos_equity: pl.DataFrame
    oos_trades: pl.DataFrame
    cautions: tuple[str, ...] = ()

    @property
    def best_equity(self) -> pl.DataFrame:
        """The equity of the optimized parameters on all candles."""
        return self.winners[LAST].equity

    @property
    def best_trades(self) -> pl.DataFrame:
        """The trades of the optimized parameters on all candles."""
        return self.winners[LAST].trades

    @property
    def title(self) -> str:
        """Exchange, symbol and timeframe as a person writes them."""
        return f"{self.exchange} {self.symbol} {self.timeframe}"


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run's settings as given (``config``), as resolved by stage 4 (``strategy``), and its markets in order."""

    config: RunConfig
    strategy: Mapping[str, Any]
    markets: tuple[MarketReport, ...]


def read_run(run: RunFolder) -> RunReport:
    """Return everything that stages 3, 4, 5, 7 and 8 of ``run`` left behind; CorruptFileError names a file that is missing or wrong."""
    settings = _json(run.settings_file, SETTINGS)["settings"]
    selection = _json(run.stage(stage_named("selection")) / "selection.json", SELECTION)
    strategy = _json(run.stage(stage_named("strategy")) / "strategy.json", STRATEGY)
    markets = tuple(_market(run, facts, strategy["cautions"].get(facts["slug"], ())) for facts in selection["markets"])
    return RunReport(RunConfig(**settings), strategy, markets)


def _market(run: RunFolder, facts: Mapping[str, Any], cautions: Sequence[str]) -> MarketReport:
    slug = facts["slug"]
    baseline, optimize, walkforward = (run.stage(stage_named(name)) / slug for name in ("baseline", "optimize", "walkforward"))
    return MarketReport(
        slug=slug,
        exchange=facts["exchange"],
        symbol=facts["symbol"],
        timeframe=facts["timeframe"],
        order_qty=float(facts["order_qty"]),
        synthetic=facts["synthetic"],
        quality=_json(baseline / "quality.json", QUALITY),
        baseline=(summary := _json(baseline / "baseline.json", BASELINE_CHECKPOINT)),
        optimization=_json(optimize / "optimization.json", OPTIMIZATION),
        walkforward=_json(walkforward / "walkforward.json", WALKFORWARD),
        significance=_json(significance, SIGNIFICANCE) if (significance := walkforward / "significance.json").is_file() else None,
        candles=_frame(baseline / "candles.parquet"),
        baseline_equity=_frame(baseline / "equity.parquet"),
        baseline_trades=_frame(baseline / "trades.parquet"),
        baseline_entries=_frame(baseline / "entries.parquet"),
        winners=_winners(optimize),
        oos_equity=_frame(walkforward / "oos_equity.parquet"),
        oos_trades=_frame(walkforward / "oos_trades.parquet"),
        cautions=(*cautions, *(summary["funding"] or {"warnings": ()})["warnings"]),
    )


def _winners(folder: Path) -> dict[str, AccountTables]:
    """Return the winner of each search stage that was kept; the last one always is."""
    return {
        stage: AccountTables(*(_frame(folder / f"{start}{name}.parquet") for name in ("equity", "trades")))
        for stage, start in BEST.items()
        if stage == LAST or (folder / f"{start}equity.parquet").is_file()
    }


def _json(path: Path, shape: Shape) -> Any:
    _require_there(path)
    content = read_json(path)
    require_shape(content, shape, path)
    return content


def _frame(path: Path) -> pl.DataFrame:
    _require_there(path)
    try:
        return pl.read_parquet(path)
    except (PolarsError, OSError) as error:
        raise CorruptFileError(f"{path} cannot be read as Parquet ({error}). Remove it and resume: its stage runs again.") from error


def _require_there(path: Path) -> None:
    if not path.is_file():
        raise CorruptFileError(f"{path} is missing. Remove stage.json of its stage, if there is one, and resume: the stage runs again.")
