"""OptimizationEngine: stages 7.1, 7.2 and 7.3 over one series, each fixing the best of the one before."""

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from backtest_engine import as_candles
from config import ExecutionConfig, OptimizationConfig, StrategyConfig
from core.atomic_files import write_bytes
from core.candles import Candles
from core.canonical_json import dump_bytes
from core.errors import OptimizationError
from core.funding import FundingRates
from core.market import MarketRules
from core.paths import Paths
from optimization.daily_returns import daily_return_parts, daily_returns_of, write_daily_returns
from optimization.evaluation import SimulationTrials
from optimization.fidelity import Entrant, Evaluate, level_ends, race
from optimization.identity import study_identity
from optimization.importance import Importance
from optimization.isolation import isolated_where_marked
from optimization.ledger import TrialLedger
from optimization.neighbourhood.study import Neighbourhood, study_winner
from optimization.objectives import Judge, cut_of
from optimization.results import OptimizationSummary, StageResult, stage_result
from optimization.screening import TRIALS_WORTH_A_GPU, ScreenTrials, announce, choose_screen
from optimization.search import ProgressListener, SearchPlan, search, with_plateaus
from optimization.space import STAGES, Stage, stage_space
from optimization.times import SearchTimes
from optimization.trial_record import TrialRecord
from strategies import get_strategy, with_params

if TYPE_CHECKING:
    import pandas as pd


class OptimizationEngine:
    """Search a strategy's parameters on one series, in three stages that each run once per engine.

    ``candles``: Candles, a polars or pandas frame, or the path of a candle file. ``order_qty`` in the base currency. ``seed`` makes the
    search repeatable. ``first_bar``: the bars before it only warm indicators up. ``window``: the walk-forward window searched, None for
    the whole series. With a ``ledger_folder`` every trial is written there as it ends and an interrupted search goes on where it
    stopped. ``on_progress`` is called after every batch. ``funding`` and ``detail`` as for BacktestEngine. ``gpu_from``: the trials of a
    batch from which ``gpu: auto`` asks for a device. ``threads``: the kernel's, for large batches; no result depends on them.

    Raises DataError, ConfigError or BacktestError for input that cannot be simulated, and OptimizationError when the ledger belongs to
    another search or no trial can be run at all.
    """

    def __init__(
        self,
        candles: "Candles | pl.DataFrame | pd.DataFrame | str | Path",
        strategy_config: StrategyConfig | None = None,
        order_qty: float = 0.1,
        exchange: str | None = None,
        symbol: str | None = None,
        timeframe: str | None = None,
        opt_config: OptimizationConfig | None = None,
        *,
        execution: ExecutionConfig | None = None,
        rules: MarketRules | None = None,
        seed: int = 42,
        first_bar: int = 0,
        window: int | None = None,
        ledger_folder: Path | None = None,
        on_progress: ProgressListener | None = None,
        funding: FundingRates | None = None,
        detail: Candles | None = None,
        gpu_from: int = TRIALS_WORTH_A_GPU,
        threads: int = 1,
    ) -> None:
        self.candles = as_candles(candles, exchange, symbol, timeframe)
        self.detail = None if detail is None else as_candles(detail, exchange, symbol, None)
        self.opt_config = opt_config or OptimizationConfig()
        self._config = strategy_config or StrategyConfig()
        self._account = (order_qty, execution or ExecutionConfig(), rules or MarketRules(), first_bar, funding)
        self._seed, self._window, self._threads = seed, window, threads
        self._folder, self._on_progress = ledger_folder, on_progress
        self._results: dict[Stage, StageResult] = {}
        self._records: dict[Stage, list[TrialRecord]] = {}
        self._returns: dict[Stage, pl.DataFrame] = {}
        self._bases: dict[Stage, StrategyConfig] = {}
        self._plans: dict[Stage, SearchPlan] = {}
        self._around: dict[Stage, tuple[Neighbourhood, Importance]] = {}
        self._times: dict[Stage, SearchTimes] = {}
        self._screen = choose_screen(self.opt_config, gpu_from)
        if self.opt_config.gpu != "off":
            announce(self._screen)
        self._judge = Judge(self.opt_config.objectives, self.opt_config.constraints)
        self._trials(self._config)  # wrong input is refused here, not trial by trial

    def optimize_stage_7_1(self) -> StageResult:
        """Search the strategy's integer parameters around the current configuration."""
        return self._optimize("7.1")

    def optimize_stage_7_2(self) -> StageResult:
        """Search the strategy's float parameters."""
        return self._optimize("7.2")

    def optimize_stage_7_3(self) -> StageResult:
        """Search how long each entry tier waits."""
        return self._optimize("7.3")

    def optimize_all(self) -> OptimizationSummary:
        """Run the stages that have not run yet, in order, and return all outcomes."""
        for stage in STAGES:
            self._optimize(stage)
        return self.summary()

    def get_final_config(self) -> StrategyConfig:
        """Return the strategy's configuration with the best of every stage so far."""
        return self._config

    def summary(self) -> OptimizationSummary:
        """Return the outcomes so far, with what lies around each winner where the settings ask for it; of a window nobody does."""
        if not self.opt_config.neighbourhood or self._window is not None:
            return OptimizationSummary(dict(self._results), self._config)
        return OptimizationSummary({stage: self._with_surroundings(stage) for stage in self._results}, self._config)

    def _with_surroundings(self, stage: Stage) -> StageResult:
        if stage not in self._around:
            self._around[stage] = study_winner(self._plans[stage], self._records[stage], self._survivable(self._trials(self._bases[stage])))
        neighbourhood, importance = self._around[stage]
        result = self._results[stage].copy()
        result["neighbourhood"], result["importance"] = neighbourhood.as_dict(), importance.as_dict()
        return result

    def save_results(self, folder: Path | None = None) -> Path:
        """Write ``optimization.json`` and return its path: in ``folder``, else beside the ledger, else among the results of the market.

        Raises OptimizationError when no stage has run, StorageError when the disk refuses.
        """
        if not self._results:
            raise OptimizationError("there are no results to save: run a stage first, e.g. optimize_all().")
        target = (folder or self._folder or Paths.default().results / self.candles.market.slug) / "optimization.json"
        write_bytes(target, dump_bytes(self.summary().as_dict()))
        return target

    def ledger(self, stage: Stage) -> list[TrialRecord]:
        """Return every trial of ``stage`` in order; OptimizationError when it has not run."""
        self._require_run(stage)
        return list(self._records[stage])

    def retrace(self, stage: Stage, trial: TrialRecord) -> Entrant:
        """Simulate ``trial`` of ``stage`` again as far as it came, alone, from the current configuration; a failed one to the end.

        What comes back has scores, values, violations and metrics, or the error that it ended with.
        """
        plan, trials = self._plan(stage), self._trials(self._config)
        ends = level_ends(plan.levels, trials.bars)
        entrant = Entrant(trial.trial, trial.params)
        levels = len(ends) if trial.state == "failed" else trial.fidelity
        race([entrant], with_plateaus(trials, plan), ends[:levels], self._judge, frozenset({trial.trial}))
        return entrant

    def times(self, stage: Stage) -> SearchTimes:
        """Return where the time of ``stage`` went in this process (its ledger's trials took none); it is no part of the results.

        OptimizationError when it has not run.
        """
        self._require_run(stage)
        return self._times[stage]

    def daily_returns(self, stage: Stage) -> pl.DataFrame:
        """Return the daily UTC returns of the stage's complete trials: trial, date (ms), return (a fraction)."""
        self._require_run(stage)
        if stage not in self._returns:
            trials = self._trials(self._bases[stage])
            self._returns[stage] = daily_returns_of(self._records[stage], trials)
        return self._returns[stage]

    def _optimize(self, stage: Stage) -> StageResult:
        """Run ``stage`` from the current configuration, or return what it came to when it ran."""
        if stage not in self._results:
            plan, base = self._plan(stage), self._config
            trials = self._trials(base)
            screen = None if self._screen.gpu is None else ScreenTrials(trials, self._screen.gpu)
            identity = study_identity(plan, self.candles, base, *self._account, detail=self.detail)
            with TrialLedger(identity, self._file(stage, "trials.log")) as ledger:
                known = len(ledger.records)
                self._records[stage] = search(
                    plan,
                    ledger,
                    with_plateaus(self._survivable(trials), plan),
                    self._on_progress,
                    screen,
                    self._times.setdefault(stage, SearchTimes()),
                )
            self._bases[stage], self._plans[stage] = base, plan
            self._results[stage] = stage_result(plan, self._records[stage], trials.bars)
            self._config = with_params(base, self._results[stage]["best_params"])
            path = self._file(stage, "daily_returns.parquet")
            if path is not None and (known < len(self._records[stage]) or not path.is_file()):
                write_daily_returns(daily_return_parts(self._records[stage], trials), path)
        return self._results[stage]

    def _trials(self, base: StrategyConfig) -> SimulationTrials:
        cut = cut_of(self.opt_config.objectives, self.opt_config.objective_blocks)
        return SimulationTrials(self.candles, base, *self._account, detail=self.detail, cut=cut, threads=self._threads)

    def _survivable(self, trials: SimulationTrials) -> Evaluate:
        return isolated_where_marked(trials, self._folder)

    def _plan(self, stage: Stage) -> SearchPlan:
        config = self.opt_config
        return SearchPlan(
            stage=stage,
            space=stage_space(stage, get_strategy(self._config.name), self._config, config.profile.relative_range),
            slug=self.candles.market.slug,
            window=self._window,
            seed=self._seed,
            sampler=config.optuna_sampler,
            objectives=config.objectives,
            constraints=config.constraints,
            objective_digests=self._judge.digests,
            blocks=config.objective_blocks,
            levels=config.levels,
            batch=config.batch,
            budget=config.stage_trials(timeouts=stage == "7.3"),
            min_trades=config.min_trades,
            device="cpu" if self._screen.gpu is None else "gpu",
        )

    def _file(self, stage: Stage, name: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{stage}.{name}"

    def _require_run(self, stage: Stage) -> None:
        if stage not in self._results:
            raise OptimizationError(f"stage {stage} has not run: call optimize_stage_{stage.replace('.', '_')}() first.")
