"""A local Ray of our own, as a program: ``python -m optimization.executors.ray_host FOLDER CPUS MEMORY``.

It prints one line, ``{"address": ...}`` or ``{"error": ...}``, and ends, with all of Ray and what FOLDER holds, when its standard input
does: with the driver.
Its environment, which is that of all workers, is the driver's choice. Everything listens on the loopback interface only.
"""

import contextlib
import json
import logging
import os
import shutil
import signal
import sys
import time
from typing import Any

# Read when Ray is imported. Without clusters a node's address is that of the loopback interface, and everything listens there only; with
# them, which is the default on Linux, Ray replaces 127.0.0.1 by an address that others can reach.
LOOPBACK_ONLY = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
_MORE_STARTS = 3
_TRIES, _PAUSE_SECONDS = 50, 0.1


def main() -> None:
    """Start Ray, say where it is, and wait for the end."""
    folder, cpus, memory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    said = start(folder, cpus, memory)
    for _ in range(_MORE_STARTS):
        if "error" in said:
            said = start(folder, cpus, memory)
    os.write(1, json.dumps(said).encode() + b"\n")
    if "address" in said:
        import ray

        sys.stdin.buffer.read()
        ray.shutdown()
        _remove(folder)  # a driver that was killed cannot


def _remove(folder: str) -> None:
    """Remove the folder, again while there are workers that write into it as they die: they are killed behind their node."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            return
        time.sleep(_PAUSE_SECONDS)


def start(folder: str, cpus: int, memory: int) -> dict[str, str]:
    """Start Ray and return its address, or the error, with nothing left running.

    Ray itself gives its node half a minute to come up, which a busy machine may miss now and then, while everything is still on the disk.
    """
    try:
        import ray

        context: Any = ray.init(
            num_cpus=cpus, num_gpus=0, include_dashboard=False, log_to_driver=False, configure_logging=True, logging_level=logging.ERROR,
            object_store_memory=memory, _temp_dir=folder,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - whatever keeps Ray from starting is told to the driver
        with contextlib.suppress(Exception):
            ray.shutdown()
        return {"error": " ".join(f"{type(error).__name__}: {error}".split())[:500]}
    return {"address": context.address_info["gcs_address"]}


if __name__ == "__main__":
    main()
