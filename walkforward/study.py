"""One window's study: search in sample, freeze, test once out of sample."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from core.candles import Candles
from optimization import STAGES, OptimizationEngine, SearchProgress, TrialRecord
from optimization.times import SearchTimes
from strategies import with_params
from walkforward.account import Series as Series
from walkforward.account import StudySettings as StudySettings
from walkforward.account import backtest, out_of_sample
from walkforward.account import doubled_costs as doubled_costs
from walkforward.account import param_values as param_values
from walkforward.result import MedianTrial, OutOfSampleRun, WindowOutcome
from walkforward.robustness import counts_as_profitable
from walkforward.splicing import searched
from walkforward.stress import stress_tests
from walkforward.trial_tests import trial_tests
from walkforward.windows import Window


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

    The search is handed ``candles[:is_end]``, of a combinatorial window without what it leaves out, and the tests ``candles[:oos_end]``,
    and ``detail`` until then: other rows are out of reach. Bars before each part warm its indicators up, the account starts flat from the
    initial capital at its first bar and is closed at its last. ``folder`` gets the trials, instead of the window's own under the settings'
    ``ledger_folder``.
    """
    series = Series(candles, detail)
    inside, funding = searched(series, window, settings.funding)
    in_sample, folder = replace(settings, funding=funding), folder or window_folder(settings, window)
    search = _search(inside, window, in_sample, on_search, folder)
    chosen = search.get_final_config()
    names = _searched_names(search)
    result = out_of_sample(series, window, settings, chosen)
    run = OutOfSampleRun.of(param_values(chosen, names), result)
    stress, failures = stress_tests(series, window, settings, chosen, run)
    enough = result.metrics.total_trades >= settings.min_trades_per_window
    return WindowOutcome(
        window=window,
        found=any(stage["best_trial"] is not None for stage in search.summary().stages.values()),
        chosen=run,
        is_metrics=backtest(inside, window.is_start, in_sample, chosen).metrics,
        median=_median_trial(series, window, settings, search),
        doubled_costs_net_pnl=stress["costs_x2"].metrics.net_pnl,
        scored=enough,
        reason=None if enough else _too_few(result.metrics.total_trades, settings.min_trades_per_window),
        times=SearchTimes.of(search.times(stage) for stage in STAGES),
        profitable=counts_as_profitable(result.net_pnl, result.profit_factor, settings.min_profit_factor_per_window),
        tests=trial_tests(search, series, window, settings, names, folder),
        stress=stress,
        stress_failures=failures,
    )


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


def _median_trial(series: Series, window: Window, settings: StudySettings, search: OptimizationEngine) -> MedianTrial | None:
    """Test the median trial of the last stage that has complete trials; what that stage did not search stays as it was chosen."""
    for stage in reversed(STAGES):
        median = median_of(search.ledger(stage))
        if median is not None:
            config = with_params(search.get_final_config(), median.params)
            params = param_values(config, _searched_names(search))
            return MedianTrial(median.value, OutOfSampleRun.of(params, out_of_sample(series, window, settings, config)))
    return None


def _searched_names(search: OptimizationEngine) -> tuple[str, ...]:
    """Return the parameters of all stages, in the order of the search; trial 0 of a stage holds all of its names."""
    named: Mapping[str, None] = {name: None for stage in STAGES for record in search.ledger(stage)[:1] for name in record.params}
    return tuple(named)


def _too_few(trades: int, needed: int) -> str:
    noun = "trade" if trades == 1 else "trades"
    return f"{trades} out-of-sample {noun}, fewer than the {needed} of walkforward.min_trades_per_window"
