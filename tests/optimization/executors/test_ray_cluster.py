"""A cluster that runs already, and what keeps one from joining it. None of these starts a Ray, but the last one."""

import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from optimization.executors import RayUnavailable, ray_cluster
from optimization.executors.ray_cluster import connect
from optimization.executors.versions import differences
from tests.conftest import ROOT
from tests.optimization.executors.files import contents
from tests.patience import PROGRAM_SECONDS


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port that nobody listens at, and that nobody else is given meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


def test_cluster_that_differs_with_the_programs_own_sources_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    joined = list[dict[str, Any]]()

    class Nothing:
        def shutdown(self) -> None:
            joined.append({})

    def connected(_address: str, _access: dict[str, str], **options: Any) -> Nothing:
        joined.append(options)
        return Nothing()

    monkeypatch.setattr(ray_cluster, "connect", connected)
    monkeypatch.setattr(ray_cluster, "nodes_that_differ", lambda _ray, _options: ["10.0.0.6 has numba 0.1 instead of 0.62"])
    with pytest.raises(RayUnavailable, match="refused.*10.0.0.6 has numba 0.1 instead of 0.62"):
        ray_cluster.join("10.0.0.5:6379")
    assert [bool(each.get("runtime_env")) for each in joined] == [False, False, True, False]  # the sources go in the second try only


def test_cluster_is_sent_the_program_and_neither_keys_nor_settings_nor_results(tmp_path: Path) -> None:
    """A copy of the program need not have a .gitignore, by which Ray would leave the keys out by itself."""
    packaging = pytest.importorskip("ray._private.runtime_env.packaging")
    here, sent = (
        tmp_path / "program",
        ("core/paths.py", "pipeline/stages/stage07.py", "reporting/templates/report.html.j2", "config/run.py"),
    )
    kept = (
        "config/.env",
        "config/run.yaml",
        ".env",
        "data/x.json",
        "logs/a.log",
        ".venv-other/lib/a.py",
        "core/__pycache__/a.pyc",
        "mine.csv",
    )
    for name in (*sent, *kept):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(name)
    package = tmp_path / "package.zip"
    packaging.create_package(str(here), package, include_gitignore=True, excludes=list(ray_cluster._LEFT_HERE))
    with zipfile.ZipFile(package) as archive:
        assert {name for name in archive.namelist() if not name.endswith("/")} == set(sent)


def test_what_differs_is_named() -> None:
    ours = {"python": "3.12.1", "numba": "0.62.1"}
    assert differences(dict(ours), ours) == ""
    assert differences({"python": "3.12.1"}, ours) == "numba absent instead of 0.62.1"


def test_address_without_a_cluster_is_said_at_once(free_port: int) -> None:
    with pytest.raises(RayUnavailable, match=f"no Ray cluster answers at 127.0.0.1:{free_port}"):
        connect(f"127.0.0.1:{free_port}", {}, own=False)


@pytest.mark.slow
def test_address_of_something_else_than_a_cluster_is_said_soon() -> None:
    program = "import sys; from optimization.executors.ray_cluster import connect; connect(sys.argv[1], {}, own=False)"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-c", program, address], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS
        )
    assert f"RayUnavailable: the Ray cluster at {address} cannot be joined" in done.stderr


@pytest.mark.parametrize(("installed", "said"), [(None, "not installed"), ("2.53.1", "2.54 or newer"), ("2.60.0", None)])
def test_ray_that_is_absent_or_old_is_named(installed: str | None, said: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(_name: str) -> str:
        if installed is None:
            raise PackageNotFoundError
        return installed

    monkeypatch.setattr(ray_cluster, "version", version)
    if said is None:
        assert ray_cluster.require_ray() == installed
        return
    with pytest.raises(RayUnavailable, match=said):
        ray_cluster.require_ray()


@pytest.mark.xdist_group("ray")
def test_second_node_killed_mid_run_changes_no_byte(tmp_path: Path) -> None:
    """A cluster of three, joined by its address, one node of which is killed; the program says how many studies were done by then."""
    program = [sys.executable, "-m", "tests.optimization.executors.cluster_of_three", str(tmp_path)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS)
    assert done.returncode == 0, done.stderr[-2000:]
    assert contents(tmp_path / "cluster") == contents(tmp_path / "alone")
    killed_after, studies_done = map(int, done.stdout.split()[-2:])
    assert 0 < killed_after < studies_done
