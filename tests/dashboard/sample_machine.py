"""What lies beside the runs: the measurement of the machine, and logs."""

import json

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes
from core.clock import utc_from_ms
from core.paths import Paths
from tests.dashboard.sample_run import CREATED_MS, RUN_ID

PROFILE = {
    "schema": 2, "measured_ms": CREATED_MS, "cores": 2, "memory_bytes": 8 << 30, "gpu": None, "ray": None, "bars_per_second": 800_000,
    "search_bars_per_second": 4_100_000, "workers": 2, "executor": "processes", "estimated_seconds": 75.0,
}  # fmt: skip
LEVELS = ("INFO", "INFO", "WARNING", "INFO", "ERROR")
SECOND_MS = 1000


def write_profile(paths: Paths) -> None:
    """Write data/hardware_profile.json."""
    write_bytes(paths.hardware_profile, dump_bytes(PROFILE))


def log_line(number: int, message: str = "", level: str = "", trace: str = "") -> str:
    """Return line ``number`` of a log, one every second."""
    line = {
        "time": utc_from_ms(CREATED_MS + number * SECOND_MS).isoformat(timespec="milliseconds"),
        "level": level or LEVELS[number % len(LEVELS)],
        "logger": "pipeline.runner",
        "message": message or f"run {RUN_ID}: step {number}",
    }
    return json.dumps(line | ({"trace": trace} if trace else {}))


def write_logs(paths: Paths, lines: int) -> None:
    """Write that many lines of the pipeline, and one each of two other packages."""
    write_bytes(paths.logs / "pipeline.log", "".join(f"{log_line(number)}\n" for number in range(lines)).encode())
    write_bytes(paths.logs / "exchanges.log", f"{log_line(7, 'asked a venue', 'WARNING')}\nno record\n".encode())
    write_bytes(paths.logs / "dashboard.log", f"{log_line(8, 'request failed', 'ERROR', 'Traceback: secret')}\n".encode())
