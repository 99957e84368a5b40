"""WalkForwardEngine: re-optimize on each window's past, test on the days after it, stitch the tests together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from backtest_engine import BacktestEngine, as_candles
from config import ExecutionConfig, OptimizationConfig, StrategyConfig, WalkForwardConfig
from core.candles import Candles
from core.errors import ConfigError
from core.market import Market, MarketRules
from core.paths import Paths
from optimization import SearchProgress
from walkforward.drift import parameter_drift
from walkforward.pool import run_in_processes
from walkforward.result import WalkForwardResult, WindowOutcome, save
from walkforward.robustness import WindowScore, score
from walkforward.stitching import stitch_equity, stitch_trades, stitched_metrics
from walkforward.study import Series, StudySettings, param_values, study_window
from walkforward.windows import Window, split

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class WalkForwardProgress:
    """How far the run is: windows ``done`` of ``total``, and, without worker processes, the ``search`` of the window at work."""

    done: int
    total: int
    search: SearchProgress | None = None


class WalkForwardEngine:
    """Walk-forward validation of one strategy on one series, from ``strategy_config`` as every window's base.

    ``candles``, ``order_qty``, ``exchange``, ``symbol`` and ``timeframe`` as for BacktestEngine. ``ledger_folder`` gets the trials of
    each window under ``window_NN`` and is what an interrupted run goes on from; None keeps them in memory. ``workers`` above 1 studies
    that many windows at once in processes of their own: the result is the same for any number. ``on_progress`` is called in this
    process. ``detail`` as for BacktestEngine. Raises DataError, ConfigError, BacktestError, OptimizationError or StorageError.
    """

    def __init__(
        self,
        candles: "Candles | pl.DataFrame | pd.DataFrame | str | Path",
        strategy_config: StrategyConfig | None = None,
        order_qty: float = 0.1,
        exchange: str | None = None,
        symbol: str | None = None,
        timeframe: str | None = None,
        wfa_config: WalkForwardConfig | None = None,
        *,
        opt_config: OptimizationConfig | None = None,
        execution: ExecutionConfig | None = None,
        rules: MarketRules | None = None,
        seed: int = 42,
        ledger_folder: Path | None = None,
        workers: int = 1,
        on_progress: Callable[[WalkForwardProgress], None] | None = None,
        detail: Candles | None = None,
    ) -> None:
        if workers < 1:
            raise ConfigError(f"workers = {workers} is not allowed: must be a whole number from 1.")
        self.candles = as_candles(candles, exchange, symbol, timeframe)
        self.detail = None if detail is None else as_candles(detail, exchange, symbol, None)
        self.config = wfa_config or WalkForwardConfig()
        self.settings = StudySettings(
            strategy=strategy_config or StrategyConfig(),
            order_qty=order_qty,
            optimization=opt_config or OptimizationConfig(),
            execution=execution or ExecutionConfig(),
            rules=rules or MarketRules(),
            seed=seed,
            min_trades_per_window=self.config.min_trades_per_window,
            ledger_folder=ledger_folder,
        )
        self.workers = workers
        self._on_progress = on_progress or _ignore

    def generate_windows(self) -> list[Window]:
        """Return the windows, oldest first; DataError when the candles are too few for one."""
        return split(self.candles.open_ms, self.candles.timeframe.ms, self.config)

    def run(self) -> WalkForwardResult:
        """Study every window and return what they add up to."""
        windows = self.generate_windows()
        self._on_progress(WalkForwardProgress(0, len(windows)))
        outcomes = self._run_inline(windows) if min(self.workers, len(windows)) == 1 else self._run_pool(windows)
        return summarize(outcomes, self.settings, self.candles.timeframe.periods_per_year)

    def save_results(self, result: WalkForwardResult, folder: Path | None = None) -> Path:
        """Write walkforward.json, oos_equity.parquet and oos_trades.parquet and return the folder.

        Without ``folder``: the ledger folder, else ``results/walkforward/<market>`` in the data folder. Raises StorageError.
        """
        target = folder or self.settings.ledger_folder or Paths.default().results / "walkforward" / self.candles.market.slug
        save(result, target)
        return target

    def _run_inline(self, windows: Sequence[Window]) -> list[WindowOutcome]:
        outcomes = list[WindowOutcome]()
        for window in windows:

            def report(search: SearchProgress) -> None:
                self._on_progress(WalkForwardProgress(len(outcomes), len(windows), search))

            outcomes.append(study_window(self.candles, window, self.settings, report, detail=self.detail))
            self._on_progress(WalkForwardProgress(len(outcomes), len(windows)))
        return outcomes

    def _run_pool(self, windows: Sequence[Window]) -> list[WindowOutcome]:
        # compiles the kernels once, before several processes would all do it
        known = Series(self.candles, self.detail).until(windows[0].is_end)
        BacktestEngine(
            known.candles, self.settings.strategy, self.settings.order_qty, execution=self.settings.execution, detail=known.detail
        ).run()
        return run_in_processes(
            _study_in_worker,
            windows,
            workers=self.workers,
            prepare=_receive,
            shared=(_packed(self.candles), None if self.detail is None else _packed(self.detail), self.settings),
            on_done=lambda done: self._on_progress(WalkForwardProgress(done, len(windows))),
        )


def summarize(outcomes: Sequence[WindowOutcome], settings: StudySettings, periods_per_year: float) -> WalkForwardResult:
    """Return what ``outcomes`` (oldest first, at least one) add up to."""
    chosen = [(outcome.window.index, outcome.chosen) for outcome in outcomes]
    median = [(outcome.window.index, outcome.median.run) for outcome in outcomes if outcome.median is not None]
    scored = [
        WindowScore(outcome.chosen.metrics.net_pnl, outcome.is_metrics.sharpe_ratio, outcome.chosen.metrics.sharpe_ratio)
        for outcome in outcomes
        if outcome.scored
    ]
    base = param_values(settings.strategy, tuple(outcomes[0].chosen.params))
    return WalkForwardResult(
        windows=tuple(outcomes),
        stitched_equity=stitch_equity(chosen, settings.execution.initial_capital),
        stitched_trades=stitch_trades(chosen),
        stitched_metrics=stitched_metrics(chosen, settings.execution, periods_per_year),
        median_stitched=stitched_metrics(median, settings.execution, periods_per_year) if median else None,
        scores=score(scored),
        drift=parameter_drift(base, [outcome.chosen.params for outcome in outcomes]),
    )


def _ignore(_progress: WalkForwardProgress) -> None:
    """Report to nobody."""


Packed = tuple[Market, dict[str, Any], bool, bool]


def _packed(candles: Candles) -> Packed:
    """Return what candles are made of, for the way to another process."""
    names = ("open", "high", "low", "close", "volume", *(["quote_volume"] if candles.quote_volume is not None else []))
    columns = {"timestamp": candles.open_ms} | {name: getattr(candles, name) for name in names}
    return candles.market, columns, candles.has_volume, candles.synthetic


def _unpacked(packed: Packed) -> Candles:
    market, columns, has_volume, synthetic = packed
    return Candles.from_arrays(market, columns, has_volume=has_volume, synthetic=synthetic)


# What a worker process studies, put here once when it starts; never set in the driver.
_in_worker: dict[str, Any] = {}


def _receive(candles: Packed, detail: Packed | None, settings: StudySettings) -> None:
    """Keep the candles and settings that all tasks of this worker share."""
    _in_worker["candles"] = _unpacked(candles)
    _in_worker["detail"] = None if detail is None else _unpacked(detail)
    _in_worker["settings"] = settings


def _study_in_worker(window: Window) -> WindowOutcome:
    return study_window(_in_worker["candles"], window, _in_worker["settings"], detail=_in_worker["detail"])
