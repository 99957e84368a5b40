"""WalkForwardEngine: re-optimize on each window's past, test on the days after it, stitch the tests together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from backtest_engine import BacktestEngine, as_candles
from config import ExecutionConfig, OptimizationConfig, StrategyConfig, WalkForwardConfig
from core.candles import Candles
from core.errors import ConfigError, OptimizationError
from core.funding import FundingRates
from core.market import MarketRules
from core.paths import Paths
from optimization import SearchProgress
from optimization.executors import Executor, Inline, Lost, MarketSeries, Processes, Study, Tick
from optimization.screening import TRIALS_WORTH_A_GPU
from walkforward.drift import parameter_drift
from walkforward.groups import windows_of
from walkforward.lost import lost_window
from walkforward.paths import middle_path, on_path, path_results
from walkforward.regimes import regime_results
from walkforward.result import WalkForwardResult, WindowOutcome, save
from walkforward.robustness import WindowScore, score
from walkforward.stitching import stitch_equity, stitch_trades, stitched_metrics
from walkforward.stress import stress_results
from walkforward.study import Series, StudySettings, param_values, study_window, window_folder
from walkforward.windows import Window

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class WalkForwardProgress:
    """How far the run is: windows ``done`` of ``total``, and the ``search`` of a window at work."""

    done: int
    total: int
    search: SearchProgress | None = None


class WalkForwardEngine:
    """Walk-forward validation of one strategy on one series, from ``strategy_config`` as every window's base.

    ``candles``, ``order_qty``, ``exchange``, ``symbol`` and ``timeframe`` as for BacktestEngine. ``ledger_folder`` gets the trials of
    each window under ``window_NN`` and is what an interrupted run goes on from; None keeps them in memory. ``workers`` above 1 studies
    that many windows at once in processes of their own: the result is the same for any number. ``on_progress`` is called in this
    process. ``funding`` and ``detail`` as for BacktestEngine, ``gpu_from`` as for OptimizationEngine.
    Raises DataError, ConfigError, BacktestError, OptimizationError or StorageError.
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
        funding: FundingRates | None = None,
        detail: Candles | None = None,
        gpu_from: int = TRIALS_WORTH_A_GPU,
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
            min_profit_factor_per_window=self.config.min_profit_factor_per_window,
            ledger_folder=ledger_folder,
            funding=funding,
            gpu_from=gpu_from,
        )
        self.workers = workers
        self._on_progress = on_progress or _ignore

    def generate_windows(self) -> list[Window]:
        """Return the windows, oldest first, of combinatorial ones path by path; DataError when the candles are too few for one."""
        return windows_of(self.candles, self.config)

    def run(self) -> WalkForwardResult:
        """Study every window and return what they add up to."""
        windows = self.generate_windows()
        self._on_progress(WalkForwardProgress(0, len(windows)))
        executor, done = self._executor(len(windows)), 0

        def count(finished: int) -> None:
            nonlocal done
            done = finished
            self._on_progress(WalkForwardProgress(done, len(windows)))

        def tell(_place: int, search: SearchProgress) -> None:
            self._on_progress(WalkForwardProgress(done, len(windows), search))

        try:
            return self.result_of(executor.run(self.studies(), {self.candles.market.slug: self.series}, count, tell))
        finally:
            executor.close()

    def save_results(self, result: WalkForwardResult, folder: Path | None = None) -> Path:
        """Write walkforward.json, oos_equity.parquet and oos_trades.parquet and return the folder.

        Without ``folder``: the ledger folder, else ``results/walkforward/<market>`` in the data folder. Raises StorageError.
        """
        target = folder or self.settings.ledger_folder or Paths.default().results / "walkforward" / self.candles.market.slug
        save(result, target)
        return target

    def studies(self) -> list[Study]:
        """Return one study for each window, oldest first; they run on ``series``."""
        settings, name = replace(self.settings, funding=None), self.candles.market.slug
        return [
            Study(
                f"window {window.index} of {self.candles.market}", name, work_on_window, (window, settings), window_folder(settings, window)
            )
            for window in self.generate_windows()
        ]

    @property
    def series(self) -> MarketSeries:
        """What the studies run on."""
        return MarketSeries(self.candles, self.detail, self.settings.funding)

    def result_of(self, outcomes: Sequence[WindowOutcome | Lost]) -> WalkForwardResult:
        """Return what the results of all ``studies`` add up to; OptimizationError when every one of them is lost."""
        done = next((outcome for outcome in outcomes if isinstance(outcome, WindowOutcome)), None)
        if done is None:
            reasons = [outcome.reason for outcome in outcomes if isinstance(outcome, Lost)]
            raise OptimizationError(f"no window of {self.candles.market} could be studied: {reasons[0]}. Try fewer workers, then resume.")
        whole = [
            lost_window(self.candles, window, self.settings, outcome.reason, done) if isinstance(outcome, Lost) else outcome
            for window, outcome in zip(self.generate_windows(), outcomes, strict=True)
        ]
        return summarize(whole, self.settings, self.candles)

    def _executor(self, windows: int) -> Executor:
        workers = min(self.workers, windows)
        if workers == 1:
            return Inline()
        # compiles the kernels once, before several processes would all do it
        first = self.generate_windows()[0]
        known = Series(self.candles, self.detail).until(first.oos_end)
        BacktestEngine(
            known.candles, self.settings.strategy, self.settings.order_qty, execution=self.settings.execution, detail=known.detail
        ).run()
        return Processes(workers)


def work_on_window(series: MarketSeries, argument: tuple[Window, StudySettings], folder: Path | None, tick: Tick) -> WindowOutcome:
    """Study a window: what an executor hands to a worker."""
    window, settings = argument
    whole = replace(settings, funding=series.funding)
    return study_window(series.candles, window, whole, tick, detail=series.detail, folder=folder)


def summarize(outcomes: Sequence[WindowOutcome], settings: StudySettings, candles: Candles) -> WalkForwardResult:
    """Return what ``outcomes`` (in the order of their windows, at least one) on ``candles`` add up to.

    Of combinatorial windows the stitched result, its stress and its regimes are those of the middle path.
    """
    periods_per_year, capital = candles.timeframe.periods_per_year, settings.execution.initial_capital
    paths = path_results(outcomes, settings.execution, periods_per_year)
    whole = on_path(outcomes, middle_path(paths))
    chosen = [(outcome.window.index, outcome.chosen) for outcome in whole]
    median = [(outcome.window.index, outcome.median.run) for outcome in whole if outcome.median is not None]
    scored = [
        WindowScore(outcome.profitable, outcome.is_metrics.sharpe_ratio, outcome.chosen.metrics.sharpe_ratio)
        for outcome in outcomes
        if outcome.scored
    ]
    base = param_values(settings.strategy, tuple(outcomes[0].chosen.params))
    equity, trades = stitch_equity(chosen, capital), stitch_trades(chosen)
    return WalkForwardResult(
        windows=tuple(outcomes),
        stitched_equity=equity,
        stitched_trades=trades,
        stitched_metrics=stitched_metrics(chosen, settings.execution, periods_per_year),
        median_stitched=stitched_metrics(median, settings.execution, periods_per_year) if median else None,
        scores=score(scored),
        drift=parameter_drift(base, [outcome.chosen.params for outcome in outcomes if not outcome.lost]),
        stress=stress_results(whole, settings.execution, periods_per_year),
        regimes=regime_results(candles, equity, trades, capital, settings.execution.risk_free_rate),
        paths=paths,
        stitched_path=middle_path(paths),
    )


def _ignore(_progress: WalkForwardProgress) -> None:
    """Report to nobody."""
