"""The GPU twin: equal to the processor in numba's CUDA simulator, compiled for a device where its packages are, done without elsewhere."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import mock

import pytest

from backtest_engine.gpu import Gpu, NoGpu, device, find_gpu
from backtest_engine.gpu.compiler import UFUNCS
from tests.backtest_engine import simulated_gpu
from tests.backtest_engine.plain_kernels import kernel_sources
from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS

PACKAGES = importlib.util.find_spec("numba_cuda") is not None


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what became of each law in the simulator."""
    folder = tmp_path_factory.mktemp("laws")
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1"}
    command = [sys.executable, "-m", "tests.backtest_engine.simulated_gpu", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, str] = json.loads(ended.stdout)
    return found


@pytest.mark.xdist_group("simulated_gpu")
@pytest.mark.parametrize("law", [law.__name__ for law in simulated_gpu.LAWS])
def test_law_holds_in_the_simulator(law: str, outcomes: dict[str, str]) -> None:
    assert outcomes[law] == ""


@pytest.mark.skipif(not PACKAGES, reason="numba-cuda is not installed (requirements-gpu.txt): nothing compiles for a real GPU here")
@pytest.mark.xdist_group("simulated_gpu")
def test_the_step_function_compiles_for_a_real_gpu_without_fused_operations() -> None:
    command = [sys.executable, "-m", "tests.backtest_engine.device_code"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr
    code = ended.stdout
    assert ".visible .entry" in code
    assert ".extern" not in code  # nothing that only a processor's libraries have
    rounded = set(re.findall(r"\s((?:add|sub|mul|div|fma|mad|rcp|sqrt)\.[\w.]*f64)\s", code))
    assert rounded == {"add.rn.f64", "sub.rn.f64", "mul.rn.f64", "div.rn.f64", "sqrt.rn.f64"}


@pytest.fixture
def looking_anew() -> Iterator[None]:
    find_gpu.cache_clear()
    yield
    find_gpu.cache_clear()


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ((), "CuPy and numba-cuda not installed (see requirements-gpu.txt)"),
        (("cupy",), "numba-cuda not installed (see requirements-gpu.txt)"),
        (("numba_cuda",), "CuPy not installed (see requirements-gpu.txt)"),
    ],
)
def test_missing_packages_are_named(there: tuple[str, ...], reason: str, looking_anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "find_spec", lambda name: name if name in there else None)
    assert find_gpu() == NoGpu(reason)


def cupy_with(properties: object) -> ModuleType:
    module = ModuleType("cupy")
    module.cuda = SimpleNamespace(runtime=SimpleNamespace(getDeviceProperties=properties))  # type: ignore[attr-defined]
    return module


def test_a_driver_that_fails_is_no_gpu(looking_anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(number: int) -> None:
        raise RuntimeError("cudaErrorNoDevice:\n no CUDA-capable device is detected")

    monkeypatch.setattr(device, "find_spec", lambda name: name)
    with mock.patch.dict(sys.modules, {"cupy": cupy_with(fail)}):
        assert find_gpu() == NoGpu("RuntimeError: cudaErrorNoDevice: no CUDA-capable device is detected")


def test_a_device_has_the_name_that_its_driver_gives(looking_anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "find_spec", lambda name: name)
    with mock.patch.dict(sys.modules, {"cupy": cupy_with(lambda number: {"name": b"NVIDIA H200"})}):
        found = find_gpu()
    assert isinstance(found, Gpu)
    assert found.name == "NVIDIA H200"


def test_the_product_starts_without_anything_of_a_gpu() -> None:
    asked = "import sys, run_pipeline, optimization; print([name for name in sys.modules if name in %r])"
    of_a_gpu = ("numba.cuda", "numba_cuda", "cupy")
    ended = subprocess.run(
        [sys.executable, "-c", asked % (of_a_gpu,)], cwd=ROOT, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=True
    )
    assert ended.stdout.strip() == "[]"


def strange_calls(source: str) -> set[str]:
    """Return the functions of numpy and math in a kernel that a device lacks, and "power" for a power."""
    nodes = list(ast.walk(ast.parse(source)))
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    strange = {name for name in called if name.startswith(("np.", "math."))} - {f"np.{name}" for name in UFUNCS}
    return strange | {"power" for node in nodes if isinstance(node, ast.Pow)}


@pytest.mark.parametrize("name", sorted(kernel_sources().keys() - {"curve", "figures"}))  # those are the host's
def test_kernels_use_only_functions_that_a_device_has(name: str) -> None:
    """The compiler for a device is not everywhere, so the names are checked; powers and logarithms would also differ in the last bit."""
    assert not strange_calls(kernel_sources()[name]), "know_ufuncs in backtest_engine/gpu/compiler.py says what there is"


def test_functions_that_a_device_lacks_are_found() -> None:
    assert strange_calls("x = np.log(y) + math.floor(z) + np.floor(z) + y ** 2 + np.nan") == {"np.log", "math.floor", "power"}


def test_the_simulator_is_no_part_of_this_process() -> None:
    assert "NUMBA_ENABLE_CUDASIM" not in os.environ
    assert Path(simulated_gpu.__file__).is_file()
