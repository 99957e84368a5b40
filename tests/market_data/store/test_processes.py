"""Several processes at one series, readers while it grows, and processes that are killed."""

import random
import signal
from pathlib import Path

import pytest

from market_data.store import CandleStore
from tests.core.processes import run_python, start_python
from tests.market_data.store.stores import MARKET, files_of, history, store_in

BARS = 400
PREAMBLE = """
import sys
from pathlib import Path
from market_data.store import layout
from tests.market_data.store.stores import MARKET, files_of, history, hours, store_in

layout.PART_BARS, layout.TAIL_BARS = 64, 16
candles, store = history(400), store_in(Path(sys.argv[1]))
"""
# Every writer stores every n-th piece of 10 bars, beginning with its own number.
WRITER = (
    PREAMBLE
    + """
first, writers = int(sys.argv[2]), int(sys.argv[3])
sys.stdin.readline()
for start in range(10 * first, 400, 10 * writers):
    store.merge(MARKET, candles[start : start + 10], source="rest", covered=hours(start, start + 10))
"""
)
GROWER = (
    PREAMBLE
    + """
held = store.read(MARKET)
for row in range(0 if held is None else len(held), 400):
    store.merge(MARKET, candles[row : row + 1], source="rest")
    print(row + 1, flush=True)
"""
)
ZONES = """
import hashlib, os, time
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
    processes = [start_python(WRITER, tmp_path / "shared", str(first), str(writers)) for first in range(writers)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    expected = store_in(tmp_path / "expected")
    expected.merge(MARKET, history(BARS), source="rest")
    assert files_of(store_in(tmp_path / "shared")) == files_of(expected)


def test_readers_see_whole_snapshots_while_the_series_grows(tmp_path: Path, store: CandleStore) -> None:
    candles, seen = history(BARS), {0}
    with start_python(GROWER, tmp_path) as process:
        while process.poll() is None:
            found = store.read(MARKET)
            if found is not None:
                assert found.digest == candles[: len(found)].digest
                assert len(found) >= max(seen)
                seen.add(len(found))
                assert store.verify(MARKET) == ()
            if process.stdout is not None and max(seen) == BARS:
                process.communicate(timeout=60)
    assert process.returncode == 0
    assert max(seen) == BARS
    assert len(seen) > 10


def kill_one(folder: Path, draw: random.Random, held: int) -> int:
    """Let a process add bars, kill it at some moment, and return how many bars it had reported."""
    process = start_python(GROWER, folder)
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
    rest = process.communicate(timeout=60)[0]
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
    kill_often(tmp_path, 6)


@pytest.mark.slow
def test_fifty_killed_writers_leave_a_sound_series(tmp_path: Path) -> None:
    kill_often(tmp_path, 50)


def test_no_time_zone_shows_in_the_files(tmp_path: Path) -> None:
    zones = ("UTC", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati")
    digests = run_python(PREAMBLE + ZONES, tmp_path, *zones).split()
    assert len(digests) == 5
    assert len(set(digests)) == 1
