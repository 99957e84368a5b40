"""A dashboard in a process of its own, as ``run_pipeline.py dashboard`` serves it, and what it holds in memory.

``python -m benchmarks.dashboard.serving DATA`` tells its address and a sign-in address in one line of JSON and serves until its input ends.
"""

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.paths import PROJECT_ROOT, Paths
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from dashboard.server import DashboardServer

_TOKEN = "BENCHMARK_TOKEN"


@dataclass(frozen=True)
class Served:
    """A dashboard at work: its ``address`` (ends in a slash), an address that lets one browser in, and the token of scripts."""

    address: str
    sign_in: str
    token: str
    pid: int

    @property
    def headers(self) -> dict[str, str]:
        """What a script sends with every request."""
        return {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "gzip"}

    def peak_bytes(self) -> int:
        """Return the most memory that the process has held so far; 0 where the system does not tell."""
        status = Path(f"/proc/{self.pid}/status")
        if not status.is_file():
            return 0
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024


@contextmanager
def served(data: Path) -> Iterator[Served]:
    """Serve the runs in the folder ``data`` from a fresh process, which ends with the block."""
    token = secrets.token_urlsafe(32)
    command = [sys.executable, "-m", "benchmarks.dashboard.serving", str(data)]
    process = subprocess.Popen(
        command, cwd=PROJECT_ROOT, env=os.environ | {_TOKEN: token}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Served(told["address"], told["sign_in"], token, process.pid)
    finally:
        process.communicate()


def paths_of(data: Path) -> Paths:
    """Return the installation whose data folder is ``data``."""
    return Paths(data, data / "logs", data / "config")


def main() -> None:
    """Serve until the input ends."""
    options = DashboardOptions(port=0, script_token=os.environ[_TOKEN], jobs_running=0)
    server = DashboardServer(create_app(paths_of(Path(sys.argv[1])), options), 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    print(json.dumps({"address": server.address, "sign_in": server.sign_in_address("/")}), flush=True)
    sys.stdin.read()
    server.stop()
    thread.join()


if __name__ == "__main__":
    main()
