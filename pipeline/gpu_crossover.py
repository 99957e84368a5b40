"""From how many trials a batch on the GPU is faster: measured once for a device and this version of the program, then remembered.

What ``optimization.gpu: auto`` does depends on it, and a resumed search must do what it began with: hence it is not measured again.
"""

from collections.abc import Callable, Sequence

import numpy as np

from backtest_engine import BatchSimulation
from backtest_engine.gpu import Gpu, GpuBatch
from config import ExecutionConfig, StrategyConfig
from core.canonical_json import read_json
from core.clock import monotonic_seconds
from core.code_version import code_version
from core.errors import CorruptFileError
from core.paths import Paths
from optimization.screening import TRIALS_WORTH_A_GPU
from pipeline.market_files import MarketData
from strategies import Columns

SIZES = (16, 64, 256, 1_024, 4_096, 16_384)
# More trials than a batch may have: the device never pays.
NEVER = 65_537
Seconds = Callable[[int], float]


def known_crossover(paths: Paths, device: str) -> int | None:
    """Return the crossover that was measured for ``device`` with this program, None when there is none."""
    found = remembered(paths).get("gpu_crossover", {})
    if (found.get("device"), found.get("code")) != (device, code_version()):
        return None
    batch = found.get("batch")
    return batch if isinstance(batch, int) and batch > 0 else None


def remembered(paths: Paths) -> dict[str, dict[str, str | int]]:
    """Return the profile's part about a GPU, for a profile that is written anew; nothing where there is none."""
    path = paths.hardware_profile
    try:
        profile = read_json(path) if path.is_file() else {}
    except CorruptFileError:
        return {}
    found = profile.get("gpu_crossover") if isinstance(profile, dict) else None
    return {"gpu_crossover": found} if isinstance(found, dict) else {}


def crossover_in_use(paths: Paths, device: str | None) -> int:
    """Return the batch from which ``device`` is asked: the measured one, or a guess where none was measured."""
    return (known_crossover(paths, device) if device is not None else None) or TRIALS_WORTH_A_GPU


def crossover_facts(device: str, batch: int) -> dict[str, str | int]:
    """Return what the hardware profile keeps of a measurement."""
    return {"device": device, "code": code_version(), "batch": batch}


def measured_crossover(
    gpu: Gpu, data: MarketData, strategy: StrategyConfig, order_qty: float, execution: ExecutionConfig, *, threads: int
) -> int:
    """Measure whole batches, signals and transfers included, on ``gpu`` and on the processor; takes some seconds, and compiles first."""
    columns = Columns(data.candles)

    def seconds(rows: int, *, device: bool) -> float:
        values = {"atr_sl_multiplier": np.linspace(1.0, 3.0, rows)}
        started = monotonic_seconds()
        batch: BatchSimulation = (
            GpuBatch(gpu, data.candles, strategy, values, order_qty, execution, funding=data.funding, detail=data.detail, columns=columns)
            if device
            else BatchSimulation(
                data.candles, strategy, values, order_qty, execution, funding=data.funding, detail=data.detail, columns=columns,
                threads=threads,
            )
        )  # fmt: skip
        batch.advance(batch.bars)
        batch.figures()
        return monotonic_seconds() - started

    seconds(SIZES[0], device=True)
    return crossover(lambda rows: seconds(rows, device=True), lambda rows: seconds(rows, device=False))


def crossover(on_gpu: Seconds, on_processor: Seconds, sizes: Sequence[int] = SIZES) -> int:
    """Return the smallest of ``sizes`` from which on the GPU is the faster one at every size; NEVER when it is not at the largest."""
    best = NEVER
    for rows in reversed(sizes):
        if on_gpu(rows) >= on_processor(rows):
            break
        best = rows
    return best
