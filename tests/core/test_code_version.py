"""The version changes with every source and library that can change a number, and with nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

import core.code_version as subject
from core.paths import PROJECT_ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a small project that stands in for this one."""
    for package in subject._COMPUTING_PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(f'"""{package}"""\n')
    (tmp_path / "core" / "deep").mkdir()
    (tmp_path / "core" / "deep" / "module.py").write_text("X = 1\n")
    monkeypatch.setattr(subject, "PROJECT_ROOT", tmp_path)
    return tmp_path


def version() -> str:
    return subject.code_version.__wrapped__()


def edit(name: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text(text)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte": edit("core/deep/module.py", "X = 2\n"),
    "a comment": edit("core/deep/module.py", "X = 1  # one\n"),
    "a new file": edit("strategies/mine.py", ""),
    "a new name": lambda root: (root / "core/deep/module.py").rename(root / "core/deep/other.py"),
    "another package": lambda root: (root / "core/deep/module.py").rename(root / "config/module.py"),
    "a file less": lambda root: (root / "core/deep/module.py").unlink(),
    **{f"{package}": edit(f"{package}/__init__.py", "changed") for package in subject._COMPUTING_PACKAGES},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_version_changes_with_the_sources(change: Callable[[Path], object], project: Path) -> None:
    before = version()
    change(project)
    assert version() != before


def test_version_does_not_change_with_what_computes_nothing(project: Path) -> None:
    before = version()
    for name in ("core/notes.txt", "core/data.json", "setup.py"):
        (project / name).write_text("anything")
    (project / "tests").mkdir()
    (project / "tests" / "test_x.py").write_text("anything")
    assert version() == before


@pytest.mark.parametrize("library", subject._LIBRARIES)
def test_version_changes_with_the_libraries(library: str, monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    before, installed = version(), subject._version_of
    monkeypatch.setattr(subject, "_version_of", lambda name: "0" if name == library else installed(name))
    assert version() != before


def test_version_is_short_hex_and_the_same_while_a_process_lives() -> None:
    assert subject.code_version() == version()
    assert len(subject.code_version()) == 16
    assert int(subject.code_version(), 16) >= 0


def test_library_that_is_absent_has_a_version_too() -> None:
    assert subject._version_of("no-such-library-at-all") == "absent"


def test_every_package_that_is_hashed_is_there() -> None:
    assert all((PROJECT_ROOT / package).is_dir() for package in subject._COMPUTING_PACKAGES)
    assert PROJECT_ROOT / "core" / "code_version.py" in subject.source_files(("core",))
