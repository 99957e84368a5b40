"""The command that is named is one that can be typed."""

import sys
from pathlib import Path

import pytest

from pipeline.program import command_to
from tests.conftest import ROOT


def test_environment_that_is_not_active_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr(sys, "prefix", str(ROOT / ".venv"))
    monkeypatch.setattr(sys, "executable", str(ROOT / ".venv" / "bin" / "python"))
    assert command_to("resume", "r1") == ".venv/bin/python run_pipeline.py resume r1"


def test_active_environment_is_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "prefix", str(ROOT / ".venv"))
    monkeypatch.setenv("VIRTUAL_ENV", str(ROOT / ".venv"))
    assert command_to("demo") == "python run_pipeline.py demo"


def test_from_another_folder_the_script_has_its_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert command_to("run", "--config", "my run.yaml").endswith(f"{ROOT / 'run_pipeline.py'} run --config 'my run.yaml'")
