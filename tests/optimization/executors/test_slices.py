"""Slices: a study cut at any batch border comes to the same files, and a slice always brings it forward."""

from pathlib import Path

import pytest

from core.errors import DataError, OptimizationError
from optimization.executors import ignore_tick
from optimization.executors.slices import Slice, read_files, store_files, study_slice
from tests.optimization.executors import work
from tests.optimization.executors.files import contents


def chain(seconds: float, folder: Path) -> list[Slice]:
    """Do a search slice by slice, its files kept in ``folder`` in between, and return the slices."""
    done, series = list[Slice](), work.series(days=12)
    while not done or not done[-1].finished:
        done.append(study_slice(work.search, series, 7, read_files(folder), seconds))
        store_files(folder, done[-1].changed)
        assert len(done) < 100
    return done


def test_search_in_many_slices_leaves_the_files_of_one_in_one(tmp_path: Path) -> None:
    (whole,), many = chain(1e9, tmp_path / "whole"), chain(0.0, tmp_path / "many")
    alone = tmp_path / "alone"
    assert work.search(work.series(days=12), 7, alone, lambda progress: ignore_tick(0, progress)) == whole.result == many[-1].result
    assert contents(tmp_path / "many") == contents(tmp_path / "whole") == contents(alone)
    assert len(many) > 5


def test_every_slice_brings_the_study_forward_and_gives_back_only_what_changed(tmp_path: Path) -> None:
    many = chain(0.0, tmp_path)
    assert all(each.changed for each in many)
    assert all("7.1.trials.log" not in each.changed for each in many if each.progress is not None and each.progress.stage == "7.3")


def test_error_of_a_study_is_carried_and_not_raised() -> None:
    found = study_slice(work.fail, work.series(), 1, {}, 1.0)
    assert isinstance(found.error, DataError)
    assert found.finished


def test_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptimizationError, match="outside"):
        store_files(tmp_path / "inside", {"../outside": b""})
    assert not (tmp_path / "outside").exists()
