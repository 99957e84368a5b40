"""One window's study: search in sample, freeze, test once out of sample."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from backtest_engine import BacktestResult, Simulation
from config import ExecutionConfig, OptimizationConfig, StrategyConfig
from core.candles import Candles
from core.funding import FundingRates
from core.market import MarketRules
from optimization import STAGES, OptimizationEngine, SearchProgress, TrialRecord
from optimization.screening import TRIALS_WORTH_A_GPU
from optimization.times import SearchTimes
from strategies import ParamValue, get_strategy, resolve_params, with_params
from walkforward.result import MedianTrial, OutOfSampleRun, WindowOutcome
from walkforward.windows import Window

COSTS = ("maker_fee", "taker_fee", "liquidation_fee", "slippage", "slippage_range_share", "slippage_impact", "slippage_cap")


@dataclass(frozen=True, slots=True)
class StudySettings:
    """What all windows of a run share. ``ledger_folder`` gets one folder ``window_NN`` per window; None keeps no ledger on disk."""

    strategy: StrategyConfig
    order_qty: float
    optimization: OptimizationConfig
    execution: ExecutionConfig
    rules: MarketRules
    seed: int
    min_trades_per_window: int
    ledger_folder: Path | None
    funding: FundingRates | None = None
    gpu_from: int = TRIALS_WORTH_A_GPU


@dataclass(frozen=True, slots=True)
class Series:
    """The candles that decisions are made on and, where orders fill on finer ones, those."""

    candles: Candles
    detail: Candles | None = None

    def until(self, bar: int) -> "Series":
        """Return what is known before ``bar`` opens."""
        known = self.candles[:bar]
        return Series(known, None if self.detail is None else self.detail[: self.detail.index_of(known.end_ms)])


def study_window(
    candles: Candles,
    window: Window,
    settings: StudySettings,
    on_search: Callable[[SearchProgress], None] | None = None,
    *,
    detail: Candles | None = None,
    folder: Path | None = None,
) -> WindowOutcome:
    """Search ``window`` in sample, test what was chosen out of sample, and return the outcome.

    The search is handed ``candles[:is_end]`` and the tests ``candles[:oos_end]``, and ``detail`` until then: later rows are out of
    reach. Bars before each part warm its indicators up, the account starts flat from the initial capital at its first bar and is closed
    at its last. ``folder`` gets the trials, instead of the window's own under the settings' ``ledger_folder``.
    """
    series = Series(candles, detail)
    search = _search(series.until(window.is_end), window, settings, on_search, folder or window_folder(settings, window))
    chosen = search.get_final_config()
    names = _searched_names(search)
    result = _test(series, window, settings, chosen)
    enough = result.metrics.total_trades >= settings.min_trades_per_window
    return WindowOutcome(
        window=window,
        found=any(stage["best_trial"] is not None for stage in search.summary().stages.values()),
        chosen=OutOfSampleRun.of(param_values(chosen, names), result),
        is_metrics=_backtest(series.until(window.is_end), window.is_start, settings, chosen, settings.execution).metrics,
        median=_median_trial(series, window, settings, search),
        doubled_costs_net_pnl=_test(series, window, settings, chosen, doubled_costs(settings.execution)).metrics.net_pnl,
        scored=enough,
        reason=None if enough else _too_few(result.metrics.total_trades, settings.min_trades_per_window),
        times=SearchTimes.of(search.times(stage) for stage in STAGES),
    )


def param_values(config: StrategyConfig, names: tuple[str, ...]) -> dict[str, ParamValue]:
    """Return the value of each of ``names``: the strategy's own parameters and fields of StrategyConfig alike."""
    declared = resolve_params(get_strategy(config.name), config)
    return {name: declared[name] if name in declared else getattr(config, name) for name in names}


def doubled_costs(execution: ExecutionConfig) -> ExecutionConfig:
    """Return ``execution`` with fees and slippage twice as high."""
    doubled = {name: 2 * getattr(execution, name) for name in COSTS}
    # not validated: the range of a fee is a check of what a user types, and twice an allowed fee may lie beyond it
    return execution.model_copy(update=doubled)


def median_of(records: list[TrialRecord]) -> TrialRecord | None:
    """Return the complete trial whose objective is the median, the lower one of the two middle ones; None when none is complete.

    Equal objectives count in trial order.
    """
    complete = sorted((record for record in records if record.state == "complete"), key=lambda record: (record.value, record.trial))
    return complete[(len(complete) - 1) // 2] if complete else None


def window_folder(settings: StudySettings, window: Window) -> Path | None:
    """Return where the trials of ``window`` are kept; None when they are not."""
    return None if settings.ledger_folder is None else settings.ledger_folder / f"window_{window.index:02d}"


def _search(
    series: Series,
    window: Window,
    settings: StudySettings,
    on_search: Callable[[SearchProgress], None] | None,
    folder: Path | None,
) -> OptimizationEngine:
    search = OptimizationEngine(
        series.candles,
        settings.strategy,
        settings.order_qty,
        opt_config=settings.optimization.in_windows(),
        execution=settings.execution,
        rules=settings.rules,
        seed=settings.seed,
        first_bar=window.is_start,
        window=window.index,
        ledger_folder=folder,
        on_progress=on_search,
        funding=settings.funding,
        detail=series.detail,
        gpu_from=settings.gpu_from,
    )
    search.optimize_all()
    return search


def _test(
    series: Series, window: Window, settings: StudySettings, config: StrategyConfig, execution: ExecutionConfig | None = None
) -> BacktestResult:
    return _backtest(series.until(window.oos_end), window.oos_start, settings, config, execution or settings.execution)


def _backtest(
    series: Series, first_bar: int, settings: StudySettings, config: StrategyConfig, execution: ExecutionConfig
) -> BacktestResult:
    return Simulation(
        series.candles,
        config,
        settings.order_qty,
        execution,
        settings.rules,
        first_bar,
        settings.funding,
        detail=series.detail,
    ).run()


def _median_trial(series: Series, window: Window, settings: StudySettings, search: OptimizationEngine) -> MedianTrial | None:
    """Test the median trial of the last stage that has complete trials; what that stage did not search stays as it was chosen."""
    for stage in reversed(STAGES):
        median = median_of(search.ledger(stage))
        if median is not None:
            config = with_params(search.get_final_config(), median.params)
            params = param_values(config, _searched_names(search))
            return MedianTrial(median.value, OutOfSampleRun.of(params, _test(series, window, settings, config)))
    return None


def _searched_names(search: OptimizationEngine) -> tuple[str, ...]:
    """Return the parameters of all stages, in the order of the search; trial 0 of a stage holds all of its names."""
    named: Mapping[str, None] = {name: None for stage in STAGES for record in search.ledger(stage)[:1] for name in record.params}
    return tuple(named)


def _too_few(trades: int, needed: int) -> str:
    noun = "trade" if trades == 1 else "trades"
    return f"{trades} out-of-sample {noun}, fewer than the {needed} of walkforward.min_trades_per_window"
