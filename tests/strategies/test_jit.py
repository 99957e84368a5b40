"""Compiled kernels are stored where they can be written, under a name that changes with any kernel source."""

import ast
import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numba.core.caching import IndexDataCacheFile

from strategies import jit
from tests.conftest import ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the project's kernel sources that takes the project's place."""
    for name in sources():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(jit, "PROJECT_ROOT", tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    return tmp_path


def sources() -> list[str]:
    """Return every file that machine code is made from: whatever uses the compiler, and what it imports."""
    own = [path for folder in ("strategies", "backtest_engine", "optimization") for path in sorted((ROOT / folder).rglob("*.py"))]
    compiled = [path for path in own if re.search(r"^from strategies\.jit import", path.read_text(encoding="utf8"), re.MULTILINE)]
    imported = [path for path in own if path.name in ("codes.py", "records.py", "score_records.py", "jit.py")]
    return sorted({path.relative_to(ROOT).as_posix() for path in (*compiled, *imported)})


def test_there_are_kernels() -> None:
    assert len(sources()) > 12


@pytest.mark.parametrize("name", sources())
def test_another_source_is_another_cache(name: str, project: Path) -> None:
    before = jit.kernel_sources_hash()
    with (project / name).open("ab") as stream:
        stream.write(b"\n# changed\n")
    assert jit.kernel_sources_hash() != before


def test_equal_sources_share_their_cache(project: Path) -> None:
    assert jit.kernel_sources_hash() == jit.kernel_sources_hash()
    assert re.fullmatch(r"[0-9a-f]{12}", jit.kernel_sources_hash())


@pytest.mark.parametrize(("flag", "mark"), [(None, ""), (0, ""), (1, "-checked")])
def test_code_with_checked_bounds_is_kept_apart(flag: int | None, mark: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.config.BOUNDSCHECK", flag)
    assert jit.cache_folder().name == jit.kernel_sources_hash() + mark


def test_the_cache_lies_in_the_project(project: Path) -> None:
    assert jit.cache_folder() == project / "data" / "cache" / "kernels" / jit.kernel_sources_hash()
    assert jit.cache_folder().is_dir()


def test_where_the_project_cannot_be_written_it_lies_in_the_user_s_cache(project: Path) -> None:
    (project / "data").write_text("no folder")
    assert jit.cache_folder() == project / "user-cache" / "strategy-pipeline" / "kernels" / jit.kernel_sources_hash()


@pytest.mark.parametrize("home", ["~/.cache", "file"])
def test_a_user_without_a_home_gets_a_temporary_one(home: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "data").write_text("no folder")
    (tmp_path / "file").write_text("no folder")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: home if home.startswith("~") else str(tmp_path / home))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "system"))
    (tmp_path / "system").mkdir()
    folder = jit.cache_folder()
    assert folder.parent == tmp_path / "system"
    assert folder.name.startswith("strategy-pipeline-kernels-")


@pytest.mark.parametrize("number", [errno.EFBIG, errno.ENOSPC, errno.EROFS])
def test_a_disk_that_refuses_compiled_code_stops_nothing(
    number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def refuse(_file: IndexDataCacheFile, _key: object, _data: object) -> None:
        tried.append(number)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(IndexDataCacheFile, "save", refuse)
    jit.tell_refusal.cache_clear()

    def double(value: float) -> float:
        return 2.0 * value

    @jit.njit_inner
    def half(value: float) -> float:
        return value / 2.0

    def quarter(value: float) -> float:
        return half(half(value))

    assert (jit.njit(double)(21.0), jit.njit(quarter)(168.0)) == (42.0, 42.0)
    assert tried == [number, number, number]
    assert caplog.text.count(os.strerror(number)) == 1, "once, not for every kernel"


@pytest.mark.parametrize("decorator", [jit.njit_inner, jit.njit_inline])
def test_a_kernel_without_a_way_in_refuses_python_before_and_after_it_was_compiled(decorator: Callable[..., Any]) -> None:
    @decorator
    def half(value: float) -> float:
        return value / 2.0

    def quarter(value: float) -> float:
        return float(half(half(value)))

    with pytest.raises(TypeError, match="half has no way in from Python"):
        half(84.0)
    assert jit.njit(quarter)(168.0) == 42.0
    with pytest.raises(TypeError, match="half has no way in from Python"):
        half(84.0)


@pytest.mark.parametrize(
    "name", [name for name in sources() if "from strategies.jit import njit" in (ROOT / name).read_text(encoding="utf8")]
)
def test_no_kernel_assigns_a_slice(name: str) -> None:
    """The text of the error that numba has for slices of other lengths takes a second and a half to compile."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf8"))
    compiled = [
        each
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef) and any("njit" in ast.unparse(mark) for mark in each.decorator_list)
    ]
    arrays = [node for each in compiled for node in ast.walk(each) if isinstance(node, ast.Assign) and not _is_scalar(node.value)]
    targets = [target for node in arrays for target in node.targets]
    assert [ast.unparse(each) for each in targets if isinstance(each, ast.Subscript) and ":" in ast.unparse(each.slice)] == []


def _is_scalar(value: ast.expr) -> bool:
    """Return whether what is assigned is surely one number: a name is taken for one."""
    return isinstance(value, ast.Constant | ast.Name | ast.Attribute)
