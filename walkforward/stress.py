"""Stress: what the chosen parameters of every window earn where the market is a little less kind than the test was.

Each scenario tests the parameters that the windows chose, on the same days, with one thing changed; nothing is searched again. An edge
that lives on cheap costs, on one exact bar or on one exact price does not survive it.
"""

import math
from collections.abc import Sequence

import numpy as np

from backtest_engine import BacktestResult, Metrics
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.errors import BacktestError, ConfigError, DataError
from core.seeds import derive_seed
from strategies import Signals, get_strategy, resolve_params
from walkforward.account import Series, StudySettings, backtest, out_of_sample, scaled_costs
from walkforward.price_noise import noisy
from walkforward.result import OutOfSampleRun, WindowOutcome
from walkforward.scenarios import LATE_START, NOISE_DRAWS, SCENARIOS, Scenario, StressResult
from walkforward.stitching import stitched_metrics
from walkforward.windows import Window


def stress_tests(
    series: Series, window: Window, settings: StudySettings, config: StrategyConfig, chosen: OutOfSampleRun
) -> tuple[dict[str, OutOfSampleRun], dict[str, str]]:
    """Test ``config``, whose undisturbed test is ``chosen``, on ``window``: return name -> run, and name -> reason of those that failed.

    Only noisy candles can fail where the real ones did not: a strategy may find in them what it refuses.
    """
    known, first_bar = series.until(window.oos_end), window.oos_start

    def at_costs(factor: float) -> BacktestResult:
        return out_of_sample(series, window, settings, config, scaled_costs(settings.execution, factor))

    later = first_bar + (max(1, (window.oos_end - first_bar) // LATE_START) if window.oos_end - first_bar > 1 else 0)
    found = {
        "costs_x2": at_costs(2),
        "costs_x3": at_costs(3),
        "late_entry": backtest(known, first_bar, settings, config, signals=late_signals(known.candles, config, first_bar)),
        "start_offset": backtest(known, later, settings, config),
    }
    failures = dict[str, str]()
    for draw in range(NOISE_DRAWS):
        try:
            found[f"price_noise_{draw}"] = backtest(disturbed(known, settings.seed, draw), first_bar, settings, config)
        except (BacktestError, ConfigError, DataError) as error:
            failures[f"price_noise_{draw}"] = str(error)
    return {name: OutOfSampleRun.of(chosen.params, result) for name, result in found.items()}, failures


def late_signals(candles: Candles, config: StrategyConfig, first_bar: int) -> Signals:
    """Return the strategy's signals one bar late; one of the bar before ``first_bar`` is not taken, as it is not when it is in time."""
    strategy = get_strategy(config.name)
    signals = strategy.signals(candles, resolve_params(strategy, config))
    direction = np.concatenate((np.zeros(1, np.int8), np.asarray(signals.direction)[:-1]))
    direction[: first_bar + 1] = 0
    touch, atr = (np.concatenate((np.full(1, math.nan), np.asarray(values)[:-1])) for values in (signals.touch_level, signals.atr))
    return Signals(direction, touch, atr)


def disturbed(series: Series, seed: int, draw: int) -> Series:
    """Return ``series`` under draw number ``draw`` of the price noise; finer candles are disturbed apart, as another feed's would be."""
    own = (seed, series.candles.market.slug, "price_noise", draw)
    detail = None if series.detail is None else noisy(series.detail, derive_seed(*own, "detail"))
    return Series(noisy(series.candles, derive_seed(*own)), detail)


def stress_results(outcomes: Sequence[WindowOutcome], execution: ExecutionConfig, periods_per_year: float) -> tuple[StressResult, ...]:
    """Return every scenario over all ``outcomes``, oldest first; a lost window traded nothing in any of them.

    One of which a test has failed has no figures and the reason.
    """
    failed = {name: reason for each in reversed(outcomes) for name, reason in each.stress_failures.items()}

    def stitched(run: str | None) -> Metrics:
        runs = [(each.window.index, each.chosen if run is None or each.lost else each.stress[run]) for each in outcomes]
        return stitched_metrics(runs, execution, periods_per_year)

    base = stitched(None).net_pnl
    found = []
    for scenario in SCENARIOS:
        reason = next((failed[run] for run in scenario.runs if run in failed), None)
        if reason is None:
            found.append(_result(scenario, [stitched(run) for run in scenario.runs or (None,)], base))
        else:
            found.append(_undefined(scenario, reason))
    return tuple(found)


def _undefined(scenario: Scenario, reason: str) -> StressResult:
    nothing = dict.fromkeys(("net_pnl", "kept", "worst_net_pnl", "return_pct", "sharpe_ratio", "profit_factor", "max_drawdown"), math.nan)
    return StressResult(scenario.name, scenario.label, scenario.sentence, **nothing, total_trades=0, reason=reason)


def _result(scenario: Scenario, draws: Sequence[Metrics], base: float) -> StressResult:
    ranked = sorted(draws, key=lambda metrics: metrics.net_pnl)
    middle = ranked[len(ranked) // 2]
    return StressResult(
        name=scenario.name,
        label=scenario.label,
        sentence=scenario.sentence,
        net_pnl=middle.net_pnl,
        kept=middle.net_pnl / base if base > 0 else math.nan,
        worst_net_pnl=ranked[0].net_pnl,
        return_pct=middle.return_pct,
        sharpe_ratio=middle.sharpe_ratio,
        profit_factor=middle.profit_factor,
        max_drawdown=middle.max_drawdown,
        total_trades=middle.total_trades,
    )
