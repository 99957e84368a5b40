"""How long the kernels of a whole run take to compile on a machine that has never run them.

Usage: python -m benchmarks.compile [REPEATS]

In a process of its own with an empty cache folder, and again with what that one has left there: wall and processor seconds of the warm-up
of the hardware stage, after which no kernel is left to compile. Imports are not counted.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.memory import minutes
from config import ExecutionConfig, StrategyConfig
from core.paths import PROJECT_ROOT
from pipeline.market_files import MarketData
from pipeline.stages.stage06_hardware import warm_up

_CHILD = "--in-this-process"
_BARS = 3_000


def seconds_of_warm_up() -> dict[str, float]:
    """Warm up in this process and return how long it took."""
    candles = minutes(_BARS)
    wall, cpu = time.perf_counter(), time.process_time()
    warm_up(MarketData(candles, None, None), StrategyConfig(), 0.1, ExecutionConfig())
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def warm_up_in(cache: Path) -> dict[str, float]:
    """Warm up in a fresh process that keeps machine code in ``cache``."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, "-m", "benchmarks.compile", _CHILD]
    done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def report(label: str, measured: list[dict[str, float]]) -> None:
    """Print medians and spreads."""
    figures = []
    for name in ("wall", "cpu"):
        values = [each[name] for each in measured]
        figures.append(f"{name} {statistics.median(values):6.2f} s (from {min(values):.2f} to {max(values):.2f})")
    print(f"{label:28s} {'   '.join(figures)}")


def main() -> None:
    """Measure and print."""
    if sys.argv[1:] == [_CHILD]:
        print(json.dumps(seconds_of_warm_up()))
        return
    cold, warm, kernels = [], [], 0
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(warm_up_in(Path(folder)))
            warm.append(warm_up_in(Path(folder)))
            kernels = len(list(Path(folder).rglob("*.nbc")))
    report(f"{kernels} kernels, compiled", cold)
    report("the same, from the disk cache", warm)


if __name__ == "__main__":
    main()
