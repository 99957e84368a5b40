"""Stage 6: what this machine can do, and how long the next stages will take on it. Information only: no result depends on it."""

from collections.abc import Callable

import numpy as np

from backtest_engine import BatchSimulation, Simulation
from backtest_engine.gpu import Gpu, find_gpu
from backtest_engine.metrics import curve_metrics
from config import ExecutionConfig, OptimizationConfig, StrategyConfig
from core.atomic_files import write_bytes
from core.canonical_json import digest, dump_bytes
from core.clock import monotonic_seconds, now_ms
from core.run_folder import stage_named
from optimization import choose_screen
from optimization.screening import TRIALS_WORTH_A_GPU
from optimization.tpe import warm_up_sampler
from pipeline.context import RunContext
from pipeline.gpu_crossover import crossover_facts, crossover_in_use, known_crossover, measured_crossover, remembered
from pipeline.machine import Machine, inspect_machine
from pipeline.market_files import MarketData, data_hash, market_data
from pipeline.plan import load_plan, plan_hashes
from pipeline.stage_work import StageOutcome, StageWork
from pipeline.tables import facts
from pipeline.workers import Choice, Load
from pipeline.workload import choice_for, load_of, require_windows, screening_device
from strategies import Columns

STAGE = stage_named("hardware")
_MEASURE_SECONDS = 0.3
_GIB = 2**30


def _inputs(context: RunContext) -> dict[str, str]:
    machine = inspect_machine()
    described = digest([machine.cores, machine.memory_bytes, machine.gpu, machine.ray])
    return plan_hashes(context, "optimization", "walkforward") | {"machine": described, "data": data_hash(context)}


def _run(context: RunContext) -> StageOutcome:
    """Measure a backtest's speed, choose what computes the next stages, begin to start it, and write data/hardware_profile.json."""
    machine = inspect_machine()
    plans = load_plan(context.run, context.settings)
    require_windows(context, plans)
    first = market_data(context.run, plans[0].selected)
    subject = (first, plans[0].strategy, plans[0].selected.order_qty, plans[0].execution)
    context.screen.detail("  compiling what the next stages run (the first time on this machine), then measuring its speed ...")
    warm_up(*subject)
    speed, search_speed = backtest_speed(*subject), batch_speed(*subject, context.settings.optimization.batch)
    crossover = _crossover(context, subject)
    load = load_of(context, search_speed, needs_windows=True)  # refused before hours of searching
    choice = choice_for(context, search_speed)
    context.fleet.choice = choice
    context.fleet.prepare(choice, context.settings.optimization)
    estimate = load.seconds(choice.workers)
    profile = {
        "schema": 2, "measured_ms": now_ms(), "cores": machine.cores, "memory_bytes": machine.memory_bytes, "gpu": machine.gpu,
        "ray": machine.ray, "bars_per_second": round(speed), "search_bars_per_second": round(search_speed), "workers": choice.workers,
        "executor": choice.executor,
        "estimated_seconds": round(estimate, 1),
    } | crossover  # fmt: skip
    write_bytes(context.paths.hardware_profile, dump_bytes(profile))
    device = screening_device(context.settings.optimization)
    gpu = gpu_line(machine.gpu, context.settings.optimization, crossover_in_use(context.paths, device))
    table = facts("Hardware", _rows(machine, gpu, speed, search_speed, choice, load, estimate), _bars_counted(first))
    details = {name: value for name, value in profile.items() if name not in ("schema", "measured_ms")}
    return StageOutcome(tables=(table,), timings={name: value for name, value in details.items() if isinstance(value, int | float | str)})


def warm_up(data: MarketData, strategy: StrategyConfig, order_qty: float, execution: ExecutionConfig) -> None:
    """Compile every kernel that a run needs, or load it from the disk cache: none is left to compile in a later stage or a worker."""
    simulation = Simulation(data.candles, strategy, order_qty, execution, funding=data.funding, detail=data.detail)
    equity = simulation.run().equity["equity"].to_numpy()
    curve_metrics(equity, data.candles.timeframe.periods_per_year, net_pnl=np.zeros(1))
    _batch(data, strategy, order_qty, execution, 1)()
    warm_up_sampler()


def backtest_speed(data: MarketData, strategy: StrategyConfig, order_qty: float, execution: ExecutionConfig) -> float:
    """Return bars per second of whole backtests (signals included) on one core; takes about 0.3 s."""
    return _bars_per_second(
        lambda: Simulation(data.candles, strategy, order_qty, execution, funding=data.funding, detail=data.detail).run(), len(data.candles)
    )


def batch_speed(data: MarketData, strategy: StrategyConfig, order_qty: float, execution: ExecutionConfig, rows: int) -> float:
    """Return bars per second of a search's batches of ``rows`` trials on one core; takes about 0.3 s."""
    return _bars_per_second(_batch(data, strategy, order_qty, execution, rows), rows * len(data.candles))


def _batch(data: MarketData, strategy: StrategyConfig, order_qty: float, execution: ExecutionConfig, rows: int) -> Callable[[], None]:
    """Return a call that simulates and scores ``rows`` trials that differ in their stops."""
    values = {"atr_sl_multiplier": np.linspace(1.0, 3.0, rows)}
    columns = Columns(data.candles)

    def run() -> None:
        batch = BatchSimulation(
            data.candles, strategy, values, order_qty, execution, funding=data.funding, detail=data.detail, columns=columns, threads=1
        )
        batch.advance(batch.bars)
        batch.figures()

    return run


def _bars_per_second(action: Callable[[], object], bars: int) -> float:
    """Repeat ``action`` for a while, after once to warm up, and return how many of its ``bars`` it does in a second."""
    action()
    started, done = monotonic_seconds(), 0
    while (elapsed := monotonic_seconds() - started) < _MEASURE_SECONDS:
        action()
        done += bars
    return done / elapsed


def _crossover(context: RunContext, subject: tuple[MarketData, StrategyConfig, float, ExecutionConfig]) -> dict[str, dict[str, str | int]]:
    """Return what the profile says of the GPU that may screen trials, measured unless that was done before."""
    found = find_gpu() if context.settings.optimization.gpu != "off" else None
    if not isinstance(found, Gpu):
        return remembered(context.paths)
    batch = known_crossover(context.paths, found.name) or measured_crossover(found, *subject, threads=1)
    return {"gpu_crossover": crossover_facts(found.name, batch)}


def gpu_line(found: str | None, optimization: OptimizationConfig, crossover: int = TRIALS_WORTH_A_GPU) -> str:
    """Return which GPU there is and what it does in this run."""
    if optimization.gpu == "off":
        return "none found; not needed" if found is None else f"{found}, not used (optimization.gpu is off)"
    return choose_screen(optimization, crossover).line


def _rows(
    machine: Machine, gpu: str, speed: float, search_speed: float, choice: Choice, load: Load, estimate: float
) -> list[tuple[str, object]]:
    how = "one after the other, in this process" if choice.workers == 1 else f"{choice.workers} at a time"
    return [
        ("cores", str(machine.cores)),
        ("memory", f"{machine.memory_bytes / _GIB:.1f} GiB, {machine.free_bytes / _GIB:.1f} free"),
        ("GPU", gpu),
        ("Ray", ray_line(machine.ray, choice)),
        ("backtest speed", f"{speed / 1e6:.1f} million bars/s, signals included"),
        ("search speed", f"{search_speed / 1e6:.1f} million bars/s on one core, without the sampler"),
        ("walk-forward", f"{load.windows} windows, {how}"),
        ("executor", f"{choice.executor}: {choice.reason}"),
        ("stages 7 and 8", f"about {estimate:.0f} s"),
    ]


def ray_line(installed: str | None, choice: Choice) -> str:
    """Return whether Ray is there and what it does in this run."""
    if installed is None:
        return "not installed; not needed" if choice.executor != "ray" else "not installed"
    return f"{installed}, computes this run" if choice.executor == "ray" else f"{installed} installed; not used by this run"


def _bars_counted(data: MarketData) -> str:
    """Return what a bar of the speeds is where orders fill on finer ones; nothing otherwise."""
    if data.detail is None:
        return ""
    finer = len(data.detail) / len(data.candles)
    return (
        f"A bar of these speeds is one of {data.candles.timeframe}: {finer:,.0f} candles of {data.detail.timeframe} are simulated for each."
    )


HARDWARE = StageWork(STAGE, _inputs, _run)
