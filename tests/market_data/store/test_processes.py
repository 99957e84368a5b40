"""Several processes at one series, readers while it grows, and processes that are killed."""

import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from market_data.store import CandleStore
from tests.core.processes import run_long, run_python, start_python
from tests.market_data.store.stores import MARKET, files_of, history, store_in
from tests.patience import PATIENCE_SECONDS

BARS = 400
PREAMBLE = """
import os
import sys
from pathlib import Path
from market_data.store import layout
from tests.market_data.store.stores import MARKET, files_of, history, hours, store_in

layout.PART_BARS, layout.TAIL_BARS = 64, 16
# Not about power cuts, and a kill loses nothing that was written.
os.fsync = lambda handle: None
candles, store = history(400), store_in(Path(sys.argv[1]))
"""
# Lets ``act(number)`` run in so many processes at once, all forked from one with everything loaded.
FORKED = """
def side_by_side(count, act):
    children = []
    for number in range(count):
        child = os.fork()
        if not child:
            try:
                act(number)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * count

writers = int(sys.argv[2])
"""
# Every writer stores every n-th piece of 10 bars, beginning with its own number.
WRITER = (
    PREAMBLE
    + FORKED
    + """
def write(first):
    for start in range(10 * first, 400, 10 * writers):
        store.merge(MARKET, candles[start : start + 10], source="rest", covered=hours(start, start + 10))

side_by_side(writers, write)
"""
)
# Every writer replaces all bars by those of another version, again and again.
REWRITER = (
    PREAMBLE
    + FORKED
    + """
versions = [history(90, seed=seed) for seed in range(writers)]

def rewrite(number):
    for _ in range(int(sys.argv[3]) // writers):
        store.merge(MARKET, versions[number], source="rest")

side_by_side(writers, rewrite)
sys.stdin.read()  # a reader that is slow to come has seen something before this ends
"""
)
GROWER = (
    PREAMBLE
    + """
held = store.read(MARKET)
for row in range(0 if held is None else len(held), int(sys.argv[2])):
    store.merge(MARKET, candles[row : row + 1], source="rest")
    print(row + 1, flush=True)
    if len(sys.argv) > 3 and row % int(sys.argv[3]) == 0:
        sys.stdin.buffer.raw.read(1)  # no further ahead of its reader than this
if len(sys.argv) > 3:
    sys.stdin.buffer.raw.read()
"""
)
ZONES = """
import hashlib, time
for number, zone in enumerate(sys.argv[2:]):
    os.environ["TZ"] = zone
    time.tzset()
    store = store_in(Path(sys.argv[1]) / str(number))
    store.merge(MARKET, candles[150:], source="rest")
    store.merge(MARKET, candles[:150], source="rest")
    print(hashlib.sha256(repr(sorted(files_of(store).items())).encode()).hexdigest())
"""
pytestmark = pytest.mark.usefixtures("small")


@pytest.mark.parametrize("writers", [2, 8])
def test_writers_of_one_series_take_turns(tmp_path: Path, writers: int) -> None:
    run_long(WRITER, tmp_path / "shared", str(writers))
    expected = store_in(tmp_path / "expected")
    expected.merge(MARKET, history(BARS), source="rest")
    assert files_of(store_in(tmp_path / "shared")) == files_of(expected)


def test_readers_see_whole_snapshots_while_the_series_grows(tmp_path: Path, store: CandleStore) -> None:
    candles, seen, bars = history(BARS), {0}, 150
    with start_python(GROWER, tmp_path, str(bars), "10") as process:
        assert process.stdin is not None
        while process.poll() is None:
            found = store.read(MARKET)
            if found is not None:
                assert found.digest == candles[: len(found)].digest
                assert len(found) >= max(seen)
                if len(found) not in seen:
                    seen.add(len(found))
                    with suppress(BrokenPipeError):
                        os.write(process.stdin.fileno(), b".")
            if process.stdout is not None and max(seen) == bars:
                process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert max(seen) == bars
    assert len(seen) > 10
    assert store.verify(MARKET) == ()


def read_during_rewrites(folder: Path, writers: int, rounds: int) -> int:
    """Read while ``writers`` replace everything ``rounds`` times in all, and return how many times another version was seen."""
    versions = {history(90, seed=seed).digest for seed in range(writers)}
    store, last, changes = store_in(folder), "", 0
    with start_python(REWRITER, folder, str(writers), str(rounds)) as process:
        assert process.stdin is not None
        while process.poll() is None:
            found = store.read(MARKET)
            if found is not None:
                assert found.digest in versions, "a mix of two versions"
                changes += found.digest != last
                last = found.digest
                process.stdin.close()
    assert process.returncode == 0
    assert store.verify(MARKET) == ()
    return changes


def test_readers_never_see_a_mix_while_writers_replace_everything(tmp_path: Path) -> None:
    assert read_during_rewrites(tmp_path, 8, 16) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("writers", [2, 8])
def test_readers_never_see_a_mix_in_a_hundred_rounds(tmp_path: Path, writers: int) -> None:
    assert read_during_rewrites(tmp_path, writers, 104) >= 10


def kill_one(folder: Path, draw: random.Random, held: int) -> int:
    """Let a process add bars, kill it at some moment, and return how many bars it had reported."""
    process = start_python(GROWER, folder, str(BARS))
    assert process.stdout is not None
    reported = held
    for _ in range(draw.randint(1, 12)):
        line = process.stdout.readline()
        if line:
            reported = int(line)
    if draw.random() < 0.5:
        # Somewhere inside the next update, not just after one.
        for _ in range(draw.randint(0, 20_000)):
            pass
    process.send_signal(signal.SIGKILL)
    rest = process.communicate(timeout=PATIENCE_SECONDS)[0]
    return max([reported, *(int(line) for line in rest.split() if line.isdigit())])


def kill_often(folder: Path, kills: int) -> None:
    draw, candles, store, held = random.Random(kills), history(BARS), store_in(folder), 0
    for _ in range(kills):
        if held < BARS - 20:
            held = kill_one(folder, draw, held)
        found = store.read(MARKET)
        assert found is not None
        assert held <= len(found) <= held + 1, "what was reported is there, and at most the update that was under way"
        assert found.digest == candles[: len(found)].digest
        assert store.verify(MARKET) == ()
        held = len(found)
    store.merge(MARKET, candles[held:], source="rest")
    expected = store_in(folder / "expected")
    expected.merge(MARKET, candles, source="rest")
    assert files_of(store) == files_of(expected), "nothing is left of what was being written"


def test_a_killed_writer_leaves_a_sound_series(tmp_path: Path) -> None:
    kill_often(tmp_path, 3)


@pytest.mark.slow
def test_fifty_killed_writers_leave_a_sound_series(tmp_path: Path) -> None:
    kill_often(tmp_path, 50)


def test_no_time_zone_shows_in_the_files(tmp_path: Path) -> None:
    zones = ("UTC", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati")
    digests = run_python(PREAMBLE + ZONES, tmp_path, *zones).split()
    assert len(digests) == 5
    assert len(set(digests)) == 1
