"""Rules for the repository as a whole."""

import ast
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import pytest_socket

from tests.architecture.sources import read_modules
from tests.conftest import ROOT
from tests.patience import PATIENCE_SECONDS

# A path that only its author's machine has; an address or a relative path may hold the same words.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|home)/")

CACHES = {"__pycache__", "data", "logs"}


def repository_files() -> list[Path]:
    """Return what git tracks or would track; in an unpacked archive, all but hidden folders, caches and runtime data."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.check_output(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True)
        return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
    inside = (path for path in ROOT.rglob("*") if path.is_file())
    return [path for path in inside if not any(part in CACHES or part.startswith(".") for part in path.relative_to(ROOT).parts)]


def test_every_module_says_what_it_is_for() -> None:
    silent = [module.path for module in read_modules(ROOT) if not ast.get_docstring(module.tree)]
    assert not silent, f"modules without a docstring: {', '.join(silent)}"


def test_no_file_names_a_path_of_one_machine() -> None:
    found = []
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        lines = content.decode("utf8").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}" for number, line in enumerate(lines, 1) if MACHINE_PATH.search(line)
        ]
    assert not found, "\n" + "\n".join(found)


def test_machine_paths_are_recognised() -> None:
    slash = "/"
    for path in ("work", "root", "home"):
        assert MACHINE_PATH.search(f"see {slash}{path}{slash}someone")
        assert MACHINE_PATH.search(f"file:{slash * 3}{path}{slash}someone")
        assert not MACHINE_PATH.search(f"https:{slash * 2}host{slash}{path}{slash}page")
        assert not MACHINE_PATH.search(f"..{slash}{path}{slash}page")


def test_readme_is_there() -> None:
    assert (ROOT / "README.md").is_file()


def test_suite_reaches_only_this_machine() -> None:
    with socket.socket() as outside, pytest.raises(pytest_socket.SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 80))  # an address reserved for documentation: it belongs to nobody
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=PATIENCE_SECONDS):
        pass


def test_suite_keeps_out_of_the_repository(tmp_path: Path) -> None:
    assert os.environ["PIPELINE_DATA_DIR"] == str(tmp_path / "data")
    assert os.environ["PIPELINE_LOGS_DIR"] == str(tmp_path / "logs")
