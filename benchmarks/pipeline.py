"""How long whole runs take, as a user starts them, and whether two equal runs leave equal bytes.

Usage: python -m benchmarks.pipeline CANDLE_FILE   (hourly candles that hold the year 2024)

Each command runs in a fresh process on a data folder of its own; the kernel cache is warmed once before.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
YEAR = ["timeframe=1h", "start=2024-01-01", "end=2025-01-01", "strategy.rsi_long_threshold=45", "strategy.rsi_short_threshold=55"]


def seconds_of(arguments: list[str], folder: Path) -> float:
    """Return how long ``run_pipeline.py`` takes with ``arguments`` and ``folder`` for its data and logs."""
    environment = os.environ | {"PIPELINE_DATA_DIR": str(folder / "data"), "PIPELINE_LOGS_DIR": str(folder / "logs")}
    start = time.perf_counter()
    subprocess.run([sys.executable, "run_pipeline.py", *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def digest_of_results(folder: Path) -> str:
    """Return one hash over the published results and the trial ledgers of the only run in ``folder``."""
    files = [*folder.glob("data/results/*/*.json"), *folder.glob("data/checkpoints/*/0[78]_*/**/*.trials.log")]
    sha = hashlib.sha256()
    for file in sorted(files, key=lambda path: path.parts[-3:]):
        sha.update(file.name.encode() + file.read_bytes())
    return f"{sha.hexdigest()[:16]} over {len(files)} files"


def main() -> None:
    """Measure and print."""
    candle_file = Path(sys.argv[1]).resolve()
    year = ["run", "--no-serve", *(part for value in ["exchange=LOCAL", f"symbol={candle_file}", *YEAR] for part in ("--set", value))]
    commands = {
        "--help": (["--help"], 5),
        "demo": (["demo", "--no-serve"], 3),
        "run, 2024, BALANCED, 15 windows": (year, 3),
        "the same in one process": ([*year, "--set", "optimization.executor=inline"], 1),
    }
    with tempfile.TemporaryDirectory() as scratch:
        seconds_of(["demo", "--no-serve"], Path(scratch) / "warm")
        for label, (arguments, repeats) in commands.items():
            folders = [Path(scratch) / f"{label.split(',')[0]}-{repeat}-{len(arguments)}" for repeat in range(repeats)]
            taken = sorted(seconds_of(arguments, folder) for folder in folders)
            digests = {digest_of_results(folder) for folder in folders}
            print(
                f"{label:34s} median {taken[repeats // 2]:6.2f} s  min {taken[0]:6.2f}  max {taken[-1]:6.2f}  {'; '.join(sorted(digests))}"
            )


if __name__ == "__main__":
    main()
