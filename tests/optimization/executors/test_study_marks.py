"""What a program leaves that ends without a word over a study, and that nothing else does."""

import os
import signal
from pathlib import Path

import pytest

from core.errors import DataError
from optimization.executors import Inline, MarketSeries, Processes, Tick, ignore_done, ignore_tick
from optimization.executors.studies import Lost
from optimization.executors.study_marks import AT_WORK, at_work, broke_off, settle
from tests.optimization.executors import work
from tests.optimization.executors.work import SERIES, studies


def is_marked(_series: MarketSeries, _argument: object, folder: Path | None, _tick: Tick) -> bool:
    return broke_off(folder)


def fail(_series: MarketSeries, _argument: object, folder: Path | None, _tick: Tick) -> None:
    raise DataError(f"{broke_off(folder)}")


def be_interrupted(_series: MarketSeries, _argument: object, _folder: Path | None, _tick: Tick) -> None:
    raise KeyboardInterrupt


def test_a_study_is_marked_while_the_program_is_at_it_itself_and_no_longer(tmp_path: Path) -> None:
    series = {SERIES: work.series()}
    assert Inline().run(studies(is_marked, [1, 2], tmp_path), series, ignore_done, ignore_tick) == [True, True]
    with pytest.raises(DataError, match="True"):
        Inline().run(studies(fail, [1], tmp_path), series, ignore_done, ignore_tick)
    with pytest.raises(KeyboardInterrupt):
        Inline().run(studies(be_interrupted, [1], tmp_path), series, ignore_done, ignore_tick)
    assert list(tmp_path.rglob(AT_WORK)) == []
    assert Inline().run(studies(is_marked, [1]), series, ignore_done, ignore_tick) == [False], "a study without files has no place for it"


def test_a_program_that_is_killed_leaves_the_mark_and_a_worker_takes_it_away_when_the_study_is_done(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with at_work(tmp_path / "0"):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert broke_off(tmp_path / "0")
    processes, series = Processes(1), {SERIES: work.series()}
    assert processes.run(studies(is_marked, [1], tmp_path), series, ignore_done, ignore_tick) == [True]
    processes.close()
    assert not broke_off(tmp_path / "0")


def test_a_study_that_was_given_up_keeps_its_mark(tmp_path: Path) -> None:
    (tmp_path / AT_WORK).touch()
    settle(tmp_path, Lost("its worker died"))
    assert broke_off(tmp_path)
    settle(tmp_path, 1.0)
    settle(tmp_path, 1.0)
    settle(None, 1.0)
    assert not broke_off(tmp_path)
