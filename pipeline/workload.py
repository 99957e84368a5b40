"""How much work stages 7 and 8 of a run are, on what it is computed, and the series that its studies share."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backtest_engine.gpu import Gpu, find_gpu
from config import OptimizationConfig, RunConfig
from core.canonical_json import read_json
from core.errors import CorruptFileError, DataError
from core.timeframe import DAY_MS, Timeframe
from optimization import choose_screen
from optimization.executors import MarketSeries
from optimization.isolation import has_isolated
from pipeline.context import RunContext
from pipeline.gpu_crossover import crossover_in_use
from pipeline.machine import installed_version
from pipeline.market_files import market_data, read_baseline
from pipeline.plan import load_plan
from pipeline.workers import Choice, Load, MarketLoad, choose_executor
from reporting.market_plan import MarketPlan
from walkforward import windows_of

# Bars per second of a search's batches where this machine has never been measured: a slow core.
_UNMEASURED = 20e6


@dataclass(eq=False)
class SharedSeries(Mapping[str, MarketSeries]):
    """The series of a run's markets by slug, each read when it is asked for; the latest one is kept."""

    context: RunContext
    plans: dict[str, MarketPlan]
    _latest: tuple[str, MarketSeries] | None = None

    @classmethod
    def of(cls, context: RunContext, plans: list[MarketPlan]) -> "SharedSeries":
        """Return the series of ``plans``."""
        return cls(context, {plan.selected.slug: plan for plan in plans})

    def __getitem__(self, slug: str) -> MarketSeries:
        if self._latest is None or self._latest[0] != slug:
            data = market_data(self.context.run, self.plans[slug].selected)
            self._latest = (slug, MarketSeries(data.candles, data.detail, data.funding))
        return self._latest[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plans)

    def __len__(self) -> int:
        return len(self.plans)


def chosen_executor(context: RunContext) -> Choice:
    """Return what computes this run: stage 6's choice, or the same rule over the speed that this machine was last measured at.

    Where trials have ended their processes before, that is never this one.
    """
    choice = context.fleet.choice or choice_for(context, known_speed(context))
    if choice.for_studies(1) == "inline" and has_isolated(context.run.checkpoints):
        choice = Choice.rescue(choice.workers, wary=True)
    context.fleet.choice = choice
    return choice


def choice_for(context: RunContext, bars_per_second: float) -> Choice:
    """Return what the rule comes to at a speed; the candles of all markets are there."""
    return _choose(context, load_of(context, bars_per_second))


def load_of(context: RunContext, bars_per_second: float, *, needs_windows: bool = False) -> Load:
    """Return the work of all markets; DataError for candles too short for a window, where the run ``needs_windows``."""
    settings = context.settings
    markets = [_market_load(context, plan, needs_windows=needs_windows) for plan in load_plan(context.run, settings)]
    return Load.of(settings.optimization, markets, bars_per_second, settings.significance)


def require_windows(context: RunContext, plans: list[MarketPlan]) -> None:
    """Raise DataError where a market's candles do not fill one walk-forward window: before a search that the walk-forward could not use."""
    for plan in plans:
        candles = market_data(context.run, plan.selected).candles
        windows_of(candles, context.settings.walkforward)


def early_choice(context: RunContext) -> Choice | None:
    """Return what the choice will probably be, from the settings alone; None where they do not say how many candles there are.

    Before any candle is there this is the time to start a Ray, which takes longer than loading them.
    """
    settings = context.settings
    if settings.optimization.executor == "ray":
        return choose_executor(settings.optimization, context.workers, Load(2, 2, 0.0, 0.0), ray=True)
    markets = _expected_markets(settings)
    return None if not markets else _choose(context, Load.of(settings.optimization, markets, known_speed(context), settings.significance))


def known_speed(context: RunContext) -> float:
    """Return the bars per second of batches that stage 6 found last on this machine, a careful guess before it ever ran."""
    path = context.paths.hardware_profile
    try:
        profile = read_json(path) if path.is_file() else {}
    except CorruptFileError:
        profile = {}
    speed = profile.get("search_bars_per_second") if isinstance(profile, dict) else None
    return float(speed) if isinstance(speed, int | float) and math.isfinite(speed) and speed > 0 else _UNMEASURED


def screening_device(optimization: OptimizationConfig) -> str | None:
    """Return the name of the device that may screen trials, None when there is none or the settings want none."""
    found = None if optimization.gpu == "off" else find_gpu()
    return found.name if isinstance(found, Gpu) else None


def _choose(context: RunContext, load: Load) -> Choice:
    optimization = context.settings.optimization
    gpu = choose_screen(optimization, crossover_in_use(context.paths, screening_device(optimization))).gpu is not None
    return choose_executor(optimization, context.workers, load, ray=installed_version("ray") is not None, gpu=gpu)


def _market_load(context: RunContext, plan: MarketPlan, *, needs_windows: bool) -> MarketLoad:
    bars = int(read_baseline(context.run, plan.selected)["bars"])
    candles = market_data(context.run, plan.selected).candles
    try:
        windows = windows_of(candles, context.settings.walkforward)
    except DataError:  # too short for a window, and a search alone needs none
        if needs_windows:
            raise
        return MarketLoad(bars, 0, 0)
    return MarketLoad(bars, len(windows), round(sum(window.is_end - window.is_start for window in windows) / len(windows)))


def _expected_markets(settings: RunConfig) -> list[MarketLoad]:
    start_ms, end_ms, wfa = settings.start_ms, settings.end_ms, settings.walkforward
    if start_ms is None or end_ms is None:
        return []
    days = (end_ms - start_ms) / DAY_MS
    windows, searched = max(0, math.floor((days - wfa.is_length_days - wfa.oos_length_days) / wfa.stride_days) + 1), wfa.is_length_days
    if wfa.scheme == "combinatorial":
        windows, searched = wfa.groups * math.comb(wfa.groups - 1, wfa.tested_groups - 1), days * (1 - wfa.tested_groups / wfa.groups)
    a_day = [DAY_MS / Timeframe.parse(market.timeframe).ms for market in settings.all_markets]
    return [MarketLoad(round(days * bars), windows, round(searched * bars)) for bars in a_day]
