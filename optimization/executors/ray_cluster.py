"""Getting at a Ray: one of our own on this machine, started in the background, or a cluster that runs already."""

import json
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from config.secrets import KEY_NAMES
from core.paths import PROJECT_ROOT
from optimization.executors.children import THREAD_LIMITS, as_children_should_start, environment
from optimization.executors.ray_host import LOOPBACK_ONLY
from optimization.executors.scratch import scratch_folder, sweep
from optimization.executors.studies import RayUnavailable
from optimization.executors.versions import PROGRAM, differences, versions

OLDEST = (2, 54)
INSTALL = "python -m pip install -r requirements.txt"
# One of our own says by itself that it cannot start: this is for one that says nothing. It has taken 90 s on a machine that did much else.
_START_SECONDS = 600.0
_ANSWER_SECONDS = 300.0
_REACH_SECONDS = 5.0
_LEAVE_SECONDS = 3.0
_MIB = 2**20
# Candles and ledgers: a few hundred MB are plenty, and containers have little shared memory (64 MB with Docker's defaults).
_MOST_STORE, _LEAST_STORE = 512 * _MIB, 80 * _MIB
# Workers on other machines are sent the program's packages and nothing else of this folder: keys (config/.env), settings and results stay.
_LEFT_HERE = ("/*", *(f"!/{name}" for name in PROGRAM), ".*", "*.yaml", "__pycache__", "!/.")  # at last: the folder itself
# Something else than Ray may listen at the address: one try is enough for a cluster that runs already; Ray's twenty take 14 minutes.
_ONE_TRY = {"RAY_gcs_server_port_wait_time_s": "1", "RAY_py_gcs_connect_timeout_s": "30"}
# Not tried in its stead: a driver that shows a token wants one too, and the workers of a cluster that has none could not answer it.
_TOKEN = "If it asks for a token, as Ray 2.60 does unless told otherwise: set RAY_AUTH_MODE=token; its head's must be in ~/.ray/auth_token."
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


def require_ray() -> str:
    """Return the version of the installed Ray; RayUnavailable when there is none, or one that is too old."""
    try:
        found = version("ray")
    except PackageNotFoundError:
        raise RayUnavailable(f"Ray is not installed. Install it ({INSTALL}), or use --executor processes.") from None
    if tuple(int(part) for part in found.split(".")[:2]) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise RayUnavailable(f"Ray {found} is installed, but {oldest} or newer is needed. Install it: {INSTALL}")
    return found


class LocalRay:
    """A Ray on this machine's loopback interface with ``cpus`` workers, which starts in the background and ends with this process.

    RayUnavailable when Ray is not installed.
    """

    def __init__(self, cpus: int) -> None:
        require_ray()
        self.cpus = cpus
        # short, because Ray makes sockets in it, and a socket's path has 107 characters at most
        place = Path("/tmp") if os.path.isdir("/tmp") else None
        sweep("sp-ray", place)
        self._folder = scratch_folder("sp-ray", place)
        self._token = _token()
        settings = _QUIET | LOOPBACK_ONLY | self.access | {"PYTHONPATH": str(PROJECT_ROOT), "TMPDIR": str(self._folder)}
        command = [sys.executable, "-m", "optimization.executors.ray_host", str(self._folder), str(cpus), str(_store_bytes())]
        with as_children_should_start(), environment(settings):
            self._process = subprocess.Popen(
                command, cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
            )
        self._said: dict[str, str] | None = None
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def access(self) -> dict[str, str]:
        """The environment with which one may talk to it: other users of the machine may not."""
        return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self._token}

    @property
    def alive(self) -> bool:
        """Whether its processes are there."""
        return self._process.poll() is None

    @property
    def started(self) -> bool:
        """Whether it can be used without waiting."""
        return not self._listener.is_alive()

    def address(self) -> str:
        """Return its address, waiting until it is there; RayUnavailable when it could not start."""
        waited = 0.0
        while self._listener.is_alive() and waited < _START_SECONDS:
            self._listener.join(0.2)  # in short steps, so that Ctrl-C is heard
            waited += 0.2
        said = self._said or {"error": "no answer" if self.alive else f"it ended with exit code {self._process.returncode}"}
        if "error" in said:
            self.close()
            raise RayUnavailable(f"Ray could not be started on this machine: {said['error']}. Use --executor processes, or try again.")
        return said["address"]

    def close(self, *, at_once: bool = False) -> None:
        """End it and remove its folder."""
        if at_once and self.alive:
            self._process.send_signal(signal.SIGKILL)  # all of Ray dies with it
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(_LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(_LEAVE_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError, OSError):
            self._said = json.loads(self._process.stdout.readline() or b"null")


@cache
def _token() -> str:
    """Return this process's secret: Ray keeps the first one that a process shows, and a second Ray with another would turn it away."""
    return secrets.token_hex(32)


def _store_bytes() -> int:
    """Return the size of the object store: what shared memory has room for, so that Ray does not move to a slow disk."""
    try:
        room = shutil.disk_usage("/dev/shm").free // 2
    except OSError:
        room = int(psutil.virtual_memory().available) // 8
    return int(max(_LEAST_STORE, min(_MOST_STORE, room)))


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep this process's handling of SIGTERM, which Ray replaces."""
    main = threading.current_thread() is threading.main_thread()
    kept = signal.getsignal(signal.SIGTERM) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGTERM, kept)


def connect(address: str, access: Mapping[str, str], *, own: bool, runtime_env: dict[str, Any] | None = None) -> Any:
    """Connect this process to the Ray at ``address``, be it our ``own``, and return the module ``ray``; RayUnavailable says why not."""
    require_ray()
    require_listener(address)
    with environment(_QUIET | dict(access) | (LOOPBACK_ONLY if own else _ONE_TRY)), _own_signals():
        import ray

        logging.getLogger("ray").setLevel(logging.ERROR)  # what it packs, and where it connects to
        try:
            ray.init(
                address=address, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False, namespace="strategy-pipeline",
                runtime_env=runtime_env,
            )  # fmt: skip
        except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            said = " ".join(str(error).split())[:300]
            raise RayUnavailable(f"the Ray cluster at {address} cannot be joined: {said}. {'' if own else _TOKEN}".rstrip()) from error
    return ray


def require_listener(address: str) -> None:
    """Raise RayUnavailable unless ``address`` answers: Ray itself would try for minutes to reach a machine that is not there."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise RayUnavailable(
            f"no Ray cluster answers at {address} ({error}). Start one there (ray start --head --port={port}), or leave --ray-address out."
        ) from None


def join(address: str) -> tuple[Any, dict[str, Any]]:
    """Connect to the cluster at ``address``; return the module ``ray`` and the options with which its tasks run this very program.

    Nodes that hold the program in a folder of the same name use that, and the kernels they have compiled before; otherwise its sources
    are sent. RayUnavailable says why not, and names the nodes that have other packages even then.
    """
    there = dict.fromkeys(THREAD_LIMITS, "1") | dict.fromkeys(KEY_NAMES, "")  # a node may have been started where keys are set
    ray, options = connect(address, {}, own=False), {"runtime_env": {"env_vars": there | {"PYTHONPATH": str(PROJECT_ROOT)}}}
    if not nodes_that_differ(ray, options):
        return ray, options
    ray.shutdown()
    sources = {"env_vars": there, "working_dir": str(PROJECT_ROOT), "excludes": list(_LEFT_HERE)}
    ray = connect(address, {}, own=False, runtime_env=sources)
    if wrong := nodes_that_differ(ray, {}):
        ray.shutdown()
        raise RayUnavailable(
            f"the Ray cluster is refused, because other versions may give other numbers: {'; '.join(wrong)}. "
            "Install requirements.lock on every node."
        )
    return ray, {}


def nodes_that_differ(ray: Any, options: dict[str, Any]) -> list[str]:
    """Return a line for each node that cannot run the program with these task ``options``, or has other versions."""
    ours, strategy = versions(), ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
    look = ray.remote(num_cpus=0, max_retries=3, **options)(_versions_there)
    nodes = [node for node in ray.nodes() if node["Alive"]]
    asked = [(node, look.options(scheduling_strategy=strategy(node["NodeID"], soft=False)).remote()) for node in nodes]
    lines = [(node["NodeManagerAddress"], _difference(ray, reply, ours)) for node, reply in asked]
    return [f"{address} {text}" for address, text in lines if text]


def _versions_there() -> dict[str, str]:
    return versions()


def _difference(ray: Any, reply: Any, ours: Mapping[str, str]) -> str:
    try:
        text = differences(ray.get(reply, timeout=_ANSWER_SECONDS), ours)
    except ray.exceptions.RayError as error:
        return f"cannot run this program ({' '.join(str(error).split())[-300:]})"
    return f"has {text}" if text else ""
