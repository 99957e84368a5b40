"""Pieces shared out over kept threads: each done once, errors told, nothing left running."""

import os
import threading
from functools import partial

import pytest

from backtest_engine.crew import called_together, shared_out
from tests.patience import PATIENCE_SECONDS


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_piece_is_done_once_however_many_threads_there_are(threads: int) -> None:
    done = list[int]()
    shared_out(range(100), done.append, threads)
    assert sorted(done) == list(range(100))


def test_the_thread_that_asks_works_beside_the_others() -> None:
    """Two pieces that wait for each other are only ever done by two threads at once, one of which is this one."""
    both, who = threading.Barrier(2), set[int]()

    def meet(_piece: int) -> None:
        both.wait(PATIENCE_SECONDS)
        who.add(threading.get_ident())

    shared_out(range(2), meet, 2)
    assert threading.get_ident() in who
    assert len(who) == 2


@pytest.mark.parametrize("error", [IndexError, MemoryError, KeyboardInterrupt])
@pytest.mark.parametrize("threads", [1, 2])
def test_what_the_work_raises_is_raised_when_nobody_is_at_it_any_more(error: type[BaseException], threads: int) -> None:
    at_work = list[int]()

    def work(piece: int) -> None:
        at_work.append(piece)
        try:
            if piece == 3:
                raise error("piece 3")
        finally:
            at_work.remove(piece)

    with pytest.raises(error, match="piece 3"):
        shared_out(range(1000), work, threads)
    assert at_work == []
    done = list[int]()
    shared_out(range(10), done.append, threads)
    assert sorted(done) == list(range(10))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="copies this process")
def test_a_copy_of_the_process_has_threads_of_its_own() -> None:
    shared_out(range(8), lambda _piece: None, 2)  # the threads are there
    child = os.fork()
    if child == 0:
        done = list[int]()
        shared_out(range(8), done.append, 2)
        os._exit(0 if sorted(done) == list(range(8)) else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_pieces_that_are_called_together_are_all_done_once(threads: int) -> None:
    done = list[int]()
    called_together([partial(done.append, number) for number in range(20)], threads)
    assert sorted(done) == list(range(20))
